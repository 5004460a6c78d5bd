"""Shell and the pace of building it (M3.6)."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import builds, metric_at, shell_periods, started
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    building = [s for s in range(len(d.sites)) if builds(d, s)]
    m.shell_holds = pyo.Constraint(building, range(d.P), rule=lambda m, s, p: shell_limit(m, d, s, p))
    m.pace = pyo.Constraint(
        [(s, p) for s in building if d.sites[s].pace_mw_per_year is not None for p in shell_periods(d, s)],
        rule=lambda m, s, p: pace_limit(m, d, s, p),
    )


def shell_limit(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`\sum_k w_k o_{skp} \le E_{sp} + b_{s,p-B_s}`: online IT MW stand in finished shell."""
    out = metric_at(m, d, s, p, "it_mw", of="online")
    if not out.vars and out.constant <= d.shell_mw[s, p] * (1 + 1e-9):
        return pyo.Constraint.Skip
    return out.add(-1.0, started(m, d, s, p - d.build[s])).at_most(m, float(d.shell_mw[s, p]))


def pace_limit(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`b_{sp} - b_{s,p-W} \le R_s`, W the periods of twelve months."""
    first = shell_periods(d, s)[0]
    out = Linear().add(1.0, m.shell[s, p])
    if p - d.window >= first:
        out.add(-1.0, m.shell[s, p - d.window])
    return out.at_most(m, d.pace[s])
