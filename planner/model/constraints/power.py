"""Grid power (M3.4), and existing units that stand idle where it is short (M2.8)."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import blocks_at, gone, is_open, metric_at
from planner.model.linear import Linear

EPS = 1e-5
"""An idle unit must miss the grid limit by more than the check's tolerance."""


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    powered = [s for s in range(len(d.sites)) if any(d.blocks[k].it_mw > 0 for k in blocks_at(d, s))]
    m.power = pyo.Constraint(powered, range(d.P), rule=lambda m, s, p: grid_limit(m, d, s, p))
    m.idle_if_short = pyo.Constraint(list(m.idle), rule=lambda m, s, k, p: idle_only_if_short(m, d, s, k, p))
    m.short_if_full = pyo.Constraint(list(m.idle), rule=lambda m, s, k, p: short_means_no_room(m, d, s, k, p))
    m.idle_if_there = pyo.Constraint(
        [(s, k, p) for s, k, p in m.idle if (s, k, p) in m.left], rule=lambda m, s, k, p: idle_not_gone(m, d, s, k, p)
    )


def grid_limit(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`\sum_k w_k e_{skp} \le \frac{G_{sp}}{PUE^{peak}_{sp}} \, y_{sp}` (IT MW; :math:`y = 1` at committed sites).

    Dividing by the PUE keeps the row in IT MW; multiplying the limit by :math:`y` closes part of the relaxation's gap.
    """
    limit = d.grid_mw[s, p] / d.pue_peak[s, p] if d.pue_peak[s, p] > 0 else 0.0
    left = metric_at(m, d, s, p, "it_mw")
    if not left.vars and not left.constant:
        return pyo.Constraint.Skip
    return left.plus(-float(limit), is_open(m, d, s, p)).at_most(m, 0.0)


def idle_only_if_short(m: Any, d: ModelData, s: int, k: int, p: int) -> Any:
    r""":math:`i_{skp} \le N_{skp} \, z_{skp}`."""
    n = float(d.existing_online(s, k, p))
    return Linear().add(1.0, m.idle[s, k, p]).add(-n, m.short[s, k, p]).at_most(m, 0.0)


def short_means_no_room(m: Any, d: ModelData, s: int, k: int, p: int) -> Any:
    r""":math:`\sum_j w_j e_{sjp} + w_k \ge (G_{sp}/PUE_{sp} + \epsilon) \, z_{skp}`: one more unit would not fit."""
    limit = float(d.grid_mw[s, p] / d.pue_peak[s, p])
    out = metric_at(m, d, s, p, "it_mw").add(-(limit + EPS * max(1.0, limit)), m.short[s, k, p])
    return out.at_least(m, -d.blocks[k].it_mw)


def idle_not_gone(m: Any, d: ModelData, s: int, k: int, p: int) -> Any:
    r""":math:`i_{skp} + g_{skp} \le A_{skp} + \bar g (1 - z_{skp})`: units that left cannot stand idle (oldest leave first)."""
    arrived = float(sum(b.units for b in d.batches_at[s] if b.k == k and b.on <= p))
    q = d.pair_of.get((s, k))
    loose = float(q.most[q.last]) if q is not None else 0.0
    out = gone(m, d, s, k, p).add(1.0, m.idle[s, k, p]).add(loose, m.short[s, k, p])
    return out.at_most(m, arrived + loose)
