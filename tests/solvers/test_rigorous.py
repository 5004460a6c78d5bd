"""The rigorous bound: below the exact value of the same sum, close to it, and never past a true optimum."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from benchmarks.published import facility_location
from planner.plan import Plan
from solvers.engines.form import Array, Form
from solvers.engines.highs import solve
from solvers.engines.increments import Increments
from solvers.limits import derived_limits
from solvers.rigorous import admissible, product, rigorous_bound
from solvers.strategies import lazy_rows, multipliers
from solvers.strategies.common import dual_bound
from solvers.strategies.multipliers import of_states
from tests.model.brute import best
from tests.model.test_classics import resolved
from tests.model.tiny import tiny_world
from tests.solvers.portfolio import portfolio
from tests.solvers.test_increments import program
from tests.worlds import answer, proven
from tests.worlds import program as compiled


def exact(form: Form, y: Array) -> Fraction:
    """The same sum in fractions, column by column. Every bound that matters is finite."""
    A = sparse.csc_matrix(form.A)
    total = Fraction(form.offset)
    for i, m in enumerate(y.tolist()):
        if m:
            total += Fraction(m) * Fraction(float(form.row_lower[i] if m > 0 else form.row_upper[i]))
    for j, c in enumerate(form.cost.tolist()):
        entries = range(A.indptr[j], A.indptr[j + 1])
        z = Fraction(c) - sum(Fraction(float(A.data[e])) * Fraction(float(y[A.indices[e]])) for e in entries)
        if z:
            total += z * Fraction(float(form.lower[j] if z > 0 else form.upper[j]))
    return total


def sizes(form: Form, y: Array) -> float:
    """How large what is summed is: rounding to the nearest can lose a share of this."""
    reach = np.maximum(np.abs(form.lower), np.abs(form.upper))
    side = np.where(np.isfinite(form.row_lower), np.abs(form.row_lower), 0) + np.where(
        np.isfinite(form.row_upper), np.abs(form.row_upper), 0
    )
    reduced = np.abs(form.cost - form.A.T @ y)
    return float(np.abs(y) @ side + reduced @ reach + abs(form.offset))


def random_program(seed: int, spread: float) -> Form:
    """Rows and columns whose figures lie up to ``spread`` powers of ten from 1, either way."""
    r = np.random.default_rng(seed)
    m, n = int(r.integers(1, 7)), int(r.integers(1, 9))

    def figures(*shape: int) -> Array:
        return r.normal(size=shape) * 10.0 ** r.uniform(-spread, spread, size=shape)

    A = figures(m, n) * (r.random((m, n)) < 0.6)
    low, up = np.sort(figures(2, m), axis=0)
    left, right = np.sort(figures(2, n), axis=0)
    low[r.random(m) < 0.4] = -np.inf
    up[r.random(m) < 0.4] = np.inf
    return Form(figures(n), float(figures(1)[0]), sparse.csc_matrix(A), low, up, left, right, r.random(n) < 0.5)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([0.0, 3.0, 12.0]))
def test_against_fractions(seed: int, spread: float) -> None:
    """Any multipliers, figures up to 1e12 beside 1e-12: never above the exact sum, and less than 1e-14 of what is summed below it."""
    form = random_program(seed, spread)
    r = np.random.default_rng(seed + 1)
    y = admissible(form, r.normal(size=form.A.shape[0]) * 10.0 ** r.uniform(-spread, spread, size=form.A.shape[0]))
    bound = rigorous_bound(form, y).bound
    true = exact(form, y)
    assert Fraction(bound) <= true
    assert float(true - Fraction(bound)) <= 1e-14 * sizes(form, y)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_multipliers_of_the_relaxation_are_tight(seed: int) -> None:
    """From the relaxation's own multipliers: the relaxation's value; past the optimum of the whole program never."""
    form, _ = program(seed)
    whole, relaxed = solve(form), solve(form, integer=False)
    if whole.x is None or relaxed.row_dual is None:
        return
    bound = rigorous_bound(form, relaxed.row_dual).bound
    size = max(1.0, abs(whole.objective))
    assert bound <= whole.objective + 1e-6 * size
    assert math.isclose(bound, relaxed.objective, rel_tol=1e-6, abs_tol=1e-6)


def test_where_ordinary_arithmetic_is_wrong() -> None:
    """One column held at 1 in three rows ``a x >= 0`` with a = 1e16, 1 and -1e16, all multipliers 1: its reduced cost is
    -1e16 - 1 + 1e16 = -1, and so is the bound. In doubles the first two terms are -1e16, and the sum is 0: past the truth."""
    a = np.array([[1e16], [1.0], [-1e16]])
    one, rows = np.ones(1), np.zeros(3)
    form = Form(np.zeros(1), 0.0, sparse.csc_matrix(a), rows, np.full(3, np.inf), one, one, one > 2)
    assert dual_bound(form, np.ones(3)) == 0.0
    bound = rigorous_bound(form, np.ones(3)).bound
    assert -1.0 - 1e-14 <= bound <= -1.0


def test_products_are_exact() -> None:
    """``p + e`` is the product, in fractions."""
    r = np.random.default_rng(0)
    a, b = (r.normal(size=500) * 10.0 ** r.uniform(-60, 60, size=500) for _ in range(2))
    p, e = product(a, b)
    for x, y, high, low in zip(a.tolist(), b.tolist(), p.tolist(), e.tolist(), strict=True):
        assert Fraction(high) + Fraction(low) == Fraction(x) * Fraction(y)


def test_an_unbounded_column_gets_its_bound_from_a_row_or_none() -> None:
    """max x + w: x has no bound, but 2 x + w <= 10 and w >= 0 give x <= 5; without the row nothing is proven, and it is said why."""
    A = sparse.csc_matrix(np.array([[2.0, 1.0]]))
    infinite = np.array([np.inf, 4.0])
    form = Form(-np.ones(2), 0.0, A, np.full(1, -np.inf), np.full(1, 10.0), np.zeros(2), infinite, np.zeros(2, bool))
    lower, upper = derived_limits(form)
    assert 5.0 <= upper[0] <= 5.0 + 1e-5 and lower[0] == 0.0
    # with y = 0: -(5 + 4); with y = -1/2 (the optimum's): -5 - 4 / 2
    assert math.isclose(rigorous_bound(form, np.zeros(1)).bound, -9.0, rel_tol=1e-5)
    assert math.isclose(rigorous_bound(form, np.array([-0.5])).bound, -7.0, rel_tol=1e-12)
    free = dataclasses.replace(form, row_upper=np.full(1, np.inf))
    proof = rigorous_bound(free, np.zeros(1))
    assert proof.bound == -np.inf and proof.column == 0 and "no finite bound" in proof.why


def test_an_account_hands_bounds_on_from_period_to_period() -> None:
    """cash_p = cash_(p-1) + 1 - x_p, cash_0 = 1 - x_0, all from 0 up without limit: cash_p <= p + 1 after p + 1 rounds."""
    n = 50
    carry = np.eye(n) - np.eye(n, k=-1)
    A = sparse.csc_matrix(np.hstack([carry, np.eye(n)]))
    form = Form(
        np.zeros(2 * n), 0.0, A, np.ones(n), np.ones(n), np.zeros(2 * n), np.full(2 * n, np.inf), np.zeros(2 * n, bool)
    )
    _, upper = derived_limits(form)
    assert np.allclose(upper[:n], np.arange(1, n + 1), rtol=1e-5) and (upper[:n] >= np.arange(1, n + 1)).all()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_derived_bounds_cut_off_nothing(seed: int) -> None:
    """Columns whose bounds are taken away get others that the relaxation's extreme values keep to."""
    form, _ = program(seed)
    r = np.random.default_rng(seed)
    upper = np.where(r.random(len(form.upper)) < 0.3, np.inf, form.upper)
    opened = dataclasses.replace(form, upper=upper)
    _, upper = derived_limits(opened)
    for j in np.flatnonzero(np.isfinite(upper) & ~np.isfinite(opened.upper)):
        most = solve(dataclasses.replace(opened, cost=-np.eye(len(upper))[j]), integer=False)
        if most.x is not None:
            assert most.x[j] <= upper[j] + 1e-6 * max(1.0, abs(upper[j]))


@pytest.mark.parametrize("bad", [1e-200, 1e200])
def test_figures_beyond_exact_products_prove_nothing(bad: float) -> None:
    """A coefficient whose products could lose digits is refused, not guessed at; such multipliers and sides are left out."""
    form = random_program(3, 0.0)
    A = sparse.csc_matrix(form.A.toarray())
    A.data[0] = bad
    assert rigorous_bound(dataclasses.replace(form, A=A), np.zeros(A.shape[0])).bound == -np.inf
    y = admissible(form, np.full(A.shape[0], bad))
    assert not y.any()


def held(plan: Plan, room: float) -> None:
    """The rigorous bound lies on the right side of an optimum, and no further out than ``bound`` allows."""
    assert plan.rigorous_bound is not None, plan.rigorous_source
    assert plan.objective is not None and plan.bound is not None and plan.rigorous_gap is not None
    sign = -1 if plan.objective_sense == "maximize" else 1
    assert sign * plan.rigorous_bound <= sign * plan.objective + room
    assert math.isclose(
        plan.rigorous_gap, abs(plan.objective - plan.rigorous_bound) / max(abs(plan.objective), 1e-9), rel_tol=1e-9
    )


@pytest.mark.parametrize("batch", range(6))
def test_against_every_plan_of_tiny_requests(batch: int) -> None:
    """Never on the wrong side of the best of all plans; every plan of a tiny request has a rigorous bound."""
    seen = 0
    for seed in range(batch * 10, batch * 10 + 10):
        problem, ground = tiny_world(seed)
        enumerated = best(problem, ground)
        if enumerated is None:
            continue
        plan = proven(problem, ground).plan
        held(plan, 1e-6 * max(1.0, abs(enumerated[0])))
        seen += 1
    assert seen


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_multipliers_of_the_program_over_increments(seed: int) -> None:
    """Handed back to the rows over states, chain rows included, they prove the relaxation's value there too."""
    form, before = program(seed)
    inc = Increments.of(form, before)
    rewritten = inc.rewrite(form)
    relaxed = solve(rewritten, integer=False)
    if relaxed.x is None or relaxed.row_dual is None:
        return
    rows = np.flatnonzero(~inc.chain_row)
    reduced = rewritten.cost - rewritten.A.T @ relaxed.row_dual
    y = of_states(inc, form, rows, relaxed.row_dual[: len(rows)], reduced)
    assert math.isclose(rigorous_bound(form, y).bound, relaxed.objective, rel_tol=1e-6, abs_tol=1e-6)


@pytest.mark.parametrize("single_source", [False, True])
def test_multipliers_of_rows_on_demand(monkeypatch: pytest.MonkeyPatch, single_source: bool) -> None:
    """Facility location with its implied rows brought in on demand: the rigorous bound is the relaxation's with all of them."""
    r = np.random.default_rng(4)
    costs = (r.random((5, 12)) * 40 + 5).round(3)
    document = facility_location([60] * 5, [30.0] * 5, [10.0] * 12, costs.tolist(), single_source=single_source)
    problem, ground = resolved(document)
    _, _, task, _ = compiled(problem, ground)
    whole = solve(task.stage_form(0), integer=False).objective
    monkeypatch.setattr(lazy_rows, "MANY", 0)
    monkeypatch.setattr(multipliers, "MANY", 0)
    plan = proven(problem, ground).plan
    held(plan, 1e-6 * max(1.0, abs(plan.objective or 0.0)))
    assert plan.rigorous_bound is not None and math.isclose(plan.rigorous_bound, whole, rel_tol=1e-4)


@pytest.mark.parametrize("strategy", ["monolithic", "relax_and_repair"])
def test_every_strategy_has_multipliers(strategy: str) -> None:
    """A mid-size portfolio: both strategies prove the same rigorous bound, the relaxation's."""
    problem, ground = portfolio(sites=8, blocks=3, periods=6, seed=2)
    _, _, task, _ = compiled(problem, ground)
    relaxed = task.stages[0].sign * solve(task.stage_form(0), integer=False).objective
    plan = answer(problem, ground, strategy=strategy, time_limit_s=5.0).plan
    held(plan, 1e-6 * abs(relaxed))
    assert plan.rigorous_bound is not None and math.isclose(plan.rigorous_bound, relaxed, rel_tol=1e-6)
