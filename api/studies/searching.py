"""The searches of a study: one time limit for all of them, the first with all threads, the others side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api import usecases
from api.outputs.canonical import sha256
from planner.errors import Fault, GigasiteError, RequestError
from planner.plan import Plan
from planner.problem.problem import Problem
from solvers.executors import HERE, Where, crew_of
from solvers.studies.side_by_side import Asked, Errand, search_all, share

OnSearch = Callable[[str, int, int, float], Callable[[Any], None] | None]
"""Told before each search: its name, its number, how many there are, its seconds; returns who hears its events."""

OnFound = Callable[[str, Plan], None]
"""Told after each search: its name and its checked plan."""


@dataclass(frozen=True)
class Hearing:
    """Who is told of searches, and who may stop them."""

    on_search: OnSearch = lambda *_: None
    on_found: OnFound = lambda *_: None
    cancelled: Callable[[], bool] = lambda: False
    tell: Callable[[str], None] = lambda _: None


class Searches:
    """Searches and checks requests that are variants of one. ``time_limit_s`` is for all of them together (None: the request's own
    limit for each); ``count`` is how many there are as a rule."""

    def __init__(
        self, loaded: usecases.Loaded, time_limit_s: float | None, count: int, hearing: Hearing, where: Where = HERE
    ) -> None:
        if time_limit_s is not None and not (math.isfinite(time_limit_s) and time_limit_s > 0):
            raise RequestError([Fault(("--time-limit",), f"{time_limit_s} is no number of seconds above 0")])
        self._loaded, self._limit_s, self._hearing, self._where = loaded, time_limit_s, hearing, where
        self._own_s = loaded.problem.solver.time_limit_s
        self._until = time.monotonic() + (time_limit_s or self._own_s * count)
        self._begun = 0

    def solve(self, asked: Sequence[Asked], left: int) -> Iterator[Plan | GigasiteError]:
        """A :data:`solvers.studies.side_by_side.Solve`."""
        answers: Iterable[Plan | GigasiteError]
        answers = self._side_by_side(asked, left) if self._begun else [self._first(asked[0], left)]
        for a, found in zip(asked, answers):
            if isinstance(found, GigasiteError):
                yield found
                continue
            checked = self.check(a.problem, _from(found, a))
            self._hearing.on_found(a.name, checked)
            yield checked

    def check(self, variant: Problem, found: Plan) -> Plan:
        """A :data:`solvers.studies.adopting.Check`."""
        return usecases.checked(replace(self._loaded, problem=variant), found)

    def _first(self, asked: Asked, left: int) -> Plan:
        import solvers

        first = self._errand(asked, left, 1)
        return solvers.plan(
            first.problem, first.ground, first.on_event, self._hearing.cancelled, start=first.start, where=self._where
        )

    def _side_by_side(self, asked: Sequence[Asked], left: int) -> Iterator[Plan | GigasiteError]:
        threads = self._loaded.problem.solver.threads
        crew = crew_of(self._where, min(threads, len(asked)), self._hearing.tell, ahead=1)
        try:
            at_once = min(crew.workers, len(asked))
            errands = (self._errand(a, left - i, at_once) for i, a in enumerate(asked))
            yield from search_all(crew, errands, self._hearing.cancelled)
        finally:
            crew.close()

    def _errand(self, asked: Asked, left: int, side_by_side: int) -> Errand:
        """With its part of the time, and of the threads."""
        self._begun += 1
        seconds = share(max(self._until - time.monotonic(), 0.0), left, self._begun == 1, side_by_side)
        if self._limit_s is None:
            seconds = min(seconds, self._own_s)
        listen = self._hearing.on_search(asked.name, self._begun, self._begun + left - 1, seconds)
        own = asked.problem.solver
        options = own.model_copy(update={"time_limit_s": seconds, "threads": max(1, own.threads // side_by_side)})
        return Errand(asked.problem.model_copy(update={"solver": options}), self._loaded.ground, asked.start, listen)


def _from(found: Plan, asked: Asked) -> Plan:
    """M8.15: a plan names the decisions that its search began with."""
    if asked.start is None:
        return found
    named = sha256(asked.start.model_dump(mode="json"))
    return found.model_copy(update={"provenance": {**found.provenance, "started_from_sha256": named}})
