"""Which deals are signed (M5.7): those that are not optional always, and never two that exclude each other."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import signed
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    if not d.problem.deals:
        return
    m.signs = pyo.Var([i for i, x in enumerate(d.problem.deals) if x.optional], domain=pyo.Binary)
    m.exclusive = pyo.Constraint(pairs(d), rule=lambda m, i, j: at_most_one(m, d, i, j))


def pairs(d: ModelData) -> list[tuple[int, int]]:
    """Deals that exclude each other, whichever of the two says so."""
    index = {x.id: i for i, x in enumerate(d.problem.deals)}
    named = ((i, index[other]) for i, x in enumerate(d.problem.deals) for other in x.exclusive_with)
    return sorted({(min(a, b), max(a, b)) for a, b in named})


def at_most_one(m: Any, d: ModelData, i: int, j: int) -> Any:
    r""":math:`s_i + s_j \le 1`."""
    return Linear().plus(1.0, signed(m, d, i)).plus(1.0, signed(m, d, j)).at_most(m, 1.0)
