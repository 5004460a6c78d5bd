"""Bounds that multipliers prove, and what counts as a feasible point."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import SolverError
from solvers.engines.highs import solve
from solvers.strategies.common import dual_bound, feasible
from tests.solvers.test_increments import program


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_any_multipliers_prove_a_bound(seed: int) -> None:
    """Random ones, zeros, and the relaxation's own: never above the optimum of the whole program; the last as good as the LP."""
    form, _ = program(seed)
    best = solve(form)
    if best.x is None:
        return
    r = np.random.default_rng(seed)
    room = 1e-6 * max(1.0, abs(best.objective))
    for y in (np.zeros(form.A.shape[0]), r.normal(size=form.A.shape[0]) * 3, r.normal(size=form.A.shape[0]) * 1e-3):
        assert dual_bound(form, y) <= best.objective + room
    relaxed = solve(form, integer=False)
    assert relaxed.row_dual is not None
    assert dual_bound(form, relaxed.row_dual) <= best.objective + room
    assert math.isclose(dual_bound(form, relaxed.row_dual), relaxed.objective, rel_tol=1e-6, abs_tol=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_multipliers_of_an_interior_point_prove_a_bound(seed: int) -> None:
    """Without crossover they are only nearly optimal; the bound still holds (the LP is feasible and bounded)."""
    form, _ = program(seed)
    best = solve(form)
    try:
        relaxed = solve(form, integer=False, solver="ipx", run_crossover="off")
    except SolverError:  # an interior point may give up, and says so; the search then turns to simplex
        return
    if best.x is not None and relaxed.row_dual is not None:
        assert dual_bound(form, relaxed.row_dual) <= best.objective + 1e-6 * max(1.0, abs(best.objective))


def test_an_unbounded_column_proves_nothing() -> None:
    """A column without an upper bound and with a negative reduced cost: minus infinity, not a wrong number."""
    form, _ = program(1)
    free = dataclasses.replace(form, upper=np.full(len(form.upper), np.inf), cost=-np.ones(len(form.cost)))
    assert dual_bound(free, np.zeros(form.A.shape[0])) == -np.inf


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_feasible(seed: int) -> None:
    """An optimum is feasible; moved across a row by more than the tolerance of M8.3 it is not."""
    form, _ = program(seed)
    best = solve(form)
    if best.x is None:
        return
    assert feasible(form, best.x)
    activity = form.A @ best.x
    for shift, expected in ((0.5e-6, True), (1e-3, False)):
        row_upper = form.row_upper.copy()
        row_upper[0] = activity[0] - shift
        assert (
            feasible(dataclasses.replace(form, row_upper=row_upper, row_lower=np.full_like(row_upper, -np.inf)), best.x)
            is expected
        )
