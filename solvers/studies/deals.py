"""What each deal is worth: the request solved with it and without it, and once with no deal at all.

Worlds (:mod:`solvers.studies.worlds`) learn from each other: a plan found in one counts in every world it belongs to, and a
bound proven for one holds for every world inside it. That makes the answers consistent (a right to sign is never worth less
than nothing) and saves searches: where the plan as asked signs an optional deal, it is the plan with it; where it declines, it
is the plan without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from planner.errors import GigasiteError
from planner.ground import Ground
from planner.plan import Plan
from planner.problem.problem import Problem
from solvers.studies.adopting import Check, adopt, clearly_better, with_bound, worth
from solvers.studies.side_by_side import Asked, Solve
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
    for answer in solve([Asked(problem, base.world.name)], searches(problem)):
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
    asked = [Asked(variant(problem, f.world), f.world.name, start) for f in open_]
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
            name, best = max(others, key=lambda item: worth(item[1]))
            if not found.holds or found.plan is None or clearly_better(best, found.plan):
                here = problem if found.world.name == AS_ASKED else variant(problem, found.world)
                _adopt(here, ground, found, name, best, check)
        if found.holds and found.plan is not None:
            found.plan = with_bound(found.plan, found.bound)
            found.bound = found.plan.bound
        found.infeasible = not found.holds and (found.infeasible or any(found.world.inside(w) for w in empty))


def _adopt(problem: Problem, ground: Ground, found: Found, name: str, best: Plan, check: Check) -> None:
    """Take over another world's decisions where they hold here; only this world's bound holds for them."""
    decisions = best.decisions().model_copy(update={"signed": found.world.signing(best)})
    taken = adopt(problem, ground, decisions, best, found.plan, found.bound, check)
    if taken is not None:
        found.plan, found.adopted_from = taken, name


def _said(optional: bool, id: str, base: Found) -> Literal["signed", "chosen", "declined", "unknown"]:
    if not optional:
        return "signed"
    if base.plan is None or not base.holds:
        return "unknown"
    return "chosen" if id in base.plan.signed else "declined"


def _instead_of(problem: Problem, base: World, id: str) -> tuple[str, ...]:
    """Deals that are not optional and would have to go where this one is signed."""
    return tuple(sorted(rivals(problem, {id}) & base.must))
