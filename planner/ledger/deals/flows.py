"""Every deal of the request as a flow, in its order."""

from __future__ import annotations

from planner.ledger.deals.flow import Draft, Flow
from planner.ledger.deals.leases import lease
from planner.ledger.deals.loans import loan
from planner.ledger.deals.progress import progress
from planner.ledger.deals.promises import commitment
from planner.ledger.deals.sales import offtake
from planner.ledger.deals.tranches import equity, warrants
from planner.ledger.state import State
from planner.plan import TrancheResult
from planner.problem.deals import EquityTranches, Lease, Loan, Offtake, PurchaseCommitment, Warrants


def flows(state: State) -> list[Flow]:
    """What each deal brings and takes; one that is not signed brings nothing and takes nothing (M5.8)."""
    return [_flow(state, number) for number in range(len(state.figures.problem.deals))]


def _flow(state: State, number: int) -> Flow:
    figures, deal = state.figures, state.figures.problem.deals[number]
    draft, reached = Draft(figures.P), progress(state, deal)
    signed = bool(state.rows.signed[number])
    if not signed:
        if isinstance(deal, EquityTranches | Warrants):
            draft.tranches = [TrancheResult(at=tranche.at) for tranche in deal.tranches]
    elif isinstance(deal, EquityTranches):
        equity(figures, deal, reached, draft)
    elif isinstance(deal, Warrants):
        warrants(figures, deal, reached, draft)
    elif isinstance(deal, PurchaseCommitment):
        commitment(figures, deal, reached, draft)
    elif isinstance(deal, Lease):
        lease(state, number, deal, draft)
    elif isinstance(deal, Loan):
        loan(state, number, deal, draft)
    elif isinstance(deal, Offtake):
        offtake(state, number, deal, draft)
    return draft.flow(deal, signed, reached)
