"""Loans (M5.5): drawn up to a limit and up to a share of covered capex, paid back as annuities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from planner.model.data import Array, ModelData
from planner.model.deals.covered import capex_flows
from planner.model.deals.loans import loan, of
from planner.model.decisions import signed
from planner.model.flows import by_due
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family. ``drawn[i,p]`` is what has ever been drawn by p."""
    index = [(i, p) for i, _ in of(d) for p in range(d.P)]
    if not index:
        return
    m.drawn = pyo.Var(
        index, domain=pyo.NonNegativeReals, bounds=lambda _, i, p: (0.0, d.time.value(loan(d, i).limit_musd, p))
    )
    m.drawn_rises = pyo.Constraint([(i, p) for i, p in index if p], rule=lambda m, i, p: never_falls(m, i, p))
    m.drawn_if_signed = pyo.Constraint(
        [(i, p) for i, x in of(d) if x.optional for p in _before_rises(d.time.values(x.limit_musd))],
        rule=lambda m, i, p: only_signed(m, d, i, p),
    )
    shared = [i for i, x in of(d) if x.max_share is not None]
    m.covered_capex = pyo.Var([(i, p) for i in shared for p in range(d.P)], domain=pyo.Reals)
    for i in shared:
        spent = by_due(capex_flows(m, d, loan(d, i)), d.P)
        rows = pyo.Constraint(range(d.P), rule=lambda m, p, i=i, spent=spent: capex_so_far(m, i, p, spent[p]))
        m.add_component(f"covered_capex_is_{i}", rows)
    m.drawn_share = pyo.Constraint(
        [(i, p) for i in shared for p in range(d.P)], rule=lambda m, i, p: within_share(m, d, i, p)
    )


def _before_rises(limits: Array) -> list[int]:
    """The last period of each level of a limit; where it is 0 nothing can be drawn anyway."""
    last = np.append(np.diff(limits) > 0, True)
    return [int(p) for p in np.flatnonzero(last & (limits > 0))]


def never_falls(m: Any, i: int, p: int) -> Any:
    r""":math:`\Delta_{i,p-1} \le \Delta_{ip} \le \bar\Delta_{ip}`: the limit is the variable's bound."""
    return Linear().add(1.0, m.drawn[i, p - 1]).add(-1.0, m.drawn[i, p]).at_most(m, 0.0)


def only_signed(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`\Delta_{ip} \le \bar\Delta_{ip} \, s_i` in the last period before the limit rises, and in the last of all.

    What is drawn never falls, so the periods before follow; a row at the end alone would be loose while the limit is lower.
    """
    limit = d.time.value(loan(d, i).limit_musd, p)
    return Linear().add(1.0, m.drawn[i, p]).plus(-limit, signed(m, d, i)).at_most(m, 0.0)


def capex_so_far(m: Any, i: int, p: int, spent: Linear) -> Any:
    r""":math:`C_{ip} = C_{i,p-1} + c_{ip}`."""
    out = Linear().add(1.0, m.covered_capex[i, p]).plus(-1.0, spent)
    if p:
        out.add(-1.0, m.covered_capex[i, p - 1])
    return out.equals(m, 0.0)


def within_share(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`\Delta_{ip} \le \sigma_i \, C_{ip}`."""
    share = loan(d, i).max_share
    assert share is not None
    return Linear().add(1.0, m.drawn[i, p]).add(-share, m.covered_capex[i, p]).at_most(m, 0.0)
