"""Land (M3.5): what stands, ordered or online, needs ground."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import blocks_at, is_open, standing
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    used = [s for s in range(len(d.sites)) if any(d.blocks[k].footprint_ha > 0 for k in blocks_at(d, s))]
    m.land = pyo.Constraint(used, range(d.P), rule=lambda m, s, p: ground_limit(m, d, s, p))


def ground_limit(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`\sum_k f_k \, t_{skp} \le H_s \, y_{sp}` (hectares, no more than all units could need); an order at a shut site has no
    ground to stand on."""
    out = Linear()
    each = {k: d.blocks[k].footprint_ha for k in blocks_at(d, s) if d.blocks[k].footprint_ha > 0}
    for k, ha in each.items():
        out.plus(ha, standing(m, d, s, k, p))
    if not out.vars and not out.constant:
        return pyo.Constraint.Skip
    return out.plus(-d.smallest(float(d.buildable_ha[s]), s, each), is_open(m, d, s, p)).at_most(m, 0.0)
