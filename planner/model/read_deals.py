"""Solved values of deals back into decisions (M8.6)."""

from __future__ import annotations

from typing import Any

from planner.model.data import ModelData
from planner.model.deals import loans
from planner.model.decisions import ordered
from planner.model.rounding import DUST, Values, clean
from planner.plan import Draw, Order, Sale
from planner.problem.deals import EquityTranches, Warrants


def leased_orders(m: Any, d: ModelData, value: Values) -> list[Order]:
    """Orders whose terms are a lease."""
    found = []
    for q in d.leased:
        before = 0
        for p in range(q.first, q.last + 1):
            now = round(value(ordered(m, q, p)))
            if now > before:
                site, block, terms = d.sites[q.s].id, d.blocks[q.k].id, d.problem.deals[q.lease].id
                found.append(Order(site=site, block=block, month=d.time.month(p), units=now - before, terms=terms))
            before = now
    return found


def may_use(m: Any, d: ModelData, i: int, value: Values) -> bool:
    """True where deal i is signed in the solved point: what a tolerance leaves on the others is dust, however large."""
    return not d.problem.deals[i].optional or value(m.signs[i]) > 0.5


def loan_draws(m: Any, d: ModelData, value: Values) -> list[Draw]:
    """What is drawn of each loan, by period."""
    found = []
    for i, x in loans.of(d):
        if not may_use(m, d, i, value):
            continue
        before = 0.0
        for p in range(d.P):
            now = value(m.drawn[i, p])
            if (musd := clean(now - before)) > DUST:
                found.append(Draw(deal=x.id, month=d.time.month(p), musd=musd))
                before = now
    return found


def sold(m: Any, d: ModelData, value: Values) -> list[Sale]:
    """Sales by deal, site, block and period."""
    if not hasattr(m, "sold"):
        return []
    return [
        Sale(deal=d.problem.deals[i].id, site=d.sites[s].id, block=d.blocks[k].id, month=d.time.month(p), amount=amount)
        for (i, s, k, p), var in m.sold.items()
        if (amount := clean(value(var))) > DUST and may_use(m, d, i, value)
    ]


def signed_deals(m: Any, d: ModelData, value: Values, used: set[str]) -> list[str]:
    """Deals that are signed: all that are not optional, and of the others those that are used or hold a tranche."""
    found = []
    for i, x in enumerate(d.problem.deals):
        if not x.optional or x.id in used or (isinstance(x, EquityTranches | Warrants) and _reaches(m, i, value)):
            found.append(x.id)
    return found


def _reaches(m: Any, i: int, value: Values) -> bool:
    return hasattr(m, "reached") and any(value(var) > 0.5 for (j, _, _), var in m.reached.items() if j == i)
