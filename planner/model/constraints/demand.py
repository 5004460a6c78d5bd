"""Demand (M7.1): from a date on, so much inside a filter, perhaps at one site or from one vendor."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import blocks_at, metric_at
from planner.model.linear import Linear
from planner.problem.problem import matches

ANY = -1


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    m.shortfall = pyo.Var(
        [
            (i, p)
            for i, x in enumerate(d.problem.demand)
            if x.shortfall_musd_per_unit_year is not None
            for p in periods(d, i)
        ],
        domain=pyo.NonNegativeReals,
        bounds=lambda _, i, p: (0.0, d.problem.demand[i].amount),
    )
    # Where nobody can hold a single-site or single-vendor demand, all of it is missing: the plain row says so.
    single = [i for i in range(len(d.problem.demand)) if _single(d, i) and candidates(d, i)]
    holders = [(i, s, v) for i in single for s, v in candidates(d, i)]
    m.holder = pyo.Var(holders, domain=pyo.Binary)
    m.one_holder = pyo.Constraint(single, rule=lambda m, i: exactly_one(m, d, i))
    m.demand = pyo.Constraint(
        [(i, p) for i in range(len(d.problem.demand)) if i not in single for p in periods(d, i)],
        rule=lambda m, i, p: demand_met(m, d, i, p),
    )
    m.demand_single = pyo.Constraint(
        [(i, s, v, p) for i, s, v in holders for p in periods(d, i)],
        rule=lambda m, i, s, v, p: holder_meets(m, d, i, s, v, p),
    )


def _single(d: ModelData, i: int) -> bool:
    return d.problem.demand[i].single_site or d.problem.demand[i].single_vendor


def periods(d: ModelData, i: int) -> range:
    """From the period that contains ``by`` to the end."""
    return range(max(0, d.time.contains(d.problem.demand[i].by)), d.P)


def covered(d: ModelData, i: int, s: int, vendor: int) -> frozenset[int]:
    """The blocks at a site that count, perhaps of one vendor only."""
    f = d.problem.demand[i].filter
    names = vendors(d)
    return frozenset(
        k
        for k in blocks_at(d, s)
        if matches(f, d.sites[s], d.blocks[k]) and (vendor == ANY or d.blocks[k].vendor == names[vendor])
    )


def vendors(d: ModelData) -> list[str]:
    """All vendors, sorted."""
    return sorted({b.vendor for b in d.blocks})


def candidates(d: ModelData, i: int) -> list[tuple[int, int]]:
    """Who may hold a single-site or single-vendor demand: (site or ANY, vendor or ANY)."""
    x = d.problem.demand[i]
    sites = range(len(d.sites)) if x.single_site else [ANY]
    makers = range(len(vendors(d))) if x.single_vendor else [ANY]
    return [(s, v) for s in sites for v in makers if s == ANY or covered(d, i, s, v)]


def amount_of(m: Any, d: ModelData, i: int, s: int, v: int, p: int) -> Linear:
    """The energised metric that one holder (or everyone) brings."""
    x = d.problem.demand[i]
    out = Linear()
    for t in range(len(d.sites)) if s == ANY else [s]:
        if blocks := covered(d, i, t, v):
            out.plus(1.0, metric_at(m, d, t, p, x.metric, blocks))
    return out


def demand_met(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`\sum v_k e_{skp} + u_{dp} \ge D_d`."""
    out = amount_of(m, d, i, ANY, ANY, p)
    if (i, p) in m.shortfall:
        out.add(1.0, m.shortfall[i, p])
    return out.at_least(m, d.problem.demand[i].amount)


def exactly_one(m: Any, d: ModelData, i: int) -> Any:
    r""":math:`\sum_h z_{dh} = 1`: one and the same holder throughout."""
    out = Linear()
    for s, v in candidates(d, i):
        out.add(1.0, m.holder[i, s, v])
    return out.equals(m, 1.0)


def holder_meets(m: Any, d: ModelData, i: int, s: int, v: int, p: int) -> Any:
    r""":math:`\sum_{k} v_k e_{hkp} + u_{dp} \ge D_d z_{dh}`."""
    out = amount_of(m, d, i, s, v, p).add(-d.problem.demand[i].amount, m.holder[i, s, v])
    if (i, p) in m.shortfall:
        out.add(1.0, m.shortfall[i, p])
    return out.at_least(m, 0.0)
