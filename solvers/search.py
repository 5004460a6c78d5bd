"""From a problem to a plan: data, model, program, search in a child process, decisions, books."""

from __future__ import annotations

import contextlib
import gc
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from planner.errors import SolverError
from planner.ground import Ground
from planner.ledger import complete
from planner.model.build import build_model, objective
from planner.model.data import ModelData, build_data
from planner.model.objectives import UNITS
from planner.model.read import read_decisions
from planner.model.write import start_point
from planner.plan import Clash, Decisions, Plan, Status
from planner.plan import Stage as PlanStage
from planner.problem.problem import Problem
from solvers.building import BUILDING
from solvers.engines.form import Array, Compiled, compile_model
from solvers.events import Event, Listener, relative_gap
from solvers.executors import HERE, Where
from solvers.labels import IMPLIED_ROWS, label
from solvers.process import Solved, solve_in_child
from solvers.proving import Prover
from solvers.rigorous import Proof
from solvers.task import Options, Stage, Task

RESERVE_S = 1.0
BUILD_S = 1.5e-5
"""Building a model and handing it over, per coefficient."""
RIGOROUS = "multipliers of the relaxation, evaluated from below without trust in rounding"

PointListener = Callable[[float, Callable[[], Decisions]], None]
"""Called with the first objective of a better point, in the request's own sense, and what reads the decisions off it."""


def plan(
    problem: Problem,
    ground: Ground,
    on_event: Listener | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    on_point: PointListener | None = None,
    start: Decisions | None = None,
    where: Where = HERE,
) -> Plan:
    """The best plan found within ``solver.time_limit_s`` (building included), or the honest absence of one.

    The plan's check is not run here: who checks must not depend on who plans. ``on_point`` is told each better point of
    the search, so that it can be kept should this process be lost. ``start`` is an earlier plan's decisions, of this request or
    of one like it: what of them fits is where the search begins. ``where`` says what solves the many small programs; the plan
    is the same.
    """
    began = time.monotonic()
    tell = _teller(began, on_event)
    tell("phase", message="building the model")
    with BUILDING, no_garbage_collection():
        d = build_data(in_order(problem), ground)
        m = build_model(d)
        task, compiled = make_task(m, d)
        if start is not None:
            task = replace(task, start=_columns(compiled, start_point(m, d, start)))
    limit = max(problem.solver.time_limit_s - (time.monotonic() - began), 0.5)
    task = _within(task, limit, where)
    signs = [s.sign for s in task.stages]

    def on_frame(frame: dict[str, Any]) -> None:
        if frame["kind"] in ("phase", "log"):
            tell(frame["kind"], message=frame["message"])
        elif frame["kind"] in ("incumbent", "bound") and frame["stage"] == 0:
            sign = signs[0]
            value, bound = (None if frame.get(k) is None else sign * frame[k] for k in ("objective", "bound"))
            tell(frame["kind"], value, bound)

    def on_x(x: Array) -> None:
        if on_point is not None:
            value = signs[0] * (float(task.costs[0] @ x) + float(task.offsets[0]))
            on_point(value, lambda: read_decisions(m, d, _values(compiled, x)))

    prover = Prover(task.stage_form(0), lambda j: str(compiled.columns[j].name))
    solved = solve_in_child(
        task, on_frame, cancelled, time.monotonic() + limit + _tail(limit), on_x, on_multipliers=prover.offer
    )
    result = assemble(problem, ground, d, m, compiled, task, solved)
    if result.status.stopped != "infeasible":
        result = with_proof(result, prover.best(), signs[0])
    if result.status.stopped == "infeasible":
        tell("phase", message="finding which limits clash")
        result = result.model_copy(update={"clashes": explain(problem, ground, cancelled)})
    tell("done", result.objective, result.bound, message=result.status.stopped)
    return result


def _columns(compiled: Compiled, point: dict[int, float]) -> Array:
    """A point by column; NaN where it says nothing."""
    out = np.full(len(compiled.columns), np.nan)
    for key, value in point.items():
        if (column := compiled.index.get(key)) is not None:
            out[column] = value
    return out


def in_order(problem: Problem) -> Problem:
    """Sites and blocks sorted by id: the plan must not depend on the order in which a file lists them."""
    return problem.model_copy(
        update={
            "sites": tuple(sorted(problem.sites, key=lambda s: s.id)),
            "blocks": tuple(sorted(problem.blocks, key=lambda b: b.id)),
        }
    )


@contextlib.contextmanager
def no_garbage_collection() -> Iterator[None]:
    """A model is millions of small objects that all stay: looking for cycles among them doubles the time to build it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def explain(problem: Problem, ground: Ground, cancelled: Callable[[], bool]) -> list[Clash]:
    """Which families of limits clash, and by how much."""
    from solvers.studies.clash import clashes

    return clashes(problem, ground, cancelled)


def _tail(limit: float) -> float:
    """How long past its limit a child may work on ties and hand-back before it is stopped from outside."""
    return min(10.0, 2.0 + 0.25 * limit)


def _within(task: Task, limit: float, where: Where) -> Task:
    options = replace(task.options, time_limit_s=limit, executor=where.kind, cluster=where.address)
    return replace(task, options=options)


def make_task(m: Any, d: ModelData) -> tuple[Task, Compiled]:
    """The program of a model, with its objectives and the labels of its columns."""
    stages, linears = [], []
    for o in d.problem.objectives:
        stages.append(Stage(o.name, -1 if o.sense == "maximize" else 1, o.tolerance))
        linears.append(objective(m, d, o.name))
    linears.append(objective(m, d, "spending"))
    compiled = compile_model(m)
    vectors = [compiled.vector(x) for x in linears]
    signs = [s.sign for s in stages] + [1]
    labels = label(compiled.columns)
    how = d.problem.solver
    options = Options(how.time_limit_s, how.relative_gap, how.threads, how.seed, how.strategy, how.memory_limit_mb)
    options = replace(options, planned_s=max(how.time_limit_s - BUILD_S * compiled.form.A.nnz, 0.5 * how.time_limit_s))
    costs = np.array([sign * v for sign, (v, _) in zip(signs, vectors, strict=True)])
    offsets = np.array([sign * c for sign, (_, c) in zip(signs, vectors, strict=True)])
    implied = np.array([name in IMPLIED_ROWS for name, _ in compiled.form.rows], dtype=bool)
    return Task(compiled.form, costs, offsets, tuple(stages), *labels, options, implied), compiled


def _teller(began: float, listener: Listener | None) -> Callable[..., None]:
    def tell(kind: Any, value: float | None = None, bound: float | None = None, message: str = "") -> None:
        if listener is not None:
            listener(Event(kind, time.monotonic() - began, value, bound, relative_gap(value, bound), message))

    return tell


@dataclass(frozen=True)
class Verdict:
    """Why a stage stopped, and its bound, in the request's own sense."""

    stopped: Literal["optimal", "gap_reached", "time_limit", "cancelled", "infeasible", "error"]
    bound: float | None
    source: str


def verdict(task: Task, solved: Solved, i: int) -> Verdict:
    """What is known about one stage, whether the child ended by itself or was stopped."""
    sign = task.stages[i].sign
    told = solved.stages.get(i)
    if told is not None:
        bound = told.get("bound")
        if told["stopped"] == "cancelled" and solved.stopped_from_outside == "time_limit":
            return Verdict("time_limit", None if bound is None else sign * bound, told["source"])
        return Verdict(told["stopped"], None if bound is None else sign * bound, told["source"])
    # A child that died with a plan in hand was cut off by somebody or something: the plan counts, the search does not.
    stopped: Any = solved.stopped_from_outside or ("error" if solved.x is None else "cancelled")
    bound = solved.bounds.get(i)
    return Verdict(stopped, None if bound is None else sign * bound, "last told before the search was stopped")


def assemble(
    problem: Problem, ground: Ground, d: ModelData, m: Any, compiled: Compiled, task: Task, solved: Solved
) -> Plan:
    """Decisions, books and an honest status."""
    first = problem.objectives[0]
    main = verdict(task, solved, 0)
    empty = Plan(
        name=problem.name,
        status=Status(stopped=main.stopped, holds="no_plan"),
        objective_name=first.name,
        objective_sense=first.sense,
        objective_unit=UNITS[first.name],
        objective=None,
        bound=main.bound if main.stopped != "infeasible" else None,
        gap=None,
        gap_absolute=None,
        bound_source=main.source,
    )
    if solved.x is None:
        if solved.failure and main.stopped == "error":
            raise SolverError(solved.failure)
        return empty
    decisions = read_decisions(m, d, _values(compiled, solved.x))
    if solved.ended is not None:
        empty = empty.model_copy(update={"warnings": [solved.ended]})
    return price(problem, ground, empty, decisions, [verdict(task, solved, i) for i in range(len(task.stages))])


def _values(compiled: Compiled, x: Array) -> Callable[[Any], float]:
    index = compiled.index
    return lambda v: float(x[index[id(v)]])


def price(problem: Problem, ground: Ground, empty: Plan, decisions: Decisions, verdicts: list[Verdict]) -> Plan:
    """The plan of some decisions: every figure from the books, the gap from the booked objective."""
    fields = complete(problem, ground, decisions)
    stages = []
    for o, v in zip(problem.objectives, verdicts, strict=True):
        value = float(fields["objectives"][o.name])
        bound = _not_crossed(value, v.bound, o.sense)
        stages.append(
            PlanStage(
                name=o.name,
                sense=o.sense,
                value=value,
                bound=bound,
                gap=relative_gap(value, bound),
                tolerance=o.tolerance,
                stopped=v.stopped,
            )
        )
    main = stages[0]
    return empty.model_copy(
        update={
            **{k: getattr(decisions, k) for k in Decisions.model_fields},
            **fields,
            "status": Status(stopped=main.stopped, holds="plan"),
            "objective": main.value,
            "bound": main.bound,
            "gap": main.gap,
            "gap_absolute": None if main.bound is None else abs(main.value - main.bound),
            "stages": stages,
        }
    )


def with_proof(plan: Plan, proof: Proof, sign: int) -> Plan:
    """The plan with the bound that multipliers prove, in the request's own sense (``sign`` -1 for a maximum); M8.14."""
    if not math.isfinite(proof.bound):
        return plan.model_copy(update={"rigorous_source": f"none: {proof.why}"})
    return with_rigorous(plan, sign * proof.bound, RIGOROUS)


def with_rigorous(plan: Plan, bound: float | None, source: str) -> Plan:
    """The plan with a rigorous bound and the gap to it."""
    gap = relative_gap(plan.objective, bound)
    return plan.model_copy(update={"rigorous_bound": bound, "rigorous_gap": gap, "rigorous_source": source})


def _not_crossed(value: float, bound: float | None, sense: str) -> float | None:
    """A bound that rounding put on the wrong side of the booked objective (by no more than 1e-6) is the objective."""
    if bound is None:
        return None
    crossed = bound - value if sense == "minimize" else value - bound
    return value if 0 < crossed <= 1e-6 * max(1.0, abs(value)) else bound
