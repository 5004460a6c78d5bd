"""Hand-solved worlds: capacity sold to customers (M5.6, M5.16)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.problem import Problem
from tests.verify.worlds import problem
from tests.worlds import dealt, hopeless, line, near, orders, proven, sold

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 3, "period": "year"}}


def offtake(price: Any = 2, **terms: Any) -> dict[str, Any]:
    """A customer at so much MUSD per MW and year."""
    given: dict[str, Any] = {"id": "customer", "kind": "offtake", "counterparty": "openai"}
    return given | ({} if "musd_per_pflops_year" in terms else {"musd_per_mw_year": price}) | terms


def world(*deals: dict[str, Any], block: dict[str, Any] | None = None, **rest: Any) -> Problem:
    """Three years, halls of 10 MW and 100 PFLOPS at 30 MUSD that earn 9 a year by themselves; three of them fit; value, rate 0,
    no credit. Unsold, a hall of 2026 is worth 27 - 30."""
    fields: dict[str, Any] = {
        "sites": [{"grid_mw": 30.0}],
        "blocks": [{"capex_musd": 30, "revenue_musd_per_year": 9, **(block or {})}],
        "objectives": [{"maximize": "value"}],
        "terminal": "none",
        **YEARS,
    }
    return problem(**{**fields, **rest}, deals=list(deals))


def test_sold_units_earn_the_price_and_no_revenue() -> None:
    """10 MW at 2 are 20 a year in the place of 9: 3 halls x (60 - 30) = 90. Without the customer nothing is bought."""
    plan = proven(world(offtake())).plan
    near(plan.objective, 90)
    assert line(plan, "offtake") == dict.fromkeys(("2026-01", "2027-01", "2028-01"), 60.0)
    assert line(plan, "revenue") == {}
    assert [x.cash_in_musd for x in dealt(plan, "customer").periods] == [60, 60, 60]
    assert proven(world()).plan.objective == 0


def same(found: dict[tuple[str, str], float], wanted: dict[tuple[str, str], float]) -> None:
    """The same sales, each within a millionth."""
    assert found == pytest.approx(wanted, rel=1e-6)


def always(amount: float, customer: str = "customer") -> dict[tuple[str, str], float]:
    """So much in each of the three years."""
    return {(customer, month): amount for month in ("2026-01", "2027-01", "2028-01")}


def test_a_price_below_the_blocks_own_revenue_sells_nothing() -> None:
    """0.8 x 10 = 8 < 9: a hall at 20 MUSD is bought and earns 9 itself."""
    plan = proven(world(offtake(0.8), block={"capex_musd": 20})).plan
    near(plan.objective, 3 * 7)
    assert plan.sales == []


def test_price_and_revenue_by_period() -> None:
    """Revenue 9, the customer pays 0.8 in 2026 (8), 1 from 2027 (10): 9 + 10 + 10 = 29 a hall at 20 MUSD."""
    price = [{"from": "2026-01", "value": 0.8}, {"from": "2027-01", "value": 1}]
    plan = proven(world(offtake(price), block={"capex_musd": 20})).plan
    near(plan.objective, 3 * 9)
    same(sold(plan), {("customer", "2027-01"): 30, ("customer", "2028-01"): 30})


def test_maximum() -> None:
    """15 MW at 2: one hall sold whole (60 - 30 = 30), half of a second: 30 + 13.5 - 30 = 13.5, the third earns 27 - 30 < 0."""
    plan = proven(world(offtake(maximum=15))).plan
    near(plan.objective, 30 + 13.5)
    assert sum(orders(plan).values()) == 2
    same(sold(plan), always(15))
    near(line(plan, "revenue")["2026-01"], 4.5)


def test_maximum_before_its_first_step_is_nothing() -> None:
    """M5.16: a quantity. From 2027 on 10 MW: the hall of 2027 is sold for 2 x 20: 40 - 30; that of 2026 would earn 9 + 40 - 30."""
    plan = proven(world(offtake(maximum=[{"from": "2027-01", "value": 10}]))).plan
    near(plan.objective, 19)
    same(sold(plan), {("customer", "2027-01"): 10, ("customer", "2028-01"): 10})


def test_pflops() -> None:
    """0.2 MUSD per PFLOP/s: 100 of them are 20 a year, as 10 MW at 2; 150 at most are one and a half halls."""
    near(proven(world(offtake(musd_per_pflops_year=0.2))).plan.objective, 90)
    plan = proven(world(offtake(musd_per_pflops_year=0.2, maximum=150))).plan
    near(plan.objective, 43.5)
    same(sold(plan), always(150))


def test_quarters() -> None:
    """10 MW x 2 x 1/4 a quarter; capex 4: one year of 20 - 4 a hall."""
    plan = proven(
        world(offtake(), block={"capex_musd": 4}, horizon={"start": "2026-01", "periods": 4, "period": "quarter"})
    ).plan
    near(plan.objective, 3 * 16)
    assert list(line(plan, "offtake").values()) == pytest.approx([15] * 4)


def test_a_hard_minimum() -> None:
    """15 MW are promised at 0.5 in every period: two halls, 15 sold at 7.5, 5 MW earn 4.5: 12 a year, 36 - 60 = -24. Optional: not
    signed, 0. More than fits (31 MW): infeasible."""
    plan = proven(world(offtake(0.5, minimum=15))).plan
    near(plan.objective, -24)
    same(sold(plan), always(15))
    plan = proven(world(offtake(0.5, minimum=15, optional=True))).plan
    assert (plan.objective, plan.signed) == (0, [])
    hopeless(world(offtake(0.5, minimum=31)))
    plan = proven(world(offtake(5, minimum=31, optional=True))).plan
    assert (plan.objective, plan.signed) == (0, [])


def test_a_minimum_comes_with_its_first_step() -> None:
    """10 MW from 2028 on: one hall, bought when it earns most: in 2026, 9 + 9 + 5 = 23 - 20; the other two 27 - 20."""
    w = world(offtake(0.5, minimum=[{"from": "2028-01", "value": 10}]), block={"capex_musd": 20})
    plan = proven(w).plan
    near(plan.objective, 3 + 14)
    same(sold(plan), {("customer", "2028-01"): 10})


@pytest.mark.parametrize(("penalty", "halls", "value"), [(0.4, 0, -18), (0.6, 1, -24), (0.9, 2, -24)])
def test_shortfall(penalty: float, halls: int, value: float) -> None:
    """15 MW at 0.5, what is missing pays by the year. A hall costs 30. Nothing bought: 15 x the penalty a year. One: 10 MW sold for
    5, 5 missing. Two: 15 sold for 7.5, 5 MW earn 4.5: 36 - 60 = -24. At 0.4: -18, 15 - 30 - 6, -24. At 0.6: -27,
    15 - 30 - 9 = -24 (a tie with two, settled by least spending: 39 against 60). At 0.9: -40.5, -28.5, -24."""
    plan = proven(world(offtake(0.5, minimum=15, shortfall_musd_per_unit_year=penalty))).plan
    near(plan.objective, value)
    assert sum(orders(plan).values()) == halls
    missing = [15, 5, 0][halls]
    assert [x.missing for x in dealt(plan, "customer").periods] == pytest.approx([missing] * 3)
    near(sum(line(plan, "penalties").values()), 3 * missing * penalty)


def test_two_customers_compete() -> None:
    """A pays 3 for at most 10 MW, B 2 for at most 40 (and at least 20): three halls: 30 + 2 x 20 a year: 210 - 90. A hall is
    sold once: 30 MW in all."""
    a = {**offtake(3, maximum=10), "id": "a"}
    b = {**offtake(2, maximum=40, minimum=20), "id": "b"}
    plan = proven(world(a, b)).plan
    near(plan.objective, 210 - 90)
    same(sold(plan), always(10, "a") | always(20, "b"))
    # B's promise of 25 comes first, though A pays more.
    plan = proven(world(a, {**b, "minimum": 25})).plan
    near(plan.objective, 3 * (15 + 50) - 90)
    same(sold(plan), always(5, "a") | always(25, "b"))


def test_customers_of_different_units_share_a_hall() -> None:
    """One hall: 10 MW and 100 PFLOPS are the same capacity. A buys 4 MW at 3 (0.4 of the hall: 12), B up to 60 PFLOPS at 0.25
    (0.6 of it: 15): 27 a year."""
    a = {**offtake(3, maximum=4), "id": "a"}
    b = {**offtake(musd_per_pflops_year=0.25), "id": "b"}
    plan = proven(world(a, b, sites=[{"grid_mw": 10.0}])).plan
    near(plan.objective, 81 - 30)
    same(sold(plan), always(4, "a") | always(60, "b"))
    assert line(plan, "revenue") == {}


def test_what_is_covered() -> None:
    """The customer takes amd's halls at `milam` only."""
    w = world(
        offtake(vendor="amd", filter={"sites": ["milam"]}),
        sites=[{"grid_mw": 30.0}, {"id": "milam", "grid_mw": 20.0}],
        blocks=[
            {"capex_musd": 30, "revenue_musd_per_year": 9},
            {"id": "B", "vendor": "amd", "capex_musd": 35, "revenue_musd_per_year": 9},
        ],
    )
    plan = proven(w).plan
    near(plan.objective, 2 * (60 - 35))
    assert {(x.site, x.block) for x in plan.sales} == {("milam", "B")}


def test_sales_count_in_value_as_far_as_the_deal_says() -> None:
    """At 0.5 a sold hall counts 10 a year: still more than 9: 30 - 30 = 0 against 27 - 20 = 7 at a price of 20 MUSD: 10."""
    plan = proven(world(offtake(counts_in_value=0.5), block={"capex_musd": 20})).plan
    near(plan.objective, 3 * 10)
    plan = proven(world(offtake(counts_in_value=0), block={"capex_musd": 20})).plan
    near(plan.objective, 3 * 7)
    assert plan.sales == []


def test_net_cost_counts_sales_and_no_revenue() -> None:
    """A hall is needed from 2026; A costs 30 and can be sold for 5 a year, B 20 and cannot: 30 - 15 = 15 < 20."""
    w = world(
        offtake(0.5, vendor="nvidia"),
        blocks=[
            {"capex_musd": 30, "max_per_site": 1},
            {"id": "B", "vendor": "amd", "capex_musd": 20},
        ],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        objectives=[{"minimize": "net_cost"}],
    )
    plan = proven(w).plan
    near(plan.objective, 15)
    assert [o.block for o in plan.orders] == ["hall"]


@pytest.mark.parametrize(("share", "best"), [(0, 300), (0.5, 300 + 100), (1, 300 + 200)])
def test_cash_of_sales_comes_with_the_revenue_share(share: float, best: float) -> None:
    """30 in 2026 buy one hall, sold for 20 a year. Nothing of it comes in: 300. Half: 10 + 10 + 10 in 2028: one more: 400. All: 20 +
    20 in 2027: one more in 2027 (10 left), 10 + 40 in 2028: another one: 600; the customer takes 10 MW only: 10 + 20 + 9 = 39
    in 2028: 300 + 200 + 100."""
    budget = {
        "per_year_musd": [{"from": "2026-01", "value": 30}, {"from": "2027-01", "value": 0}],
        "revenue_share": share,
    }
    w = world(offtake(maximum=10), budget=budget, objectives=[{"maximize": "compute"}])
    plan = proven(w).plan
    near(plan.objective, best + (100 if share == 1 else 0))


def test_existing_and_leased_units_can_be_sold() -> None:
    """A standing hall and a leased one (1 a MW and year) are sold at 2: 20 + 20 - 10 a year."""
    site = {
        "grid_mw": 20.0,
        "status": "committed",
        "existing": [{"block": "hall", "units": 1, "online_from": "2025-01"}],
    }
    rented = {"id": "rented", "kind": "lease", "musd_per_mw_year": 1, "own_allowed": False, "term_years": 3}
    plan = proven(world(offtake(), rented, sites=[site], block={"life_years": 20})).plan
    near(plan.objective, 3 * 30)
    same(sold(plan), always(20))
    assert [o.terms for o in plan.orders] == ["rented"]


def test_what_stands_idle_cannot_be_sold() -> None:
    """Two standing halls, a grid of 10 MW: one of them idles, one is sold."""
    site = {
        "grid_mw": 10.0,
        "status": "committed",
        "existing": [{"block": "hall", "units": 2, "online_from": "2025-01"}],
    }
    plan = proven(world(offtake(), sites=[site])).plan
    near(plan.objective, 60)
    same(sold(plan), always(10))


def test_a_contract_moves_the_site() -> None:
    """The customer wants capacity in ERCOT; the site there is dearer to open (10) but sold for 20 instead of 12 a year:
    60 - 40 = 20 against 36 - 30 = 6."""
    w = world(
        offtake(filter={"regions": ["ERCOT"]}),
        sites=[
            {"grid_mw": 10.0, "region": "PJM"},
            {"id": "milam", "grid_mw": 10.0, "region": "ERCOT", "opening_musd": 10},
        ],
        block={"revenue_musd_per_year": 12},
        policies=[{"kind": "site_count", "max": 1}],
    )
    plan = proven(w).plan
    near(plan.objective, 20)
    assert [o.site for o in plan.openings] == ["milam"]
