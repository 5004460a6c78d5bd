"""Capex that a loan covers (M5.5, M5.15), as dated terms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.model import money
from planner.model.data import ModelData
from planner.model.flows import Flow, order_terms
from planner.plan import CAPEX_LINES
from planner.problem.deals import Loan
from planner.problem.problem import covers


def capex_flows(m: Any, d: ModelData, loan: Loan) -> Iterator[Flow]:
    """What of the capex the loan may be drawn against; a line that belongs to no block counts where the sites match."""
    lines = CAPEX_LINES if loan.lines is None else loan.lines
    sites = [s for s, x in enumerate(d.sites) if covers(loan, x, None)]
    for s in sites:
        if "openings" in lines:
            yield from money.opening_at(m, d, s, lambda s: money.opening_price(d, s), "opening")
        if "land" in lines:
            yield from money.opening_at(m, d, s, lambda s: money.land_price(d, s), "land")
        if "construction" in lines:
            yield from money.construction_at(m, d, s)
    if "unpaid" in lines:
        for b in d.batches:
            if covers(loan, d.sites[b.s], d.blocks[b.k]):
                yield from ((due, musd, None) for due, musd in b.unpaid)
    yield from _blocks(m, d, loan, lines)


def _blocks(m: Any, d: ModelData, loan: Loan, lines: tuple[str, ...]) -> Iterator[Flow]:
    for q in money.paid_pairs(d):
        site = d.sites[q.s]
        if not covers(loan, site, d.blocks[q.k]):
            continue
        price = d.capex[q.k] * (
            1.0 * ("blocks" in lines)
            + d.time.values(site.tariff) * ("tariffs" in lines)
            + d.time.values(site.sales_tax) * ("sales_tax" in lines)
        )
        for p, terms in order_terms(m, q):
            for lag, share in money.payment_lags(d, q.k):
                for sign, var in terms:
                    yield p + lag, sign * share * float(price[p]), var
