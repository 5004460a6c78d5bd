"""The calendar of a plan: dates and durations as periods, schedules as arrays (M1.1-M1.5)."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.problem.common import Horizon
from planner.problem.schedule import Step, month_number

ROUND = 1e-9
"""Months are divided exactly but written as decimals: 4.000000001 periods are 4."""


class Timeline:
    """Turns months into periods.

    ``P`` periods of ``len`` months (``L`` years) from ``start``; period ``p`` covers
    ``[start + p*len, start + (p+1)*len)``.
    """

    def __init__(self, horizon: Horizon) -> None:
        self.P = horizon.periods
        self.len = horizon.months_per_period
        self.L = self.len / 12
        self._start = month_number(horizon.start)

    def month(self, p: int) -> str:
        """The period's name: its first month. Works outside the horizon too."""
        m = self._start + p * self.len
        return f"{m // 12:04d}-{m % 12 + 1:02d}"

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The names of all periods."""
        return tuple(self.month(p) for p in range(self.P))

    def starts(self, month: str | None) -> int:
        """M1.3, permissions and starts: the first period that begins on or after the month (None: 0)."""
        return 0 if month is None else -((self._start - month_number(month)) // self.len)

    def contains(self, month: str) -> int:
        """M1.3, promises: the period that contains the month."""
        return (month_number(month) - self._start) // self.len

    def up(self, months: float) -> int:
        """M1.5, leads, builds, lags and graces: months as periods, rounded up."""
        return math.ceil(months / self.len - ROUND)

    def half_up(self, years: float) -> int:
        """M1.5, lives and terms: years as periods, half rounded up, at least 1."""
        return max(1, math.floor(years * 12 / self.len + 0.5 + ROUND))

    @cached_property
    def _first_months(self) -> NDArray[np.int64]:
        return self._start + self.len * np.arange(self.P)

    def values(self, schedule: float | tuple[Step, ...]) -> NDArray[np.float64]:
        """M1.2: the schedule's value in every period, 0 before its first step. Shape (P,)."""
        if not isinstance(schedule, tuple):
            return np.full(self.P, float(schedule))
        starts = np.array([month_number(s.from_) for s in schedule])
        values = np.array([0.0, *(s.value for s in schedule)])
        result: NDArray[np.float64] = values[np.searchsorted(starts, self._first_months, side="right")]
        return result

    def value(self, schedule: float | tuple[Step, ...], p: int) -> float:
        """The schedule's value in one period of the horizon."""
        return float(self.values(schedule)[p])

    def discount(self, rate: float) -> NDArray[np.float64]:
        r"""M1.4: :math:`(1 + r)^{-pL}` for every period. Shape (P,)."""
        exponents = -self.L * np.arange(self.P, dtype=np.float64)
        result: NDArray[np.float64] = np.power(np.float64(1.0 + rate), exponents, dtype=np.float64)
        return result
