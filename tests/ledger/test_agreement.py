"""The ledger and the check, written apart, agree on every figure of random plans; a plan of record claims no search."""

from __future__ import annotations

import pytest

from planner.ledger import evaluate
from planner.ledger.covered import covered_capex
from planner.ledger.figures import figures
from planner.ledger.rows import rows
from planner.ledger.state import state
from planner.ledger.units import fleet
from planner.problem.deals import CapexLine, Loan
from planner.verify import loans, verify
from planner.verify.dates import Calendar
from planner.verify.decisions import read
from planner.verify.findings import Findings
from planner.verify.money import Money
from planner.verify.world import World
from tests.ledger.deal_worlds import random_deals
from tests.ledger.worlds import block, decide, ground, problem, random_world, site

FIGURES = {"cash", "budget", "totals", "sites", "objectives", "objective", "cost_split", "terminal", "after_horizon"}


@pytest.mark.parametrize("seed", range(120))
def test_every_figure_is_found_again_by_the_check(seed: int) -> None:
    """Most of these plans break limits, and the check may say so; no figure may be said to be another (M8.3).

    Left out are plans that retire or idle units which are not there: what follows from them is anybody's guess.
    """
    world, land, decisions = random_world(seed)
    check = verify(world, land, evaluate(world, land, decisions))
    impossible = [v for v in check.violations if v.family == "retirement" or "units idle in" in v.message]
    if impossible:
        return
    assert [v for v in check.violations if v.family in FIGURES and "short" not in v.message] == []


@pytest.mark.parametrize("seed", range(150))
def test_every_figure_of_deals_is_found_again_by_the_check(seed: int) -> None:
    """The same with deals of every kind: progress, tranches, leases, loans, sales, and all that follows from them."""
    world, land, decisions = random_deals(seed)
    check = verify(world, land, evaluate(world, land, decisions))
    impossible = [v for v in check.violations if v.family == "retirement" or "units idle in" in v.message]
    if impossible or not decisions.signed:
        return
    limits = ("short", "too much")
    families = FIGURES | {"deals", "circularity", "years", "concentration"}
    assert [v for v in check.violations if v.family in families and not any(w in v.message for w in limits)] == []


@pytest.mark.parametrize("lines", [None, ("openings", "land"), ("blocks", "tariffs", "unpaid"), ("construction",)])
def test_what_a_loan_covers_is_found_again_by_the_check(lines: tuple[CapexLine, ...] | None) -> None:
    """M5.5, M5.15: covered capex, period by period, in the books and in the check."""
    found = 0.0
    for seed in range(60):
        world, land, decisions = random_deals(seed)
        plan = evaluate(world, land, decisions)
        known, calendar = figures(world, land), Calendar(world.horizon)
        taken = rows(known, plan.decisions())
        books = state(known, taken, fleet(known, taken))
        there = World(world, land, plan, calendar, read(world, calendar, plan, Findings()))
        for deal in world.deals:
            if isinstance(deal, Loan):
                loan = deal.model_copy(update={"lines": lines})
                musd = covered_capex(books, loan)
                assert musd == pytest.approx(loans.covered_capex(there, Money(there), loan))
                found += musd.sum()
    assert found > 0


def test_random_deals_bring_every_kind_of_money() -> None:
    """The agreement above is about something: all lines that only deals write appear, inside the horizon and after it."""
    lines: set[str] = set()
    for seed in range(150):
        world, land, decisions = random_deals(seed)
        plan = evaluate(world, land, decisions)
        lines |= {row.line for row in plan.cash} | {f"later {row.line}" for row in plan.after_horizon}
        lines |= {"held" for deal in plan.deals if deal.holding_musd}
    deals = {"lease", "repayments", "penalties", "offtake", "equity", "warrants", "loan_draws", "held"}
    assert deals | {"later lease", "later repayments"} <= lines


def test_a_plan_of_record_passes_its_check_and_claims_no_search() -> None:
    """One open site, two halls in its shell: nothing is broken; there is no bound, and the plan says why (M8.2)."""
    world = problem(blocks=[block(capex_musd=100, max_per_site=9)], sites=[site(opening_musd=5)])
    decisions = decide(openings=[("abilene", "2026-01")], orders=[("abilene", "hall", "2026-01", 2)])
    plan = evaluate(world, ground(world), decisions)
    assert verify(world, ground(world), plan).violations == []
    assert (plan.status.stopped, plan.status.holds) == ("cancelled", "plan")
    assert plan.bound is None and plan.gap is None and plan.gap_absolute is None
    assert plan.provenance["origin"] == "plan of record"
    assert plan.objective == pytest.approx(800) and plan.objective_unit == "PFLOPS-years"
    assert [s.name for s in plan.stages] == ["compute"]
