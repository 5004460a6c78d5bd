"""The check's own calendar: dates, durations, schedules and discounting (M1.1-M1.5), written apart from the model's.

Months are counted exactly, as whole months since year 0; durations are exact decimals of what the request wrote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from planner.problem.common import Horizon
from planner.problem.schedule import Step

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_LENGTH = {"month": 1, "quarter": 3, "year": 12}
_SLACK = Fraction(1, 10**9)
"""A duration written as a rounded decimal (0.33333333333) still means the whole period it stands for."""


@lru_cache(maxsize=100_000)
def absolute(month: str) -> int | None:
    """Months since year 0, or None where the text is no month ``YYYY-MM``."""
    found = _MONTH.fullmatch(month)
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    return 12 * int(found[1]) + int(found[2]) - 1


def known(month: str) -> int:
    """Months since year 0 of a month of the request, which is always one."""
    number = absolute(month)
    assert number is not None, month
    return number


def name(number: int) -> str:
    """``YYYY-MM`` of a count of months since year 0."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def exact(value: float) -> Fraction:
    """The decimal that the request wrote, without binary noise."""
    return Fraction(Decimal(repr(float(value))))


class Calendar:
    """Periods ``0 .. count-1`` of ``length`` months (``years`` years), from ``first`` (months since year 0)."""

    def __init__(self, horizon: Horizon) -> None:
        self.count = horizon.periods
        self.length = _LENGTH[horizon.period]
        self.years = self.length / 12
        self.per_year = 12 // self.length
        self.first = known(horizon.start)
        self.after = self.first + self.count * self.length

    def label(self, period: int) -> str:
        """The name of a period, also of one outside the horizon: its first month (M1.1)."""
        return name(self.first + period * self.length)

    def labels(self) -> list[str]:
        """The names of all periods of the horizon."""
        return [self.label(p) for p in range(self.count)]

    def effective(self, month: str | None) -> int:
        """Permissions and starts: the first period that begins on or after the month; None: 0 (M1.3)."""
        if month is None:
            return 0
        whole, rest = divmod(known(month) - self.first, self.length)
        return whole + (1 if rest else 0)

    def within(self, month: str) -> int:
        """Promises: the period that contains the month; may lie outside the horizon (M1.3)."""
        return (known(month) - self.first) // self.length

    def lag(self, months: float) -> int:
        """Leads, builds and payments: months as periods, rounded up (M1.5)."""
        periods = exact(months) / self.length - _SLACK
        return -((-periods.numerator) // periods.denominator)

    def life(self, years: float) -> int:
        """Lives and terms: years as periods, half up, at least 1 (M1.5)."""
        periods = exact(years) * self.per_year + Fraction(1, 2) + _SLACK
        return max(1, periods.numerator // periods.denominator)

    def values(self, schedule: float | Sequence[Step]) -> list[float]:
        """The schedule in every period: the last step not after its first month, 0 before the first step (M1.2)."""
        if not isinstance(schedule, Sequence):
            return [float(schedule)] * self.count
        result: list[float] = []
        current, position, begins = 0.0, 0, [known(step.from_) for step in schedule]
        for period in range(self.count):
            now = self.first + period * self.length
            while position < len(begins) and begins[position] <= now:
                current = float(schedule[position].value)
                position += 1
            result.append(current)
        return result

    def at(self, schedule: float | Sequence[Step], period: int) -> float:
        """The schedule in one period, also after the last: 0 before the first step (M1.2)."""
        if not isinstance(schedule, Sequence):
            return float(schedule)
        month = self.first + period * self.length
        past = [step.value for step in schedule if known(step.from_) <= month]
        return float(past[-1]) if past else 0.0

    def discount(self, rate: float, period: int) -> float:
        """What a dollar of a period is worth at the start, ``(1 + rate)^-(period * years)`` (M1.4)."""
        return float((1.0 + rate) ** (-(period * self.length) / 12))
