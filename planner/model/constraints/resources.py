"""Resources that a site states (M3.7): water, fibre, permits."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import blocks_at, energised, is_open
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    m.resources = pyo.Constraint(
        [
            (s, r, p)
            for s, site in enumerate(d.sites)
            for r in sorted(site.resources)
            if any(d.blocks[k].uses.get(r) for k in blocks_at(d, s))
            for p in range(d.P)
        ],
        rule=lambda m, s, r, p: resource_limit(m, d, s, r, p),
    )


def resource_limit(m: Any, d: ModelData, s: int, r: str, p: int) -> Any:
    r""":math:`\sum_k u_{kr} e_{skp} \le Q_{srp} \, y_{sp}`; Q no more than all units could need."""
    out = Linear()
    each = {k: amount for k in blocks_at(d, s) if (amount := d.blocks[k].uses.get(r))}
    for k, amount in each.items():
        out.plus(amount, energised(m, d, s, k, p))
    if not out.vars and not out.constant:
        return pyo.Constraint.Skip
    limit = d.smallest(d.time.value(d.sites[s].resources[r], p), s, each)
    return out.plus(-limit, is_open(m, d, s, p)).at_most(m, 0.0)
