"""Hand-solved worlds: openings, orders, supply, power, land, resources (M2.3-M2.5, M3.2, M3.4, M3.5, M3.7).

Four quarters from 2026-01 unless said otherwise; the hall is 10 MW IT and 100 PFLOP/s; a site has 100 MW and shell for all. One
hall over the whole year is 100 PFLOPS-years.
"""

from __future__ import annotations

from tests.verify.worlds import ground, problem
from tests.worlds import hopeless, openings, orders, proven


def test_power_fills_with_whole_blocks() -> None:
    """47 MW of grid at a peak PUE of 1.5 feed 31.3 MW of IT: 3 halls of 10 MW, all year: 3 x 100 = 300."""
    plan = proven(problem(sites=[{"grid_mw": 47.0, "pue": 1.2, "pue_peak": 1.5}])).plan
    assert plan.objective == 300
    assert orders(plan) == {("abilene", "hall", "2026-01"): 3}


def test_power_that_grows() -> None:
    """10 MW, then 30 MW from July: one hall all year and two for half of it: 100 + 2 x 50 = 200."""
    grid = [{"from": "2026-01", "value": 10}, {"from": "2026-07", "value": 30}]
    plan = proven(problem(sites=[{"grid_mw": grid}])).plan
    assert plan.objective == 200
    assert orders(plan) == {("abilene", "hall", "2026-01"): 1, ("abilene", "hall", "2026-07"): 2}


def test_power_that_falls_binds_from_the_start() -> None:
    """30 MW, then 10 MW from October, halls that stay: one hall all year is all that ever fits: 100."""
    grid = [{"from": "2026-01", "value": 30}, {"from": "2026-10", "value": 10}]
    assert proven(problem(sites=[{"grid_mw": grid}])).plan.objective == 100


def test_a_life_that_ends_in_time_uses_power_that_falls() -> None:
    """30 MW, then 10 MW from July; lives of half a year: 3 halls for half a year, then 1 for half: 150 + 50 = 200."""
    grid = [{"from": "2026-01", "value": 30}, {"from": "2026-07", "value": 10}]
    plan = proven(problem(sites=[{"grid_mw": grid}], blocks=[{"life_years": 0.5}])).plan
    assert plan.objective == 200


def test_three_tenths_hold_three_tenths() -> None:
    """3 blocks of 0.1 MW on 0.3 MW: rounding must not lose the third. 3 x 100 = 300."""
    assert proven(problem(sites=[{"grid_mw": 0.3}], blocks=[{"it_mw": 0.1}])).plan.objective == 300


def test_land_counts_what_stands_before_it_is_online() -> None:
    """5 ha, 2 ha a hall: 2 halls. Lead 6 months: online for half a year: 2 x 50 = 100. Nothing ordered in July stands beside."""
    w = problem(blocks=[{"footprint_ha": 2.0, "lead_months": 6}])
    plan = proven(w, ground(w, ha=5.0)).plan
    assert plan.objective == 100
    assert orders(plan) == {("abilene", "hall", "2026-01"): 2}


def test_land_comes_free_at_the_end_of_life() -> None:
    """2 ha, 2 ha a hall that lives half a year: one after the other, each 50: 100."""
    w = problem(blocks=[{"footprint_ha": 2.0, "life_years": 0.5}])
    plan = proven(w, ground(w, ha=2.0)).plan
    assert plan.objective == 100
    assert sum(orders(plan).values()) == 2


def test_resources() -> None:
    """7 units of water, 2 a hall: 3 halls. The gas that the hall uses is not stated at the site: no limit. 300."""
    w = problem(sites=[{"resources": {"water": 7}}], blocks=[{"uses": {"water": 2, "gas": 9}}])
    assert proven(w).plan.objective == 300


def test_resources_over_time_and_two_blocks() -> None:
    """Water 4, from July 6; hall A 2 water 100 PFLOPS, hall B 3 water 190: first half one B (95) or two A (100): with two B from
    July (2 x 95 = 190), one B all year and one more: 95 + 190 = 285; two A all year and one more from July: 200 + 50 = 250."""
    water = [{"from": "2026-01", "value": 4}, {"from": "2026-07", "value": 6}]
    w = problem(
        sites=[{"resources": {"water": water}}],
        blocks=[{"id": "a", "uses": {"water": 2}}, {"id": "b", "uses": {"water": 3}, "pflops": 190.0}],
    )
    plan = proven(w).plan
    assert plan.objective == 285
    assert orders(plan) == {("abilene", "b", "2026-01"): 1, ("abilene", "b", "2026-07"): 1}


def test_supply_is_cumulative_and_over_all_sites() -> None:
    """Deliveries 1, then 4 in total from July, over two sites: 1 x 100 + 3 x 50 = 250, however they are shared."""
    supply = [{"from": "2026-01", "value": 1}, {"from": "2026-07", "value": 4.9}]
    w = problem(sites=[{"id": "a", "grid_mw": 20.0}, {"id": "b", "grid_mw": 20.0}], blocks=[{"supply": supply}])
    plan = proven(w).plan
    assert plan.objective == 250
    assert sum(orders(plan).values()) == 4


def test_supply_not_taken_stays_available() -> None:
    """3 delivered in January; power for one, from October for three: 1 x 100 + 2 x 25 = 150 (M2.4)."""
    grid = [{"from": "2026-01", "value": 10}, {"from": "2026-10", "value": 30}]
    w = problem(sites=[{"grid_mw": grid}], blocks=[{"supply": 3}])
    assert proven(w).plan.objective == 150


def test_supply_pools_bind_several_blocks() -> None:
    """A pool of 3,500 GPUs for one vendor: halls of 1,000 and 1,500 GPUs, 100 and 160 PFLOPS: 2 of the large and nothing (3,000:
    320), 1 large and 2 small (3,500: 360), 3 small (300). Best 360. The other vendor is free: its hall is limited to 1: + 10."""
    w = problem(
        blocks=[
            {"id": "small"},
            {"id": "large", "gpus": 1500, "pflops": 160.0},
            {"id": "other", "vendor": "amd", "pflops": 10.0, "max_per_site": 1},
        ],
        supply_pools=[{"id": "n", "filter": {"vendors": ["nvidia"]}, "metric": "gpus", "amount": 3500}],
    )
    plan = proven(w).plan
    assert plan.objective == 370
    assert orders(plan) == {
        ("abilene", "small", "2026-01"): 2,
        ("abilene", "large", "2026-01"): 1,
        ("abilene", "other", "2026-01"): 1,
    }


def test_min_per_site_is_all_or_nothing() -> None:
    """Supply 5, at least 3 a site: 3 + 2 is not allowed, 5 at one site is; sites of 40 MW hold 4: 4 + 0. 4 x 100 = 400."""
    w = problem(
        sites=[{"id": "a", "grid_mw": 40.0}, {"id": "b", "grid_mw": 40.0}], blocks=[{"supply": 5, "min_per_site": 3}]
    )
    plan = proven(w).plan
    assert plan.objective == 400
    assert len(openings(plan)) == 1


def test_min_per_site_counts_all_orders_ever() -> None:
    """M2.5: at least 2 a site, one fits at a time for half a year each: two orders one after the other are two: 100."""
    w = problem(sites=[{"grid_mw": 10.0}], blocks=[{"min_per_site": 2, "life_years": 0.5}])
    assert proven(w).plan.objective == 100


def test_max_per_site_counts_all_orders_ever() -> None:
    """At most one ever, living one quarter: 25, though four could follow each other."""
    w = problem(sites=[{"grid_mw": 10.0}], blocks=[{"max_per_site": 1, "life_years": 0.25}])
    assert proven(w).plan.objective == 25


def test_starts_and_regions() -> None:
    """Hall A from mid-February (so April, M1.3) not in PJM, hall B only there by tag: a in ERCOT, b in PJM from July.
    A: 3 quarters x 100/4 = 75; B 30 PFLOPS for half a year: 15."""
    w = problem(
        sites=[
            {"id": "a", "region": "ERCOT", "grid_mw": 10.0},
            {"id": "b", "region": "PJM", "tags": ["wet"], "grid_mw": 10.0, "available_from": "2026-05"},
        ],
        blocks=[
            {"id": "A", "available_from": "2026-02", "forbidden_regions": ["PJM"]},
            {"id": "B", "allowed_regions": ["wet"], "pflops": 30.0},
        ],
    )
    plan = proven(w).plan
    assert plan.objective == 90
    assert orders(plan) == {("a", "A", "2026-04"): 1, ("b", "B", "2026-07"): 1}
    assert openings(plan) == {"a": "2026-04", "b": "2026-07"}


def test_no_order_comes_online_after_the_end() -> None:
    """M2.2: a lead of ten months is four quarters; nothing ordered in January is online inside the year: 0, nothing bought."""
    plan = proven(problem(blocks=[{"lead_months": 10, "capex_musd": 5}])).plan
    assert plan.objective == 0
    assert not plan.orders and not plan.openings


def test_an_excluded_site_stays_empty_and_a_committed_one_opens_for_nothing() -> None:
    """Excluded: nothing. Committed: 2 x 100, no opening row, no opening cost."""
    w = problem(
        sites=[
            {"id": "no", "status": "excluded"},
            {"id": "yes", "status": "committed", "grid_mw": 20.0, "opening_musd": 50},
        ]
    )
    plan = proven(w).plan
    assert plan.objective == 200
    assert not plan.openings and not [c for c in plan.cash if c.line == "openings" and c.musd]


def test_demand_beyond_power_is_infeasible() -> None:
    """60 MW of IT at 50 MW of grid."""
    hopeless(problem(sites=[{"grid_mw": 50.0}], demand=[{"id": "d", "by": "2026-01", "amount": 60}]))


def test_demand_where_nothing_can_be_built_is_infeasible() -> None:
    """Data alone can clash: no block is allowed anywhere, 10 MW are promised; no traceback but an answer."""
    w = problem(blocks=[{"allowed_regions": ["nowhere"]}], demand=[{"id": "d", "by": "2026-01", "amount": 10}])
    hopeless(w)
    hopeless(w.model_copy(update={"demand": (), "markets": problem(markets=[{"id": "m", "amount": 1}]).markets}))


def test_a_pool_alone_is_limit_enough() -> None:
    """Blocks that draw no power and stand nowhere are bounded by nothing but a pool of three million: all are taken."""
    w = problem(blocks=[{"it_mw": 0.0, "pflops": 1.0}], supply_pools=[{"id": "p", "metric": "units", "amount": 3e6}])
    assert proven(w).plan.objective == 3e6


def test_limits_far_beyond_what_can_be_used() -> None:
    """Ten billion cubic metres of water and a hundred billion hectares limit nothing, and upset nothing: 10 halls x 100."""
    w = problem(sites=[{"resources": {"water": 1e10}}], blocks=[{"uses": {"water": 1.0}, "footprint_ha": 1.0}])
    assert proven(w, ground(w, 1e11)).plan.objective == 1000
