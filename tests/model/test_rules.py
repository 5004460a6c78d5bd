"""The constraint before the optimum: rules of every family on two-site worlds, held against the line written by hand.

Two years (periods 0 and 1), sites 0 and 1, block 0 (10 MW, 2 ha, 100 PFLOP/s) and block 1 (5 MW, AMD). ``n010`` are the
units of block 1 ever ordered at site 0 by period 0, ``y01`` is 1 where site 0 is open in period 1, ``b`` shell, ``K`` cash.
"""

from __future__ import annotations

from typing import Any

from pyomo.repn import generate_standard_repn

from planner.model.build import build_model, objective
from planner.model.data import build_data
from planner.problem.problem import Problem
from tests.verify.worlds import ground, problem

Row = tuple[dict[str, float], float | None, float | None]


def world(**rest: Any) -> Problem:
    """Site a: 40 then 60 MW at a peak PUE of 1.25; site b: 20 MW, committed."""
    sites = rest.pop("sites", ({}, {}))
    blocks = rest.pop("blocks", ({}, {}))
    grid = [{"from": "2026-01", "value": 40}, {"from": "2027-01", "value": 60}]
    a = {"id": "a", "grid_mw": grid, "pue": 1.1, "pue_peak": 1.25, **sites[0]}
    b = {"id": "b", "grid_mw": 20.0, "status": "committed", **sites[1]}
    big = {"id": "big", "footprint_ha": 2.0, **blocks[0]}
    small = {"id": "small", "vendor": "amd", "it_mw": 5.0, "gpus": 400, "pflops": 40.0, **blocks[1]}
    return problem(
        sites=[a, b], blocks=[big, small], **{"horizon": {"start": "2026-01", "periods": 2, "period": "year"}, **rest}
    )


def model(w: Problem, ha: float = 100.0) -> Any:
    """The Pyomo model."""
    return build_model(build_data(w, ground(w, ha=ha)))


def row(constraint: Any) -> Row:
    """``({variable: coefficient}, lower, upper)`` with constants moved to the right and shortened names."""
    repn = generate_standard_repn(constraint.body, compute_values=True)
    found: dict[str, float] = {}
    for coef, var in zip(repn.linear_coefs, repn.linear_vars):
        found[short(var)] = round(found.get(short(var), 0.0) + coef, 9)
    constant = repn.constant or 0.0

    def side(x: Any) -> float | None:
        return None if x is None else round(float(x) - constant, 9)

    lower = None if constraint.lower is None else constraint.lower()
    upper = None if constraint.upper is None else constraint.upper()
    return {k: v for k, v in found.items() if v}, side(lower), side(upper)


def short(var: Any) -> str:
    """``ordered[0,1,0]`` -> ``n010``, ``open[0,1]`` -> ``y01``."""
    names = {
        "ordered": "n",
        "open": "y",
        "shell": "b",
        "shell_steps": "j",
        "cash": "K",
        "shortfall": "u",
        "served": "x",
    }
    family: str = var.parent_component().local_name
    index = var.index()
    digits = "".join(str(i) for i in (index if isinstance(index, tuple) else (index,)))
    return names.get(family, family + " ") + digits.replace("-1", "*")


def test_openings_and_orders() -> None:
    """:math:`y_{s0} \\le y_{s1}`, :math:`n_{sk0} \\le n_{sk1}`; the small block needs no land, so its orders are tied to the opening:
    the grid of a feeds 40/1.25/5 = 6.4 in 2026, so 6 by then (and 60/1.25/5 = 9.6, so 9 by 2027)."""
    m = model(world())
    assert row(m.openings_stay[0, 1]) == ({"y00": 1, "y01": -1}, None, 0)
    assert row(m.orders_rise[1, 0, 1]) == ({"n100": 1, "n101": -1}, None, 0)
    assert row(m.orders_need_open[0, 1, 0]) == ({"n010": 1, "y00": -6}, None, 0)
    assert row(m.orders_need_open[0, 1, 1]) == ({"n011": 1, "y01": -9}, None, 0)
    assert (1, 1, 0) not in m.orders_need_open and not any(s == 1 for s, _ in m.open)
    assert [m.ordered[0, 0, p].ub for p in (0, 1)] == [3, 4]


def test_least_units() -> None:
    """M2.5: :math:`3 z \\le n \\le 4 z` for the big block at a (48 MW of IT in 2027)."""
    m = model(world(blocks=({"min_per_site": 3}, {})))
    assert row(m.at_least[0, 0]) == ({"n001": 1, "present 00": -3}, 0, None)
    assert row(m.only_if_present[0, 0]) == ({"n001": 1, "present 00": -4}, None, 0)


def test_supply() -> None:
    """Over both sites; 2.9 delivered are 2 whole units; a pool in GPUs weighs 1,000 and 400."""
    supply = [{"from": "2026-01", "value": 1}, {"from": "2027-01", "value": 2.9}]
    m = model(world(blocks=({"supply": supply}, {}), supply_pools=[{"id": "p", "metric": "gpus", "amount": 3000}]))
    assert row(m.supply[0, 0]) == ({"n000": 1, "n100": 1}, None, 1)
    assert row(m.supply[0, 1]) == ({"n001": 1, "n101": 1}, None, 2)
    assert row(m.supply_pool[0, 1]) == ({"n001": 1000, "n101": 1000, "n011": 400, "n111": 400}, None, 3000)


def test_power() -> None:
    """a: 10 n0 + 5 n1 <= 32 y in 2026 (40 / 1.25), of which whole halls make 30; 48 in 2027 make 45. b is committed: <= 20. With
    one year of life only the year's orders count. Where all take a year to come, a must be open the year before."""
    m = model(world())
    assert row(m.power[0, 0]) == ({"n000": 10, "n010": 5, "y00": -30}, None, 0)
    assert row(m.power[1, 1]) == ({"n101": 10, "n111": 5}, None, 20)
    m = model(world(blocks=({"life_years": 1}, {"lead_months": 12})))
    assert row(m.power[0, 1]) == ({"n001": 10, "n000": -10, "n010": 5, "y01": -45}, None, 0)
    m = model(world(blocks=({"lead_months": 12}, {"lead_months": 12})))
    assert row(m.power[0, 1]) == ({"n000": 10, "n010": 5, "y00": -45}, None, 0)


def test_power_in_whole_halls() -> None:
    """45 MW in 2027 hold four big halls (40 MW are less than 0.98 x 45): n0 <= 4 y. 30 MW in 2026 hold three, exactly: no row."""
    m = model(world())
    assert list(m.power_whole) == [(0, 1, 10.0)]
    assert row(m.power_whole[0, 1, 10.0]) == ({"n001": 1, "y01": -4}, None, 0)


def test_shell_that_cannot_stand_yet_draws_no_power() -> None:
    """12 MW stand and building takes a year: of 32 MW of grid no more than 10 (or two small halls) can be used in 2026."""
    m = model(world(sites=({"existing_shell_mw": 12, "build_months": 12, "pace_mw_per_year": 20}, {})))
    assert row(m.power[0, 0]) == ({"n000": 10, "n010": 5, "y00": -10}, None, 0)


def test_land() -> None:
    """2 ha per big block on 5 ha, which hold two; ordered units stand although they are online a year later."""
    m = model(world(blocks=({"lead_months": 12}, {})), ha=5.0)
    assert row(m.land[0, 0]) == ({"n000": 2, "y00": -4}, None, 0)
    assert row(m.land[1, 0]) == ({"n100": 2}, None, 4)


def test_land_that_all_units_together_cannot_fill() -> None:
    """The grid holds four big blocks, which need 8 ha: 9 or a thousand hectares are no more than that."""
    for ha in (9.0, 1000.0):
        m = model(world(blocks=({"lead_months": 12}, {})), ha=ha)
        assert row(m.land[0, 0]) == ({"n000": 2, "y00": -8}, None, 0)


def test_shell_and_pace() -> None:
    """a: 12 MW stand, 12 months of building, 20 MW a year: online IT <= 12 + what was started a year before."""
    m = model(world(sites=({"existing_shell_mw": 12, "build_months": 12, "pace_mw_per_year": 20}, {})))
    assert row(m.shell_holds[0, 0]) == ({"n000": 10, "n010": 5}, None, 12)
    assert row(m.shell_holds[0, 1]) == ({"n001": 10, "n011": 5, "b00": -1}, None, 12)
    assert row(m.pace[0, 0]) == ({"b00": 1}, None, 20)
    assert row(m.shell_needs_open[0, 0]) == ({"b00": 1, "y00": -20}, None, 0)


def test_pace_over_twelve_months_of_quarters() -> None:
    """Quarter 5 against quarter 1: what was started in the four quarters 2..5."""
    m = model(
        world(sites=({"pace_mw_per_year": 20}, {}), horizon={"start": "2026-01", "periods": 6, "period": "quarter"})
    )
    assert row(m.pace[0, 3]) == ({"b03": 1}, None, 20)
    assert row(m.pace[0, 5]) == ({"b05": 1, "b01": -1}, None, 20)


def test_steps() -> None:
    """b = 15 j."""
    m = model(world(sites=({"shell_step_mw": 15, "construction_musd_per_mw": 1, "existing_shell_mw": 0.0}, {})))
    assert row(m.shell_whole[0, 1]) == ({"b01": 1, "j01": -15}, 0, 0)


def test_resources() -> None:
    """Water: 3 a big and 1 a small one, at most 7 where open; b states none: no row."""
    m = model(world(sites=({"resources": {"water": 7}}, {}), blocks=({"uses": {"water": 3}}, {"uses": {"water": 1}})))
    assert row(m.resources[0, "water", 0]) == ({"n000": 3, "n010": 1, "y00": -7}, None, 0)
    assert len(m.resources) == 2


def test_retirement() -> None:
    """One old big block at b since 2025: what has left by 2027 never falls, was online in 2026 (1 old + new), and is sold only
    beyond what had left; in 2026 only the old one can leave. Online = 1 + new - left."""
    old = {"existing": [{"block": "big", "units": 1, "online_from": "2025-01"}]}
    m = model(world(sites=({}, old), blocks=({"early_retirement": True}, {})))
    assert row(m.left_rises[1, 0, 1]) == ({"left 100": 1, "left 101": -1}, None, 0)
    assert row(m.left_was_there[1, 0, 0]) == ({"left 100": 1}, None, 1)
    assert row(m.left_was_there[1, 0, 1]) == ({"left 101": 1, "n100": -1}, None, 1)
    assert row(m.resold_is_left[1, 0, 1]) == ({"resold 101": 1, "left 100": 1, "left 101": -1}, None, 0)
    assert row(m.power[1, 1]) == ({"n101": 10, "left 101": -10, "idle 101": -10, "n111": 5}, None, 10)


def test_idle() -> None:
    """Two old big blocks (20 MW) at b with a grid of 15 MW: 20 - 10 i + 10 n0 + 5 n1 <= 15; resting asks for the short mark, and the
    short mark for a grid that one more unit would overstep: energised + 10 >= 15 and a little."""
    old = {"grid_mw": 15.0, "existing": [{"block": "big", "units": 2, "online_from": "2025-01"}]}
    m = model(world(sites=({}, old)))
    assert row(m.power[1, 0]) == ({"n100": 10, "n110": 5, "idle 100": -10}, None, -5)
    assert row(m.idle_if_short[1, 0, 0]) == ({"idle 100": 1, "short 100": -2}, None, 0)
    body, lower, upper = row(m.short_if_full[1, 0, 0])
    assert body.pop("short 100") < -15 and body == {"n100": 10, "n110": 5, "idle 100": -10}
    assert (lower, upper) == (-30, None)


def test_demand() -> None:
    """500 PFLOP/s from 2027 over both sites, with a shortfall; one site alone: its own units against its own mark."""
    base = {"id": "d", "metric": "pflops", "by": "2027-03", "amount": 500}
    m = model(world(demand=[base | {"shortfall_musd_per_unit_year": 1}]))
    assert list(m.demand) == [(0, 1)]
    assert row(m.demand[0, 1]) == ({"n001": 100, "n011": 40, "n101": 100, "n111": 40, "u01": 1}, 500, None)
    m = model(world(demand=[base | {"single_site": True}]))
    assert row(m.demand_single[0, 1, -1, 1]) == ({"n101": 100, "n111": 40, "holder 01*": -500}, 0, None)
    assert row(m.one_holder[0]) == ({"holder 00*": 1, "holder 01*": 1}, 1, 1)


def test_markets() -> None:
    """Two markets of 8 and 6 MW: served in full, within the site's MW, from open sites, whole where single-sourced."""
    m = model(
        world(markets=[{"id": "x", "amount": 8}, {"id": "z", "amount": 6, "single_source": True, "costs": {"a": 1}}])
    )
    assert row(m.markets[0, 0]) == ({"x000": 1, "x100": 1}, 8, 8)
    assert row(m.markets[1, 0]) == ({"x010": 1}, 6, 6)
    assert row(m.market_capacity[0, 0]) == ({"n000": 10, "n010": 5, "x000": -1, "x010": -1}, 0, None)
    assert row(m.market_open[0, 1, 0]) == ({"x010": 1, "y00": -6}, None, 0)
    assert row(m.market_source[0, 1, 0]) == ({"x010": 1, "source 010": -6}, 0, 0)


def test_policies() -> None:
    """One line each, all of them in the second year."""
    m = model(
        world(
            policies=[
                {"kind": "limit", "filter": {"sites": ["a"]}, "metric": "gpus", "min": 400, "max": 5000},
                {"kind": "vendor_share", "vendor": "amd", "min": 0.2, "max": 0.7, "from": "2026-05"},
                {"kind": "site_count", "max": 1},
                {"kind": "site_minimum", "it_mw": 15},
                {"kind": "lock", "order": {"site": "b", "block": "small", "month": "2027-06", "units": 2}},
                {"kind": "lock", "site": "a"},
                {"kind": "zone_headroom", "facility_mw": 50},
                {"kind": "survive_any_site_loss", "metric": "units", "amount": 1},
            ]
        )
    )
    assert row(m.limit_min[0, 1]) == ({"n001": 1000, "n011": 400}, 400, None)
    assert row(m.limit_max[0, 1]) == ({"n001": 1000, "n011": 400}, None, 5000)
    assert (1, 0) not in m.share_min
    # amd - 0.2 (amd + nvidia) >= 0, in MW
    assert row(m.share_min[1, 1]) == ({"n011": 4, "n111": 4, "n001": -2, "n101": -2}, 0, None)
    assert row(m.share_max[1, 1]) == ({"n011": 1.5, "n111": 1.5, "n001": -7, "n101": -7}, None, 0)
    assert row(m.site_count[2, "max"]) == ({"y01": 1}, None, 0)  # b is committed and counts
    assert row(m.site_minimum[3, 0]) == ({"n001": 10, "n011": 5, "y01": -15}, 0, None)
    assert row(m.site_minimum[3, 1]) == ({"n101": 10, "n111": 5}, 15, None)
    assert row(m.lock[4]) == ({"n111": 1, "n110": -1}, 2, None)
    assert row(m.lock[5]) == ({"y01": 1}, 1, None)
    assert row(m.zone[6, 1]) == ({"n001": 12.5, "n011": 6.25, "n101": 10, "n111": 5}, None, 50)
    assert row(m.all_sites_sum[7, 1]) == ({"n001": 1, "n011": 1, "n101": 1, "n111": 1, "all_sites 71": -1}, 0, 0)
    assert row(m.survive[7, 0, 1]) == ({"all_sites 71": 1, "n001": -1, "n011": -1}, 1, None)


def test_separation() -> None:
    """Two candidates 40 km apart under 50 km: at most one."""
    w = world(sites=({}, {"status": "candidate"}), policies=[{"kind": "separation", "km": 50}])
    m = build_model(build_data(w, ground(w, pairs=[("a", "b", 40.0)])))
    assert row(m.separation[0, 0, 1]) == ({"y01": 1, "y11": 1}, None, 1)


def test_budget() -> None:
    """Cash of 2027 = cash of 2026 + 30 + half of revenue - price 12 (with 10 % duty 13.2 at a) at the order, 1 a year each online.

    Big: half at the order, half 12 months later; so of 2026's orders 6.6 fall due in 2027 (at b 6), of 2027's another 6.6."""
    m = model(
        world(
            sites=({"tariff": 0.1, "opening_musd": 3}, {}),
            blocks=(
                {"capex_musd": 12, "payments": [{"months": 0, "share": 0.5}, {"months": 12, "share": 0.5}]},
                {"opex_musd_per_year": 1, "revenue_musd_per_year": 8},
            ),
            budget={"per_year_musd": 30, "opening_musd": 4, "revenue_share": 0.5, "after_horizon_limit_musd": 9},
        )
    )
    assert row(m.budget[0]) == (
        {"K0": 1, "n000": 6.6, "n100": 6, "n010": 1 - 4, "n110": 1 - 4, "y00": 3},
        None,
        34,
    )
    # 6.6 (n001 - n000) + 6.6 n000: the second halves cancel what the difference takes away.
    assert row(m.budget[1]) == (
        {"K1": 1, "K0": -1, "n001": 6.6, "n101": 6, "n011": -3, "n111": -3, "y01": 3, "y00": -3},
        None,
        30,
    )
    assert row(m.after_horizon) == ({"n001": 6.6, "n000": -6.6, "n101": 6, "n100": -6}, None, 9)


def test_no_carry_over() -> None:
    """Without carry-over the row has no cash of the period before; with an overdraft allowed only a debt is carried."""
    m = model(world(budget={"per_year_musd": 30, "carry_over": False}))
    assert row(m.budget[1]) == ({"K1": 1}, None, 30)
    m = model(world(budget={"per_year_musd": 30, "carry_over": False, "min_cash_musd": -5}))
    assert row(m.budget[1]) == ({"K1": 1, "carried 1": -1}, None, 30)
    assert row(m.leftovers_lost[1]) == ({"carried 1": 1, "K0": -1}, None, 0)


def test_objectives() -> None:
    """Compute at 25 % a year: 100 and 80 a unit; carbon: 10 MW x 8760 h x 1.1 x 100 kg; cost: 12 in 2026, 12 x 0.8 in 2027."""
    w = world(
        sites=({"carbon_kg_per_mwh": 100}, {}),
        blocks=({"capex_musd": 12}, {"max_per_site": 0}),
        discount_rate=0.25,
        terminal="none",
    )
    d = build_data(w, ground(w))
    m = build_model(d)

    def terms(name: str) -> dict[str, float]:
        out: dict[str, float] = {}
        linear = objective(m, d, name)
        for c, v in zip(linear.coefs, linear.vars):
            out[short(v)] = round(out.get(short(v), 0.0) + c, 6)
        return {k: v for k, v in out.items() if v}

    assert terms("compute") == {"n000": 100, "n001": 80, "n100": 100, "n101": 80}
    assert terms("carbon") == {"n000": 9636, "n001": 9636}
    # 12 (n0) + 9.6 (n1 - n0)
    assert terms("cost") == {"n000": 2.4, "n001": 9.6, "n100": 2.4, "n101": 9.6}
    assert terms("value") == {"n000": -2.4, "n001": -9.6, "n100": -2.4, "n101": -9.6}
