"""The model, read as a contents page."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.constraints import FAMILIES
from planner.model.data import ModelData
from planner.model.decisions import declare
from planner.model.linear import Linear
from planner.model.objectives import OBJECTIVES


def build_model(d: ModelData) -> Any:
    """Every decision and every family of limits; the objective is set apart, so that stages share one model."""
    m = pyo.ConcreteModel(name="gigasite")
    declare(m, d)
    for family in FAMILIES:
        family.add(m, d)
    return m


def objective(m: Any, d: ModelData, name: str) -> Linear:
    """One of the objectives of M8.1, or ``spending`` for the tie-break."""
    return OBJECTIVES[name](m, d)
