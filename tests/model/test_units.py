"""Hand-solved worlds: lives, early retirement, existing and idle units (M2.2, M2.7, M2.8, M3.3)."""

from __future__ import annotations

from typing import Any

from tests.verify.worlds import problem
from tests.worlds import line, near, orders, proven

OLD: dict[str, Any] = {"block": "old", "units": 2, "online_from": "2025-01"}


def world(old: dict[str, Any], new: dict[str, Any], site: dict[str, Any], **rest: Any) -> Any:
    """A committed site with two old units and a new block."""
    return problem(
        sites=[{"status": "committed", "existing": [OLD], **site}],
        blocks=[{"id": "old", "max_per_site": 0, **old}, {"id": "new", **new}],
        **rest,
    )


def test_retiring_makes_room_for_better() -> None:
    """20 MW hold two old halls of 100 PFLOPS. New ones (300) from July: both old leave, two new come.
    2 x 50 + 2 x 150 = 400; resale 2 x 3 MUSD in July. (They could stand idle instead, but that costs opex: the tie-break.)"""
    old = {"early_retirement": True, "resale_musd": 3, "opex_musd_per_year": 1}
    w = world(old, {"pflops": 300.0, "available_from": "2026-07"}, {"grid_mw": 20.0})
    plan = proven(w).plan
    assert plan.objective == 400
    assert [(r.block, r.month, r.units) for r in plan.retirements] == [("old", "2026-07", 2)]
    assert line(plan, "resale")["2026-07"] == 6


def test_without_early_retirement_nothing_leaves() -> None:
    """The same without early retirement: existing units may stand idle only where power is short, and it is when new ones
    come (M2.8): 2 x 50 + 2 x 150 = 400 again, with two idle units, which must not fit: 20 + 10 > 20 MW."""
    w = world({}, {"pflops": 300.0, "available_from": "2026-07"}, {"grid_mw": 20.0})
    plan = proven(w).plan
    assert plan.objective == 400
    assert [(i.month, i.units) for i in plan.idle] == [("2026-07", 2), ("2026-10", 2)]


def test_a_unit_idles_only_where_it_does_not_fit() -> None:
    """M2.8, A5. Carbon: running both old halls cannot be avoided on 20 MW, so they count: 2 x 10 MW x 8760 h x 500 kg = 87,600 t."""
    w = world(
        {},
        {},
        {"grid_mw": 20.0, "carbon_kg_per_mwh": 500},
        objectives=[{"minimize": "carbon"}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
    )
    plan = proven(w).plan
    near(plan.objective, 87_600.0)
    assert not plan.idle


def test_short_power_idles_the_least() -> None:
    """The grid falls to 15 MW in July: one of two old halls of 10 MW must rest: 2 x 50 + 1 x 50 = 150."""
    grid = [{"from": "2026-01", "value": 20}, {"from": "2026-07", "value": 15}]
    plan = proven(world({}, {"max_per_site": 0}, {"grid_mw": grid})).plan
    assert plan.objective == 150
    assert [(i.month, i.units) for i in plan.idle] == [("2026-07", 1), ("2026-10", 1)]


def test_new_units_never_idle() -> None:
    """New halls must run in every period: 30 MW now, 15 MW from July: one hall (100), not three."""
    grid = [{"from": "2026-01", "value": 30}, {"from": "2026-07", "value": 15}]
    assert proven(problem(sites=[{"grid_mw": grid}])).plan.objective == 100


def test_new_units_that_may_retire_use_power_that_falls() -> None:
    """M2.7: the same with early retirement: three halls for half a year, one for the rest: 150 + 50 = 200."""
    grid = [{"from": "2026-01", "value": 30}, {"from": "2026-07", "value": 15}]
    plan = proven(problem(sites=[{"grid_mw": grid}], blocks=[{"early_retirement": True, "capex_musd": 1}])).plan
    assert plan.objective == 200
    assert [(r.month, r.units) for r in plan.retirements] == [("2026-07", 2)]


def test_a_unit_cannot_leave_in_the_period_it_comes() -> None:
    """A6: resale of 9 beats the price of 5, but a unit must have run: bought in January, sold in April, and again: 4 orders need
    4 quarters, sold in the next one: 3 sales. 3 x 9 - 3 x 5 = 12 (the fourth would bring nothing; one fits at a time)."""
    w = problem(
        sites=[{"grid_mw": 10.0}],
        blocks=[{"early_retirement": True, "resale_musd": 9, "capex_musd": 5, "life_years": 9}],
        objectives=[{"maximize": "value"}],
        terminal="none",
    )
    plan = proven(w).plan
    assert plan.objective == 12
    assert sum(r.units for r in plan.retirements) == 3


def test_the_oldest_leave_first_and_what_age_takes_brings_nothing() -> None:
    """Life half a year. One hall in place since January (two orders, one fits): at July its age takes it: no resale. To sell it
    it must leave in April, one quarter early: 9 for the sale, and the next one likewise. Price 5, four quarters:
    bought in Jan, Apr, Jul, sold in Apr, Jul, Oct: 3 x (9 - 5) = 12."""
    w = problem(
        sites=[{"grid_mw": 10.0}],
        blocks=[{"early_retirement": True, "resale_musd": 9, "capex_musd": 5, "life_years": 0.5}],
        objectives=[{"maximize": "value"}],
        terminal="none",
    )
    assert proven(w).plan.objective == 12


def test_existing_units_on_order_come_online_later() -> None:
    """M3.3: one existing hall online from mid-May, so July (M1.3): half a year: 50; nothing else can be ordered."""
    w = world({}, {"max_per_site": 0}, {"existing": [{"block": "old", "units": 1, "online_from": "2026-05"}]})
    assert proven(w).plan.objective == 50


def test_existing_units_count_on_land_and_power() -> None:
    """30 MW of grid, two old halls on it: one new one fits: 3 x 100 = 300. Their unpaid 7 MUSD fall due in August (period July)."""
    w = world({}, {}, {"grid_mw": 30.0, "existing": [OLD | {"unpaid": [{"month": "2026-08", "musd": 7}]}]})
    plan = proven(w).plan
    assert plan.objective == 300
    assert orders(plan) == {("abilene", "new", "2026-01"): 1}
    assert line(plan, "unpaid") == {"2026-07": 7.0}


def test_existing_units_with_early_retirement_where_nothing_can_be_ordered() -> None:
    """Terminal credit of old units that could leave, at a site where their block cannot be ordered: 20 unpaid for two units in
    January, life 2 years from January 2025, gone by the end: credit 0. With online_from 2026-01: half of 20 is left: 20 - 10."""
    for online, cost in (("2025-01", 20.0), ("2026-01", 10.0)):
        old = {"block": "old", "units": 2, "online_from": online, "unpaid": [{"month": "2026-01", "musd": 20}]}
        w = world(
            {"early_retirement": True, "life_years": 2},
            {"max_per_site": 0, "life_years": 2},
            {"existing": [old]},
            objectives=[{"minimize": "cost"}],
            demand=[{"id": "d", "by": "2026-10", "amount": 20}],
        )
        near(proven(w).plan.objective, cost, online)


def test_keeping_the_dear_ones_is_not_free_to_choose() -> None:
    """The oldest leave first. Prices 8 then 0 (from July), life two years, resale 1; one fits at a time, one hall demanded all
    year. Credit of January's hall at the end: 8 x 1/2 = 4, of July's: 0. Keep January's: 8 - 4 = 4. Sell it in July for 1 (net
    cost) and buy for 0: 8 - 1 = 7. So 4; with two halls of power the younger free one cannot be sold before the older."""
    price = [{"from": "2026-01", "value": 8}, {"from": "2026-07", "value": 0}]
    w = problem(
        sites=[{"grid_mw": 20.0}],
        blocks=[{"early_retirement": True, "resale_musd": 1, "capex_musd": price, "life_years": 2}],
        objectives=[{"minimize": "net_cost"}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
    )
    # A free hall of July could be sold for 1 in October, but then the January hall (older) leaves first and takes 4 of credit along.
    assert proven(w).plan.objective == 4
