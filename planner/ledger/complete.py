"""From decisions to everything that follows from them: reads as a contents page (M8.6)."""

from __future__ import annotations

from typing import Any

from planner.ground import Ground
from planner.ledger.balance import balances
from planner.ledger.beyond import after_horizon
from planner.ledger.bindings import bindings
from planner.ledger.circularity import circularity
from planner.ledger.concentration import concentration
from planner.ledger.deals import deal_results, flows
from planner.ledger.exposure import tariff_exposure
from planner.ledger.figures import figures
from planner.ledger.limits import site_limits
from planner.ledger.money import cash_rows, money
from planner.ledger.objectives import cost_split, objectives
from planner.ledger.rows import rows
from planner.ledger.shortfall import shortfalls
from planner.ledger.sites import site_results
from planner.ledger.state import state
from planner.ledger.terminal import terminal
from planner.ledger.totals import totals
from planner.ledger.units import fleet
from planner.ledger.years import years
from planner.plan import Decisions
from planner.problem.problem import Problem


def complete(problem: Problem, ground: Ground, decisions: Decisions) -> dict[str, Any]:
    """The derived fields of :class:`planner.plan.Plan`, by name.

    It judges nothing: decisions that break limits are followed as far as they make sense (more units than there are
    cannot leave or stand idle), and the check says what they break. RequestError: a site, block, market or month that
    the request does not have.
    """
    known = figures(problem, ground)
    taken = rows(known, decisions)
    world = state(known, taken, fleet(known, taken))
    short = shortfalls(world)
    dealt = flows(world)
    book = money(world, short, dealt)
    later = after_horizon(book)
    account = balances(book)
    credits = terminal(world)
    limits = site_limits(world, account)
    return {
        "cash": cash_rows(book),
        "balances": account,
        "sites": site_results(world, book, limits),
        "totals": totals(world, book),
        "objectives": objectives(world, book, credits, dealt),
        "cost_split": cost_split(book),
        "terminal": credits,
        "after_horizon": later,
        "deals": deal_results(known, dealt),
        "circularity": circularity(book, dealt),
        "years": years(book, later),
        "concentration": concentration(world, book),
        "tariff_exposure": tariff_exposure(book),
        "bindings": bindings(world, account, short, limits, dealt, sum(book.after.values())),
    }
