"""How much of what we spend on a vendor's blocks that vendor pays itself (M5.8)."""

from __future__ import annotations

from collections.abc import Sequence

from planner.ledger.deals.flow import Flow
from planner.ledger.money import Money
from planner.plan import Circularity


def circularity(book: Money, flows: Sequence[Flow]) -> list[Circularity]:
    """One row a counterparty, in the order of the request's deals; money inside the horizon, nominal.

    Everything that comes in counts (equity, shares sold, draws, sales); the spending is the price of the vendor's blocks,
    what is still unpaid of existing ones included, without duties. A counterparty that is no vendor has no share.
    """
    inflow: dict[str, float] = {}
    for flow in flows:
        if flow.deal.counterparty:
            before = inflow.get(flow.deal.counterparty, 0.0)
            inflow[flow.deal.counterparty] = before + float(flow.inflow.sum())
    return [
        Circularity(
            counterparty=name,
            inflow_musd=musd,
            spending_musd=book.block_spending.get(name, 0.0),
            share=musd / book.block_spending[name] if book.block_spending.get(name) else None,
        )
        for name, musd in inflow.items()
    ]
