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

GAP = 5e-5
"""Relative gap at which a neighbourhood ends."""
ROOM = 1e-7
"""Rows of a neighbourhood are that much wider, so that rounding does not shut out the plan in hand."""


@dataclass(frozen=True)
class Part:
    """One neighbourhood: the columns that are free, and how much work it is worth; ``near``: only next to its relaxation."""

    free: NDArray[np.bool_]
    nodes: int
    work_s: float
    near: bool = False


class Batch:
    """Neighbourhoods tried side by side from the plan in hand."""

    def __init__(self, search: Search, rewritten: Form) -> None:
        self.search, self.rewritten = search, rewritten

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
        program = around(restrict(self.rewritten, columns, start), start[columns])
        return quick_job(
            self.search, program, part.work_s, part.nodes, start[columns], relative_gap=GAP, near=part.near
        )

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


def around(program: Form, start: Array) -> Form:
    """The program with rows wide enough for ``start``: a plan may miss a row of ten thousands by a hundredth, which is within the
    tolerance for plans but not for programs, and a relaxation that shuts out its own start has no answer."""
    activity = program.A @ start
    return replace(
        program,
        row_lower=np.minimum(program.row_lower - ROOM, activity),
        row_upper=np.maximum(program.row_upper + ROOM, activity),
    )
