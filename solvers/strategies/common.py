"""What all strategies share: the clock, the incumbent, the bound, and how both are told."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from solvers.engines.form import Array, Form
from solvers.engines.highs import Highs, Result
from solvers.engines.increments import Increments
from solvers.executors import Crew, Threads
from solvers.task import Task

TOLERANCE = 1e-6
LARGE = 2500
"""Whole columns above which one program for everything holds nothing usable for long."""
TRUST, SLACK_S = 0.6, 3.0
"""The clock takes over where it has less than this part of the planned seconds left, and so many less."""
RAIL = 3.0
"""A piece of work may take so many times the seconds that are counted for it."""


@dataclass(frozen=True)
class Found:
    """What one stage ended with, in the sense of minimisation."""

    stopped: Literal["optimal", "gap_reached", "time_limit", "cancelled", "infeasible"]
    x: Array | None
    objective: float
    bound: float
    source: str


@dataclass
class Search:
    """One stage's search: everything a strategy needs, and where it reports to."""

    task: Task
    form: Form
    increments: Increments
    deadline: float
    tell_point: Callable[[Array, float, float], None]
    tell_bound: Callable[[float, float], None]
    tell_phase: Callable[[str], None]
    cancelled: Callable[[], bool]
    x: Array | None = None
    objective: float = math.inf
    bound: float = -math.inf
    source: str = ""
    notes: list[str] = field(default_factory=list)
    crew: Crew = field(default_factory=Threads)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    """Points and bounds may come from several threads."""
    tell_multipliers: Callable[[Array], None] | None = None
    """None where nobody asks for multipliers: in all stages but the first."""
    multipliers: Array | None = None
    """Of the form's rows: the best ones offered."""
    proven: float = -math.inf
    """What they prove, in ordinary arithmetic."""
    allowed_s: float = math.inf
    """Seconds of counted work (:mod:`solvers.engines.effort`) that are planned with; without them, those of the clock."""
    spent_s: float = 0.0
    """How many of them are spent."""
    bounded: bool = False
    """The work allowed ends it; else only the clock does."""
    hurried: bool = False
    """The clock had a say in what was tried, so another run may end with another plan."""

    @property
    def clock_s(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    @property
    def left_s(self) -> float:
        """Seconds to plan with: the work that is left, so that every run plans alike. The clock's where work takes much longer than
        counted, or where none is left before the clock has ended: a fast machine goes on."""
        planned, clock = self.allowed_s - self.spent_s, self.clock_s
        if not math.isfinite(planned):
            return clock
        if clock < TRUST * planned - SLACK_S or (planned <= 0 and not self.bounded):
            self.hurried = True
        return clock if self.hurried else planned

    def patience_s(self, work_s: float) -> float:
        """Seconds of wall time that a piece of counted work may take at the most."""
        return max(0.1, min(self.clock_s, RAIL * work_s + SLACK_S))

    def relax(self, highs: Highs, share: float = 1.0) -> Result:
        """A relaxation, within a share of the time left."""
        result = highs.run(time_limit_s=max(share * self.clock_s, 0.5))
        self.spend(result)
        return result

    def spend(self, result: Result | None, among: int = 1) -> None:
        """Count what a run of HiGHS cost, divided ``among`` those who work side by side."""
        if result is not None:
            self.spent_s += result.work_s / among
            self.hurried |= result.late

    def spend_of(self, part: Search, among: int = 1) -> None:
        """Count what the search of a part has cost."""
        self.spent_s += part.spent_s / among
        self.hurried |= part.hurried

    @property
    def gap(self) -> float:
        """Relative gap as published (M8.2)."""
        if not (math.isfinite(self.objective) and math.isfinite(self.bound)):
            return math.inf
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1e-9)

    @property
    def close_enough(self) -> bool:
        """The gap asked for is reached."""
        return self.gap <= max(self.task.options.relative_gap, 1e-9)

    @property
    def over(self) -> bool:
        """Nothing more should be started."""
        ended = self.bounded and self.spent_s >= self.allowed_s
        return self.close_enough or ended or self.clock_s <= 0 or self.cancelled()

    def offer(self, x: Array) -> bool:
        """A point from anywhere: rounded, checked against every row, kept and told if it is better."""
        x = np.where(self.form.whole, np.round(x), x)
        x = np.clip(x, self.form.lower, self.form.upper)
        value = self.form.value(x)
        if value >= self.objective - 1e-9 * max(1.0, abs(value)) or not feasible(self.form, x):
            return False
        with self.lock:
            if value >= self.objective:
                return False
            self.x, self.objective = x, value
            self.tell_point(x, value, self.bound)
        return True

    def raise_bound(self, bound: float, source: str) -> None:
        """A bound that holds for the whole request, kept if it is better."""
        with self.lock:
            if bound > self.bound and math.isfinite(bound):
                self.bound, self.source = bound, source
                self.tell_bound(self.objective, bound)

    def offer_multipliers(self, y: Array) -> None:
        """Multipliers of the form's rows from anywhere: kept and told if they prove more than those before.

        What is published is proven from them anew, without rounding, by :mod:`solvers.rigorous`.
        """
        if self.tell_multipliers is None:
            return
        proven = dual_bound(self.form, y)
        with self.lock:
            if self.multipliers is None or proven > self.proven:
                self.multipliers, self.proven = y, proven
                self.tell_multipliers(y)

    def found(self) -> Found:
        """How the stage ended, told honestly from gap, clock and cancel."""
        stopped: Literal["optimal", "gap_reached", "time_limit", "cancelled", "infeasible"]
        if self.gap <= TOLERANCE:
            stopped = "optimal"
        elif self.close_enough:
            stopped = "gap_reached"
        else:
            stopped = "cancelled" if self.cancelled() else "time_limit"
        return Found(stopped, self.x, self.objective, self.bound, self.source)


def feasible(form: Form, x: Array, tolerance: float = 1e-6) -> bool:
    """Every row within ``tolerance * max(1, |rhs|)`` (the check of the plan uses the same)."""
    activity = form.A @ x
    room = tolerance * np.maximum(1.0, np.abs(np.where(np.isfinite(form.row_upper), form.row_upper, 0.0)))
    if (activity > form.row_upper + room).any():
        return False
    room = tolerance * np.maximum(1.0, np.abs(np.where(np.isfinite(form.row_lower), form.row_lower, 0.0)))
    return not (activity < form.row_lower - room).any()


def dual_bound(form: Form, y: Array) -> float:
    r"""The bound that any multipliers prove: :math:`\min_x c x + y(b - Ax)` over the columns' bounds.

    With every column bounded this needs no optimality of ``y``, so an interior point's approximate duals are as good.
    """
    y = np.where((y > 0) & ~np.isfinite(form.row_lower), 0.0, y)
    y = np.where((y < 0) & ~np.isfinite(form.row_upper), 0.0, y)
    reduced = form.cost - form.A.T @ y
    row = np.where(y > 0, form.row_lower, np.where(y < 0, form.row_upper, 0.0))
    column = np.where(reduced > 0, form.lower, np.where(reduced < 0, form.upper, 0.0))
    # Reduced costs that are zero but for rounding must not meet an infinite bound.
    noise = 1e-9 * max(1.0, float(np.abs(form.cost).max(initial=0.0)))
    column = np.where(~np.isfinite(column) & (np.abs(reduced) <= noise), 0.0, column)
    return float((y * row).sum() + (reduced * column).sum() + form.offset)
