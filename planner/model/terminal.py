"""The unexpired life of paid capex at the end of the horizon (M4.6), as linear terms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyomo.environ as pyo

from planner.model.data import ModelData, Pair
from planner.model.decisions import builds, is_open, own_standing, shell_periods, started
from planner.model.flows import order_terms
from planner.model.linear import Linear, Var
from planner.model.money import land_price, paid_pairs
from planner.problem.deals import Lease

YEARS = 30.0
"""Life of construction and openings."""


def credit(m: Any, d: ModelData) -> Linear:
    r"""Nominal credit at the end of the horizon.

    chips: whole price times :math:`\min(N, q + l + N - P)/N` for an order of period q still standing (N life, l lead);
    construction from its completion and openings from their month over 30 years; land in full. Several objectives may ask for
    it: its variables are made once.
    """
    if not hasattr(m, "terminal_credit"):
        m.terminal_credit = _credit(m, d)
    found: Linear = m.terminal_credit
    return found


def _credit(m: Any, d: ModelData) -> Linear:
    out = Linear()
    for coef, var in _openings(m, d):
        out.add(coef, var)
    for coef, var in _construction(m, d):
        out.add(coef, var)
    if hasattr(m, "partner_opens"):
        for (j, s, p), var in m.partner_opens.items():
            out.add(-_paid_by_partner(d, j, s, p), var)
    _chips(m, d, out)
    return out


def _openings(m: Any, d: ModelData) -> Iterator[tuple[float, Var]]:
    for s in range(len(d.sites)):
        if d.committed[s]:
            continue
        works, ground = d.time.values(d.sites[s].opening_musd), land_price(d, s)
        for p in range(d.opens_from[s], d.P):
            value = works[p] * max(0.0, 1.0 - (d.P - p) * d.L / YEARS) + ground[p]
            yield float(value), is_open(m, d, s, p).vars[0]
            if p > d.opens_from[s]:
                yield -float(value), is_open(m, d, s, p - 1).vars[0]


def _paid_by_partner(d: ModelData, j: int, s: int, p: int) -> float:
    """Credit that an opening in p would carry, were it not paid by a partner."""
    deal = d.problem.deals[j]
    assert isinstance(deal, Lease)
    works = d.time.value(d.sites[s].opening_musd, p) * max(0.0, 1.0 - (d.P - p) * d.L / YEARS)
    ground = float(land_price(d, s)[p])
    return works * ("opening" in deal.includes) + ground * ("land" in deal.includes)


def _construction(m: Any, d: ModelData) -> Iterator[tuple[float, Var]]:
    for s, site in enumerate(d.sites):
        price = d.time.values(site.construction_musd_per_mw)
        if not builds(d, s) or not price.any():
            continue
        for p in shell_periods(d, s):
            left = max(0.0, 1.0 - max(0, d.P - p - d.build[s]) * d.L / YEARS)
            yield float(price[p] * left), started(m, d, s, p)
            if (before := started(m, d, s, p - 1)) is not None:
                yield -float(price[p] * left), before


def chip_share(d: ModelData, k: int, online_from: int) -> float:
    """The share of its life that a unit online from a period still has at the end of the horizon."""
    life = d.life[k]
    return 0.0 if life is None else max(0, min(life, online_from + life - d.P)) / life


def pair_share(d: ModelData, q: Pair, p: int) -> float:
    """The same for a unit ordered in p, on the block's life; none where its lease ends inside the horizon."""
    on = p + d.lead[q.k]
    return 0.0 if q.life is not None and on + q.life <= d.P - 1 else chip_share(d, q.k, on)


def _chips(m: Any, d: ModelData, out: Linear) -> None:
    m.kept = pyo.VarList(domain=pyo.NonNegativeIntegers)
    m.kept_rows = pyo.ConstraintList()
    m.keeps = pyo.VarList(domain=pyo.Binary)
    for s, k in sorted({(s, k) for s, k, _ in m.left}):
        _kept_chips(m, d, s, k, out)
    for q in paid_pairs(d):
        if d.blocks[q.k].early_retirement and q.lease < 0:
            continue
        price = d.capex[q.k] * d.duty[q.s]
        for p, terms in order_terms(m, q):
            share = pair_share(d, q, p)
            for sign, var in terms:
                out.add(sign * float(price[p]) * share, var)
    for b in d.batches:
        if b.units and b.off > d.P - 1 and not d.blocks[b.k].early_retirement:
            paid = sum(musd for due, musd in b.unpaid if due < d.P)
            out.constant += paid * chip_share(d, b.k, b.on)


def _kept_chips(m: Any, d: ModelData, s: int, k: int, out: Linear) -> None:
    """Vintages kept to the end: their sum stands at the end, and the oldest left first.

    Where younger units carry at least as much credit the optimum keeps the youngest by itself; else a binary
    per vintage says that whenever some of it is kept, all younger ones are.
    """
    q = d.pair_of.get((s, k))
    price = d.capex[k] * d.duty[s]
    vintages: list[tuple[int, float, Linear, float]] = []
    for b in d.batches_at[s]:
        if b.k == k and b.units:
            paid = sum(musd for due, musd in b.unpaid if due < d.P) / b.units
            vintages.append((b.on, paid * chip_share(d, k, b.on), Linear(float(b.units)), float(b.units)))
    for p, terms in order_terms(m, q) if q is not None else ():
        assert q is not None
        amount = Linear()
        for sign, var in terms:
            amount.add(sign, var)
        on = p + d.lead[k]
        vintages.append((on, float(price[p]) * chip_share(d, k, on), amount, float(q.most[q.last])))
    vintages.sort(key=lambda v: v[0])
    credits = [v[1] for v in vintages]
    monotone = all(np.diff(credits) >= -1e-12)
    total = Linear()
    younger: Any = None
    for _, value, amount, most in reversed(vintages):
        kept = m.kept.add()
        total.add(1.0, kept)
        out.add(value, kept)
        m.kept_rows.add(Linear().add(1.0, kept).plus(-1.0, amount).expression() <= 0)
        if not monotone:
            keeps = m.keeps.add()
            m.kept_rows.add(Linear().add(1.0, kept).add(-most, keeps).expression() <= 0)
            if younger is not None:
                y_kept, y_amount, y_most, y_keeps = younger
                row = Linear().add(1.0, y_kept).plus(-1.0, y_amount).add(-y_most, keeps)
                m.kept_rows.add(row.expression() >= -y_most)
                # A younger vintage of no units must not break the chain.
                m.kept_rows.add(Linear().add(1.0, keeps).add(-1.0, y_keeps).expression() <= 0)
            younger = (kept, amount, most, keeps)
    m.kept_rows.add(total.plus(-1.0, own_standing(m, d, s, k, d.P - 1)).expression() == 0)
