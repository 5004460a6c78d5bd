"""The main limit of every site: what stops one more of the smallest purchases there, in one word and one sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.ledger.figures import Floats
from planner.ledger.probe import Margin, Probe
from planner.ledger.state import State
from planner.ledger.stops import STOPS, Stop
from planner.ledger.words import number
from planner.plan import Balance

MAIN_LIMITS = (
    "power",
    "land",
    "shell",
    "pace",
    "resources",
    "max_per_site",
    "supply",
    "policy",
    "budget",
    "demand_met",
    "none",
    "excluded",
    "no_power",
    "no_land",
    "not_allowed",
    "not_available",
    "not_needed",
)
"""All values of ``main_limit``. ``no_power``, ``no_land``, ``excluded`` and ``not_needed`` are said of sites that did
not open, ``demand_met`` of those that did; the rest of either."""

_CLOSED = {"power": "no_power", "land": "no_land", "demand_met": "not_needed"}
_OF_THE_BLOCK = {"supply": 2, "policy": 2, "max_per_site": 2, "not_available": 3, "not_allowed": 4}


@dataclass(frozen=True)
class SiteLimit:
    """One of ``MAIN_LIMITS`` and why."""

    limit: str
    why: str


def site_limits(state: State, account: list[Balance]) -> list[SiteLimit]:
    """For every site the limit that stops the least further purchase, ordered as late as it can still arrive.

    Blocks are tried by size. A limit of one block alone (supply, policy, region) counts only where no other block is
    stopped by the site itself or by money; where nothing stops any, the objective did not ask for more.
    """
    figures = state.figures
    margin = Margin(state, _cash_left(state, account))
    order = sorted(range(len(figures.blocks)), key=lambda k: (figures.block.it_mw[k], figures.blocks[k].id))
    first = np.zeros((figures.S, len(order)), dtype=np.int64)
    rank = np.zeros((figures.S, len(order)), dtype=np.int64)
    stops: list[list[Stop]] = []
    for place, k in enumerate(order):
        probe = Probe(margin, k)
        found = [stop(probe) for stop in STOPS]
        where = np.stack([stop.where for stop in found])
        which = np.where(where.any(axis=0), where.argmax(axis=0), -1)
        first[:, place] = which
        ranks = np.array([_OF_THE_BLOCK.get(stop.limit, 1) for stop in found] + [0], dtype=np.int64)
        rank[:, place] = ranks[which]
        stops.append(found)
    best = rank.argmin(axis=1)
    idle = _nothing_stops(state)
    limits: list[SiteLimit] = []
    for s, site in enumerate(figures.sites):
        place = int(best[s])
        code = int(first[s, place])
        opened = bool(margin.opened[s])
        if site.status == "excluded":
            limits.append(SiteLimit("excluded", "the request excludes this site"))
        elif code < 0:
            name = figures.blocks[order[place]].id
            limits.append(_named(idle.limit, idle.why.replace("{block}", name), opened))
        else:
            limits.append(_named(stops[place][code].limit, stops[place][code].why(s), opened))
    return limits


def _named(limit: str, why: str, opened: bool) -> SiteLimit:
    return SiteLimit(limit if opened else _CLOSED.get(limit, limit), why)


def _cash_left(state: State, account: list[Balance]) -> Floats | None:
    """What may still be spent by each period: with carry-over no more than any later period can spare. Shape (P,)."""
    budget = state.figures.problem.budget
    if budget is None:
        return None
    left = np.array([row.cash_musd for row in account]) - budget.min_cash_musd
    if not budget.carry_over:
        return left
    least: Floats = np.minimum.accumulate(left[::-1])[::-1]
    return least


def _nothing_stops(state: State) -> SiteLimit:
    """What to say where one more purchase would break no limit."""
    problem = state.figures.problem
    main = problem.objectives[0]
    if main.sense == "minimize":
        asked = [f"{d.id} {number(d.amount)} {d.metric} by {d.by}" for d in problem.demand[:2]]
        asked += [f"market {m.id}" for m in problem.markets[: 2 - len(asked)]]
        more = len(problem.demand) + len(problem.markets) - len(asked)
        words = ", ".join(asked) + (f" and {more} more" if more > 0 else "")
        why = f"one more {{block}} would fit, but what is asked for ({words or 'nothing'}) needs no more"
        return SiteLimit("demand_met", why)
    if main.name == "value":
        return SiteLimit("none", "one more {block} would fit; the plan found no value in it")
    return SiteLimit("none", "one more {block} would fit; the plan spends on others or stops short of the last unit")
