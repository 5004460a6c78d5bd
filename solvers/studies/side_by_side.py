"""Many requests, each a search of its own, over a crew: neighbours of one request, started from its plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from planner.errors import GigasiteError, SolverError
from planner.ground import Ground
from planner.plan import Decisions, Plan
from planner.problem.problem import Problem
from solvers.events import Listener
from solvers.executors import Crew, Threads, Work
from solvers.search import plan

BASE_WEIGHT = 2.0
"""The request as asked stands in every answer of a study: it gets twice the time of the others."""
LEAST_S = 1.0


@dataclass(frozen=True)
class Asked:
    """One request of a study, and what it is called. ``start``: a plan where its search may begin; it need not fit."""

    problem: Problem
    name: str
    start: Decisions | None = None


Solve = Callable[[Sequence[Asked], int], Iterable[Plan | GigasiteError]]
"""Plans requests, perhaps side by side, and checks the plans; told how many searches are left, these included. Answers in the
order asked: a plan, or the error that a search ended with; fewer answers where it was stopped."""


@dataclass(frozen=True)
class Errand:
    """One request to search, its own options included. ``start`` need not fit; ``on_event`` is heard in this process only."""

    problem: Problem
    ground: Ground
    start: Decisions | None = None
    on_event: Listener | None = None


def share(left_s: float, left: int, first: bool, side_by_side: int = 1) -> float:
    """Seconds for the next of ``left`` searches: an equal part of what is left, the first one twice as much. What a quick
    search leaves goes to those after it. Of several side by side each gets as many parts."""
    weight = BASE_WEIGHT if first else 1.0
    return max(LEAST_S, min(left_s, side_by_side * left_s * weight / (left - 1 + weight)))


def search_all(crew: Crew, errands: Iterable[Errand], cancelled: Callable[[], bool]) -> Iterator[Plan | GigasiteError]:
    """Plans in the order asked, or the error that a search ended with; fewer once ``cancelled`` says yes.

    An errand is asked for when somebody is free, so that its time limit can depend on the clock.
    """
    here = isinstance(crew, Threads)
    work: Work[Errand, Errand, Plan | GigasiteError]
    work = Work(lambda errand: errand if here else replace(errand, on_event=None), search, cancelled)
    return crew.map(work, errands, lambda: not cancelled())


def search(errand: Errand, stop: Callable[[], bool]) -> Plan | GigasiteError:
    """One of them: a solver process of its own, wherever this runs."""
    try:
        return plan(errand.problem, errand.ground, errand.on_event, stop, start=errand.start)
    except GigasiteError as error:
        return SolverError(f"{error}")
