"""Neighbourhoods of a plan: some columns free, all others held, solved exactly and side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Array, Form
from solvers.engines.highs import Result
from solvers.engines.job import Job, solve_job
from solvers.executors import Work
from solvers.strategies.common import Search
from solvers.strategies.parts import quick_job, restrict
from solvers.task import ORDERED

SHORTEST, COLUMNS = 4, 1500
"""Periods in the first stretches, and the most whole columns that are free in one."""


@dataclass(frozen=True)
class Part:
    """One neighbourhood: the columns that are free, and how much work it is worth."""

    free: NDArray[np.bool_]
    nodes: int
    work_s: float


class Batch:
    """Neighbourhoods tried side by side from the plan in hand."""

    def __init__(self, search: Search, rewritten: Form) -> None:
        self.search, self.rewritten = search, rewritten

    def of_sites(self, sites: list[int]) -> NDArray[np.bool_]:
        """Some sites free, and what belongs to none."""
        free: NDArray[np.bool_] = (self.search.task.site < 0) | np.isin(self.search.task.site, sites)
        return free

    def improve(self, parts: list[Part]) -> bool:
        """True where the plan got better. What two parts gained is added up where both fit together; else the first counts."""
        search = self.search
        assert search.x is not None
        start = search.increments.increments(search.x)
        base, paid = start, False
        work: Work[Part, Job, Result | None]
        work = Work(lambda part: self._job(part, start), solve_job, search.cancelled)
        for part, result in zip(parts, search.crew.map(work, parts, lambda: not search.over)):
            search.spend(result, search.task.options.threads)
            if search.close_enough:
                break  # what was begun beyond the end must not count, or the plan would depend on how many work at once
            step = self._step(part, start, result)
            if step is None:
                continue
            if search.offer(search.increments.states(base + step)):
                base, paid = base + step, True
            elif search.offer(search.increments.states(start + step)):
                base, paid = start + step, True
        return paid

    def _job(self, part: Part, start: Array) -> Job:
        """The program over the columns that are free."""
        columns = np.flatnonzero(part.free)
        program = restrict(self.rewritten, columns, start)
        room = 1e-7
        program = replace(program, row_lower=program.row_lower - room, row_upper=program.row_upper + room)
        return quick_job(self.search, program, part.work_s, part.nodes, start[columns])

    def _step(self, part: Part, start: Array, result: Result | None) -> Array | None:
        """The step from ``start`` to the neighbourhood's best plan; None where there is no better one."""
        if result is None or result.x is None or not math.isfinite(result.objective):
            return None
        columns = np.flatnonzero(part.free)
        better = np.where(self.rewritten.whole[columns], np.round(result.x), result.x)
        gained = float(self.rewritten.cost[columns] @ (start[columns] - better))
        if gained <= 1e-9 * max(1.0, abs(self.search.objective)):
            return None
        step = np.zeros(len(start))
        step[columns] = better - start[columns]
        return step


class Windows:
    """Neighbouring periods in which sites in use are free: every stretch once from the plan in hand, then longer ones."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.periods = int(search.task.period.max(initial=0)) + 1
        self.length, self.untried = min(SHORTEST, self.periods), list[int]()

    def next(self, draw: np.random.Generator) -> NDArray[np.bool_]:
        """Columns of the next neighbourhood: a stretch of periods at all sites in use, or at as many as ``COLUMNS`` allows."""
        task = self.search.task
        if not self.untried:
            self.untried = [int(p) for p in draw.permutation(self.periods - self.length + 1)]
        first = self.untried.pop()
        inside = (task.period >= first) & (task.period < first + self.length)
        used = used_sites(self.search)
        columns = int((inside & used[task.site] & self.search.form.whole).sum())
        if columns > COLUMNS:
            sites = np.flatnonzero(used)
            few = draw.choice(sites, size=max(1, int(len(sites) * COLUMNS / columns)), replace=False)
            used = np.zeros_like(used)
            used[few] = True
        free: NDArray[np.bool_] = (task.site < 0) | (inside & used[task.site])
        return free

    def learn(self, gained: bool) -> None:
        """Once more from the start where the plan is another; longer where no stretch of this length is left to try."""
        if gained:
            self.untried = []
        elif not self.untried:
            self.length = min(self.length + 1, self.periods)


def used_sites(search: Search) -> NDArray[np.bool_]:
    """Sites that order anything in the plan in hand; the last entry (index -1) stands for none."""
    assert search.x is not None
    task = search.task
    used = np.zeros(int(task.site.max()) + 2, dtype=bool)
    used[np.unique(task.site[(task.kind == ORDERED) & (search.x > 0.5)])] = True
    used[-1] = False
    return used
