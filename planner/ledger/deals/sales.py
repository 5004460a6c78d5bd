"""Capacity sold to a customer, and what is missing of the minimum (M5.6, M5.16)."""

from __future__ import annotations

import numpy as np

from planner.ledger.deals.flow import Draft
from planner.ledger.deals.progress import missing
from planner.ledger.figures import Floats
from planner.ledger.state import State
from planner.problem.deals import Offtake


def offtake(state: State, number: int, deal: Offtake, draft: Draft) -> None:
    """Sales at the period's price; what is missing of the minimum pays by the year, in every period."""
    figures, sales = state.figures, state.rows.sales
    timeline, L = figures.timeline, figures.L
    mine = sales.deal == number
    np.add.at(draft.sold, sales.period[mine], sales.amount[mine])
    draft.inflow = timeline.values(deal.price) * L * draft.sold
    least = timeline.values(deal.minimum).tolist()
    draft.missing = np.array([missing(sold, asked) for sold, asked in zip(draft.sold.tolist(), least)])
    if deal.shortfall_musd_per_unit_year is not None:
        draft.outflow = timeline.values(deal.shortfall_musd_per_unit_year) * L * draft.missing


def sale_money(state: State) -> tuple[Floats, Floats]:
    """Income of every row of sales and the block revenue that its units no longer earn, MUSD. Two arrays (rows,).

    Sold units: ``amount / value``, with ``value`` IT MW or PFLOP/s of one unit. Rows of a deal that is no signed offtake
    sell nothing.
    """
    figures, sales = state.figures, state.rows.sales
    income, forgone = np.zeros(len(sales.deal)), np.zeros(len(sales.deal))
    for number, deal in enumerate(figures.problem.deals):
        mine = sales.deal == number
        if isinstance(deal, Offtake) and state.rows.signed[number] and mine.any():
            k, p, amount = sales.block[mine], sales.period[mine], sales.amount[mine]
            income[mine] = figures.timeline.values(deal.price)[p] * figures.L * amount
            value = figures.block.metric(deal.sold_metric)[k]
            units = np.divide(amount, value, out=np.zeros_like(amount), where=value > 0)
            forgone[mine] = units * figures.block.revenue_musd_per_year[k, p] * figures.L
    return income, forgone
