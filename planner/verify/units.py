"""Units by site, block and period: ordered, standing, online, energised (M2.2, M2.8, A18)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from planner.problem.block import Block
from planner.problem.problem import Problem
from planner.verify.dates import Calendar
from planner.verify.decisions import Rows
from planner.verify.findings import Array
from planner.verify.lots import Lot, lots

Index = NDArray[np.int64]

METRICS: dict[str, Callable[[Block], float]] = {
    "it_mw": lambda block: block.it_mw,
    "pflops": lambda block: block.pflops,
    "gpus": lambda block: float(block.gpus),
    "units": lambda block: 1.0,
}
UNIT = {"it_mw": "IT MW", "pflops": "PFLOPS", "gpus": "GPUs", "units": "units"}


class Units:
    """Counts of units; one row per (site, block) that holds any, one column per period.

    Counts are floats that hold whole numbers. ``site`` and ``block`` give each row's positions in the request.
    """

    def __init__(self, problem: Problem, calendar: Calendar, rows: Rows) -> None:
        self.problem = problem
        self.periods = calendar.count
        self.lots, self.overdrawn = lots(problem, calendar, rows)
        pairs = sorted({(lot.site, lot.block) for lot in self.lots} | {(s, k) for s, k, _, _ in rows.idle})
        self.row_of = {pair: i for i, pair in enumerate(pairs)}
        self.site: Index = np.array([s for s, _ in pairs], dtype=np.int64)
        self.block: Index = np.array([k for _, k in pairs], dtype=np.int64)
        self.standing = self._present((lot, lot.stands, lot.leaves) for lot in self.lots)
        self.online = self._present((lot, lot.online, lot.leaves) for lot in self.lots)
        self.old_online = self._present((lot, lot.online, lot.leaves) for lot in self.lots if lot.existing is not None)
        self.ordered = self._ever(lambda lot: lot.ordered)
        """Ever ordered by the period, existing units apart."""
        self.ordered_or_existing = self._ever(lambda lot: 0 if lot.ordered is None else lot.ordered)
        self.idle = np.zeros_like(self.online)
        for s, k, p, units in rows.idle:
            self.idle[self.row_of[s, k], p] += units
        self.energised = self.online - self.idle

    def online_of(self, chosen: Callable[[Lot], bool]) -> Array:
        """Units online of some lots alone."""
        return self._present((lot, lot.online, lot.leaves) for lot in self.lots if chosen(lot))

    def _present(self, stays: Iterable[tuple[Lot, int, int]]) -> Array:
        change = np.zeros((len(self.row_of), self.periods + 1))
        for lot, begins, ends in stays:
            row, first = self.row_of[lot.site, lot.block], max(begins, 0)
            if first < min(ends, self.periods):
                change[row, first] += lot.units
                change[row, min(ends, self.periods)] -= lot.units
        return np.cumsum(change, axis=1)[:, :-1]

    def _ever(self, when: Callable[[Lot], int | None]) -> Array:
        change = np.zeros((len(self.row_of), self.periods))
        for lot in self.lots:
            period = when(lot)
            if period is not None:
                change[self.row_of[lot.site, lot.block], period] += lot.units
        return np.cumsum(change, axis=1)

    def per_block(self, figure: Callable[[Block], float]) -> Array:
        """A block's figure for every row, as a column."""
        figures = np.array([figure(b) for b in self.problem.blocks], dtype=float)
        column: Array = figures[self.block][:, None] if len(self.block) else np.zeros((0, 1))
        return column

    def by_site(self, values: Array) -> Array:
        """Rows added up by site: shape (sites, periods)."""
        total = np.zeros((len(self.problem.sites), self.periods))
        np.add.at(total, self.site, values)
        return total

    def by_block(self, values: Array) -> Array:
        """Rows added up by block: shape (blocks, periods)."""
        total = np.zeros((len(self.problem.blocks), self.periods))
        np.add.at(total, self.block, values)
        return total
