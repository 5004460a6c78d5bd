"""Purchase commitments (M5.3): so much progress by a date, or a price for what is missing."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.deals import progress
from planner.model.decisions import signed
from planner.problem.deals import PurchaseCommitment


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    promises = [
        (i, j)
        for i, x in enumerate(d.problem.deals)
        if isinstance(x, PurchaseCommitment)
        for j, one in enumerate(x.commitments)
        if d.time.contains(one.by) < d.P
    ]
    if not promises:
        return
    priced = [(i, j) for i, j in promises if _promise(d, i, j).shortfall_musd_per_unit is not None]
    m.commitment_missing = pyo.Var(
        priced, domain=pyo.NonNegativeReals, bounds=lambda _, i, j: (0.0, _promise(d, i, j).at)
    )
    m.commitments = pyo.Constraint(promises, rule=lambda m, i, j: kept(m, d, i, j))


def _promise(d: ModelData, i: int, j: int) -> Any:
    x = d.problem.deals[i]
    assert isinstance(x, PurchaseCommitment)
    return x.commitments[j]


def kept(m: Any, d: ModelData, i: int, j: int) -> Any:
    r""":math:`g_{ip} + u_{ij} \ge A_j \, s_i` in the period that contains the date; :math:`s_i` = 1 where the deal is signed.

    A hard promise (no :math:`u_{ij}`) is rounded up to what whole units can attain.
    """
    one = _promise(d, i, j)
    out, at = progress.progress(m, d, i, max(0, d.time.contains(one.by))), one.at
    if (i, j) in m.commitment_missing:
        out.add(1.0, m.commitment_missing[i, j])
    else:
        at = progress.lattice(d, progress.deal(d, i)).reached_at(at)
    return out.plus(-at, signed(m, d, i)).at_least(m, 0.0)
