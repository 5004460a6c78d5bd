"""Status: why the search stopped and what it holds are true; bound and gap belong to the objective (M8.2)."""

from __future__ import annotations

from planner.plan import Plan
from planner.problem.problem import Problem
from planner.verify.findings import LIMIT, Findings, num, slack

FAMILY = "status"
TINY = 1e-9
TABLES = ("openings", "orders", "shells", "retirements", "idle", "signed", "draws", "sales", "served")


def check(problem: Problem, plan: Plan, found: Findings) -> None:
    """A plan is held only where the search can hold one; its gap is arithmetic; ``optimal`` means proven."""
    stopped, objective, bound = plan.status.stopped, plan.objective, plan.bound
    found.checked += 5
    if stopped in {"infeasible", "error"}:
        _say(found, "stopped", f"stopped {stopped!r} cannot hold a plan")
    if objective is None:
        _say(found, "objective", "a plan is held, but it has no objective")
        return
    _rigorous(plan, objective, found)
    if bound is None:
        found.same("M8.2", FAMILY, "gap", None, "gap without a bound", plan.gap, None)
        found.same("M8.2", FAMILY, "gap", None, "gap_absolute without a bound", plan.gap_absolute, None)
        if stopped in {"optimal", "gap_reached"}:
            _say(found, "bound", f"stopped {stopped!r} needs a proven bound")
        return
    better = objective - bound if plan.objective_sense == "maximize" else bound - objective
    if not better <= slack(objective):
        say = f"objective {num(objective)} is better than its proven bound {num(bound)}: to {plan.objective_sense}"
        _say(found, "bound", say, better)
    distance = abs(objective - bound)
    gap = distance / max(abs(objective), TINY)
    arithmetic(found, FAMILY, "gap_absolute", plan.gap_absolute, distance, max(abs(objective), abs(bound)))
    arithmetic(found, FAMILY, "gap", plan.gap, gap, 0.0)
    # a later stage may give back as much of the first objective as its tolerance says (M8.1)
    given_back = problem.objectives[0].tolerance if len(problem.objectives) > 1 else 0.0
    allowed = {"optimal": 0.0, "gap_reached": problem.solver.relative_gap}.get(stopped)
    best = max(abs(objective), abs(bound))
    room = slack(objective) + (allowed or 0.0) * abs(objective) + LIMIT * abs(objective) + given_back * best
    if allowed is not None and not distance <= room:
        say = f"stopped {stopped!r}, but the gap is {gap:.3g}; at most {allowed + given_back:g} was asked for"
        _say(found, "stopped", say, gap)


def _rigorous(plan: Plan, objective: float, found: Findings) -> None:
    """M8.14: no plan is better than the bound that holds whatever the solver did; its gap is arithmetic."""
    bound, subject = plan.rigorous_bound, "rigorous_bound"
    found.checked += 2
    if bound is None:
        found.same("M8.14", FAMILY, "rigorous_gap", None, "rigorous_gap without a bound", plan.rigorous_gap, None)
        return
    better = objective - bound if plan.objective_sense == "maximize" else bound - objective
    if not better <= slack(objective):
        say = f"objective {num(objective)} is better than its rigorous bound {num(bound)}: to {plan.objective_sense}"
        found.add("M8.14", FAMILY, subject, None, say, better)
    gap = abs(objective - bound) / max(abs(objective), TINY)
    arithmetic(found, FAMILY, "rigorous_gap", plan.rigorous_gap, gap, 0.0, rule="M8.14")


def arithmetic(
    found: Findings,
    family: str,
    subject: str,
    stated: float | None,
    true: float,
    magnitude: float,
    rule: str = "M8.2",
) -> None:
    """A figure that follows from stated ones alone agrees closely: a subtraction has no search tolerance."""
    if stated is None or not abs(stated - true) <= 1e-9 * max(1.0, magnitude) + LIMIT * abs(true):
        told = "none" if stated is None else f"{stated:.9g}"
        say = f"{subject} is stated as {told}; objective and bound give {true:.9g}"
        found.add(rule, family, subject, None, say, None if stated is None else stated - true)


def check_no_plan(plan: Plan, found: Findings) -> None:
    """Where no plan is held, there are no decisions, no figures and no claim of success."""
    found.checked += 3
    if plan.status.stopped in {"optimal", "gap_reached"}:
        _say(found, "holds", f"stopped {plan.status.stopped!r} means that a plan was found, but none is held")
    for name in (*TABLES, "cash", "balances", "sites", "totals", "terminal", "objectives", "cost_split"):
        if name in TABLES and getattr(plan, name):
            _say(found, name, f"no plan is held, yet {len(getattr(plan, name))} {name} are listed")
    for name in ("objective", "gap", "gap_absolute", "rigorous_gap"):
        if getattr(plan, name) is not None:
            _say(found, name, f"no plan is held, yet it has {name} {num(getattr(plan, name))}")


def _say(found: Findings, subject: str, message: str, amount: float | None = None) -> None:
    found.add("M8.2", FAMILY, subject, None, message, amount)
