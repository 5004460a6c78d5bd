"""Loans by hand: annuity, grace, balance, dues after the horizon, and what they do to cash and cost (M5.5, M5.15)."""

from __future__ import annotations

from typing import Any

import pytest

from planner import formulas
from tests.ledger.worlds import dealt, later, ledger, line, problem


def bank(**fields: Any) -> dict[str, Any]:
    return {"id": "bank", "kind": "loan", "limit_musd": 1e6, "rate": 0.1, "term_years": 2, **fields}


def test_an_annuity_pays_interest_and_principal_from_the_period_after_the_draw() -> None:
    """1,000 MUSD at 10 % over 2 years: 1000*0.1/(1-1.1^-2) = 576.190476 a year; owed 1000, 523.809524, 0."""
    fields = ledger(problem(deals=[bank()]), signed=["bank"], draws=[("bank", "2026-01", 1000)])
    assert line(fields, "loan_draws") == {"2026-01": 1000}
    assert line(fields, "repayments") == pytest.approx({"2027-01": 576.190476, "2028-01": 576.190476})
    assert dealt(fields, "balance_musd") == pytest.approx([1000, 523.809524, 0, 0], abs=1e-6)
    assert dealt(fields, "cash_in_musd") == [1000, 0, 0, 0]
    assert fields["deals"][0].cash_out_musd == pytest.approx(1152.380952)


def test_through_the_grace_only_interest_is_paid() -> None:
    """Grace of 13 months = 2 years: 100, 100, then the annuity in 2029 and, after the horizon, in 2030."""
    fields = ledger(problem(deals=[bank(grace_months=13)]), signed=["bank"], draws=[("bank", "2026-01", 1000)])
    assert line(fields, "repayments") == pytest.approx({"2027-01": 100, "2028-01": 100, "2029-01": 576.190476})
    assert later(fields, "repayments") == pytest.approx({"2030-01": 576.190476})
    assert dealt(fields, "balance_musd") == pytest.approx([1000, 1000, 1000, 523.809524], abs=1e-6)


def test_by_the_quarter_interest_is_the_quarterly_root() -> None:
    """i = 1.1^(1/4) - 1 = 2.41136891 % a quarter; 4 payments of 100*i/(1-(1+i)^-4) = 2.41136891/(1-1/1.1) = 26.525058."""
    world = problem(horizon={"start": "2026-01", "periods": 4, "period": "quarter"}, deals=[bank(term_years=1)])
    fields = ledger(world, signed=["bank"], draws=[("bank", "2026-01", 100)])
    assert list(line(fields, "repayments").values()) == pytest.approx([26.525058] * 3)
    assert later(fields, "repayments") == pytest.approx({"2027-01": 26.525058})


def test_without_interest_the_draw_is_paid_back_in_equal_parts() -> None:
    """90 over 3 years: 30 a year; two draws add up: 30, 30 + 20, ... and the rest after the horizon."""
    draws = [("bank", "2026-01", 90), ("bank", "2027-01", 60)]
    fields = ledger(problem(deals=[bank(rate=0, term_years=3)]), signed=["bank"], draws=draws)
    assert line(fields, "repayments") == pytest.approx({"2027-01": 30, "2028-01": 50, "2029-01": 50})
    assert later(fields, "repayments") == pytest.approx({"2030-01": 20})
    assert dealt(fields, "balance_musd") == pytest.approx([90, 120, 70, 20])


def test_payments_at_the_loans_own_rate_are_worth_the_draw() -> None:
    """Law: discounted at the loan's rate all payments together are worth what was drawn, grace or not; what is owed
    grows by interest and falls by payments."""
    for rate, grace, term in ((0.07, 0, 5), (0.07, 3, 4), (0.0, 2, 3), (0.9, 1, 2)):
        payments = formulas.loan_payments(rate, grace, term)
        assert [lag for lag, _ in payments] == list(range(1, grace + term + 1))
        assert sum(m * (1 + rate) ** -lag for lag, m in payments) == pytest.approx(1)
        owed = 1.0
        for lag, paid in payments:
            owed = owed * (1 + rate) - paid
            assert formulas.loan_balance(rate, grace, term, lag) == pytest.approx(owed, abs=1e-12)


def test_a_loan_at_the_discount_rate_changes_no_cost() -> None:
    """10 % on both sides: draw and repayments, those after the horizon included, cancel. Dearer money costs."""
    for rate, cost in (
        (0.1, 0.0),
        (0.2, 2000 * (0.2 / (1 - 1.2**-4)) * (1.1**-3 + 1.1**-4 + 1.1**-5 + 1.1**-6) - 2000 * 1.1**-2),
    ):
        world = problem(discount_rate=0.1, deals=[bank(rate=rate, term_years=4)])
        fields = ledger(world, signed=["bank"], draws=[("bank", "2028-01", 2000)])
        assert fields["objectives"]["cost"] == pytest.approx(cost, abs=1e-9)
        assert fields["objectives"]["net_cost"] == pytest.approx(cost, abs=1e-9)
        assert fields["objectives"]["value"] == pytest.approx(-cost, abs=1e-9)


def test_a_draw_is_cash_and_a_repayment_is_opex() -> None:
    """Budget 100 a year. With opex covered: 100 + 1000, then less 576.19 twice; with capex alone nothing is taken."""
    draws = [("bank", "2026-01", 1000)]
    for covers, cash in (
        (["capex", "opex"], [1100, 623.809524, 147.619048, 247.619048]),
        (["capex"], [1100, 1200, 1300, 1400]),
    ):
        world = problem(deals=[bank()], budget={"per_year_musd": 100, "covers": covers})
        fields = ledger(world, signed=["bank"], draws=draws)
        assert [b.cash_musd for b in fields["balances"]] == pytest.approx(cash)
        assert fields["balances"][0].income_musd == 1000
        assert fields["totals"][0].income_musd == 1000 and fields["totals"][1].opex_musd == pytest.approx(576.190476)


def test_draws_of_a_loan_that_is_not_signed_bring_nothing() -> None:
    fields = ledger(problem(deals=[bank(optional=True)]), draws=[("bank", "2026-01", 1000)])
    assert fields["cash"] == [] and fields["after_horizon"] == []
