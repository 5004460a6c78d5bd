"""Grid power (M3.4), and existing units that stand idle where it is short (M2.8)."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData, whole
from planner.model.decisions import blocks_at, energised, gone, is_open, metric_at
from planner.model.linear import Linear
from planner.model.whole_units import Sizes, largest_sum, rounded

EPS = 1e-5
"""An idle unit must miss the grid limit by more than the check's tolerance."""

Row = tuple[float, int]
"""A limit in IT MW, and the period in which the site must be open for it."""
Units = tuple[tuple[int, int], ...]
"""Blocks, and the most units of each."""


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    powered = [s for s in range(len(d.sites)) if any(d.blocks[k].it_mw > 0 for k in blocks_at(d, s))]
    at = {(s, p): units_at(d, s, p) for s in powered for p in range(d.P)}
    rows = {i: tightest(d, *i, units) for i, units in at.items()}
    m.power = pyo.Constraint(powered, range(d.P), rule=lambda m, s, p: grid_limit(m, d, s, p, rows[s, p]))
    cuts = {} if d.relaxed else {(*i, delta): n for i in at for delta, n in rounded(rows[i][0], sizes(d, at[i]))}
    m.power_whole = pyo.Constraint(
        list(cuts), rule=lambda m, s, p, delta: whole_halls(m, d, s, p, delta, cuts[s, p, delta], rows[s, p][1])
    )
    m.idle_if_short = pyo.Constraint(list(m.idle), rule=lambda m, s, k, p: idle_only_if_short(m, d, s, k, p))
    m.short_if_full = pyo.Constraint(list(m.idle), rule=lambda m, s, k, p: short_means_no_room(m, d, s, k, p))
    m.idle_if_there = pyo.Constraint(
        [(s, k, p) for s, k, p in m.idle if (s, k, p) in m.left], rule=lambda m, s, k, p: idle_not_gone(m, d, s, k, p)
    )


def units_at(d: ModelData, s: int, p: int) -> Units:
    """Blocks that can be online and draw power."""
    return tuple((k, n) for k in blocks_at(d, s) if d.blocks[k].it_mw > 0 and (n := d.most_online(s, k, p)) > 0)


def sizes(d: ModelData, units: Units) -> Sizes:
    """The same by IT MW."""
    return tuple((d.blocks[k].it_mw, n) for k, n in units)


def tightest(d: ModelData, s: int, p: int, units: Units) -> Row:
    """The most that whole units can draw of the grid, or of the shell that can be finished.

    What is online in p was ordered at least the shortest lead before, so the site was open by then.
    """
    limit = float(d.grid_mw[s, p] / d.pue_peak[s, p]) if d.pue_peak[s, p] > 0 else 0.0
    if d.relaxed or not units:
        return limit, p
    lead = min(d.lead[k] for k, _ in units)
    return largest_sum(min(limit, float(d.reach_mw[s, p])), sizes(d, units)), p if d.committed[s] else p - lead


def grid_limit(m: Any, d: ModelData, s: int, p: int, row: Row) -> Any:
    r""":math:`\sum_k w_k e_{skp} \le \hat G_{sp} \, y_{s,p-l}` (IT MW; :math:`y = 1` at committed sites).

    :math:`\hat G` is the largest sum of whole units within :math:`G_{sp}/PUE^{peak}_{sp}` and within the shell that can stand
    by then, :math:`l` the shortest lead: both, and the :math:`y`, close part of the relaxation's gap.
    """
    left = metric_at(m, d, s, p, "it_mw")
    if not left.vars and not left.constant:
        return pyo.Constraint.Skip
    return left.plus(-row[0], is_open(m, d, s, row[1])).at_most(m, 0.0)


def whole_halls(m: Any, d: ModelData, s: int, p: int, delta: float, units: int, since: int) -> Any:
    r""":math:`\sum_k \lfloor w_k/\delta \rfloor e_{skp} \le \lfloor \hat G_{sp}/\delta \rfloor \, y_{s,p-l}`: implied by whole units.

    Where a hall is a large part of a site the relaxation would fill the rest with parts of halls.
    """
    out = Linear()
    for k in blocks_at(d, s):
        if (many := whole(d.blocks[k].it_mw, delta)) > 0:
            out.plus(float(many), energised(m, d, s, k, p))
    if not out.vars:
        return pyo.Constraint.Skip
    return out.plus(-float(units), is_open(m, d, s, since)).at_most(m, 0.0)


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
