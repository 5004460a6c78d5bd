"""Hand-solved money, energy, credits and objectives: the check's own arithmetic against figures worked out on paper."""

from __future__ import annotations

from typing import Any

import pytest

from planner.ground import Ground
from planner.problem.problem import Problem
from planner.verify import budget, decisions, objective, terminal
from planner.verify.dates import Calendar
from planner.verify.findings import Findings
from planner.verify.money import Money
from planner.verify.sites import true_periods
from planner.verify.world import World
from tests.verify.worlds import ground, plan, problem

OPEN = [("abilene", "2026-01")]


def books(p: Problem, the_ground: Ground | None = None, **decided: Any) -> tuple[World, Money]:
    calendar, found = Calendar(p.horizon), Findings()
    stated = plan(**decided)
    world = World(p, the_ground or ground(p), stated, calendar, decisions.read(p, calendar, stated, found))
    assert found.violations() == []
    return world, Money(world)


def line(money: Money, name: str) -> list[Any]:
    return [pytest.approx(x) for x in money.total(name).tolist()]


def test_opening_and_land() -> None:
    """M3.2, A13: opened in 2026-04: 20 (not the 10 of 2026-01) + 50,000 USD/ha x 300 ha = 15; committed pay neither."""
    site: dict[str, Any] = {
        "opening_musd": [{"from": "2020-01", "value": 10}, {"from": "2026-03", "value": 20}],
        "land_usd_per_ha": 50_000,
        "parcel_ha": 300,
    }
    _, money = books(problem([site]), openings=[("abilene", "2026-04")])
    assert line(money, "openings") == [0, 20, 0, 0]
    assert line(money, "land") == [0, 15, 0, 0]
    _, money = books(problem([{**site, "status": "committed"}]), openings=OPEN)
    assert line(money, "openings") == line(money, "land") == [0, 0, 0, 0]


def test_block_payments_at_the_prices_of_the_order() -> None:
    """A2: 2 halls at 100 (80 from 2026-04), ordered 2026-01, tariff 10 % (30 % from 2026-04), sales tax 5 %.

    Paid 25 % at once, 25 % after 4 months (2 quarters), 50 % after 12 months (4 quarters: after the horizon, 2027-01):
    blocks 50, 50, later 100; tariffs 5, 5, later 10; sales tax 2.5, 2.5, later 5.
    """
    site: dict[str, Any] = {
        "tariff": [{"from": "2020-01", "value": 0.1}, {"from": "2026-04", "value": 0.3}],
        "sales_tax": 0.05,
    }
    price = [{"from": "2020-01", "value": 100}, {"from": "2026-04", "value": 80}]
    payments = [{"months": 0, "share": 0.25}, {"months": 4, "share": 0.25}, {"months": 12, "share": 0.5}]
    p = problem([site], [{"capex_musd": price, "payments": payments}])
    _, money = books(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 2)])
    assert line(money, "blocks") == [50, 0, 50, 0]
    assert line(money, "tariffs") == [5, 0, 5, 0]
    assert line(money, "sales_tax") == [2.5, 0, 2.5, 0]
    assert money.after == {(4, "blocks"): 100, (4, "tariffs"): pytest.approx(10), (4, "sales_tax"): pytest.approx(5)}


def test_construction_in_equal_parts_over_the_build() -> None:
    """A3: 30 MW x 8 = 240, started 2026-07, built in 8 months (3 quarters): 80 in 2026-07, 2026-10 and 2027-01."""
    p = problem([{"construction_musd_per_mw": 8, "build_months": 8}])
    _, money = books(p, openings=OPEN, shells=[("abilene", "2026-07", 30.0)])
    assert line(money, "construction") == [0, 0, 80, 80]
    assert money.after == {(4, "construction"): pytest.approx(80)}
    _, money = books(problem([{"construction_musd_per_mw": 8}]), openings=OPEN, shells=[("abilene", "2026-10", 30.0)])
    assert line(money, "construction") == [0, 0, 0, 240]


def test_unpaid_of_existing_units() -> None:
    """A4: 7 in 2026-05 falls into 2026-04; 3 of 2025 is past; 9 in 2027-02 falls due in 2027-01, after the horizon."""
    due = [{"month": "2025-06", "musd": 3}, {"month": "2026-05", "musd": 7}, {"month": "2027-02", "musd": 9}]
    there: dict[str, Any] = {"block": "hall", "units": 2, "online_from": "2025-01", "unpaid": due}
    _, money = books(problem([{"status": "committed", "tariff": 0.5, "existing": [there]}], [{"capex_musd": 50}]))
    assert line(money, "unpaid") == [0, 7, 0, 0]
    assert money.after == {(4, "unpaid"): 9}
    assert line(money, "blocks") == line(money, "tariffs") == [0, 0, 0, 0]


def test_operation() -> None:
    """M4.2, M4.3, A8, A9 for 2 halls of 10 MW ordered 2026-01, online 2026-04, in quarters (L = 1/4).

    Energy: 8760 x 0.25 x 0.8 x 1.2 x 20 = 42,048 MWh a quarter at 50 USD = 2.1024 MUSD; 300 kg/MWh = 12,614.4 t.
    Opex 2 x 4 / 4 = 2; revenue 2 x 30 / 4 = 15; site opex 6 / 4 = 1.5 from the opening on.
    Property tax from the order on: 2 x 100 x 0.02 / 4 = 1 (no tariff in it).
    """
    site: dict[str, Any] = {
        "pue": 1.2,
        "pue_peak": 1.4,
        "electricity_usd_per_mwh": 50,
        "carbon_kg_per_mwh": 300,
        "fixed_opex_musd_per_year": 6,
        "property_tax_per_year": 0.02,
        "tariff": 0.25,
    }
    block: dict[str, Any] = {
        "lead_months": 3,
        "load_factor": 0.8,
        "capex_musd": 100,
        "opex_musd_per_year": 4,
        "revenue_musd_per_year": 30,
        "footprint_ha": 2.5,
    }
    p = problem([site], [block])
    world, money = books(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 2)])
    assert line(money, "energy") == [0, 2.1024, 2.1024, 2.1024]
    assert money.carbon_tonnes.tolist() == [pytest.approx([0, 12614.4, 12614.4, 12614.4])]
    assert line(money, "block_opex") == [0, 2, 2, 2]
    assert line(money, "revenue") == [0, 15, 15, 15]
    assert line(money, "site_opex") == [1.5] * 4
    assert line(money, "property_tax") == [1] * 4
    figures: dict[str, Any] = {name: values[0].tolist() for name, values in true_periods(world, money).items()}
    assert figures["it_mw"] == [0, 20, 20, 20]
    assert figures["facility_mw"] == pytest.approx([0, 28, 28, 28])
    assert figures["standing_ha"] == [5] * 4
    assert figures["gpus"] == [0, 2000, 2000, 2000]
    assert figures["shell_mw"] == [1000] * 4
    assert figures["spend_musd"] == pytest.approx([252.5, 6.6024, 6.6024, 6.6024])


def test_idle_units_earn_and_use_nothing_but_still_cost() -> None:
    """M2.8: 12 old halls where the grid feeds 10: 10 earn 4 / 4 each = 10 a quarter, all 12 cost 1 / 4 each = 3."""
    there: dict[str, Any] = {"block": "hall", "units": 12, "online_from": "2020-01"}
    site: dict[str, Any] = {"status": "committed", "existing": [there], "electricity_usd_per_mwh": 100}
    p = problem([site], [{"revenue_musd_per_year": 4, "opex_musd_per_year": 1}])
    months = ("2026-01", "2026-04", "2026-07", "2026-10")
    _, money = books(p, idle=[("abilene", "hall", m, 2) for m in months])
    assert line(money, "revenue") == [10] * 4
    assert line(money, "block_opex") == [3] * 4
    assert line(money, "energy") == [100 * 8760 / 4 * 100 / 1e6] * 4


def test_retirement_brings_resale_and_stops_everything() -> None:
    """A6: of 3 halls 2 leave in 2026-07 at 5 each: 10; opex 1 a quarter and unit: 3, 3, 1, 1; property tax likewise."""
    block: dict[str, Any] = {"early_retirement": True, "resale_musd": 5, "opex_musd_per_year": 4, "capex_musd": 100}
    p = problem([{"property_tax_per_year": 0.04}], [block])
    order = [("abilene", "hall", "2026-01", 3)]
    _, money = books(p, openings=OPEN, orders=order, retirements=[("abilene", "hall", "2026-07", 2)])
    assert line(money, "resale") == [0, 0, 10, 0]
    assert line(money, "block_opex") == [3, 3, 1, 1]
    assert line(money, "property_tax") == [3, 3, 1, 1]


def test_serving_costs_by_unit_by_kilometre_and_by_table() -> None:
    """M7.2: 8 MW a year over 250 km at 0.002 = 4 a year, 1 a quarter; flat 3 = 6; table 2 = 4 a quarter."""
    months = ("2026-01", "2026-04", "2026-07", "2026-10")
    cases: list[tuple[dict[str, Any], int]] = [
        ({"cost_musd_per_unit_km_year": 0.002}, 1),
        ({"cost_musd_per_unit_year": 3}, 6),
        ({"costs": {"abilene": 2}}, 4),
    ]
    for cost, quarter in cases:
        p = problem(markets=[{"id": "dallas", "location": [0, 0], "amount": 8, **cost}])
        where = ground(p, markets=[("abilene", "dallas", 250.0)])
        order = [("abilene", "hall", "2026-01", 1)]
        served = [("abilene", "dallas", m, 8.0) for m in months]
        _, money = books(p, where, openings=OPEN, orders=order, served=served)
        assert line(money, "serving") == [quarter] * 4


def test_penalties_for_missing_units() -> None:
    """M7.1: 30 MW from 2026-04, 10 there until 2026-10, then 30: 20 x 2 / 4 = 10 in 2026-04 and 2026-07."""
    p = problem(demand=[{"id": "train", "by": "2026-04", "amount": 30, "shortfall_musd_per_unit_year": 2}])
    orders = [("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2026-10", 2)]
    _, money = books(p, openings=OPEN, orders=orders)
    assert line(money, "penalties") == [0, 10, 10, 0]


def test_penalties_of_a_single_site_are_those_of_the_cheapest() -> None:
    """M7.1, A12: abilene lacks 10 throughout (40 MW-quarters / 4 = 10), milam 30 in one quarter (7.5): milam."""
    demand: dict[str, Any] = {
        "id": "train",
        "by": "2026-01",
        "amount": 30,
        "shortfall_musd_per_unit_year": 1,
        "single_site": True,
    }
    p = problem([{}, {"id": "milam"}], demand=[demand])
    orders = [("abilene", "hall", "2026-01", 2), ("milam", "hall", "2026-04", 3)]
    _, money = books(p, openings=[*OPEN, ("milam", "2026-01")], orders=orders)
    assert line(money, "penalties") == [7.5, 0, 0, 0]


def test_account() -> None:
    """A7: 400 a year, 50 at first; half of 40 revenue a quarter; capex 120 covered, opex not: 50+100+20-120 = 50."""
    block: dict[str, Any] = {"capex_musd": 120, "opex_musd_per_year": 99, "revenue_musd_per_year": 160}
    money_rules: dict[str, Any] = {"per_year_musd": 400, "opening_musd": 50, "revenue_share": 0.5, "covers": ["capex"]}
    p = problem(blocks=[block], budget=money_rules)
    rows = budget.account(*books(p, openings=OPEN, orders=[("abilene", "hall", "2026-01", 1)]))
    assert [row["cash_musd"] for row in rows] == [50, 170, 290, 410]
    lost = problem(blocks=[block], budget={**money_rules, "carry_over": False})
    rows = budget.account(*books(lost, openings=OPEN, orders=[("abilene", "hall", "2026-01", 1)]))
    assert [row["before_musd"] for row in rows] == [50, 0, 0, 0]
    assert [row["cash_musd"] for row in rows] == [50, 120, 120, 120]


def test_terminal_credit() -> None:
    """M4.6, A10, 4 quarters, all prices 100.

    Chips: 2 halls of 2026-04, lead 1, life 8 quarters: at the end 2+8-4 = 6 of 8 left: 0.75 x 2 x 100 x 1.1 = 165;
    a hall retired in 2026-10 leaves nothing.
    Construction: 10 MW x 9 = 90, started 2026-01, built in 2 quarters, used half a year of 30: 90 x 59/60 = 88.5.
    Opening: 60 in 2026-01, a year of 30: 58. Land: 15 in full.
    """
    site: dict[str, Any] = {
        "opening_musd": 60,
        "land_usd_per_ha": 50_000,
        "parcel_ha": 300,
        "construction_musd_per_mw": 9,
        "build_months": 6,
        "tariff": 0.1,
    }
    block: dict[str, Any] = {"capex_musd": 100, "lead_months": 3, "life_years": 2, "early_retirement": True}
    world, _ = books(
        problem([site], [block]),
        openings=OPEN,
        orders=[("abilene", "hall", "2026-04", 2), ("abilene", "hall", "2026-01", 1)],
        shells=[("abilene", "2026-01", 10.0)],
        retirements=[("abilene", "hall", "2026-10", 1)],
    )
    expected: dict[str, Any] = {"chips": 165, "construction": 88.5, "openings": 58, "land": 15}
    assert terminal.credits(world) == pytest.approx(expected)


def test_terminal_credit_of_existing_units() -> None:
    """A10: 4 units online 2026-07, life 4 quarters, 40 unpaid inside the horizon (9 after it): 2 of 4 left: 20."""
    due = [{"month": "2026-08", "musd": 40}, {"month": "2027-08", "musd": 9}]
    there: dict[str, Any] = {"block": "hall", "units": 4, "online_from": "2026-07", "unpaid": due}
    world, _ = books(problem([{"status": "committed", "existing": [there]}], [{"life_years": 1, "capex_musd": 77}]))
    assert terminal.credits(world)["chips"] == pytest.approx(20)


def test_objectives() -> None:
    """A11, two years at 25 %: discount 1 and 0.8, at the end 0.64.

    2 halls (100 PFLOPS each) ordered in 2026 at 100, half paid two years later (2028, after the horizon); life 4 years.
    compute 200 x 1 + 200 x 0.8 = 360. spending: 100 in 2026. later: 100 x 0.64 = 64. credit: 2 of 4 years of 200 =
    100 x 0.64 = 64. cost 100 + 64 - 64 = 100. revenue 2 x 30: 60 + 48 = 108; a unit sold in 2027 for 5: 4, but then
    compute is 200 + 80 = 280, revenue 60 + 24 = 84, the credit 50 x 0.64 = 32, cost 132, net_cost 128, value 84+4-132.
    """
    block: dict[str, Any] = {
        "capex_musd": 100,
        "payments": [{"months": 0, "share": 0.5}, {"months": 24, "share": 0.5}],
        "life_years": 4,
        "revenue_musd_per_year": 30,
        "early_retirement": True,
        "resale_musd": 5,
    }
    years: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 2, "period": "year"}, "discount_rate": 0.25}
    p = problem(blocks=[block], **years)
    decided: dict[str, Any] = {"openings": OPEN, "orders": [("abilene", "hall", "2026-01", 2)]}
    kept = objective.objectives(*books(p, **decided))
    assert kept == pytest.approx(
        {"compute": 360, "spending": 100, "cost": 100, "net_cost": 100, "value": 8, "carbon": 0}
    )
    sold = objective.objectives(*books(p, **decided, retirements=[("abilene", "hall", "2027-01", 1)]))
    assert sold == pytest.approx(
        {"compute": 280, "spending": 100, "cost": 132, "net_cost": 128, "value": -44, "carbon": 0}
    )
    none = problem(blocks=[block], terminal="none", **years)
    assert objective.objectives(*books(none, **decided))["cost"] == pytest.approx(164)
