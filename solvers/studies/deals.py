"""What each deal is worth: the request solved with it and without it, and once with no deal at all.

Worlds (:mod:`solvers.studies.worlds`) learn from each other: a plan found in one counts in every world it belongs to, and a
bound proven for one holds for every world inside it. That makes the answers consistent (a right to sign is never worth less
than nothing) and saves searches: where the plan as asked signs an optional deal, it is the plan with it; where it declines, it
is the plan without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.errors import GigasiteError
from planner.ground import Ground
from planner.ledger import evaluate
from planner.plan import Decisions, Plan, Status
from planner.problem.problem import Problem
from solvers.events import relative_gap
from solvers.search import with_rigorous
from solvers.studies.worlds import (
    AS_ASKED,
    World,
    asked,
    locked,
    rivals,
    variant,
    with_deal,
    with_one_limit,
    without_deals,
)

BETTER = 1e-9
"""By how much (relative) another world's plan has to be better to take the place of a world's own."""
BASE_WEIGHT = 2.0
"""The plan as asked stands in every answer: it gets twice the time of the others."""
LEAST_S = 1.0


@dataclass(frozen=True)
class Asked:
    """One world's request. ``start``: the plan as asked, where its search may begin; it need not fit."""

    problem: Problem
    world: World
    start: Decisions | None = None


Solve = Callable[[Sequence[Asked], int], Iterable[Plan | GigasiteError]]
"""Plans requests, perhaps side by side, and checks the plans; told how many searches are left, these included. Answers in the
order asked: a plan, or the error that a search ended with; fewer answers where it was stopped."""
Check = Callable[[Problem, Plan], Plan]
"""Checks a plan; returns it with its check, or without decisions where it failed."""


@dataclass
class Found:
    """What is known of a world. ``plan`` None: not solved (``reason`` says why) or not needed yet."""

    world: World
    plan: Plan | None = None
    reason: str = ""
    adopted_from: str = ""
    bound: float | None = None
    infeasible: bool = False

    def take(self, plan: Plan) -> None:
        """What a search of this world found."""
        self.plan, self.bound = plan, plan.bound
        self.infeasible = plan.status.stopped == "infeasible"

    @property
    def holds(self) -> bool:
        """True where a checked plan is in hand."""
        return self.plan is not None and self.plan.status.holds == "plan"


@dataclass(frozen=True)
class Pair:
    """One deal (``deal`` None: all together) with and without. ``instead_of``: mandatory deals it excludes."""

    deal: str | None
    as_asked: Literal["signed", "chosen", "declined", "unknown"]
    with_it: Found
    without: Found
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class DealStudy:
    """The plan as asked, a pair for each deal in the request's order, and last (of several deals) all deals off."""

    base: Found
    pairs: list[Pair]
    worlds: list[Found]


def study(problem: Problem, ground: Ground, solve: Solve, check: Check, cancelled: Callable[[], bool]) -> DealStudy:
    """Solve the worlds that the answers need; once ``cancelled`` says yes the rest is left open."""
    problem = with_one_limit(problem)
    base = Found(asked(problem))
    for answer in solve([Asked(problem, base.world)], searches(problem)):
        if isinstance(answer, GigasiteError):
            raise answer
        base.take(answer)
    known = {base.world.key: base}

    def of(world: World) -> Found:
        return known.setdefault(world.key, Found(world))

    with_it = {d.id: of(with_deal(problem, d.id)) for d in problem.deals}
    without = {d.id: of(without_deals(problem, {d.id})) for d in problem.deals}
    off = of(without_deals(problem, {d.id for d in problem.deals}))
    worlds = list(known.values())
    _run(problem, [f for f in worlds[1:] if not _answered(f, base)], base, solve, cancelled)
    settle(problem, ground, worlds, check)
    pairs = [
        Pair(d.id, _said(d.optional, d.id, base), with_it[d.id], without[d.id], _instead_of(problem, base.world, d.id))
        for d in problem.deals
    ]
    if len(pairs) > 1:
        pairs.append(Pair(None, "signed", base, off))
    return DealStudy(base, pairs, worlds)


def searches(problem: Problem) -> int:
    """How many searches a study takes as a rule: the request as asked, one for each deal, and none signed."""
    return 1 + len(problem.deals) + (len(problem.deals) > 1)


def share(left_s: float, left: int, first: bool, side_by_side: int = 1) -> float:
    """Seconds for the next of ``left`` searches: an equal part of what is left, the first one twice as much. What a quick
    search leaves goes to those after it. Of several side by side each gets as many parts."""
    weight = BASE_WEIGHT if first else 1.0
    return max(LEAST_S, min(left_s, side_by_side * left_s * weight / (left - 1 + weight)))


# -------------------------------------------------------------------------------------------------------------- solving


def _run(problem: Problem, worlds: list[Found], base: Found, solve: Solve, cancelled: Callable[[], bool]) -> None:
    """Fill in what searches find, each from the plan as asked. One that fails leaves its own answer open and no other."""
    for found in worlds:
        found.reason = locked(problem, found.world)
        found.infeasible = bool(found.reason)
    open_ = [f for f in worlds if not f.infeasible]
    for found in open_:
        found.reason = "not reached before the stop"
    start = base.plan.decisions() if base.plan is not None and base.holds else None
    asked = [Asked(variant(problem, f.world), f.world, start) for f in open_]
    if not asked or cancelled():
        return
    for found, answer in zip(open_, solve(asked, len(asked))):
        found.reason = ""
        if isinstance(answer, GigasiteError):
            found.reason = str(answer).replace("\n", " ")
        else:
            found.take(answer)


def _answered(found: Found, base: Found) -> bool:
    """True where the plan as asked already is this world's best: it belongs there and had more to choose from.

    With the same deals on offer it is taken as it stands; else :func:`settle` prices and checks it for the smaller request.
    """
    if not found.world.inside(base.world):
        return False
    if base.infeasible:
        return True
    if base.plan is None or not base.holds or not found.world.admits(base.plan):
        return False
    if found.world.may == base.world.may and found.world.holds(base.plan):
        found.plan, found.bound, found.adopted_from = base.plan, base.bound, base.world.name
    return True


# ------------------------------------------------------------------------------------------- what worlds tell each other


def settle(problem: Problem, ground: Ground, worlds: Sequence[Found], check: Check) -> None:
    """Give every world the best plan that any search found for it, the tightest bound that any proved, and proofs of
    emptiness. An adopted plan is priced anew in its world's own request and checked there."""
    sense = problem.objectives[0].sense
    pool = [(f.world.name, f.plan) for f in worlds if f.holds and f.plan is not None]
    bounds = [(f.world, f.bound) for f in worlds if f.bound is not None]
    empty = [f.world for f in worlds if f.infeasible]
    for found in worlds:
        holding = [b for w, b in bounds if found.world.inside(w)]
        if holding:
            found.bound = min(holding) if sense == "maximize" else max(holding)
        others = [(name, p) for name, p in pool if name != found.world.name and found.world.admits(p)]
        if others:
            name, best = max(others, key=lambda item: _worth(item[1]))
            if not found.holds or found.plan is None or _clearly(best, found.plan):
                here = problem if found.world.name == AS_ASKED else variant(problem, found.world)
                _adopt(here, ground, found, name, best, check)
        if found.holds and found.plan is not None:
            found.plan = _with_bound(found.plan, found.bound)
            found.bound = found.plan.bound
        found.infeasible = not found.holds and (found.infeasible or any(found.world.inside(w) for w in empty))


def _worth(plan: Plan) -> float:
    """The first objective, larger is better."""
    assert plan.objective is not None
    return plan.objective if plan.objective_sense == "maximize" else -plan.objective


def _clearly(a: Plan, b: Plan) -> bool:
    return _worth(a) - _worth(b) > BETTER * max(1.0, abs(_worth(b)))


def _adopt(problem: Problem, ground: Ground, found: Found, name: str, best: Plan, check: Check) -> None:
    """Take over another world's decisions; only this world's bound holds for them here."""
    decisions = best.decisions().model_copy(update={"signed": found.world.signing(best)})
    priced = evaluate(problem, ground, decisions).model_copy(
        update={"status": best.status, "bound_source": best.bound_source, "provenance": {}}
    )
    priced = _with_bound(priced, found.bound)
    if found.plan is not None:  # its own search's proof stays true of this world
        priced = with_rigorous(priced, found.plan.rigorous_bound, found.plan.rigorous_source)
    status = _status(problem, priced, best)
    stages = [s.model_copy(update={"stopped": status.stopped}) for s in priced.stages]
    checked = check(problem, priced.model_copy(update={"status": status, "stages": stages}))
    if checked.status.holds == "plan":
        found.plan, found.adopted_from = checked, name


def _status(problem: Problem, plan: Plan, best: Plan) -> Status:
    """``optimal`` or ``gap_reached`` only where this world's own bound says so."""
    stopped = best.status.stopped
    if stopped in {"optimal", "gap_reached"} and (plan.gap is None or plan.gap > (best.gap or 0.0) + BETTER):
        near = plan.gap is not None and plan.gap <= problem.solver.relative_gap
        stopped = "gap_reached" if near else "time_limit"
    return Status(stopped=stopped, holds="plan")


def _with_bound(plan: Plan, bound: float | None) -> Plan:
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


def _said(optional: bool, id: str, base: Found) -> Literal["signed", "chosen", "declined", "unknown"]:
    if not optional:
        return "signed"
    if base.plan is None or not base.holds:
        return "unknown"
    return "chosen" if id in base.plan.signed else "declined"


def _instead_of(problem: Problem, base: World, id: str) -> tuple[str, ...]:
    """Deals that are not optional and would have to go where this one is signed."""
    return tuple(sorted(rivals(problem, {id}) & base.must))
