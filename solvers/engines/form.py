"""A mixed-integer program as plain arrays: what travels to the solver process, and what every engine accepts."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.core.expr import LinearExpression
from pyomo.core.expr.relational_expr import EqualityExpression
from pyomo.repn import generate_standard_repn
from scipy import sparse

from planner.errors import ModelError
from planner.model.linear import Linear

Array = NDArray[np.float64]
LARGEST = 1e10
SMALLEST = 1e-9


@dataclass(frozen=True)
class Form:
    """Minimise ``cost @ x + offset`` subject to ``row_lower <= A x <= row_upper``, ``lower <= x <= upper``, some x whole.

    ``A`` is CSC, (rows, columns). ``rows`` names each row by ``(family, index)`` for explanations.
    """

    cost: Array
    offset: float
    A: sparse.csc_matrix
    row_lower: Array
    row_upper: Array
    lower: Array
    upper: Array
    whole: NDArray[np.bool_]
    rows: tuple[tuple[str, Any], ...] = ()

    def with_cost(self, cost: Array, offset: float = 0.0) -> Form:
        """The same rows under another objective."""
        return replace(self, cost=cost, offset=offset)

    def with_bounds(self, lower: Array, upper: Array) -> Form:
        """The same rows with tighter columns."""
        return replace(self, lower=lower, upper=upper)

    def with_row(self, coef: Array, lower: float, upper: float, name: str) -> Form:
        """One more row."""
        A = sparse.vstack([self.A, sparse.csr_matrix(coef)], format="csc")
        return replace(
            self,
            A=A,
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
            rows=(*self.rows, (name, None)) if self.rows else (),
        )

    def part(self, rows: sparse.csr_matrix, of: NDArray[np.int64], columns: NDArray[np.int64], cost: Array) -> Form:
        """Some rows and columns, at another cost (of all columns); ``rows`` are all rows of A by row, so that it is turned once."""
        return Form(
            cost[columns],
            0.0,
            sparse.csc_matrix(rows[of][:, columns]),
            self.row_lower[of],
            self.row_upper[of],
            self.lower[columns],
            self.upper[columns],
            self.whole[columns],
        )

    def value(self, x: Array) -> float:
        """The objective at a point."""
        return float(self.cost @ x + self.offset)


@dataclass(frozen=True)
class Compiled:
    """A form together with the Pyomo variables its columns stand for."""

    form: Form
    columns: tuple[Any, ...]
    index: dict[int, int]

    def vector(self, linear: Linear) -> tuple[Array, float]:
        """A linear expression as ``(coefficients per column, constant)``."""
        out = np.zeros(len(self.columns))
        np.add.at(out, [self.index[id(v)] for v in linear.vars], linear.coefs)
        return out, linear.constant


def compile_model(model: Any) -> Compiled:
    """A model as arrays, checked: every number finite and of a size a solver can be trusted with.

    Rows are read off the expressions as they were written (:mod:`planner.model.linear`): Pyomo's own standard form walks through
    every expression anew. Raises :class:`planner.errors.ModelError` naming the row or column that is not.
    """
    columns = tuple(model.component_data_objects(pyo.Var))
    index = {id(v): i for i, v in enumerate(columns)}
    rows, A, row_lower, row_upper = _rows(model, index)
    lower = np.array([-np.inf if v.lb is None else v.lb for v in columns])
    upper = np.array([np.inf if v.ub is None else v.ub for v in columns])
    whole = np.array([not v.is_continuous() for v in columns])
    lower[whole], upper[whole] = np.ceil(lower[whole] - 1e-9), np.floor(upper[whole] + 1e-9)
    form = Form(np.zeros(len(columns)), 0.0, A, row_lower, row_upper, lower, upper, whole, rows)
    check(form)
    return Compiled(form, columns, index)


def _rows(model: Any, index: dict[int, int]) -> tuple[tuple[tuple[str, Any], ...], sparse.csc_matrix, Array, Array]:
    """Names, coefficients and both sides of all active rows, in the order of the model."""
    names: list[tuple[str, Any]] = []
    starts, columns, coefs = [0], array("l"), array("d")
    lower, upper = array("d"), array("d")
    for component in model.component_objects(pyo.Constraint, active=True):
        name = component.local_name
        for at, row in component.items():
            linear, low, high = _sides(row)
            names.append((name, at))
            columns.extend([index[id(v)] for v in linear.linear_vars])
            coefs.extend(linear.linear_coefs)
            starts.append(len(coefs))
            lower.append(low - linear.constant)
            upper.append(high - linear.constant)
    A = sparse.csr_matrix((np.array(coefs), np.array(columns), np.array(starts)), shape=(len(names), len(index)))
    A.sum_duplicates()
    A.eliminate_zeros()
    return tuple(names), sparse.csc_matrix(A), np.array(lower), np.array(upper)


def _sides(row: Any) -> tuple[LinearExpression, float, float]:
    """The expression of a row, and what it lies between."""
    left, right = row.expr.args
    if isinstance(left, LinearExpression) and isinstance(right, float | int):
        return left, right if isinstance(row.expr, EqualityExpression) else -math.inf, right
    if isinstance(right, LinearExpression) and isinstance(left, float | int):  # Pyomo writes >= the other way round
        return right, left, left if isinstance(row.expr, EqualityExpression) else math.inf
    repn = generate_standard_repn(row.body)
    if not repn.is_linear():
        raise ModelError(f"row {row.name} is not linear")
    linear = LinearExpression(constant=repn.constant, linear_coefs=repn.linear_coefs, linear_vars=repn.linear_vars)
    low, high = (None if side is None else pyo.value(side) for side in (row.lower, row.upper))
    return linear, -math.inf if low is None else low, math.inf if high is None else high


def check(form: Form) -> None:
    """Refuse what solvers silently mistreat: NaN, infinities, and coefficients beyond their range."""
    if not (np.isfinite(form.A.data).all() and np.isfinite(form.cost).all() and np.isfinite(form.offset)):
        raise ModelError(
            "a coefficient of the model is not a finite number; look for figures beyond 1e12 in the request"
        )
    for name, bad in (("row", form.row_lower > form.row_upper), ("column", form.lower > form.upper)):
        if any(np.isnan(b).any() for b in (form.row_lower, form.row_upper, form.lower, form.upper)):
            raise ModelError(f"a {name} bound of the model is not a number")
        if bad.any() and name == "row":
            raise ModelError(
                f"row {form.rows[int(np.argmax(bad))] if form.rows else int(np.argmax(bad))} has crossed bounds"
            )
    size = np.abs(form.A.data)
    if size.size and size.max() > LARGEST:
        column = int(np.searchsorted(form.A.indptr, int(np.argmax(size)), side="right")) - 1
        row = form.A.indices[int(np.argmax(size))]
        named = form.rows[row] if form.rows else row
        raise ModelError(
            f"coefficient {size.max():.3g} in row {named} (column {column}) is beyond {LARGEST:g}: check the units of the request"
        )
