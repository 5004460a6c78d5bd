"""One hand-solved world for each limit: it holds at the edge and breaks one step further."""

from __future__ import annotations

from typing import Any

from tests.verify.worlds import broken, ground, problem, violations

OPEN = [("abilene", "2026-01")]


def test_openings() -> None:
    """M3.2: available from 2026-05, inside the quarter of 2026-04, so the first legal opening is 2026-07."""
    p = problem([{"available_from": "2026-05"}])
    assert broken(p, openings=[("abilene", "2026-07")]) == []
    assert broken(p, openings=[("abilene", "2026-04")]) == [("M3.2", "openings", "2026-04", 1)]
    shut = problem([{"status": "excluded"}])
    assert broken(shut, openings=OPEN) == [("M3.1", "openings", "2026-01", None)]
    committed = problem([{"status": "committed", "available_from": "2026-10"}])
    assert broken(committed) == [] == broken(committed, openings=OPEN)
    assert broken(committed, openings=[("abilene", "2026-04")]) == [("M3.2", "openings", "2026-04", None)]


def test_orders_wait_for_the_block_and_for_the_site() -> None:
    """M2.3: the block comes in 2026-04, the site opens in 2026-07."""
    p = problem(blocks=[{"available_from": "2026-04"}])
    opened: dict[str, Any] = {"openings": [("abilene", "2026-07")]}
    assert broken(p, **opened, orders=[("abilene", "hall", "2026-07", 1)]) == []
    assert broken(p, **opened, orders=[("abilene", "hall", "2026-04", 1)]) == [("M2.3", "orders", "2026-04", 1)]
    both = broken(p, **opened, orders=[("abilene", "hall", "2026-01", 1)])
    assert [v[:2] for v in both] == [("M2.3", "orders")] * 2
    assert broken(p, orders=[("abilene", "hall", "2026-07", 3)]) == [("M2.3", "orders", "2026-07", 3)]


def test_orders_arrive_inside_the_horizon() -> None:
    """M2.2, A18: a lead of 4 months is 2 quarters: ordered in 2026-04 it is online in 2026-10, the last period."""
    p = problem(blocks=[{"lead_months": 4}])
    assert broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-04", 1)]) == []
    assert broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-07", 1)]) == [("M2.2", "orders", "2026-07", 1)]


def test_regions_match_region_country_and_tags() -> None:
    """M2.3: an empty region matches nothing."""
    order: dict[str, Any] = {"openings": OPEN, "orders": [("abilene", "hall", "2026-01", 1)]}
    for site, block, allowed in [
        ({"region": "ERCOT"}, {"allowed_regions": ["ERCOT"]}, True),
        ({"country": "US"}, {"allowed_regions": ["US"]}, True),
        ({"tags": ["friend"]}, {"allowed_regions": ["friend"]}, True),
        ({"region": "PJM", "country": "US"}, {"allowed_regions": ["ERCOT"]}, False),
        ({}, {"allowed_regions": ["US"]}, False),
        ({"country": "CN"}, {"forbidden_regions": ["CN"]}, False),
        ({"country": "US", "tags": ["embargo"]}, {"allowed_regions": ["US"], "forbidden_regions": ["embargo"]}, False),
        ({}, {"forbidden_regions": ["CN"]}, True),
    ]:
        assert (broken(problem([site], [block]), **order) == []) is allowed, (site, block)


def test_least_and_most_of_a_block() -> None:
    """M2.5: between 2 and 4 units in all, or none; existing units do not count (A15)."""
    p = problem(blocks=[{"min_per_site": 2, "max_per_site": 4}])
    for units, fine in [(1, False), (2, True), (4, True), (5, False)]:
        assert (broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", units)]) == []) is fine
    twice = [("abilene", "hall", "2026-01", 3), ("abilene", "hall", "2026-07", 3)]
    assert broken(p, openings=OPEN, orders=twice) == [("M2.5", "orders", None, 2)]
    there: dict[str, Any] = {
        "status": "committed",
        "existing": [{"block": "hall", "units": 5, "online_from": "2025-01"}],
    }
    assert broken(problem([there], [{"min_per_site": 2, "max_per_site": 4}])) == []


def test_supply_is_cumulative() -> None:
    """M2.4: 2 in all, 5 from 2026-07; what was not taken stays."""
    supply = [{"from": "2026-01", "value": 2}, {"from": "2026-07", "value": 5}]
    p = problem(blocks=[{"supply": supply}])
    assert broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-07", 5)]) == []
    early = [("abilene", "hall", "2026-01", 3), ("abilene", "hall", "2026-07", 2)]
    assert broken(p, openings=OPEN, orders=early) == [
        ("M2.4", "supply", "2026-01", 1),
        ("M2.4", "supply", "2026-04", 1),
    ]


def test_pools_count_their_metric_inside_their_filter() -> None:
    """M2.4: 25 MW of nvidia in all: two halls are 20, three are 30; amd is outside."""
    blocks = [{}, {"id": "helios", "vendor": "amd"}]
    pool: dict[str, Any] = {"id": "cowos", "filter": {"vendors": ["nvidia"]}, "metric": "it_mw", "amount": 25}
    p = problem(blocks=blocks, supply_pools=[pool])
    amd = ("abilene", "helios", "2026-01", 4)
    assert broken(p, openings=OPEN, orders=[amd, ("abilene", "hall", "2026-01", 2)]) == []
    over = broken(p, openings=OPEN, orders=[amd, ("abilene", "hall", "2026-10", 3)])
    assert over == [("M2.4", "supply", "2026-10", 5)]


def test_power() -> None:
    """M3.4: pue_peak 1.25 x 10 MW = 12.5; 8 halls ask exactly 100 of 100; 9 ask 112.5, short 12.5 in every period."""
    p = problem([{"pue": 1.0, "pue_peak": 1.25}])
    assert broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 8)]) == []
    found = violations(p, openings=OPEN, orders=[("abilene", "hall", "2026-10", 9)])
    assert [v.message for v in found] == ["abilene asks 112.5 MW in 2026-10; grid 100; short 12.5"]
    assert (found[0].rule, found[0].family, found[0].amount) == ("M3.4", "power", 12.5)
    ramp = problem([{"grid_mw": [{"from": "2026-04", "value": 100}]}])
    early = broken(ramp, openings=OPEN, orders=[("abilene", "hall", "2026-01", 1)])
    assert early == [("M3.4", "power", "2026-01", 10)]


def test_power_frees_when_life_ends() -> None:
    """A18: half a year of life is two quarters: 10 halls of 2026-01 and 10 of 2026-07 never meet."""
    p = problem(blocks=[{"life_years": 0.5}])
    orders = [("abilene", "hall", "2026-01", 10), ("abilene", "hall", "2026-07", 10)]
    assert broken(p, openings=OPEN, orders=orders) == []
    sooner = [("abilene", "hall", "2026-01", 10), ("abilene", "hall", "2026-04", 10)]
    assert broken(p, openings=OPEN, orders=sooner) == [("M3.4", "power", "2026-04", 100)]


def test_land_counts_standing_units() -> None:
    """M3.5: a hall on order for 2 quarters covers its 2 ha from the order on: 3 halls ask 6 of 5 ha at once."""
    p = problem(blocks=[{"footprint_ha": 2.0, "lead_months": 6}])
    where = ground(p, ha=5.0)
    assert broken(p, where, openings=OPEN, orders=[("abilene", "hall", "2026-04", 2)]) == []
    found = broken(p, where, openings=OPEN, orders=[("abilene", "hall", "2026-04", 3)])
    assert found == [("M3.5", "land", m, 1) for m in ("2026-04", "2026-07", "2026-10")]


def test_shell_must_be_ready() -> None:
    """M3.6: 10 MW stand; 10 more, started in 2026-01 with a build of 4 months, are ready in 2026-07."""
    p = problem([{"existing_shell_mw": 10.0, "build_months": 4}])
    start: dict[str, Any] = {"openings": OPEN, "shells": [("abilene", "2026-01", 10.0)]}
    assert broken(p, **start, orders=[("abilene", "hall", "2026-07", 2)]) == []
    assert broken(p, **start, orders=[("abilene", "hall", "2026-04", 2)]) == [("M3.6", "shell", "2026-04", 10)]
    assert broken(p, **start, orders=[("abilene", "hall", "2026-10", 3)]) == [("M3.6", "shell", "2026-10", 10)]


def test_shell_counts_online_units_only() -> None:
    """M2.8: a hall on order needs land but no shell until it is online."""
    p = problem([{"existing_shell_mw": 0.0, "build_months": 3}], [{"lead_months": 3}])
    decisions: dict[str, Any] = {
        "shells": [("abilene", "2026-01", 10.0)],
        "orders": [("abilene", "hall", "2026-01", 1)],
    }
    assert broken(p, openings=OPEN, **decisions) == []


def test_shell_starts_need_an_open_site_and_whole_steps() -> None:
    """M3.6, A14: steps of 25 MW; 50 is two, 40 is none."""
    p = problem([{"shell_step_mw": 25.0}])
    assert broken(p, openings=OPEN, shells=[("abilene", "2026-01", 50.0)]) == []
    assert [v[:3] for v in broken(p, openings=OPEN, shells=[("abilene", "2026-04", 40.0)])] == [
        ("M3.6", "shell", "2026-04")
    ]
    late = [("abilene", "2026-04")]
    assert broken(p, openings=late, shells=[("abilene", "2026-01", 50.0)]) == [("M3.6", "shell", "2026-01", 50)]


def test_pace_over_any_twelve_months() -> None:
    """M3.6: 30 MW a year; 20 in 2026-04 and 20 in 2027-01 lie within four quarters, in 2027-04 they do not."""
    p = problem([{"pace_mw_per_year": 30.0}], horizon={"start": "2026-01", "periods": 8, "period": "quarter"})
    first = ("abilene", "2026-04", 20.0)
    assert broken(p, openings=OPEN, shells=[first, ("abilene", "2027-04", 20.0)]) == []
    assert broken(p, openings=OPEN, shells=[first, ("abilene", "2027-01", 20.0)]) == [("M3.6", "pace", "2027-01", 10)]
    yearly = problem([{"pace_mw_per_year": 30.0}], horizon={"start": "2026-01", "periods": 3, "period": "year"})
    shells = [("abilene", "2026-01", 30.0), ("abilene", "2027-01", 31.0)]
    assert broken(yearly, openings=OPEN, shells=shells) == [("M3.6", "pace", "2027-01", 1)]


def test_resources_where_the_site_states_them() -> None:
    """M3.7: 3 halls use 6 of 5 units of water from 2026-04 on; steel is not stated and does not limit."""
    water = [{"from": "2026-01", "value": 6}, {"from": "2026-04", "value": 5}]
    p = problem([{"resources": {"water": water}}], [{"uses": {"water": 2.0, "steel": 99.0}}])
    assert broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 2)]) == []
    found = broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 3)])
    assert found == [("M3.7", "resources", m, 1) for m in ("2026-04", "2026-07", "2026-10")]


def test_existing_units_may_idle_only_where_power_is_short() -> None:
    """M2.8, A5: 12 halls stand, the grid feeds 10 (100 MW): 2 idle are right, 1 is too few, 3 are needless."""
    there: dict[str, Any] = {
        "status": "committed",
        "existing": [{"block": "hall", "units": 12, "online_from": "2020-01"}],
    }
    p = problem([there], horizon={"start": "2026-01", "periods": 1, "period": "year"})
    assert broken(p, idle=[("abilene", "hall", "2026-01", 2)]) == []
    assert broken(p, idle=[("abilene", "hall", "2026-01", 1)]) == [("M3.4", "power", "2026-01", 10)]
    assert broken(p, idle=[("abilene", "hall", "2026-01", 3)]) == [("M2.8", "existing", "2026-01", 0)]
    assert ("M2.8", "existing", "2026-01", 1) in broken(p, idle=[("abilene", "hall", "2026-01", 13)])


def test_new_units_never_idle() -> None:
    """M2.8"""
    new: dict[str, Any] = {"openings": OPEN, "orders": [("abilene", "hall", "2026-01", 11)]}
    found = broken(
        problem(), **new, idle=[("abilene", "hall", m, 1) for m in ("2026-01", "2026-04", "2026-07", "2026-10")]
    )
    assert {v[:2] for v in found} == {("M2.8", "existing")}


def test_existing_units_bring_shell_that_stays() -> None:
    """M3.6, A4: 2 old halls end in 2026-07 (online 2025-07, life 1 year); new ones stand in their 20 MW of shell."""
    old: dict[str, Any] = {"block": "hall", "units": 2, "online_from": "2025-07"}
    p = problem([{"status": "committed", "existing_shell_mw": 0.0, "existing": [old]}], [{"life_years": 1}])
    assert broken(p) == []
    assert broken(p, orders=[("abilene", "hall", "2026-07", 2)]) == []
    assert broken(p, orders=[("abilene", "hall", "2026-04", 2)]) == [("M3.6", "shell", "2026-04", 20)]


def test_retirement_needs_units_that_were_online_before() -> None:
    """M2.7, A6: ordered in 2026-01, online in 2026-04: may leave from 2026-07 on."""
    p = problem(blocks=[{"early_retirement": True, "lead_months": 3}])
    stay: dict[str, Any] = {"openings": OPEN, "orders": [("abilene", "hall", "2026-01", 3)]}
    assert broken(p, **stay, retirements=[("abilene", "hall", "2026-07", 3)]) == []
    assert broken(p, **stay, retirements=[("abilene", "hall", "2026-04", 1)]) == [("M2.7", "retirement", "2026-04", 1)]
    assert broken(p, **stay, retirements=[("abilene", "hall", "2026-07", 4)]) == [("M2.7", "retirement", "2026-07", 1)]
    twice = [("abilene", "hall", "2026-07", 2), ("abilene", "hall", "2026-10", 2)]
    assert broken(p, **stay, retirements=twice) == [("M2.7", "retirement", "2026-10", 1)]
    never = problem(blocks=[{"lead_months": 3}])
    assert broken(never, **stay, retirements=[("abilene", "hall", "2026-07", 1)]) == [
        ("M2.7", "retirement", "2026-07", 1)
    ]


def test_the_oldest_retire_first_and_no_longer_expire() -> None:
    """A6: 4 halls from 2026-01 and 6 from 2026-04, life 3 quarters, grid for 10.

    4 retire in 2026-07: they are the oldest, so 6 stay until 2027-01 and 4 new ones fit in 2026-07 but not 5;
    in 2026-10, when the first lot would have expired anyway, still 6 + 4 stand.
    """
    p = problem(blocks=[{"early_retirement": True, "life_years": 0.75}])
    orders = [("abilene", "hall", "2026-01", 4), ("abilene", "hall", "2026-04", 6)]
    gone: dict[str, Any] = {"openings": OPEN, "retirements": [("abilene", "hall", "2026-07", 4)]}
    assert broken(p, **gone, orders=[*orders, ("abilene", "hall", "2026-07", 4)]) == []
    over = broken(p, **gone, orders=[*orders, ("abilene", "hall", "2026-07", 5)])
    assert over == [("M3.4", "power", "2026-07", 10), ("M3.4", "power", "2026-10", 10)]


def test_budget() -> None:
    """M4.1: 400 a year is 100 a quarter. A hall costs 90: cash ends at 10, 110, ...; two cost 180: 80 short."""
    money: dict[str, Any] = {"budget": {"per_year_musd": 400}}
    p = problem(blocks=[{"capex_musd": 90.0}], **money)
    assert broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2026-10", 3)]) == []
    found = violations(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 2)])
    assert [(v.rule, v.family, v.month, v.amount) for v in found] == [("M4.1", "budget", "2026-01", 80)]
    assert "cash ends 2026-01 at -80 MUSD: 0 before + 100 budget + 0 income - 180 covered" in found[0].message


def test_budget_without_carry_over_forgets_leftovers_but_no_overdraft() -> None:
    """A7: floor -50, 100 a quarter. Spend 150, then 100: cash -50, then -50 + 100 - 100 = -50. Leftovers go."""
    money: dict[str, Any] = {"budget": {"per_year_musd": 400, "carry_over": False, "min_cash_musd": -50}}

    def spend(*units: int) -> list[tuple[str, str, str, int]]:
        return [("abilene", "hall", m, n) for m, n in zip(("2026-01", "2026-04", "2026-07", "2026-10"), units)]

    power: dict[str, Any] = {"grid_mw": 1e4}
    p = problem([power], [{"capex_musd": 10.0}], **money)
    assert broken(p, openings=OPEN, orders=spend(15, 10, 10, 10)) == []
    assert broken(p, openings=OPEN, orders=spend(15, 11)) == [("M4.1", "budget", "2026-04", 10)]
    assert broken(p, openings=OPEN, orders=spend(5, 16)) == [("M4.1", "budget", "2026-04", 10)]


def test_budget_covers_and_income() -> None:
    """M4.1: opex of 40 a quarter is not covered; half of a revenue of 20 a quarter comes in: 10."""
    block: dict[str, Any] = {"capex_musd": 100.0, "opex_musd_per_year": 160.0, "revenue_musd_per_year": 80.0}
    budget: dict[str, Any] = {"per_year_musd": 360, "covers": ["capex"], "revenue_share": 0.5}
    assert (
        broken(problem(blocks=[block], budget=budget), openings=OPEN, orders=[("abilene", "hall", "2026-01", 1)]) == []
    )
    budget["revenue_share"] = 0.4
    found = broken(problem(blocks=[block], budget=budget), openings=OPEN, orders=[("abilene", "hall", "2026-01", 1)])
    assert found == [("M4.1", "budget", "2026-01", 2)]


def test_budget_limits_what_is_left_to_pay() -> None:
    """M4.5: half of 100 falls due 12 months after the order of 2026-04, in 2027-04: 50 after the horizon."""
    halves: dict[str, Any] = {
        "capex_musd": 100.0,
        "payments": [{"months": 0, "share": 0.5}, {"months": 12, "share": 0.5}],
    }
    for limit, fine in [(50, True), (49, False)]:
        p = problem(blocks=[halves], budget={"per_year_musd": 1000, "after_horizon_limit_musd": limit})
        assert (broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-04", 1)]) == []) is fine


def test_demand_from_its_month_on() -> None:
    """M7.1: 30 MW by 2026-05 means from the quarter of 2026-04 on."""
    p = problem(demand=[{"id": "train", "by": "2026-05", "amount": 30}])
    assert broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-04", 3)]) == []
    late = broken(p, openings=OPEN, orders=[("abilene", "hall", "2026-04", 2), ("abilene", "hall", "2026-07", 1)])
    assert late == [("M7.1", "demand", "2026-04", 10)]
    assert len(broken(p)) == 3
    after = problem(demand=[{"id": "train", "by": "2027-01", "amount": 30}])
    assert broken(after) == []
    paid = problem(demand=[{"id": "train", "by": "2026-05", "amount": 30, "shortfall_musd_per_unit_year": 1.0}])
    assert broken(paid) == []


def test_demand_at_one_site_of_one_vendor() -> None:
    """M7.1: 20 MW at one site: 10 + 10 at two sites is not enough; 10 nvidia + 10 amd at one site is not one vendor."""
    sites = [{}, {"id": "milam"}]
    blocks = [{}, {"id": "helios", "vendor": "amd"}]
    opened: dict[str, Any] = {"openings": [("abilene", "2026-01"), ("milam", "2026-01")]}
    mixed = [("abilene", "hall", "2026-01", 1), ("abilene", "helios", "2026-01", 1)]
    apart = [("abilene", "hall", "2026-01", 1), ("milam", "hall", "2026-01", 1)]
    both = [("abilene", "hall", "2026-01", 2)]
    for single, orders, fine in [
        ({}, apart, True),
        ({"single_site": True}, apart, False),
        ({"single_site": True}, mixed, True),
        ({"single_vendor": True}, mixed, False),
        ({"single_vendor": True}, apart, True),
        ({"single_site": True, "single_vendor": True}, mixed, False),
        ({"single_site": True, "single_vendor": True}, apart, False),
        ({"single_site": True, "single_vendor": True}, both, True),
        ({"filter": {"vendors": ["amd"]}}, both, False),
    ]:
        demand = [{"id": "train", "by": "2026-01", "amount": 20, **single}]
        p = problem(sites, blocks, demand=demand)
        assert (broken(p, **opened, orders=orders) == []) is fine, (single, orders)


def test_demand_held_by_the_same_site_throughout() -> None:
    """M7.1: 20 MW at abilene for two quarters, then at milam: no one site holds it throughout."""
    p = problem(
        [{}, {"id": "milam"}],
        [{"life_years": 0.5}],
        demand=[{"id": "train", "by": "2026-01", "amount": 20, "single_site": True}],
    )
    orders = [("abilene", "hall", "2026-01", 2), ("milam", "hall", "2026-07", 2)]
    found = broken(p, openings=[("abilene", "2026-01"), ("milam", "2026-01")], orders=orders)
    assert [v[:2] for v in found] == [("M7.1", "demand")] * 2


MONTHS = ("2026-01", "2026-04", "2026-07", "2026-10")


def serve(site: str, market: str, amount: float, months: tuple[str, ...] = MONTHS) -> list[tuple[str, str, str, float]]:
    return [(site, market, m, amount) for m in months]


def test_markets_are_served_exactly() -> None:
    """M7.2: 8 of the 10 MW of one hall go to dallas; 7 are short, 9 too much; 11 are more than there is."""
    held: dict[str, Any] = {"openings": OPEN, "orders": [("abilene", "hall", "2026-01", 1)]}
    p = problem(markets=[{"id": "dallas", "amount": 8}])
    assert broken(p, **held, served=serve("abilene", "dallas", 8)) == []
    assert broken(p, **held, served=serve("abilene", "dallas", 7)) == [("M7.2", "markets", m, 1) for m in MONTHS]
    assert broken(p, **held, served=serve("abilene", "dallas", 9)) == [("M7.2", "markets", m, 1) for m in MONTHS]
    more = problem(markets=[{"id": "dallas", "amount": 11}])
    assert broken(more, **held, served=serve("abilene", "dallas", 11)) == [("M7.2", "markets", m, 1) for m in MONTHS]
    assert broken(
        problem(markets=[{"id": "dallas", "amount": 8}]), **held, served=serve("abilene", "dallas", 8)[1:]
    ) == [("M7.2", "markets", "2026-01", 8)]


def test_markets_reach_cost_and_single_source() -> None:
    """M7.2: milam is 600 km away and not in the list of costs; two sites serve what one should."""
    sites, orders = [{}, {"id": "milam"}], [("abilene", "hall", "2026-01", 1), ("milam", "hall", "2026-01", 1)]
    held: dict[str, Any] = {"openings": [("abilene", "2026-01"), ("milam", "2026-01")], "orders": orders}
    km = [("abilene", "dallas", 300.0), ("milam", "dallas", 600.0)]
    for rule, fine_from_milam, fine_split in [
        ({"max_km": 600.0}, True, True),
        ({"max_km": 599.0}, False, False),
        ({"costs": {"abilene": 1.0}}, False, False),
        ({"single_source": True}, True, False),
    ]:
        p = problem(sites, markets=[{"id": "dallas", "location": [0, 0], "amount": 8, **rule}])
        where = ground(p, markets=km)
        split = serve("abilene", "dallas", 4) + serve("milam", "dallas", 4)
        assert broken(p, where, **held, served=serve("abilene", "dallas", 8)) == []
        assert (broken(p, where, **held, served=serve("milam", "dallas", 8)) == []) is fine_from_milam, rule
        assert (broken(p, where, **held, served=split) == []) is fine_split, rule
    one_a_quarter = serve("abilene", "dallas", 8, MONTHS[:2]) + serve("milam", "dallas", 8, MONTHS[2:])
    p = problem(sites, markets=[{"id": "dallas", "amount": 8, "single_source": True}])
    assert broken(p, **held, served=one_a_quarter) == []


def test_rows_must_make_sense() -> None:
    """M8.6, M1.1: unknown ids, months that are no periods, repetitions, negative and absurd amounts."""
    p = problem()
    for decisions, rule in [
        ({"openings": [("atlantis", "2026-01")]}, "M8.6"),
        ({"orders": [("abilene", "gone", "2026-01", 0)]}, "M8.6"),
        ({"openings": [("abilene", "2026-02")]}, "M1.1"),
        ({"openings": [("abilene", "2027-01")]}, "M1.1"),
        ({"openings": [("abilene", "soon")]}, "M1.1"),
        ({"openings": OPEN * 2}, "M8.6"),
        ({"openings": [*OPEN, ("abilene", "2026-04")]}, "M8.6"),
        ({"openings": OPEN, "orders": [("abilene", "hall", "2026-01", 1)] * 2}, "M8.6"),
        ({"openings": OPEN, "orders": [("abilene", "hall", "2026-01", -1)]}, "M2.2"),
        ({"openings": OPEN, "orders": [("abilene", "hall", "2026-01", 10**40)]}, "M2.2"),
        ({"openings": OPEN, "shells": [("abilene", "2026-01", -5.0)]}, "M3.6"),
        ({"openings": OPEN, "shells": [("abilene", "2026-01", 1e300)]}, "M3.6"),
        ({"served": [("abilene", "dallas", "2026-01", 1.0)]}, "M8.6"),
    ]:
        assert [v[:2] for v in broken(p, **decisions)] == [(rule, "decisions")], decisions
