"""HiGHS over a small bridge that trusts nothing: every status, dimension, option and coefficient is checked.

Pyomo's own interfaces ignore returned statuses, so one coefficient of 1e15 drops every row and the answer is still
"optimal". Here a model either arrives whole or a :class:`planner.errors.SolverError` says why not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.effort import Effort
from solvers.engines.form import Array, Form

BAD_VERSIONS = {"1.14.0": "its presolve returns wrong optima"}
NEGLIGIBLE = 1e-9
"""HiGHS silently drops coefficients of this size, so we drop them ourselves and only where they cannot matter."""

GRACE = 3.0
"""How many times its work a program gets while it holds nothing good."""

Outcome = Literal["optimal", "limit", "interrupted", "infeasible", "unbounded_or_infeasible"]


@dataclass(frozen=True)
class Result:
    """What one run holds: ``x`` and ``objective`` where there is a point, ``bound`` in the sense of minimisation."""

    outcome: Outcome
    x: Array | None
    objective: float
    bound: float
    row_dual: Array | None = None
    nodes: int = 0
    iterations: int = 0
    work_s: float = 0.0
    """What it cost (:mod:`solvers.engines.effort`)."""
    late: bool = False
    """The clock ended it."""


OnPoint = Callable[[Array, float, float], None]
"""Called with a new incumbent: point, objective, bound."""
OnPulse = Callable[[float, float], bool]
"""Called now and then with (incumbent objective, bound); True asks HiGHS to stop."""


class Highs:
    """One program in HiGHS. Bounds may be changed between LP runs; a MIP object is run once."""

    def __init__(self, form: Form, *, integer: bool, threads: int = 1, seed: int = 0) -> None:
        version = highspy.Highs().version()
        if version in BAD_VERSIONS:
            raise SolverError(f"HiGHS {version} is refused: {BAD_VERSIONS[version]}; install 1.15.1")
        self.form = form
        self.integer = integer and bool(form.whole.any())
        self.scale = _power_of_two(np.abs(form.cost).max(initial=0.0), target=512.0)
        self.h = highspy.Highs()
        self.set("output_flag", False)
        self.set("threads", threads)
        self.set("random_seed", seed)
        self._pass()

    def set(self, option: str, value: Any) -> None:
        """Set an option by its checked name."""
        if self.h.setOptionValue(option, value) != highspy.HighsStatus.kOk:
            raise SolverError(f"HiGHS knows no option {option!r} with value {value!r}")

    def _pass(self) -> None:
        form, lp = self.form, highspy.HighsLp()
        A, factor = _scaled_rows(form)
        rows, columns = A.shape
        lp.num_col_, lp.num_row_ = columns, rows
        lp.col_cost_ = form.cost * self.scale
        lp.offset_ = form.offset * self.scale
        lp.col_lower_, lp.col_upper_ = form.lower, form.upper
        lp.row_lower_, lp.row_upper_ = form.row_lower * factor, form.row_upper * factor
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = A.indptr, A.indices, A.data
        if self.integer:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(w)] for w in form.whole]
        if self.h.passModel(lp) == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused the model; look for figures beyond 1e12 in the request")
        got = (self.h.getNumCol(), self.h.getNumRow(), self.h.getNumNz())
        if got != (columns, rows, A.nnz):
            raise SolverError(
                f"HiGHS holds {got} columns, rows and coefficients of the {(columns, rows, A.nnz)} it was given"
            )
        self.factor = factor

    def start(self, x: Array) -> None:
        """Offer a point as MIP start."""
        solution = highspy.HighsSolution()
        solution.col_value = list(map(float, x))
        self.h.setSolution(solution)

    def change_bounds(self, columns: NDArray[np.int64], lower: Array, upper: Array) -> None:
        """New bounds of some columns, given in ascending order."""
        status = self.h.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)
        if status != highspy.HighsStatus.kOk:
            raise SolverError("HiGHS refused a change of bounds")

    def change_row_bounds(self, rows: NDArray[np.int64], lower: Array, upper: Array) -> None:
        """New sides of some rows, given in ascending order."""
        factor = self.factor[rows]
        sides = lower * factor, upper * factor
        status = self.h.changeRowsBounds(len(rows), rows.astype(np.int32), *sides)  # type: ignore[attr-defined]
        if status != highspy.HighsStatus.kOk:
            raise SolverError("HiGHS refused a change of rows")

    def add_rows(self, A: sparse.csr_matrix, upper: Array) -> None:
        """More rows ``A x <= upper``; an LP object keeps its basis."""
        n = A.shape[0]
        lower = np.full(n, -np.inf)
        args = (n, lower, upper, A.nnz, A.indptr[:-1].astype(np.int32), A.indices.astype(np.int32), A.data)
        before = self.h.getNumRow()
        if self.h.addRows(*args) == highspy.HighsStatus.kError or self.h.getNumRow() != before + n:
            raise SolverError("HiGHS refused additional rows")
        self.factor = np.concatenate([self.factor, np.ones(n)])

    def run(
        self,
        *,
        time_limit_s: float = math.inf,
        work_limit_s: float = math.inf,
        relative_gap: float = 0.0,
        absolute_gap: float = 1e-9,
        max_nodes: int | None = None,
        poor_gap: float = math.inf,
        on_point: OnPoint | None = None,
        on_pulse: OnPulse | None = None,
        **options: Any,
    ) -> Result:
        """Solve. Gaps are those of the form's own objective; ``options`` are HiGHS's, by their checked names.

        ``time_limit_s`` is wall time; ``work_limit_s``, of a program with whole columns, counted work, and :data:`GRACE` times as much
        as long as the relative gap is larger than ``poor_gap``.
        """
        # The clock of an object runs on from one solve to the next, and its limit counts from the first.
        self.set("time_limit", self.h.getRunTime() + float(min(max(time_limit_s, 0.01), 1e7)))
        if self.integer:
            self.set("mip_rel_gap", relative_gap)
            self.set("mip_abs_gap", max(absolute_gap * self.scale, 1e-10))
            if max_nodes is not None:
                self.set("mip_max_nodes", max_nodes)
        for name, value in options.items():
            self.set(name, value)
        effort = Effort(self.form)
        failed = self._listen(on_point, on_pulse, effort, work_limit_s, poor_gap)
        status = self.h.run()
        if failed:
            raise failed[0]
        if status == highspy.HighsStatus.kError:
            raise SolverError("HiGHS failed while solving; try another seed")
        return self._result(effort)

    def _listen(
        self,
        on_point: OnPoint | None,
        on_pulse: OnPulse | None,
        effort: Effort,
        work_limit_s: float,
        poor_gap: float,
    ) -> list[BaseException]:
        """Subscribe both, and count. What they raise is collected and ends the search."""
        failed: list[BaseException] = []

        def improving(e: Any) -> None:
            try:
                if on_point is not None:
                    out = e.data_out
                    x = np.array(out.mip_solution, dtype=float)
                    on_point(x, out.objective_function_value / self.scale, out.mip_dual_bound / self.scale)
            except BaseException as error:  # an exception must never cross the solver's C++ frames
                failed.append(error)

        def interrupt(e: Any) -> None:
            try:
                out = e.data_out
                effort.pulse(out.mip_node_count)
                poor = _gap(out.mip_primal_bound, out.mip_dual_bound) > poor_gap
                stop = bool(failed) or effort.seconds > work_limit_s * (GRACE if poor else 1.0)
                if stop or (
                    on_pulse is not None
                    and on_pulse(out.mip_primal_bound / self.scale, out.mip_dual_bound / self.scale)
                ):
                    e.interrupt()
            except BaseException as error:
                failed.append(error)

        if self.integer:
            if on_point is not None:
                self.h.cbMipImprovingSolution.subscribe(improving)
            self.h.cbMipInterrupt.subscribe(interrupt)
        return failed

    def _result(self, effort: Effort) -> Result:
        info, status = self.h.getInfo(), self.h.getModelStatus()
        kinds: dict[Any, Outcome] = {
            highspy.HighsModelStatus.kOptimal: "optimal",
            highspy.HighsModelStatus.kModelEmpty: "optimal",
            highspy.HighsModelStatus.kTimeLimit: "limit",
            highspy.HighsModelStatus.kIterationLimit: "limit",
            highspy.HighsModelStatus.kSolutionLimit: "limit",
            highspy.HighsModelStatus.kMemoryLimit: "limit",
            highspy.HighsModelStatus.kInterrupt: "interrupted",
            highspy.HighsModelStatus.kInfeasible: "infeasible",
            highspy.HighsModelStatus.kUnboundedOrInfeasible: "unbounded_or_infeasible",
        }
        if status not in kinds:
            raise SolverError(f"HiGHS stopped with {self.h.modelStatusToString(status)!r}, which is no answer")
        outcome = kinds[status]
        x = None
        if info.primal_solution_status == 2 or (status == highspy.HighsModelStatus.kModelEmpty):
            x = np.array(self.h.getSolution().col_value, dtype=float)
        elif outcome == "optimal":
            raise SolverError("HiGHS calls a point optimal that it does not call feasible")
        objective = self.form.value(x) if x is not None else math.inf
        bound = info.mip_dual_bound / self.scale if self.integer else objective if outcome == "optimal" else -math.inf
        if abs(bound) >= 1e25:
            bound = math.copysign(math.inf, bound)
        duals = None
        if not self.integer and outcome == "optimal" and info.dual_solution_status == 2:
            duals = np.array(self.h.getSolution().row_dual, dtype=float) * self.factor / self.scale
        if not self.integer:
            effort.steps(info.simplex_iteration_count, info.ipm_iteration_count)
        return Result(
            outcome,
            x,
            objective,
            bound,
            duals,
            max(info.mip_node_count, 0),
            max(info.simplex_iteration_count, 0),
            effort.seconds,
            status == highspy.HighsModelStatus.kTimeLimit,
        )


def solve(
    form: Form, *, integer: bool = True, start: Array | None = None, threads: int = 1, seed: int = 0, **run: Any
) -> Result:
    """One program, solved once in this process."""
    highs = Highs(form, integer=integer, threads=threads, seed=seed)
    if start is not None and highs.integer:
        highs.start(start)
    return highs.run(**run)


def _gap(objective: float, bound: float) -> float:
    """The relative distance of two values, as far as there are any."""
    if not (math.isfinite(objective) and math.isfinite(bound)) or abs(objective) >= 1e25:
        return math.inf
    return abs(objective - bound) / max(abs(objective), 1e-9)


def _power_of_two(largest: float, target: float) -> float:
    return 1.0 if largest <= 0 else 2.0 ** round(math.log2(target / largest))


def _scaled_rows(form: Form) -> tuple[sparse.csc_matrix, Array]:
    """Rows brought near 1 by powers of two where they are far from it; negligible entries that cannot matter removed."""
    A = sparse.csc_matrix(form.A, copy=True)
    A.sum_duplicates()
    largest = np.zeros(A.shape[0])
    np.maximum.at(largest, A.indices, np.abs(A.data))
    far = (largest > 1e5) | ((largest < 1e-2) & (largest > 0))
    factor = np.ones(A.shape[0])
    factor[far] = 2.0 ** -np.round(np.log2(largest[far]))
    A.data *= factor[A.indices]
    small = np.abs(A.data) <= NEGLIGIBLE
    if small.any():
        columns = np.repeat(np.arange(A.shape[1]), np.diff(A.indptr))[small]
        rows = A.indices[small]
        reach = np.minimum(np.maximum(np.abs(form.lower), np.abs(form.upper))[columns], 1e6)
        limits = np.stack([form.row_lower, form.row_upper])
        size = np.abs(np.where(np.isfinite(limits), limits, 0.0)).max(axis=0)
        if (np.abs(A.data[small]) / factor[rows] * reach > 1e-6 * np.maximum(1.0, size[rows])).any():
            raise SolverError(
                "a row mixes figures more than nine orders of magnitude apart; check the units of the request"
            )
        A.data[small] = 0.0
        A.eliminate_zeros()
    return A, factor
