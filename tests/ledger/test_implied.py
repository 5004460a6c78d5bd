"""What a list of orders implies: shells as late as can be, openings, idle existing units."""

from __future__ import annotations

from planner.ledger.implied import implied_idle, implied_openings, implied_shells
from planner.plan import Shell, Units
from planner.problem.problem import Problem
from tests.ledger.worlds import block, decide, problem, site

QUARTERS = {"start": "2026-01", "periods": 8, "period": "quarter"}


def shells(world: Problem, **tables: object) -> list[tuple[str, float]]:
    return [(s.month, s.mw) for s in implied_shells(world, decide(**tables))]


def test_shells_start_as_late_as_the_build_allows() -> None:
    """15 MW stand. 20 MW online from 2027-01 and 40 from 2027-07: 5 and 20 MW, started two quarters before."""
    world = problem(horizon=QUARTERS, blocks=[block(lead_months=3)], sites=[site(existing_shell_mw=15, build_months=6)])
    orders = [("abilene", "hall", "2026-10", 2), ("abilene", "hall", "2027-04", 2)]
    assert shells(world, orders=orders) == [("2026-07", 5), ("2027-01", 20)]


def test_shells_never_start_before_the_opening() -> None:
    """Needed at once, or before the stated opening: they start in the first possible period and are late."""
    world = problem(horizon=QUARTERS, sites=[site(existing_shell_mw=0, build_months=6)])
    assert shells(world, orders=[("abilene", "hall", "2026-01", 1)]) == [("2026-01", 10)]
    stated = {"openings": [("abilene", "2026-10")], "orders": [("abilene", "hall", "2026-10", 1)]}
    assert shells(world, **stated) == [("2026-10", 10)]


def test_shells_are_spread_over_earlier_periods_where_the_pace_asks() -> None:
    """50 MW by 2027-10, build 1 quarter, 20 a year: 20 in 2027-07, 20 a year earlier (2026-07), and 10 lack a place.

    Those stay at the first period, where the check will find them.
    """
    here = site(existing_shell_mw=0, build_months=3, pace_mw_per_year=20)
    world = problem(horizon=QUARTERS, sites=[here])
    found = shells(world, orders=[("abilene", "hall", "2027-10", 5)])
    assert found == [("2026-01", 10), ("2026-07", 20), ("2027-07", 20)]


def test_shells_come_in_whole_steps_and_refreshed_units_reuse_them() -> None:
    """10 MW in steps of 8: 16. The second generation replaces the first and needs nothing more."""
    world = problem(blocks=[block(life_years=2)], sites=[site(existing_shell_mw=0, shell_step_mw=8)])
    orders = [("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2028-01", 1)]
    assert shells(world, orders=orders) == [("2026-01", 16)]


def test_openings_follow_the_first_order_or_shell() -> None:
    world = problem(sites=[site("a"), site("b"), site("c", status="committed"), site("d")])
    orders = [("b", "hall", "2028-01", 1), ("a", "hall", "2027-01", 1), ("c", "hall", "2026-01", 1)]
    decisions = decide(orders=orders).model_copy(update={"shells": [Shell(site="b", month="2026-01", mw=10)]})
    assert [(o.site, o.month) for o in implied_openings(world, decisions)] == [("a", "2027-01"), ("b", "2026-01")]


def test_existing_units_idle_where_the_grid_is_short() -> None:
    """Six units of 10 MW at PUE 1.25 on 50 MW: 40 MW IT can run, two idle; from 2028 the grid gives 100."""
    grid = [{"from": "2026-01", "value": 50}, {"from": "2028-01", "value": 100}]
    old = {"block": "hall", "units": 6, "online_from": "2025-01"}
    world = problem(sites=[site(status="committed", grid_mw=grid, pue=1.25, existing=[old])])
    assert implied_idle(world, decide()) == [
        Units(site="abilene", block="hall", month="2026-01", units=2),
        Units(site="abilene", block="hall", month="2027-01", units=2),
    ]


def test_the_least_useful_units_idle_first_and_none_that_could_run() -> None:
    """Two old of 30 MW (1 PFLOPS/MW) and three new of 10 (10 PFLOPS/MW) on 65: 90 asked, 25 short.

    One old unit of 30 idles; 5 MW are left, in which nothing idle fits.
    """
    old = {"block": "old", "units": 2, "online_from": "2025-01"}
    new = {"block": "new", "units": 3, "online_from": "2025-01"}
    world = problem(
        horizon={"start": "2026-01", "periods": 1, "period": "year"},
        blocks=[block("old", it_mw=30, pflops=30), block("new", it_mw=10, pflops=100)],
        sites=[site(status="committed", grid_mw=65, existing=[old, new])],
    )
    assert implied_idle(world, decide()) == [Units(site="abilene", block="old", month="2026-01", units=1)]
