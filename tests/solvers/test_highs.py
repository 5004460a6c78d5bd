"""The bridge to HiGHS trusts nothing: what solvers silently mistreat is refused, and every ending is told apart."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.core.expr import LinearExpression
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from planner.errors import ModelError, SolverError
from solvers.engines import highs
from solvers.engines.form import Form, check, compile_model
from solvers.engines.highs import Highs, solve
from tests.model.tiny import draw
from tests.model.tiny_deals import draw as draw_deals
from tests.worlds import program

INF = np.inf


def knapsack(n: int = 40, seed: int = 0) -> Form:
    """Maximise 40 values under three weights: hard enough to branch."""
    r = np.random.default_rng(seed)
    A = r.integers(10, 100, size=(3, n)).astype(float)
    return Form(
        -r.integers(20, 120, size=n).astype(float),
        0.0,
        sparse.csc_matrix(A),
        np.full(3, -INF),
        np.floor(A.sum(axis=1) / 2),
        np.zeros(n),
        np.ones(n),
        np.ones(n, dtype=bool),
        tuple(("weight", i) for i in range(3)),
    )


def with_entry(form: Form, value: float) -> Form:
    """One coefficient replaced."""
    A = sparse.lil_matrix(form.A)
    A[0, 0] = value
    return dataclasses.replace(form, A=sparse.csc_matrix(A))


def test_a_coefficient_of_1e15_is_refused_by_name() -> None:
    """Handed on, it would drop every row, and the answer would still be called optimal."""
    with pytest.raises(ModelError, match=r"weight.*units"):
        check(with_entry(knapsack(), 1e15))
    wide = dataclasses.replace(with_entry(knapsack(), 1e11), upper=np.full(40, 1e9))
    with pytest.raises(SolverError, match="nine orders"):
        Highs(wide, integer=True)


def test_a_coefficient_of_1e15_in_a_model_is_refused() -> None:
    m = pyo.ConcreteModel()
    m.x = pyo.Var(bounds=(0, 1))
    m.y = pyo.Var(bounds=(0, 1))
    m.row = pyo.Constraint(expr=1e15 * m.x + m.y <= 1)
    with pytest.raises(ModelError, match="row"):
        compile_model(m)


@pytest.mark.parametrize("seed", range(9700, 9708))
def test_a_model_is_compiled_to_what_pyomo_makes_of_it(seed: int) -> None:
    """Rows, sides, bounds and names against Pyomo's standard form, with deals and without."""
    _, m, _, compiled = program(*(draw_deals(seed) if seed % 2 else draw(seed)))
    everything = LinearExpression(
        constant=0, linear_coefs=[1.0] * len(compiled.columns), linear_vars=list(compiled.columns)
    )
    m.all_columns = pyo.Objective(expr=everything)
    told = LinearStandardFormCompiler().write(m, mixed_form=True, set_sense=pyo.minimize)
    assert [id(v) for v in told.columns] == [id(v) for v in compiled.columns]
    form, kind, rhs = compiled.form, np.array([r.bound_type for r in told.rows]), np.asarray(told.rhs, dtype=float)
    assert abs(form.A - sparse.csc_matrix(told.A)).max() < 1e-9
    assert (form.row_lower == np.where(kind <= 0, rhs, -np.inf)).all()
    assert (form.row_upper == np.where(kind >= 0, rhs, np.inf)).all()
    assert form.rows == tuple((r.constraint.parent_component().local_name, r.constraint.index()) for r in told.rows)


def test_a_row_that_is_not_linear_is_refused() -> None:
    m = pyo.ConcreteModel()
    m.x = pyo.Var(bounds=(0, 1))
    m.row = pyo.Constraint(expr=m.x**2 <= 1)
    with pytest.raises(ModelError, match="row row is not linear"):
        compile_model(m)


@pytest.mark.parametrize("where", ["A", "cost", "offset", "row_upper", "lower"])
def test_not_a_number_is_refused(where: str) -> None:
    form = knapsack()
    if where == "A":
        form = with_entry(form, np.nan)
    elif where == "offset":
        form = dataclasses.replace(form, offset=np.nan)
    else:
        bad = getattr(form, where).copy()
        bad[0] = np.nan
        form = dataclasses.replace(form, **{where: bad})
    with pytest.raises(ModelError):
        check(form)


def test_crossed_bounds_are_refused() -> None:
    form = knapsack()
    with pytest.raises(ModelError, match="weight"):
        check(dataclasses.replace(form, row_lower=form.row_upper + 1))


def test_an_unknown_option_is_refused() -> None:
    h = Highs(knapsack(), integer=True)
    with pytest.raises(SolverError, match="mip_rel_gpa"):
        h.run(mip_rel_gpa=0.1)
    with pytest.raises(SolverError, match="presolve"):
        h.set("presolve", 12.5)


def test_a_model_that_arrives_in_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS must hold as many columns, rows and coefficients as it was given."""
    monkeypatch.setattr(highspy.Highs, "getNumRow", lambda self: 2)
    with pytest.raises(SolverError, match="2"):
        Highs(knapsack(), integer=True)


def test_a_version_known_to_be_wrong_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(highs.BAD_VERSIONS, highspy.Highs().version(), "a test says so")
    with pytest.raises(SolverError, match="a test says so"):
        Highs(knapsack(), integer=True)


def test_infeasible_and_limit_are_told_apart() -> None:
    """No point exists, or none was looked for long enough."""
    form = knapsack()
    nothing = dataclasses.replace(form, row_lower=form.row_upper + 1, row_upper=np.full(3, INF), upper=np.full(40, 0.1))
    assert solve(nothing).outcome == "infeasible"
    short = solve(knapsack(120), max_nodes=0, presolve="off", mip_heuristic_effort=0.0)
    assert short.outcome == "limit"
    assert short.bound < short.objective


def test_a_clock_is_a_limit() -> None:
    assert solve(knapsack(200, seed=3), time_limit_s=0.05).outcome in ("limit", "optimal")


def test_a_start_is_taken() -> None:
    """The best point as MIP start, no heuristics, no nodes: it is in hand at once."""
    form = knapsack(60, seed=1)
    best = solve(form)
    assert best.outcome == "optimal" and best.x is not None
    held = solve(form, start=best.x, max_nodes=0, mip_heuristic_effort=0.0)
    assert held.x is not None
    assert held.objective == pytest.approx(best.objective)


def test_bound_and_objective_are_the_forms_own() -> None:
    """Rows and costs are scaled inside; nothing of it shows. Costs of 1e-4 and an offset."""
    form = dataclasses.replace(knapsack(), cost=knapsack().cost * 1e-4, offset=7.0)
    plain, small = solve(knapsack()), solve(form)
    assert small.objective == pytest.approx(7 + plain.objective * 1e-4)
    assert small.bound == pytest.approx(small.objective, abs=1e-9)


def test_points_are_told_as_they_come() -> None:
    """Each better than the one before, each feasible, none beyond the bound."""
    form, told = knapsack(80, seed=2), []
    h = Highs(form, integer=True)
    h.run(on_point=lambda x, value, bound: told.append((x, value, bound)), time_limit_s=20.0)
    values = [v for _, v, _ in told]
    assert values == sorted(values, reverse=True) and values
    for x, value, bound in told:
        assert (form.A @ x <= form.row_upper + 1e-6).all()
        assert form.value(np.round(x)) == pytest.approx(value)
        assert bound <= value + 1e-6


def test_a_wish_to_stop_is_heard() -> None:
    form = hard_knapsack()
    result = Highs(form, integer=True).run(on_pulse=lambda value, bound: True, time_limit_s=30.0)
    assert result.outcome in ("interrupted", "optimal")


def hard_knapsack() -> Form:
    """150 items, values near weights."""
    form = knapsack(150, seed=5)
    return dataclasses.replace(form, cost=-np.asarray(form.A.sum(axis=0), dtype=np.float64).ravel() - 10.0)


def test_an_exception_while_listening_does_not_cross_into_the_solver() -> None:
    """It ends the search, not the process, and is not swallowed."""

    def broken(*_: Any) -> bool:
        raise RuntimeError("listener")

    began = time.monotonic()
    with pytest.raises(RuntimeError, match="listener"):
        Highs(hard_knapsack(), integer=True).run(on_pulse=broken, time_limit_s=30.0)
    assert time.monotonic() - began < 15


def test_a_relaxation_brings_multipliers() -> None:
    """They belong to the form's own rows, whatever was scaled: c - A'y has the right signs at the bounds."""
    form = knapsack()
    tiny_rows = dataclasses.replace(form, A=sparse.csc_matrix(form.A * 1e-4), row_upper=form.row_upper * 1e-4)
    result = solve(tiny_rows, integer=False)
    assert result.x is not None and result.row_dual is not None
    reduced = tiny_rows.cost - tiny_rows.A.T @ result.row_dual
    assert (reduced[result.x < 1e-7] >= -1e-5).all() and (reduced[result.x > 1 - 1e-7] <= 1e-5).all()
    dual = result.row_dual @ tiny_rows.row_upper + np.minimum(reduced, 0).sum()
    assert dual == pytest.approx(result.objective, rel=1e-6)


def test_an_empty_program_is_its_offset() -> None:
    none = np.zeros(0)
    form = Form(none, 3.0, sparse.csc_matrix((0, 0)), none, none, none, none, np.zeros(0, dtype=bool))
    assert solve(form).objective == 3.0
