"""The substitution of cumulative columns by increments is exact, on random programs with chains of every shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Form
from solvers.engines.highs import solve
from solvers.engines.increments import Increments


def program(seed: int) -> tuple[Form, NDArray[np.int64]]:
    """Random whole and continuous columns, some of them chained ``x[j-1] <= x[j]``; rows with a feasible point inside."""
    r = np.random.default_rng(seed)
    n, rows = int(r.integers(2, 10)), int(r.integers(1, 5))
    before = np.array([j - 1 if j and r.random() < 0.6 else -1 for j in range(n)], dtype=np.int64)
    upper = r.integers(1, 6, size=n).astype(float)
    lower = np.where(r.random(n) < 0.15, 1.0, 0.0)
    for j in range(n):  # bounds of a chain rise, as those of cumulative quantities do
        if before[j] >= 0:
            upper[j], lower[j] = max(upper[j], upper[j - 1]), max(lower[j], lower[j - 1])
    whole = np.ones(n, dtype=bool) if r.random() < 0.5 else np.repeat(r.random() < 0.5, n)
    A = r.integers(-3, 4, size=(rows, n)).astype(float)
    inside = lower.copy()
    row_upper = A @ inside + r.integers(0, 6, size=rows)
    row_lower = np.where(r.random(rows) < 0.3, A @ inside - 4, -np.inf)
    links = [j for j in range(n) if before[j] >= 0]
    chain = np.zeros((len(links), n))
    for i, j in enumerate(links):
        chain[i, before[j]], chain[i, j] = 1.0, -1.0
    form = Form(
        r.integers(-5, 6, size=n).astype(float),
        float(r.integers(-3, 4)),
        sparse.csc_matrix(np.vstack([A, chain])),
        np.concatenate([row_lower, np.full(len(links), -np.inf)]),
        np.concatenate([row_upper, np.zeros(len(links))]),
        lower,
        np.maximum(upper, lower),
        whole,
    )
    return form, before


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_the_optimum_is_the_same(seed: int) -> None:
    """min over states equals min over increments, and the point read back is feasible over states at that value."""
    form, before = program(seed)
    inc = Increments.of(form, before)
    here, there = solve(form), solve(inc.rewrite(form))
    assert here.outcome == there.outcome
    if here.x is None or there.x is None:
        return
    assert there.objective == pytest.approx(here.objective, abs=1e-6)
    x = inc.states(there.x)
    assert form.value(x) == pytest.approx(there.objective, abs=1e-6)
    assert (form.A @ x <= form.row_upper + 1e-6).all() and (form.A @ x >= form.row_lower - 1e-6).all()
    assert (x >= form.lower - 1e-6).all() and (x <= form.upper + 1e-6).all()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_there_and_back(seed: int) -> None:
    """States -> increments -> states is the identity; whole stays whole; chain rows become bounds of increments."""
    form, before = program(seed)
    inc = Increments.of(form, before)
    x = np.random.default_rng(seed).integers(0, 9, size=len(before)).astype(float)
    assert (inc.states(inc.increments(x)) == x).all()
    assert (inc.increments(inc.states(x)) == x).all()
    assert inc.chain_row.sum() == (before >= 0).sum()


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6))
def test_the_relaxation_is_the_same(seed: int) -> None:
    """Nothing is lost or won in the relaxation either."""
    form, before = program(seed)
    here, there = solve(form, integer=False), solve(Increments.of(form, before).rewrite(form), integer=False)
    assert here.outcome == there.outcome
    if here.x is not None:
        assert there.objective == pytest.approx(here.objective, abs=1e-6)
