"""A second solver for the tests only: the same standard form, solved by SCIP."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import sparse

from solvers.engines.form import Form

pyscipopt = pytest.importorskip("pyscipopt")


@dataclass(frozen=True)
class Verdict:
    """SCIP's status, and its optimum where it has one (in the sense of minimisation)."""

    status: str
    objective: float | None


def solve(form: Form, time_limit_s: float = 30.0) -> Verdict:
    """One program, to a gap of zero."""
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.setParam("limits/time", time_limit_s)
    scip.setParam("limits/gap", 0.0)
    variables = [
        scip.addVar(
            vtype="I" if form.whole[j] else "C",
            lb=None if np.isneginf(form.lower[j]) else float(form.lower[j]),
            ub=None if np.isposinf(form.upper[j]) else float(form.upper[j]),
            obj=float(form.cost[j]),
        )
        for j in range(len(form.cost))
    ]
    rows = sparse.csr_matrix(form.A)
    for i in range(rows.shape[0]):
        span = slice(rows.indptr[i], rows.indptr[i + 1])
        terms = list(zip(rows.indices[span].tolist(), rows.data[span].tolist()))
        low, high = float(form.row_lower[i]), float(form.row_upper[i])
        if not terms:
            if low > 0 or high < 0:
                return Verdict("infeasible", None)
            continue
        total = pyscipopt.quicksum(c * variables[j] for j, c in terms)
        if low == high:
            scip.addCons(total == low)
        else:
            if np.isfinite(low):
                scip.addCons(total >= low)
            if np.isfinite(high):
                scip.addCons(total <= high)
    scip.optimize()
    status = str(scip.getStatus())
    return Verdict(status, float(scip.getObjVal()) + form.offset if status == "optimal" else None)
