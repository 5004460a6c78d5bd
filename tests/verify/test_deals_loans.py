"""Hand-solved loans and offtakes: annuities, what falls due later, sales in the place of revenue (M5.5, M5.6, M5.15, M5.16)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.verify import budget, objective
from tests.verify.deal_books import LOAN, SALE, YEARS, account, near, order
from tests.verify.test_figures import line
from tests.verify.worlds import problem


def test_loans_repay_an_annuity_after_the_grace() -> None:
    """M5.5, M5.15: 100 drawn in 2026 at 10 %, a year of grace, two years of term; in years.

    2027 interest 10; annuity 100 x 0.1 / (1 - 1.1^-2) = 57.619047619 in 2028 and 2029. Owed at the end: 100, 100,
    110 - 57.619... = 52.380952381, 0. Another 50 in 2028: interest 5 in 2029, then 28.8095238 in 2030 and 2031.
    """
    deal = {**LOAN, "rate": 0.1, "grace_months": 12, "term_years": 2}
    p = problem(deals=[deal], **YEARS)
    _, money, x = account(p, "bank", draws=[("bank", "2026-01", 100.0), ("bank", "2028-01", 50.0)])
    level = 57.61904761904762
    assert x.cash_in.tolist() == near(100, 0, 50, 0)
    assert x.cash_out.tolist() == near(0, 10, level, level + 5)
    assert x.balance.tolist() == near(100, 100, 52.38095238095238 + 50, 50)
    assert line(money, "repayments") == [0, 10, level, level + 5]
    assert line(money, "loan_draws") == [100, 0, 50, 0]
    assert money.after == {(4, "repayments"): pytest.approx(level / 2), (5, "repayments"): pytest.approx(level / 2)}


def test_loans_in_quarters_and_without_interest() -> None:
    """M5.5, M1.5: 80 at 0 %, one year: 20 a quarter from the next one on; 4 months of grace are two quarters of nothing.

    At 46.41 % a year a quarter's interest is 10 %: 100 x 0.1 / (1 - 1.1^-4) = 31.5470803.
    """
    _, money, x = account(problem(deals=[LOAN]), "bank", draws=[("bank", "2026-01", 80.0)])
    assert x.cash_out.tolist() == near(0, 20, 20, 20) and x.balance.tolist() == near(80, 60, 40, 20)
    assert money.after == {(4, "repayments"): pytest.approx(20)}
    _, money, x = account(problem(deals=[{**LOAN, "grace_months": 4}]), "bank", draws=[("bank", "2026-01", 80.0)])
    assert x.cash_out.tolist() == near(0, 0, 0, 20) and x.balance.tolist() == near(80, 80, 80, 60)
    assert sum(money.after.values()) == pytest.approx(60)
    dear = problem(deals=[{**LOAN, "rate": 0.4641}])
    _, money, x = account(dear, "bank", draws=[("bank", "2026-01", 100.0)])
    assert x.cash_out.tolist() == near(0, *[31.547080370609766] * 3)
    assert x.balance.tolist()[:2] == near(100, 78.45291962939023)


def test_loans_cost_what_their_interest_is_above_the_discount_rate() -> None:
    """M8.1: at 25 % lent and discounted a loan is worth nothing: cost 0; at 0 % interest 100 cost 100 x 0.8 - 100 = -20.

    The dues after the horizon count at their dates; spending (the tie-break) does not see the draw.
    """
    years: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 2, "period": "year"}, "discount_rate": 0.25}
    for term in (1, 3):
        p = problem(deals=[{**LOAN, "rate": 0.25, "term_years": term}], **years)
        world, money, _ = account(p, "bank", draws=[("bank", "2026-01", 100.0)])
        got = objective.objectives(world, money)
        assert got["cost"] == got["net_cost"] == pytest.approx(0) and got["value"] == pytest.approx(0)
        assert got["spending"] > 10
    free = problem(deals=[LOAN], **years)
    world, money, _ = account(free, "bank", draws=[("bank", "2026-01", 100.0)])
    got = objective.objectives(world, money)
    assert [got[name] for name in ("cost", "spending", "value")] == near(-20, 80, 20)


def test_offtakes_take_the_place_of_revenue() -> None:
    """M5.6: 2 halls of 10 MW earn 2 x 60 / 4 = 30 a quarter. 5 MW sold at 3: 3.75, and half a hall earns 7.5 less.

    80 PFLOPS (of 100 a hall) at 0.5: 10, and 0.8 halls earn 12 less. The budget takes its share of both kinds.
    """
    lab = {
        "id": "lab",
        "kind": "offtake",
        "musd_per_pflops_year": [{"from": "2026-01", "value": 0.1}, {"from": "2026-07", "value": 0.5}],
    }
    p = problem(
        blocks=[{"revenue_musd_per_year": 60}], deals=[SALE, lab], budget={"per_year_musd": 0, "revenue_share": 0.5}
    )
    sales = [("customer", "abilene", "hall", "2026-04", 5.0), ("lab", "abilene", "hall", "2026-07", 80.0)]
    world, money, x = account(p, "customer", orders=[order(2)], sales=sales)
    assert line(money, "offtake") == [0, 3.75, 10, 0]
    assert line(money, "revenue") == [30, 22.5, 18, 30]
    assert x.sold.tolist() == [0, 5, 0, 0] and x.cash_in.tolist() == near(0, 3.75, 0, 0)
    assert money.accounts[1].cash_in.tolist() == near(0, 0, 10, 0)
    assert [row["income_musd"] for row in budget.account(world, money)] == near(15, 13.125, 14, 15)
    got = objective.objectives(world, money)
    assert got["value"] == pytest.approx(100.5 + 13.75) and got["net_cost"] == pytest.approx(-13.75)


def test_offtakes_pay_for_what_they_lack() -> None:
    """M5.6: 8 MW wanted from 2026-04, 5 sold in 2026-04: 3 x 2 / 4 = 1.5, then 8 x 2 / 4 = 4 twice."""
    deal = {**SALE, "minimum": [{"from": "2026-04", "value": 8}], "shortfall_musd_per_unit_year": 2}
    _, money, x = account(
        problem(deals=[deal]), "customer", orders=[order(2)], sales=[("customer", "abilene", "hall", "2026-04", 5.0)]
    )
    assert x.missing.tolist() == near(0, 3, 8, 8) and x.cash_out.tolist() == near(0, 1.5, 4, 4)
    assert line(money, "penalties") == [0, 1.5, 4, 4]
