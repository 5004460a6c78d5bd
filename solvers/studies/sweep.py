"""One request at several values of one of its figures, each search starting from its neighbour's plan.

Points stand in a row; one of them is the request as asked. It is searched first. From there the row is walked outwards, one point to
each side at a time, side by side, each from the plan of the neighbour that was walked before it. At last every point takes over
whichever plan of another one is better and holds there: a search that ends early must not make more money look worse than less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.errors import GigasiteError
from planner.ground import Ground
from planner.plan import Decisions, Plan
from planner.problem.problem import Problem
from solvers.studies.adopting import Check, adopt, clearly_better, worth
from solvers.studies.side_by_side import Asked, Solve

NOT_REACHED = "not reached before the stop"


@dataclass
class Point:
    """One value and what is known of it. ``reason`` says why there is no plan."""

    name: str
    problem: Problem
    plan: Plan | None = None
    reason: str = NOT_REACHED
    adopted_from: str = ""

    @property
    def holds(self) -> bool:
        """True where a checked plan is in hand."""
        return self.plan is not None and self.plan.status.holds == "plan"

    @property
    def infeasible(self) -> bool:
        """True where it is proven that there is no plan."""
        return self.plan is not None and self.plan.status.stopped == "infeasible"

    def take(self, answer: Plan | GigasiteError) -> None:
        """What a search of this point found."""
        if isinstance(answer, GigasiteError):
            self.reason = str(answer).replace("\n", " ")
        else:
            self.plan, self.reason = answer, ""


def sweep(
    points: Sequence[Point], base: int, ground: Ground, solve: Solve, check: Check, cancelled: Callable[[], bool]
) -> None:
    """Fill in the plans of a row of points, ``base`` the place of the request as asked. Once ``cancelled`` says yes the rest is
    left open. An error of the first search is raised; of another it leaves that point open."""
    left = len(points)
    for wave in waves(len(points), base):
        if cancelled():
            break
        asked = [Asked(points[i].problem, points[i].name, _start(points, i, base)) for i in wave]
        for i, answer in zip(wave, solve(asked, left)):
            if i == base and isinstance(answer, GigasiteError):
                raise answer
            points[i].take(answer)
        left -= len(wave)
    learn(points, ground, check)


def waves(count: int, base: int) -> list[list[int]]:
    """Places in the order they are walked, those side by side together: ``waves(4, 1)`` is ``[[1], [0, 2], [3]]``."""
    farthest = max(base, count - 1 - base)
    steps = [[i for i in (base - k, base + k) if 0 <= i < count] for k in range(1, farthest + 1)]
    return [[base], *steps]


def _start(points: Sequence[Point], i: int, base: int) -> Decisions | None:
    """The plan of the nearest point on the way to the base that has one."""
    step = 1 if i < base else -1
    for j in range(i + step, base + step, step) if i != base else ():
        plan = points[j].plan
        if plan is not None and points[j].holds:
            return plan.decisions()
    return None


def learn(points: Sequence[Point], ground: Ground, check: Check) -> None:
    """Give every point that was searched the best plan of any point that its own limits allow, priced and checked anew."""
    pool = [(p.name, p.plan) for p in points if p.holds and p.plan is not None]
    pool.sort(key=lambda item: -worth(item[1]))
    for point in points:
        own = point.plan
        if own is None or point.infeasible:
            continue
        for name, best in pool:
            if point.holds and not clearly_better(best, own):
                break
            taken = adopt(point.problem, ground, best.decisions(), best, own, own.bound, check)
            if taken is not None and (not point.holds or clearly_better(taken, own)):
                point.plan, point.adopted_from = taken, name
                break
