"""Marks of milestones: found by the shape of their rows, and set farther away."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from solvers.engines.form import Form
from solvers.strategies.marks import farther
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relaxation import relaxation
from tests.solvers.portfolio import portfolio
from tests.solvers.test_crew import search_of


def test_one_mark_by_hand() -> None:
    """Columns: units at a site (48 MW each), progress, two tranches of 100 and 60 MW. Rows: ``progress = 48 units``,
    ``progress >= 100 a + 60 b``, ``a >= b``, and money ``spend - 8 a - 8 b <= 0``. A tenth farther: 110 and 66; nothing else moves."""
    inf = np.inf
    A = np.array([[-48.0, 1, 0, 0], [0, 1, -100, -60], [0, 0, 1, -1], [5, 0, -8, -8]])
    program = Form(
        np.zeros(4), 0.0, sparse.csc_matrix(A), np.array([0, 0, 0, -inf]), np.array([0, inf, inf, 0.0]),
        np.zeros(4), np.array([9, inf, 1, 1]), np.array([True, False, True, True]),
    )  # fmt: skip
    aims = np.array([False, False, True, True])
    out = farther(program, np.array([0, -1, -1, -1]), aims, 0.1)
    A[1] = [0, 1, -110, -66]
    assert out.A.toarray() == pytest.approx(A)
    two_halls = farther(program, np.array([0, -1, -1, -1]), aims, 0.1, halls=2.0)
    A[1] = [0, 1, -110 - 2 * 48, -66]  # from the first tranche on
    assert two_halls.A.toarray() == pytest.approx(A)
    assert farther(program, np.array([0, -1, -1, -1]), np.zeros(4, dtype=bool), 0.1).A.toarray() == pytest.approx(
        program.A.toarray()
    )


def test_farther_marks_are_never_worth_more() -> None:
    search = search_of(*portfolio(sites=8, blocks=3, periods=6, deals=True))
    aims = np.zeros(len(search.form.cost), dtype=bool)
    aims[milestone_columns(search)] = True
    nearer = relaxation(search)
    search.form = farther(search.form, search.task.site, aims, 0.3)
    away = relaxation(search)
    assert nearer is not None and away is not None and abs(search.form.A - search.task.form.A).max() > 0
    assert away.value > nearer.value + 1e-6 * abs(nearer.value)
