"""What the plan says of every deal (M5.8)."""

from __future__ import annotations

from collections.abc import Sequence

from planner.ledger.deals.flow import Flow
from planner.ledger.figures import Figures
from planner.plan import DealPeriod, DealResult


def deal_results(figures: Figures, flows: Sequence[Flow]) -> list[DealResult]:
    """One row a deal, in the request's order; those that were not signed too, with their progress."""
    return [
        DealResult(
            id=flow.deal.id,
            kind=flow.deal.kind,
            counterparty=flow.deal.counterparty,
            signed=flow.signed,
            metric=flow.deal.metric,
            cash_in_musd=float(flow.inflow.sum()),
            cash_out_musd=float(flow.outflow.sum()),
            holding_musd=flow.holding_musd,
            tranches=flow.tranches,
            periods=_periods(figures, flow),
        )
        for flow in flows
    ]


def _periods(figures: Figures, flow: Flow) -> list[DealPeriod]:
    columns = (
        flow.progress,
        flow.reached,
        flow.inflow,
        flow.outflow,
        flow.leased_mw,
        flow.sold,
        flow.missing,
        flow.balance,
    )
    return [
        DealPeriod(
            month=month,
            progress=progress,
            tranches_reached=reached,
            cash_in_musd=cash_in,
            cash_out_musd=cash_out,
            leased_mw=leased,
            sold=sold,
            missing=short,
            balance_musd=balance,
        )
        for month, progress, reached, cash_in, cash_out, leased, sold, short, balance in zip(
            figures.timeline.months, *(column.tolist() for column in columns)
        )
    ]
