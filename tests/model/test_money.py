"""Hand-solved worlds: budget, payments, duties, energy, taxes, terminal credit (section 4)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.problem import Problem
from tests.verify.worlds import ground, problem
from tests.worlds import hopeless, line, near, orders, proven

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 3, "period": "year"}}
COST: dict[str, Any] = {"objectives": [{"minimize": "cost"}], "terminal": "none"}


def funded(
    budget: dict[str, Any], block: dict[str, Any] | None = None, site: dict[str, Any] | None = None, **rest: Any
) -> Problem:
    """Three years, halls at 10 MUSD, compute under a budget; a hall over all three years is 300 PFLOPS-years."""
    return problem(sites=[site or {}], blocks=[{"capex_musd": 10, **(block or {})}], budget=budget, **{**YEARS, **rest})


def value(w: Problem) -> float:
    """The proven optimum."""
    found = proven(w).plan.objective
    assert found is not None
    return found


def test_carry_over() -> None:
    """15 a year: one hall in 2026 (5 left), two in 2027 (20 in hand), one in 2028 (15): 300 + 2 x 200 + 100 = 800."""
    plan = proven(funded({"per_year_musd": 15})).plan
    assert plan.objective == 800
    assert list(orders(plan).values()) == [1, 2, 1]
    assert [b.cash_musd for b in plan.balances] == [5, 0, 5]


def test_no_carry_over() -> None:
    """Leftovers are lost: one hall a year: 300 + 200 + 100 = 600."""
    assert value(funded({"per_year_musd": 15, "carry_over": False})) == 600


def test_opening_money_is_there_once() -> None:
    """5 in hand and 15 in 2026: 2 halls at once, then 15, 1 hall and 5 left, then 20: 2 halls: 600 + 200 + 200 = 1000."""
    assert value(funded({"per_year_musd": 15, "opening_musd": 5})) == 1000
    # Without carry-over the opening money is lost unless spent in 2026: 600 + 200 + 100.
    assert value(funded({"per_year_musd": 15, "opening_musd": 5, "carry_over": False})) == 900


def test_min_cash() -> None:
    """5 must stay in hand: 2026: 10 of 15 spendable: 1; 2027: 20 in hand, 15 spendable: 1; 2028: 25, 20 spendable: 2: 700."""
    assert value(funded({"per_year_musd": 15, "min_cash_musd": 5})) == 700


def test_overdraft_is_not_forgiven() -> None:
    """min_cash -5: 2026: 20 spendable: 2 halls, -5; 2027: 15 - 5 = 10, and 5 more on credit: 1 (0 left); 2028: 15 + 5: 2:
    600 + 200 + 200 = 1000. Without carry-over the same 1000: A7, a debt stays, leftovers (none here but 0) go."""
    assert value(funded({"per_year_musd": 15, "min_cash_musd": -5})) == 1000
    assert value(funded({"per_year_musd": 15, "min_cash_musd": -5, "carry_over": False})) == 1000


def test_budget_by_period_length() -> None:
    """M4.1: 40 a year are 10 a quarter: a hall a quarter: 100 x (4 + 3 + 2 + 1) / 4 = 250."""
    assert value(funded({"per_year_musd": 40}, horizon={"start": "2026-01", "periods": 4, "period": "quarter"})) == 250


def test_covers() -> None:
    """Opex of 10 a hall and year beside capex 10, 20 a year: covering both: one hall in 2026 (20), in 2027 10 left for a second,
    which would cost 20: none (carry 10), 2028: 30: capex 10 + 10, + 10 of the first: 1 more: 300 + 100 = 400.
    Covering capex only: two a year: 600 + 400 + 200 = 1200. Opex only: k halls need 10 k: 2 from the start: 600, and with
    nothing left, no more."""
    block = {"opex_musd_per_year": 10}
    assert value(funded({"per_year_musd": 20}, block)) == 400
    assert value(funded({"per_year_musd": 20, "covers": ["capex"]}, block)) == 1200
    assert value(funded({"per_year_musd": 20, "covers": ["opex"]}, block)) == 600


def test_revenue_share() -> None:
    """10 a year, halls earn 10 a year, half comes in at once: 2026: 1 hall leaves 5 (10 + 5 - 10). 2027: 5 + 10 + 5 = 20 and each
    new hall nets 10 - 5: 4 new (4 x 5 = 20): 5 halls. 2028: 10 + 25 = 35: 7 new. But 2026 can do better: a hall nets 5: 2 halls
    (10 - 20 + 10 = 0). 2027: 10 + 10 = 20: 4 new. 2028: 10 + 30 = 40: 8 new; power holds 10: 4 new. 600 + 800 + 400 = 1800."""
    w = funded({"per_year_musd": 10, "revenue_share": 0.5}, {"revenue_musd_per_year": 10})
    assert value(w) == 1800


def test_resale_comes_in() -> None:
    """20 in 2026 only, halls live on, resale 10: nothing is gained by selling for compute; 2 halls: 600. A better block from 2028
    (900 PFLOPS, 10 MUSD): sell both in 2028, buy two: 2 x 200 + 2 x 900 = 2200."""
    w = problem(
        sites=[{"grid_mw": 20.0}],
        blocks=[
            {"capex_musd": 10, "early_retirement": True, "resale_musd": 10},
            {"id": "next", "capex_musd": 10, "pflops": 900.0, "available_from": "2028-01"},
        ],
        budget={"per_year_musd": [{"from": "2026-01", "value": 20}, {"from": "2027-01", "value": 0}]},
        **YEARS,
    )
    assert value(w) == 2200


def test_after_horizon_limit() -> None:
    """Half is paid at the order, half 12 months later. In 2028 orders leave 5 each for 2029, at most 5 of them: 2026 and 2027
    as money allows. 10 a year: 2026: 2 halls (10); 2027: their second half (10): 0 new; 2028: 10: 2 halls would leave 10 > 5: 1.
    600 + 100 = 700; else 1 in 2026 (5, carry 5): 2027: 15 - 5 = 10: 2 new; 2028: 10 - 10 = 0: 300 + 400 = 700. Or 1, then 1:
    300, 2027: 5 carried + 10 - 5 - 5 = 5; 2028: 15 - 5 = 10: 2, limit 1: 300 + 200 + 100 = 600. Best 700."""
    block = {"payments": [{"months": 0, "share": 0.5}, {"months": 12, "share": 0.5}]}
    assert value(funded({"per_year_musd": 10, "after_horizon_limit_musd": 5}, block)) == 700
    # Without the limit two in 2028: 600 + 200 = 800.
    assert value(funded({"per_year_musd": 10}, block)) == 800


def test_payments_round_up_and_what_is_due_later_counts() -> None:
    """A2, M4.5: 30 % at the order, 70 % after 13 months (2 years): ordered in January 2027 (lead 12 months, needed in 2028), due in
    2029 (p = 3): 10 x (0.3 x 1.1^-1 + 0.7 x 1.1^-3)."""
    w = problem(
        blocks=[
            {
                "capex_musd": 10,
                "lead_months": 12,
                "payments": [{"months": 0, "share": 0.3}, {"months": 13, "share": 0.7}],
            }
        ],
        demand=[{"id": "d", "by": "2028-06", "amount": 10}],
        discount_rate=0.1,
        **COST,
        **YEARS,
    )
    plan = proven(w).plan
    near(plan.objective, 10 * (0.3 / 1.1 + 0.7 / 1.1**3))
    assert line(plan, "blocks") == {"2027-01": 3.0}
    assert [(a.month, a.musd) for a in plan.after_horizon] == [("2029-01", 7.0)]


def test_duties_are_read_at_the_order() -> None:
    """Price falls from 10 to 8 in 2027, tariff rises from 0 to 25 %, sales tax 10 %: in 2026 10 x 1.1 = 11, in 2027 8 x 1.35 =
    10.8, needed from 2028: 10.8 in 2027 or 2028; of it 2 tariff and 0.8 tax."""
    w = problem(
        sites=[{"tariff": [{"from": "2026-01", "value": 0}, {"from": "2027-01", "value": 0.25}], "sales_tax": 0.1}],
        blocks=[{"capex_musd": [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 8}]}],
        demand=[{"id": "d", "by": "2028-01", "amount": 10}],
        **COST,
        **YEARS,
    )
    plan = proven(w).plan
    near(plan.objective, 10.8)
    near(sum(line(plan, "tariffs").values()), 2.0)
    near(sum(line(plan, "sales_tax").values()), 0.8)


def test_energy() -> None:
    """M4.3: 10 MW x 0.8 x PUE 1.25 x 8760 h x 50 USD = 4.38 MUSD a year; the peak PUE plays no part in energy."""
    w = problem(
        sites=[{"pue": 1.25, "pue_peak": 1.6, "electricity_usd_per_mwh": 50}],
        blocks=[{"load_factor": 0.8}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        **COST,
    )
    plan = proven(w).plan
    near(plan.objective, 4.38)
    near(line(plan, "energy")["2026-01"], 1.095)


def test_cheap_power_wins_over_a_cheap_opening() -> None:
    """30 against 90 USD: 2.628 against 7.884 MUSD a year; two years: 5.256 + 10 to open against 15.768: open the dear one."""
    w = problem(
        sites=[
            {"id": "a", "electricity_usd_per_mwh": 90},
            {"id": "b", "electricity_usd_per_mwh": 30, "opening_musd": 10},
        ],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        horizon={"start": "2026-01", "periods": 2, "period": "year"},
        **COST,
    )
    plan = proven(w).plan
    near(plan.objective, 5.256 + 10)
    assert plan.openings[0].site == "b"


def test_property_tax() -> None:
    """A8: 2 % a year of 10 MUSD (no duty on it) from the order in 2026 (lead 12) to the end: 3 x 0.2 + 10 x 1.1 = 11.6."""
    w = problem(
        sites=[{"property_tax_per_year": 0.02, "tariff": 0.1}],
        blocks=[{"capex_musd": 10, "lead_months": 12}],
        demand=[{"id": "d", "by": "2027-01", "amount": 10}],
        **COST,
        **YEARS,
    )
    plan = proven(w).plan
    near(plan.objective, 11.6)
    near(sum(line(plan, "property_tax").values()), 0.6)


def test_property_tax_by_vintage() -> None:
    """Prices 10 (2026), 5 (2027). One hall from 2026 (10), another from 2028 (bought then at 5): tax 10 %: 1 + 1 + 1 and 0.5:
    15 + 3.5 = 18.5. The second bought in 2026 would cost more."""
    w = problem(
        sites=[{"property_tax_per_year": 0.1}],
        blocks=[{"capex_musd": [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 5}]}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}, {"id": "e", "by": "2028-01", "amount": 20}],
        **COST,
        **YEARS,
    )
    near(proven(w).plan.objective, 18.5)


def test_openings_land_and_fixed_opex() -> None:
    """A13: 50 ha at 40,000 USD = 2 MUSD, works 3, fixed 1 a year while open; needed in 2028 only: opened then: 2 + 3 + 1 = 6."""
    w = problem(
        sites=[{"opening_musd": 3, "land_usd_per_ha": 40_000, "fixed_opex_musd_per_year": 1}],
        demand=[{"id": "d", "by": "2028-01", "amount": 10}],
        **COST,
        **YEARS,
    )
    plan = proven(w, ground(w, parcel=50.0)).plan
    assert plan.objective == 6
    assert plan.openings[0].month == "2028-01"


def test_terminal_credit() -> None:
    """A10, rate 0: hall of 10 with a life of 5 years bought in 2026: 2/5 left: 4. Shell 20 (built in 2026, ready 2027: 2 years
    old): 28/30 of 20. Opening works 3 in 2026: 27/30. Land 2 in full. Lead and build 12 months, needed in 2027."""
    w = problem(
        sites=[
            {
                "existing_shell_mw": 0.0,
                "build_months": 12,
                "construction_musd_per_mw": 2,
                "opening_musd": 3,
                "land_usd_per_ha": 40_000,
            }
        ],
        blocks=[{"capex_musd": 10, "life_years": 5}],
        demand=[{"id": "d", "by": "2027-01", "amount": 10}],
        objectives=[{"minimize": "cost"}],
        terminal="straight_line",
        **YEARS,
    )
    plan = proven(w, ground(w, parcel=50.0)).plan
    # The hall needs no lead: ordered in 2027, two of five years used, 3/5 left.
    near(plan.objective, 10 * 2 / 5 + 20 * 2 / 30 + 3 * 3 / 30 + 0)
    assert {c.line: round(c.musd, 6) for c in plan.terminal} == {
        "chips": 6.0,
        "construction": pytest.approx(20 * 28 / 30),
        "openings": pytest.approx(2.7),
        "land": 2.0,
    }


def test_terminal_credit_is_discounted_at_the_end() -> None:
    """Rate 10 %, hall of 10, life 6, three years used: 10 - 5 x 1.1^-3; with ``terminal: none`` 10."""
    w = problem(
        blocks=[{"capex_musd": 10, "life_years": 6}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        discount_rate=0.1,
        objectives=[{"minimize": "cost"}],
        **YEARS,
    )
    near(proven(w).plan.objective, 10 - 5 / 1.1**3)
    near(proven(w.model_copy(update={"terminal": "none"})).plan.objective, 10.0)


def test_longer_life_beats_a_lower_price() -> None:
    """Three years: A 10 MUSD living 3 years (0 left), B 14 living 6 (7 left): 7 < 10."""
    w = problem(
        blocks=[{"id": "A", "capex_musd": 10, "life_years": 3}, {"id": "B", "capex_musd": 14, "life_years": 6}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        objectives=[{"minimize": "cost"}],
        **YEARS,
    )
    plan = proven(w).plan
    assert plan.objective == 7
    assert plan.orders[0].block == "B"


def test_credit_of_units_that_may_retire() -> None:
    """The same with early retirement: what stands at the end is credited, the oldest having left first."""
    w = problem(
        sites=[{"grid_mw": 10.0}],
        blocks=[{"capex_musd": 12, "life_years": 6, "early_retirement": True, "resale_musd": 1}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        objectives=[{"minimize": "net_cost"}],
        **YEARS,
    )
    # Keep it: 12 - 12 x 3/6 = 6. Sell and replace in 2027: 12 - 1 + 12 - 12 x 4/6 = 15.
    assert proven(w).plan.objective == 6


def test_no_money_no_plan() -> None:
    """A demand that costs 10, a budget of 9 in all."""
    w = funded({"per_year_musd": 3}, demand=[{"id": "d", "by": "2028-01", "amount": 10}])
    hopeless(w)
