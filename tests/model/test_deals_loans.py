"""Hand-solved worlds: loans against capex (M5.5, M5.15) and what they leave for later (M4.5)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.problem import Problem
from tests.verify.worlds import ground, problem
from tests.worlds import dealt, draws, later, line, near, orders, proven

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 3, "period": "year"}}


def loan(limit: Any = 100, **terms: Any) -> dict[str, Any]:
    """A loan, without interest over two years unless said otherwise."""
    return {
        "id": "bank",
        "kind": "loan",
        "counterparty": "bank",
        "limit_musd": limit,
        "rate": 0,
        "term_years": 2,
    } | terms


def funded(deal: dict[str, Any], per_year: Any, block: dict[str, Any] | None = None, **rest: Any) -> Problem:
    """Three years, halls of 10 MW, 100 PFLOPS at 10 MUSD, compute."""
    budget = {"per_year_musd": per_year, "after_horizon_limit_musd": 1000}
    fields: dict[str, Any] = {"budget": budget, "blocks": [{"capex_musd": 10, **(block or {})}], **YEARS}
    return problem(**{**fields, **rest}, deals=[deal])


def test_a_loan_brings_the_hall_forward() -> None:
    """5 a year. Without the loan: 10 together in 2027: 200. With 5 drawn in 2026 a hall at once (300), paid back with 2.5 in 2027
    and 2.5 in 2028 out of 5 and 5: 2.5 + 2.5 left in 2028; 5 more may be drawn then, 5 + 5 = 10: a second hall: 400 (as much as
    two in 2027, for 5 + 5 and 10 drawn), unless the limit is 5."""
    plan = proven(funded(loan(5), 5)).plan
    assert plan.objective == 300
    assert draws(plan) == {("bank", "2026-01"): 5}
    assert line(plan, "loan_draws") == {"2026-01": 5.0}
    assert line(plan, "repayments") == {"2027-01": 2.5, "2028-01": 2.5}
    assert [x.balance_musd for x in dealt(plan, "bank").periods] == [5, 2.5, 0]
    assert proven(funded(loan(10), 5)).plan.objective == 400
    assert proven(funded(loan(0), 5)).plan.objective == 200


def test_annuity() -> None:
    """10 % over two years: an annuity of 0.1 / (1 - 1.1^-2) = 0.576190 a year: 100 drawn in 2026 are 57.6190 in 2027 and 2028.
    At a discount rate of 10 % the loan costs nothing; the hall of 100 is worth 3 x 40 discounted: 40 (1 + 1/1.1 + 1/1.21)."""
    w = funded(
        loan(100, rate=0.1),
        [{"from": "2026-01", "value": 0}, {"from": "2027-01", "value": 57.61905}],
        {"capex_musd": 100, "revenue_musd_per_year": 40},
        discount_rate=0.1,
        objectives=[{"maximize": "value"}],
        terminal="none",
    )
    plan = proven(w).plan
    near(plan.objective, 40 * (1 + 1 / 1.1 + 1 / 1.21) - 100)
    near(line(plan, "repayments")["2027-01"], 100 * 0.1 / (1 - 1.1**-2))
    first, second, third = (x.balance_musd for x in dealt(plan, "bank").periods)
    near(first, 100)
    near(second, 110 - 100 * 0.1 / (1 - 1.1**-2))
    near(third, 0)


def test_too_little_to_pay_it_back() -> None:
    """The same, a cent short of the annuity every year: no hall."""
    w = funded(
        loan(100, rate=0.1, term_years=2),
        [{"from": "2026-01", "value": 0}, {"from": "2027-01", "value": 57.61}],
        {"capex_musd": 100},
    )
    plan = proven(w).plan
    # In 2027 42.39 are drawn to the 57.61 there are: 200, and in 2028 24.42 are due.
    assert plan.objective == 200
    near(draws(plan)["bank", "2027-01"], 42.39)


@pytest.mark.parametrize(
    ("grace", "due"),
    [
        (0, {"2027-01": 57.61905, "2028-01": 57.61905}),
        (12, {"2027-01": 10.0, "2028-01": 57.61905, "2029-01": 57.61905}),
        (13, {"2027-01": 10.0, "2028-01": 10.0, "2029-01": 57.61905, "2030-01": 57.61905}),
    ],
)
def test_grace(grace: float, due: dict[str, float]) -> None:
    """Interest alone (10 % of 100) through the grace, rounded up, then the annuity of two years."""
    money = [{"from": "2026-01", "value": 0}, {"from": "2027-01", "value": 60}]
    w = funded(
        loan(100, rate=0.1, grace_months=grace),
        money,
        {"capex_musd": 100, "supply": 1},
        sites=[{"grid_mw": 10.0}],
    )
    plan = proven(w).plan
    assert draws(plan) == {("bank", "2026-01"): 100}
    paid = {**line(plan, "repayments"), **later(plan, "repayments")}
    assert list(paid) == list(due)
    for month, musd in due.items():
        near(paid[month], musd)


def test_quarterly_interest_is_the_root_of_the_year() -> None:
    """8 % a year are 1.08^(1/4) - 1 a quarter; a term of half a year are two payments."""
    i = 1.08**0.25 - 1
    w = funded(
        loan(100, rate=0.08, term_years=0.5),
        [{"from": "2026-01", "value": 0}, {"from": "2026-04", "value": 300}],
        {"capex_musd": 100, "supply": 1},
        horizon={"start": "2026-01", "periods": 4, "period": "quarter"},
    )
    plan = proven(w).plan
    assert plan.objective == 100
    payment = 100 * i / (1 - (1 + i) ** -2)
    assert list(line(plan, "repayments")) == ["2026-04", "2026-07"]
    near(line(plan, "repayments")["2026-04"], payment)


def test_the_limit_is_cumulative() -> None:
    """20 by 2026 and 30 by 2027 in all, nothing of one's own until 2028: two halls in 2026, one in 2027: 600 + 200; what is paid
    back frees nothing. No term ends before the horizon (9 years without interest; 30 / 9 a year)."""
    limit = [{"from": "2026-01", "value": 20}, {"from": "2027-01", "value": 30}]
    w = funded(loan(limit, term_years=9), [{"from": "2026-01", "value": 0}, {"from": "2027-01", "value": 6}])
    plan = proven(w).plan
    assert plan.objective == 800
    assert sum(plan_draw for plan_draw in draws(plan).values()) <= 30 + 1e-9


@pytest.mark.parametrize(("share", "best"), [(None, 600), (1, 600), (0.5, 600), (0.4, 500), (0, 400)])
def test_max_share(share: float | None, best: float) -> None:
    """10 in 2026, 5 a year later: two halls with 10 drawn, which is half of the capex of 20. At 0.4 the second is bought in 2027:
    4 drawn in 2026, 4 in 2027 (0.4 of 20): 4 + 5 - 2 + 4 = 11. Without a draw in 2028, with 5 + 5."""
    terms = {} if share is None else {"max_share": share}
    w = funded(loan(10, **terms), [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 5}])
    assert proven(w).plan.objective == best


@pytest.mark.parametrize(
    ("lines", "covered"),
    [
        (None, 10 + 2 + 1 + 20 + 5 + 3 + 4),
        (["blocks"], 10),
        (["tariffs"], 2),
        (["sales_tax"], 1),
        (["construction"], 20),
        (["openings"], 5),
        (["land"], 3),
        (["unpaid"], 4),
        (["blocks", "construction"], 30),
    ],
)
def test_lines(lines: list[str] | None, covered: float) -> None:
    """Money at 10 % a year, a loan without interest over 9 years up to all of what it covers: all is drawn. In 2026: chips 10,
    tariff 20 %, sales tax 10 %, construction 10 MW at 2, opening 5, land 50 ha at 60,000 USD, 4 unpaid for existing units."""
    price = {"opening_musd": 5, "land_usd_per_ha": 60_000, "existing_shell_mw": 0.0, "construction_musd_per_mw": 2}
    old = {"status": "committed", "existing": [{"block": "hall", "units": 1, "online_from": "2026-01"}]}
    old["existing"][0]["unpaid"] = [{"month": "2026-05", "musd": 4}]  # type: ignore[index]
    w = problem(
        sites=[{"tariff": 0.2, "sales_tax": 0.1, **price}, {"id": "old", **old, "grid_mw": 10.0}],
        blocks=[{"capex_musd": 10, "max_per_site": 1}],
        demand=[{"id": "d", "by": "2026-01", "amount": 20}],
        deals=[loan(1000, max_share=1, term_years=9, **({} if lines is None else {"lines": lines}))],
        discount_rate=0.1,
        objectives=[{"minimize": "cost"}],
        terminal="none",
        **YEARS,
    )
    plan = proven(w, ground(w, parcel=50.0)).plan
    assert list(draws(plan)) == [("bank", "2026-01")]
    near(draws(plan)["bank", "2026-01"], covered)
    near(plan.objective, 45 - covered * (1 - sum(1 / 9 / 1.1**p for p in range(1, 10))))


def test_what_belongs_to_no_block_counts_where_the_sites_match() -> None:
    """M5.15: a loan against nvidia's halls at `milam`: the opening there (5) is covered, the one at `abilene` and amd's hall
    are not."""
    w = problem(
        sites=[{"grid_mw": 10.0, "opening_musd": 4}, {"id": "milam", "grid_mw": 20.0, "opening_musd": 5}],
        blocks=[
            {"capex_musd": 10, "max_per_site": 1},
            {"id": "B", "vendor": "amd", "capex_musd": 7, "max_per_site": 1},
        ],
        demand=[{"id": "d", "by": "2026-01", "amount": 30}],
        deals=[loan(1000, max_share=1, term_years=9, vendor="nvidia", filter={"sites": ["milam"]})],
        discount_rate=0.1,
        objectives=[{"minimize": "cost"}],
        terminal="none",
        **YEARS,
    )
    plan = proven(w).plan
    assert sum(orders(plan).values()) == 3
    near(draws(plan)["bank", "2026-01"], 15)


@pytest.mark.parametrize(("second_year", "best", "first_draw"), [(1.1, 200, "2027-01"), (1.2, 300, "2026-01")])
def test_covered_capex_is_what_has_fallen_due(second_year: float, best: float, first_draw: str) -> None:
    """Half of 20 is paid at the order, half a year later; what has fallen due may be drawn, not what is owed: 10 in 2026 and 10 in
    2027, and a ninth of the first 10 (1.111) is paid back in 2027. 1.2 are there for it, 1.1 are not: then a year later, when
    9 are."""
    w = funded(
        loan(20, max_share=1, term_years=9),
        [
            {"from": "2026-01", "value": 0},
            {"from": "2027-01", "value": second_year},
            {"from": "2028-01", "value": 9},
        ],
        {"capex_musd": 20, "payments": [{"months": 0, "share": 0.5}, {"months": 12, "share": 0.5}], "supply": 1},
    )
    plan = proven(w).plan
    assert plan.objective == best
    assert min(month for _, month in draws(plan)) == first_draw
    assert max(draws(plan).values()) <= 10


def test_a_loan_dearer_than_money_is_not_drawn_without_need() -> None:
    """Money costs 5 %, the loan 10 %: not drawn. At 2 % it is drawn as far as it goes: 10 - 10 + the annuities discounted."""
    fields: dict[str, Any] = {
        "blocks": [{"capex_musd": 10}],
        "demand": [{"id": "d", "by": "2026-01", "amount": 10}],
        "discount_rate": 0.05,
        "objectives": [{"minimize": "cost"}],
        "terminal": "none",
        **YEARS,
    }
    plan = proven(problem(**fields, deals=[loan(10, rate=0.1)])).plan
    assert (plan.objective, plan.draws) == (10, [])
    plan = proven(problem(**fields, deals=[loan(10, rate=0.02, max_share=1)])).plan
    annuity = 10 * 0.02 / (1 - 1.02**-2)
    near(plan.objective, annuity / 1.05 + annuity / 1.05**2)


def test_what_is_owed_after_the_horizon_is_in_cost() -> None:
    """Drawn in 2026, five years without interest: 2 a year from 2027 to 2031, 10 % a year: two of them inside."""
    w = problem(
        blocks=[{"capex_musd": 10}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        deals=[loan(10, term_years=5)],
        discount_rate=0.1,
        objectives=[{"minimize": "cost"}],
        terminal="none",
        **YEARS,
    )
    plan = proven(w).plan
    near(plan.objective, 2 * sum(1.1**-p for p in range(1, 6)))
    assert later(plan, "repayments") == {"2029-01": 2.0, "2030-01": 2.0, "2031-01": 2.0}


def test_one_year_of_budget_may_fall_due_later() -> None:
    """M4.5: compute with a loan and no stated limit: at most a year of budget (5) after the horizon. 5 a year, a loan over nine years
    without interest. 5 drawn for a hall in 2026: 0.5556 a year, 3.8889 of it later. In 2028 8.8889 are left, 1.1111 more drawn
    buy a second: 5 later in all, which is allowed. At 4.9 it is not; nor by default with a budget of 4.9 in the last year."""
    free: dict[str, Any] = {"per_year_musd": 5}
    w = funded(loan(100, term_years=9), 5, budget=free)
    plan = proven(w).plan
    assert plan.objective == 400
    near(sum(x.musd for x in plan.after_horizon), 5)
    assert proven(_limited(w, 5.0)).plan.objective == 400
    assert proven(_limited(w, 4.9)).plan.objective == 300
    falling = [{"from": "2026-01", "value": 5}, {"from": "2028-01", "value": 4.9}]
    assert proven(funded(loan(100, term_years=9), 5, budget={"per_year_musd": falling})).plan.objective == 300


def _limited(w: Problem, limit: float) -> Problem:
    assert w.budget is not None
    return w.model_copy(update={"budget": w.budget.model_copy(update={"after_horizon_limit_musd": limit})})


def test_a_money_objective_has_no_such_default() -> None:
    """Value counts what is owed, so M4.5 sets no limit: ten halls (the grid) on credit, 24 - 10 each."""
    w = funded(
        loan(1000, term_years=9),
        5,
        {"revenue_musd_per_year": 8},
        budget={"per_year_musd": 5, "revenue_share": 1},
        objectives=[{"maximize": "value"}],
        terminal="none",
    )
    plan = proven(w).plan
    assert sum(x.musd for x in plan.after_horizon) > 5
    near(plan.objective, 10 * (3 * 8 - 10))


def test_an_optional_loan_is_signed_when_drawn() -> None:
    """Drawn: signed; useless: not."""
    assert proven(funded(loan(5, optional=True), 5)).plan.signed == ["bank"]
    assert proven(funded(loan(5, optional=True), 300)).plan.signed == []


def test_draws_are_no_value_and_no_saving() -> None:
    """Rate 0, no interest: value and cost are the same with the loan as without."""
    fields: dict[str, Any] = {
        "blocks": [{"capex_musd": 10, "revenue_musd_per_year": 8}],
        "sites": [{"grid_mw": 10.0}],
        "objectives": [{"maximize": "value"}],
        "terminal": "none",
        **YEARS,
    }
    for deals in ([], [loan(10)], [loan(10, counts_in_value=1)]):
        plan = proven(problem(**fields, deals=deals)).plan
        near(plan.objective, 14)
        near(plan.objectives["cost"], 10)
