"""The budget's account, period by period (M4.1)."""

from __future__ import annotations

import numpy as np

from planner.ledger.money import Money
from planner.plan import Balance

INFLOW_LINES = ("resale", "equity", "warrants", "loan_draws")
"""Income that comes in whole; of revenue and sales only ``revenue_share`` does."""


def balances(book: Money) -> list[Balance]:
    """``cash = before + budget + income - covered``; empty without a budget.

    Before the first period stands ``opening_musd``, later the cash of the period before; without carry-over leftovers
    are lost, while an overdraft that ``min_cash_musd`` allows is not forgiven.
    """
    figures, budget = book.figures, book.figures.problem.budget
    if budget is None:
        return []
    given = (figures.timeline.values(budget.per_year_musd) * figures.L).tolist()
    earned = book.line("revenue") + book.line("offtake")
    income = (book.kind(INFLOW_LINES) + budget.revenue_share * earned).tolist()
    covered_lines = {"capex": book.capex, "opex": book.opex}
    covered = sum(covered_lines[kind] for kind in set(budget.covers)) + np.zeros(figures.P)
    account: list[Balance] = []
    before = budget.opening_musd
    for p, (month, spent) in enumerate(zip(figures.timeline.months, covered.tolist())):
        cash = before + given[p] + income[p] - spent
        account.append(
            Balance(
                month=month,
                before_musd=before + 0.0,
                budget_musd=given[p],
                income_musd=income[p],
                covered_musd=spent,
                cash_musd=cash + 0.0,
            )
        )
        before = cash if budget.carry_over else min(0.0, cash)
    return account
