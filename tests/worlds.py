"""What the tests of the mathematics share: a request solved in this process, and everything a solved plan must honour.

Worlds themselves are built with ``tests.verify.worlds`` (``problem``, ``ground``).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.ground import Ground
from planner.model.build import build_model
from planner.model.data import ModelData, build_data
from planner.plan import DealResult, Decisions, Plan, Status, Violation
from planner.problem.problem import Problem
from planner.verify import verify
from solvers.engines.increments import Increments
from solvers.process import Solved
from solvers.proving import Prover
from solvers.search import assemble, make_task, with_proof
from solvers.stages import run_stages
from solvers.task import Task
from tests.verify.worlds import ground as flat_ground

RELATIVE = 1e-6


@dataclass
class Answer:
    """A plan and the program it came from."""

    plan: Plan
    problem: Problem
    ground: Ground
    task: Task
    x: NDArray[np.float64] | None
    model: Any
    data: ModelData
    compiled: Any

    def stage_value(self, i: int) -> float:
        """The model's own value of stage i at the solved point, in the request's sense."""
        assert self.x is not None
        return self.task.stages[i].sign * float(self.task.costs[i] @ self.x + self.task.offsets[i])


def exact(problem: Problem, **solver: Any) -> Problem:
    """The same request with the gap closed to rounding."""
    options = problem.solver.model_copy(update={"relative_gap": 0.0, "time_limit_s": 60.0, **solver})
    return problem.model_copy(update={"solver": options})


def program(problem: Problem, ground: Ground | None = None) -> tuple[ModelData, Any, Task, Any]:
    """Arrays, model, task and compiled program of a request."""
    d = build_data(problem, ground or flat_ground(problem))
    m = build_model(d)
    task, compiled = make_task(m, d)
    return d, m, task, compiled


def answer(problem: Problem, ground: Ground | None = None, **solver: Any) -> Answer:
    """Solved in this process by the same stages as the solver's child runs, closed to rounding."""
    problem = exact(problem, **solver)
    ground = ground or flat_ground(problem)
    d, m, task, compiled = program(problem, ground)
    solved, prover = Solved(), Prover(task.stage_form(0))

    def send(header: dict[str, Any], x: NDArray[np.float64] | None = None) -> None:
        if header["kind"] == "multipliers":
            assert x is not None
            prover.offer(np.array(x, dtype=float))
        elif x is not None:
            solved.x = np.array(x, dtype=float)
        if header["kind"] == "stage":
            solved.stages[header["stage"]] = header
        if header["kind"] == "final":
            solved.final = True

    # Through bytes, as the child gets it.
    task = Task.from_bytes(task.to_bytes())
    run_stages(task, Increments.of(task.form, task.before), send, lambda: False, time.monotonic())
    plan = assemble(problem, ground, d, m, compiled, task, solved)
    if plan.status.stopped != "infeasible":
        plan = with_proof(plan, prover.best(), task.stages[0].sign)
    return Answer(plan, problem, ground, task, solved.x, m, d, compiled)


def proven(problem: Problem, ground: Ground | None = None, **solver: Any) -> Answer:
    """A solved request whose plan passes its check and whose model, ledger and bound agree (M8.2, M8.3)."""
    found = answer(problem, ground, **solver)
    plan = found.plan
    assert (plan.status.stopped, plan.status.holds) == ("optimal", "plan"), plan.status
    check = verify(found.problem, found.ground, plan)
    assert check.ok, [f"{v.rule} {v.family} {v.subject} {v.month}: {v.message}" for v in check.violations[:5]]
    for i, stage in enumerate(plan.stages):
        near(found.stage_value(i), stage.value, f"model and ledger on {stage.name}")
    assert plan.objective is not None and plan.bound is not None
    near(plan.objective, plan.bound, "objective and bound", relative=2e-6 if len(plan.stages) == 1 else 2e-4)
    return found


def near(a: float | None, b: float, what: str = "", relative: float = RELATIVE) -> None:
    """Equal within ``relative * max(1, |b|)``; None is equal to nothing."""
    assert a is not None, f"{what}: there is no value"
    assert abs(a - b) <= relative * max(1.0, abs(b)), f"{what}: {a!r} is not {b!r}"


def hopeless(problem: Problem, ground: Ground | None = None) -> None:
    """The request is infeasible, and the answer says so (M8.2)."""
    plan = answer(problem, ground).plan
    assert (plan.status.stopped, plan.status.holds) == ("infeasible", "no_plan"), plan.status


def orders(plan: Plan) -> dict[tuple[str, str, str], int]:
    """(site, block, month) -> units."""
    return {(o.site, o.block, o.month): o.units for o in plan.orders}


def shells(plan: Plan) -> dict[tuple[str, str], float]:
    """(site, month) -> MW started."""
    return {(s.site, s.month): s.mw for s in plan.shells}


def openings(plan: Plan) -> dict[str, str]:
    """site -> month."""
    return {o.site: o.month for o in plan.openings}


def line(plan: Plan, name: str) -> dict[str, float]:
    """One cash line: month -> MUSD."""
    return {row.month: row.musd for row in plan.cash if row.line == name}


def terms(plan: Plan) -> dict[tuple[str, str, str, str], int]:
    """(site, block, month, terms) -> units: orders told apart by who pays for them."""
    return {(o.site, o.block, o.month, o.terms): o.units for o in plan.orders}


def draws(plan: Plan) -> dict[tuple[str, str], float]:
    """(loan, month) -> MUSD drawn."""
    return {(x.deal, x.month): x.musd for x in plan.draws}


def sold(plan: Plan) -> dict[tuple[str, str], float]:
    """(customer, month) -> IT MW or PFLOP/s sold, over all sites and blocks."""
    out: dict[tuple[str, str], float] = {}
    for x in plan.sales:
        out[x.deal, x.month] = out.get((x.deal, x.month), 0.0) + x.amount
    return out


def dealt(plan: Plan, deal: str) -> DealResult:
    """What the plan says of one deal."""
    return next(x for x in plan.deals if x.id == deal)


def later(plan: Plan, name: str) -> dict[str, float]:
    """What one line leaves for after the horizon: month -> MUSD."""
    return {x.month: x.musd for x in plan.after_horizon if x.line == name}


def judged(problem: Problem, ground: Ground, decisions: Decisions) -> list[Violation]:
    """What the check says of decisions alone; figures that they do not state are among it."""
    plan = Plan(
        name=problem.name,
        status=Status(stopped="cancelled", holds="plan"),
        objective_name=problem.objectives[0].name,
        objective_sense=problem.objectives[0].sense,
        objective_unit="",
        objective=0.0,
        bound=None,
        gap=None,
        gap_absolute=None,
        **dict(decisions),
    )
    return verify(problem, ground, plan).violations
