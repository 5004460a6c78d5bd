"""A plan found for one request, taken over by another like it: priced anew there, checked there, and honest about its bound."""

from __future__ import annotations

from collections.abc import Callable

from planner.ground import Ground
from planner.ledger import evaluate
from planner.plan import Decisions, Plan, Status
from planner.problem.problem import Problem
from solvers.events import relative_gap
from solvers.search import with_rigorous

BETTER = 1e-9
"""By how much (relative) another request's plan has to be better to take the place of one's own."""

Check = Callable[[Problem, Plan], Plan]
"""Checks a plan; returns it with its check, or without decisions where it failed."""


def worth(plan: Plan) -> float:
    """The first objective, larger is better."""
    assert plan.objective is not None
    return plan.objective if plan.objective_sense == "maximize" else -plan.objective


def clearly_better(a: Plan, b: Plan) -> bool:
    """True where ``a`` is better than ``b`` by more than rounding."""
    return worth(a) - worth(b) > BETTER * max(1.0, abs(worth(b)))


def adopt(
    problem: Problem,
    ground: Ground,
    decisions: Decisions,
    best: Plan,
    own: Plan | None,
    bound: float | None,
    check: Check,
) -> Plan | None:
    """``decisions`` of ``best``, another request's plan, as a plan of this one; None where its limits do not allow them.

    Only ``bound`` and what this request's ``own`` search proved hold for them here.
    """
    priced = evaluate(problem, ground, decisions).model_copy(
        update={"status": best.status, "bound_source": best.bound_source, "provenance": {}}
    )
    priced = with_bound(priced, bound)
    if own is not None:
        priced = with_rigorous(priced, own.rigorous_bound, own.rigorous_source)
    status = _status(problem, priced, best)
    stages = [s.model_copy(update={"stopped": status.stopped}) for s in priced.stages]
    checked = check(problem, priced.model_copy(update={"status": status, "stages": stages}))
    return checked if checked.status.holds == "plan" else None


def _status(problem: Problem, plan: Plan, best: Plan) -> Status:
    """``optimal`` or ``gap_reached`` only where this request's own bound says so."""
    stopped = best.status.stopped
    if stopped in {"optimal", "gap_reached"} and (plan.gap is None or plan.gap > (best.gap or 0.0) + BETTER):
        near = plan.gap is not None and plan.gap <= problem.solver.relative_gap
        stopped = "gap_reached" if near else "time_limit"
    return Status(stopped=stopped, holds="plan")


def with_bound(plan: Plan, bound: float | None) -> Plan:
    """A plan with the tightest bound known, never on the wrong side of its own objective."""
    if bound is None or plan.objective is None:
        return plan
    if plan.objective_sense == "maximize":
        bound = max(bound, plan.objective)
    else:
        bound = min(bound, plan.objective)
    gap = relative_gap(plan.objective, bound)
    first = [s.model_copy(update={"bound": bound, "gap": gap}) for s in plan.stages[:1]]
    return plan.model_copy(
        update={
            "bound": bound,
            "gap": gap,
            "gap_absolute": abs(plan.objective - bound),
            "stages": [*first, *plan.stages[1:]],
        }
    )
