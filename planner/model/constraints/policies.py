"""Policies (M7.3): one equation a kind. ``forbid`` needs no row: what it forbids is never created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import blocks_at, is_open, metric_at, ordered
from planner.model.linear import Linear
from planner.problem.common import Filter
from planner.problem.policies import (
    Limit,
    Lock,
    Separation,
    SiteCount,
    SiteMinimum,
    SurviveAnySiteLoss,
    VendorShare,
    ZoneHeadroom,
)
from planner.problem.problem import matches


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    P = range(d.P)
    m.limit_min = pyo.Constraint(_of(d, Limit), P, rule=lambda m, i, p: limit_row(m, d, i, p, "min"))
    m.limit_max = pyo.Constraint(_of(d, Limit), P, rule=lambda m, i, p: limit_row(m, d, i, p, "max"))
    shares = [(i, p) for i in _of(d, VendorShare) for p in _from(d, i)]
    m.share_min = pyo.Constraint(shares, rule=lambda m, i, p: share_row(m, d, i, p, "min"))
    m.share_max = pyo.Constraint(shares, rule=lambda m, i, p: share_row(m, d, i, p, "max"))
    m.site_count = pyo.Constraint(_of(d, SiteCount), ["min", "max"], rule=lambda m, i, side: count_row(m, d, i, side))
    m.site_minimum = pyo.Constraint(
        [(i, s) for i in _of(d, SiteMinimum) for s in range(len(d.sites)) if d.opens_from[s] < d.P],
        rule=lambda m, i, s: minimum_row(m, d, i, s),
    )
    m.lock = pyo.Constraint(_of(d, Lock), rule=lambda m, i: lock_row(m, d, i))
    m.separation = pyo.Constraint(list(_close(d)), rule=lambda m, i, a, b: apart_row(m, d, a, b))
    m.zone = pyo.Constraint(_of(d, ZoneHeadroom), P, rule=lambda m, i, p: zone_row(m, d, i, p))
    losses = [(i, p) for i in _of(d, SurviveAnySiteLoss) for p in _from(d, i)]
    m.all_sites = pyo.Var(losses, domain=pyo.NonNegativeReals)
    m.all_sites_sum = pyo.Constraint(losses, rule=lambda m, i, p: sum_row(m, d, i, p))
    m.survive = pyo.Constraint(
        [(i, s, p) for i, p in losses for s in _losable(d)],
        rule=lambda m, i, s, p: survive_row(m, d, i, s, p),
    )


def _of(d: ModelData, kind: type) -> list[int]:
    return [i for i, x in enumerate(d.problem.policies) if isinstance(x, kind)]


def _from(d: ModelData, i: int) -> range:
    x = d.problem.policies[i]
    assert isinstance(x, VendorShare | SurviveAnySiteLoss)
    return range(max(0, d.time.starts(x.from_)), d.P)


def _losable(d: ModelData) -> list[int]:
    """Sites whose loss may matter; where nothing can stand anywhere one row is kept, so that the promise is still asked for."""
    return [s for s in range(len(d.sites)) if any(True for _ in blocks_at(d, s))] or [0]


def filtered(m: Any, d: ModelData, f: Filter, p: int, metric: str, of: str = "energised") -> Linear:
    """A metric summed over everything inside a filter."""
    out = Linear()
    for s, site in enumerate(d.sites):
        if matches(f, site, None):
            blocks = frozenset(k for k in blocks_at(d, s) if matches(f, None, d.blocks[k]))
            if blocks:
                out.plus(1.0, metric_at(m, d, s, p, metric, blocks, of))
    return out


def limit_row(m: Any, d: ModelData, i: int, p: int, side: str) -> Any:
    r""":math:`A^{min}_p \le \sum_{F} v_k o_{skp} \le A^{max}_p` (online, or ever ordered)."""
    x = d.problem.policies[i]
    assert isinstance(x, Limit)
    bound = x.min if side == "min" else x.max
    if bound is None:
        return pyo.Constraint.Skip
    out, value = filtered(m, d, x.filter, p, x.metric, x.of), d.time.value(bound, p)
    return out.at_least(m, value) if side == "min" else out.at_most(m, value)


def share_row(m: Any, d: ModelData, i: int, p: int, side: str) -> Any:
    r""":math:`\alpha \sum_{all} v e \le \sum_{vendor} v e \le \beta \sum_{all} v e`: trivially met at 0."""
    x = d.problem.policies[i]
    assert isinstance(x, VendorShare)
    bound = x.min if side == "min" else x.max
    if bound is None:
        return pyo.Constraint.Skip
    out = filtered(m, d, Filter(vendors=(x.vendor,)), p, x.metric)
    out.plus(-bound, filtered(m, d, Filter(), p, x.metric))
    if not out.vars and not out.constant:
        return pyo.Constraint.Skip
    return out.at_least(m, 0.0) if side == "min" else out.at_most(m, 0.0)


def count_row(m: Any, d: ModelData, i: int, side: str) -> Any:
    r""":math:`N^{min} \le \sum_s y_{sP} \le N^{max}`: sites never shut, so the last period tells for all."""
    x = d.problem.policies[i]
    assert isinstance(x, SiteCount)
    bound = x.min if side == "min" else x.max
    if bound is None:
        return pyo.Constraint.Skip
    out = Linear()
    for s, site in enumerate(d.sites):
        if matches(x.filter, site, None):
            out.plus(1.0, is_open(m, d, s, d.P - 1))
    return out.at_least(m, float(bound)) if side == "min" else out.at_most(m, float(bound))


def minimum_row(m: Any, d: ModelData, i: int, s: int) -> Any:
    r""":math:`\sum_k w_k e_{skP} \ge M \, y_{sP}` over the blocks inside the filter."""
    x = d.problem.policies[i]
    assert isinstance(x, SiteMinimum)
    if not matches(x.filter, d.sites[s], None):
        return pyo.Constraint.Skip
    last = d.P - 1
    blocks = frozenset(k for k, block in enumerate(d.blocks) if matches(x.filter, None, block))
    return metric_at(m, d, s, last, "it_mw", blocks).plus(-x.it_mw, is_open(m, d, s, last)).at_least(m, 0.0)


def lock_row(m: Any, d: ModelData, i: int) -> Any:
    r""":math:`y_{sP} \ge 1`, or :math:`n_{skp} - n_{sk,p-1} \ge u`."""
    x = d.problem.policies[i]
    assert isinstance(x, Lock)
    index = {site.id: s for s, site in enumerate(d.sites)}
    if x.site is not None:
        return is_open(m, d, index[x.site], d.P - 1).at_least(m, 1.0)
    assert x.order is not None
    p = d.time.contains(x.order.month)
    if not 0 <= p < d.P:
        return pyo.Constraint.Skip
    k = [b.id for b in d.blocks].index(x.order.block)
    out = Linear()
    for q in d.pairs_of(index[x.order.site], k):
        terms = "own" if q.lease < 0 else d.problem.deals[q.lease].id
        if terms == x.order.terms and p <= q.last:
            out.add(1.0, ordered(m, q, p)).add(-1.0, ordered(m, q, p - 1))
    return out.at_least(m, float(x.order.units))


def _close(d: ModelData) -> Iterator[tuple[int, int, int]]:
    index = {site.id: s for s, site in enumerate(d.sites)}
    for i in _of(d, Separation):
        policy = d.problem.policies[i]
        assert isinstance(policy, Separation)
        for x in d.ground.close_pairs:
            a, b = index[x.a], index[x.b]
            if x.km < policy.km and not (d.committed[a] and d.committed[b]):
                yield i, a, b


def apart_row(m: Any, d: ModelData, a: int, b: int) -> Any:
    r""":math:`y_{aP} + y_{bP} \le 1` for sites closer than the separation (two committed sites are exempt)."""
    last = d.P - 1
    return is_open(m, d, a, last).plus(1.0, is_open(m, d, b, last)).at_most(m, 1.0)


def zone_row(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`\sum_{s \in F} PUE^{peak}_{sp} \sum_k w_k e_{skp} \le Z_p` (facility MW)."""
    x = d.problem.policies[i]
    assert isinstance(x, ZoneHeadroom)
    out = Linear()
    for s, site in enumerate(d.sites):
        if matches(x.filter, site, None):
            blocks = frozenset(k for k in blocks_at(d, s) if matches(x.filter, None, d.blocks[k]))
            out.plus(float(d.pue_peak[s, p]), metric_at(m, d, s, p, "it_mw", blocks))
    return out.at_most(m, d.time.value(x.facility_mw, p))


def sum_row(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`T_{p} = \sum_s \sum_k v_k e_{skp}`."""
    x = d.problem.policies[i]
    assert isinstance(x, SurviveAnySiteLoss)
    out = filtered(m, d, Filter(), p, x.metric)
    constant, out.constant = out.constant, 0.0
    return out.add(-1.0, m.all_sites[i, p]).equals(m, -constant)


def survive_row(m: Any, d: ModelData, i: int, s: int, p: int) -> Any:
    r""":math:`T_p - \sum_k v_k e_{skp} \ge A` for every site s."""
    x = d.problem.policies[i]
    assert isinstance(x, SurviveAnySiteLoss)
    return Linear().add(1.0, m.all_sites[i, p]).plus(-1.0, metric_at(m, d, s, p, x.metric)).at_least(m, x.amount)
