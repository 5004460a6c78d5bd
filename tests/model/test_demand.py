"""Hand-solved worlds: demand (M7.1). Money is minimised, so plans do what is asked and no more."""

from __future__ import annotations

from typing import Any

from planner.problem.problem import Problem
from tests.verify.worlds import problem
from tests.worlds import hopeless, line, near, orders, proven

COST: dict[str, Any] = {"objectives": [{"minimize": "cost"}], "terminal": "none"}


def two(a: float = 20.0, b: float = 20.0, **demand: Any) -> Problem:
    """Two sites; Nvidia halls at 5 MUSD, AMD halls of half the size at 2."""
    return problem(
        sites=[{"id": "a", "grid_mw": a}, {"id": "b", "grid_mw": b, "opening_musd": 1}],
        blocks=[
            {"id": "n", "capex_musd": 5},
            {"id": "m", "vendor": "amd", "it_mw": 5.0, "gpus": 400, "pflops": 40.0, "capex_musd": 2},
        ],
        demand=[{"id": "d", "by": "2026-01", **demand}],
        **COST,
    )


def test_the_cheapest_whole_blocks() -> None:
    """25 MW: 5 AMD halls cost 10; 4 at site a and one at b, which costs 1 to open: 11; or a holds n + ... 20 MW only: 11."""
    plan = proven(two(amount=25)).plan
    assert plan.objective == 11
    assert sum(orders(plan).values()) == 5


def test_single_site() -> None:
    """25 MW at one site: a holds 20, so b (30 MW): 5 x 2 + 1 = 11; at equal grids of 20 it cannot be had."""
    plan = proven(two(b=30.0, amount=25, single_site=True)).plan
    assert plan.objective == 11
    assert {o.site for o in plan.orders} == {"b"}
    hopeless(two(amount=25, single_site=True))


def test_single_site_is_one_and_the_same_throughout() -> None:
    """Site a has 10 MW in the first half, b in the second: no site holds 10 MW in all four quarters."""
    first, second = (
        [{"from": "2025-01", "value": 10}, {"from": "2026-07", "value": 0}],
        [{"from": "2026-07", "value": 10}],
    )
    base = {
        "blocks": [{"life_years": 0.5}],
        "sites": [{"id": "a", "grid_mw": first}, {"id": "b", "grid_mw": second}],
        **COST,
    }
    demand = {"id": "d", "by": "2026-01", "amount": 10}
    assert proven(problem(**base, demand=[demand])).plan.objective == 0
    hopeless(problem(**base, demand=[demand | {"single_site": True}]))


def test_single_vendor() -> None:
    """2,000 GPUs of one vendor inside 20 + 10 MW: AMD 5 x 400 on 25 MW (over both sites) costs 10 + 1; Nvidia 2 x 1,000 costs 10."""
    plan = proven(two(b=10.0, amount=2000, metric="gpus", single_vendor=True)).plan
    assert plan.objective == 10
    assert orders(plan) == {("a", "n", "2026-01"): 2}


def test_single_site_and_single_vendor_is_one_pair() -> None:
    """1,400 GPUs: n + m would do at site a (15 MW, 7 MUSD); of one vendor: 2 n (10) or 4 m (8). So 8."""
    assert proven(two(a=20.0, b=0.0, amount=1400, metric="gpus")).plan.objective == 7
    assert (
        proven(two(a=20.0, b=0.0, amount=1400, metric="gpus", single_site=True, single_vendor=True)).plan.objective == 8
    )


def test_filters() -> None:
    """10 MW of Nvidia at b: 5 + 1 to open."""
    assert proven(two(amount=10, filter={"sites": ["b"], "vendors": ["nvidia"]})).plan.objective == 6


def test_a_shortfall_is_paid_where_it_is_cheaper() -> None:
    """25 MW from July; 0.3 MUSD a MW and year: halls to the full cost 11; 20 MW cost 8 and 5 MW short cost 5 x 0.3 x 0.5 = 0.75;
    15 MW cost 6 and 1.5 short; 10: 4 + 2.25; 5: 2 + 3; none: 25 x 0.3 x 0.5 = 3.75. Best is none: 3.75."""
    w = two(amount=25, shortfall_musd_per_unit_year=0.3)
    w = w.model_copy(update={"demand": (w.demand[0].model_copy(update={"by": "2026-08"}),)})
    plan = proven(w).plan
    near(plan.objective, 3.75)
    assert line(plan, "penalties") == {"2026-07": 1.875, "2026-10": 1.875}


def test_a_shortfall_in_part() -> None:
    """0.9 MUSD a MW and year, all year: a hall of 5 MW costs 2 and saves 4.5: four at a (8); the fifth opens b: 3 < 4.5: 11."""
    assert proven(two(amount=25, shortfall_musd_per_unit_year=0.9)).plan.objective == 11
    # At 0.5 the fifth (3) saves 2.5 only: 8 + 5 x 0.5 = 10.5.
    assert proven(two(amount=25, shortfall_musd_per_unit_year=0.5)).plan.objective == 10.5


def test_a_single_site_demand_that_nobody_can_hold_is_missed_in_full() -> None:
    """Nothing of vendor "other" can be bought: 10 MW missing all year at 0.2: 2 MUSD, single or not."""
    for extra in ({}, {"single_site": True}, {"single_vendor": True}):
        w = problem(
            blocks=[{}, {"id": "x", "vendor": "other", "allowed_regions": ["nowhere"]}],
            demand=[
                {
                    "id": "d",
                    "by": "2026-01",
                    "amount": 10,
                    "filter": {"vendors": ["other"]},
                    "shortfall_musd_per_unit_year": 0.2,
                    **extra,
                }
            ],
            **COST,
        )
        near(proven(w).plan.objective, 2.0, str(extra))


def test_a_demand_after_the_horizon_asks_nothing() -> None:
    """M1.3."""
    w = two(amount=999, single_site=True)
    w = w.model_copy(update={"demand": (w.demand[0].model_copy(update={"by": "2031-01"}),)})
    assert proven(w).plan.objective == 0
