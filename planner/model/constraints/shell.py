"""Shell and the pace of building it (M3.6)."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import (
    blocks_at,
    builds,
    metric_at,
    own_online,
    pair_online,
    partner_builds,
    shell_leases,
    shell_periods,
    started,
    started_by_partner,
)
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    building = [s for s in range(len(d.sites)) if builds(d, s)]
    m.shell_holds = pyo.Constraint(building, range(d.P), rule=lambda m, s, p: shell_limit(m, d, s, p))
    partners = [s for s in building if shell_leases(d, s)]
    if partners:
        m.own_shell = pyo.Constraint(partners, range(d.P), rule=lambda m, s, p: own_shell_limit(m, d, s, p))
    m.pace = pyo.Constraint(
        [(s, p) for s in building if d.sites[s].pace_mw_per_year is not None for p in shell_periods(d, s)],
        rule=lambda m, s, p: pace_limit(m, d, s, p),
    )


def shell_limit(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`\sum_k w_k o_{skp} \le E_{sp} + b_{s,p-B_s} + \sum_j b^j_{s,p-B_s}`: online IT MW stand in finished shell."""
    out = metric_at(m, d, s, p, "it_mw", of="online")
    if not out.vars and out.constant <= d.shell_mw[s, p] * (1 + 1e-9):
        return pyo.Constraint.Skip
    out.add(-1.0, started(m, d, s, p - d.build[s]))
    for j in shell_leases(d, s):
        out.add(-1.0, started_by_partner(m, d, j, s, p - d.build[s]))
    return out.at_most(m, float(d.shell_mw[s, p]))


def own_shell_limit(m: Any, d: ModelData, s: int, p: int) -> Any:
    r"""M5.13: what no partner houses stands in existing or own shell, :math:`\sum_k w_k o^{own}_{skp} \le E_{sp} + b_{s,p-B_s}`."""
    out = Linear()
    for k in blocks_at(d, s):
        mw = d.blocks[k].it_mw
        out.plus(mw, own_online(m, d, s, k, p))
        for q in d.leased_of.get((s, k), ()):
            if not partner_builds(d, q):
                out.plus(mw, pair_online(m, d, q, p))
    if not out.vars and out.constant <= d.shell_mw[s, p] * (1 + 1e-9):
        return pyo.Constraint.Skip
    return out.add(-1.0, started(m, d, s, p - d.build[s])).at_most(m, float(d.shell_mw[s, p]))


def pace_limit(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`b_{sp} - b_{s,p-W} \le R_s`, W the periods of twelve months; what partners build counts."""
    first = shell_periods(d, s)[0]
    out = Linear().add(1.0, m.shell[s, p])
    if p - d.window >= first:
        out.add(-1.0, m.shell[s, p - d.window])
    for j in shell_leases(d, s):
        out.add(1.0, m.leased_shell[j, s, p])
        if p - d.window >= first:
            out.add(-1.0, m.leased_shell[j, s, p - d.window])
    return out.at_most(m, d.pace[s])
