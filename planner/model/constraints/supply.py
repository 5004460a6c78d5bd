"""What vendors can deliver (M2.4): cumulative, over all sites; what was not taken stays available."""

from __future__ import annotations

import math
from typing import Any

import pyomo.environ as pyo

from planner.model.data import SLACK, ModelData
from planner.model.decisions import ordered
from planner.model.linear import Linear
from planner.problem.problem import matches


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    limited = [k for k, b in enumerate(d.blocks) if b.supply is not None]
    m.supply = pyo.Constraint(limited, range(d.P), rule=lambda m, k, p: block_supply(m, d, k, p))
    m.supply_pool = pyo.Constraint(
        range(len(d.problem.supply_pools)), range(d.P), rule=lambda m, i, p: pool_supply(m, d, i, p)
    )


def block_supply(m: Any, d: ModelData, k: int, p: int) -> Any:
    r""":math:`\sum_s n_{skp} \le \lfloor S_{kp} \rfloor`: only whole units can be ordered."""
    out = Linear()
    for q in d.all_pairs:
        if q.k == k:
            out.add(1.0, ordered(m, q, p))
    supply = d.blocks[k].supply
    assert supply is not None
    return out.at_most(m, math.floor(d.time.value(supply, p) * (1 + SLACK) + SLACK))


def pool_supply(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`\sum_{sk \in F} v_k n_{skp} \le A_p`."""
    pool = d.problem.supply_pools[i]
    out = Linear()
    for q in d.all_pairs:
        if matches(pool.filter, d.sites[q.s], d.blocks[q.k]):
            out.add(d.value_of(pool.metric, q.k), ordered(m, q, p))
    return out.at_most(m, d.time.value(pool.amount, p))
