"""Units that leave before their life ends (M2.7), oldest first."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import arrived, expired
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    index = list(m.left)
    m.left_rises = pyo.Constraint(index, rule=lambda m, s, k, p: never_back(m, s, k, p))
    m.left_expired = pyo.Constraint(index, rule=lambda m, s, k, p: age_ends(m, d, s, k, p))
    m.left_was_there = pyo.Constraint(index, rule=lambda m, s, k, p: was_online(m, d, s, k, p))
    m.resold_is_left = pyo.Constraint(index, rule=lambda m, s, k, p: sold_left(m, s, k, p))
    m.resold_is_early = pyo.Constraint(index, rule=lambda m, s, k, p: sold_early(m, d, s, k, p))


def _before(m: Any, s: int, k: int, p: int) -> Linear:
    return Linear().add(1.0, m.left[s, k, p - 1]) if p else Linear()


def never_back(m: Any, s: int, k: int, p: int) -> Any:
    r""":math:`g_{sk,p-1} \le g_{skp}`."""
    return _before(m, s, k, p).add(-1.0, m.left[s, k, p]).at_most(m, 0.0)


def age_ends(m: Any, d: ModelData, s: int, k: int, p: int) -> Any:
    r""":math:`g_{skp} \ge x_{skp}`: whoever reached the end of life is gone."""
    return expired(m, d, s, k, p).add(-1.0, m.left[s, k, p]).at_most(m, 0.0)


def was_online(m: Any, d: ModelData, s: int, k: int, p: int) -> Any:
    r""":math:`g_{skp} \le \max(a_{sk,p-1}, X_{skp})`: only units online in the period before can leave."""
    gone_before_start = float(sum(b.units for b in d.batches_at[s] if b.k == k and b.off <= p))
    if p == 0:
        there = Linear(float(sum(b.units for b in d.batches_at[s] if b.k == k and b.on <= -1)))
    else:
        there = arrived(m, d, s, k, p - 1)
    if not there.vars:
        there.constant = max(there.constant, gone_before_start)
    return Linear().add(1.0, m.left[s, k, p]).plus(-1.0, there).at_most(m, 0.0)


def sold_left(m: Any, s: int, k: int, p: int) -> Any:
    r""":math:`r_{skp} \le g_{skp} - g_{sk,p-1}`."""
    return _before(m, s, k, p).add(1.0, m.resold[s, k, p]).add(-1.0, m.left[s, k, p]).at_most(m, 0.0)


def sold_early(m: Any, d: ModelData, s: int, k: int, p: int) -> Any:
    r""":math:`r_{skp} \le g_{skp} - x_{skp}`: what its age took away is not sold."""
    return expired(m, d, s, k, p).add(1.0, m.resold[s, k, p]).add(-1.0, m.left[s, k, p]).at_most(m, 0.0)
