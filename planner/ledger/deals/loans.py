"""Money lent: draws, repayments, the balance, and what is due after the horizon (M5.5, M5.15)."""

from __future__ import annotations

import numpy as np

from planner.formulas import loan_balance, loan_payments, period_interest
from planner.ledger.deals.flow import Draft
from planner.ledger.state import State
from planner.problem.deals import Loan


def loan(state: State, number: int, deal: Loan, draft: Draft) -> None:
    """Every draw pays interest alone through the grace and the annuity over the term that follows."""
    figures, draws = state.figures, state.rows.draws
    mine = draws.deal == number
    np.add.at(draft.inflow, draws.period[mine], draws.musd[mine])
    interest = period_interest(deal.rate, figures.L)
    grace, term = figures.timeline.up(deal.grace_months), figures.timeline.half_up(deal.term_years)
    payments = loan_payments(interest, grace, term)
    owed = np.array([loan_balance(interest, grace, term, lag) for lag in range(figures.P)])
    for q in np.flatnonzero(draft.inflow).tolist():
        drawn = float(draft.inflow[q])
        draft.balance[q:] += drawn * owed[: figures.P - q]
        for lag, share in payments:
            if q + lag < figures.P:
                draft.outflow[q + lag] += drawn * share
            elif share:
                draft.later(q + lag, drawn * share)
