"""A comparison as lines: one figure, its unit, its value in every plan, and how the other plans differ from the first."""

from __future__ import annotations

from dataclasses import dataclass

from api.outputs.text import gap_text, money, number, short
from planner.problem.schedule import month_number

Value = float | str | None
SAME = 1e-9


@dataclass(frozen=True)
class Line:
    """``values`` follow the plans' order; None: the plan has no such thing. ``unit`` ``month`` marks dates."""

    item: str
    unit: str
    values: tuple[Value, ...]

    def change(self, i: int) -> Value:
        """Plan i less the first: a number, or words where the values are dates or words. None: nothing to say."""
        return change(self.values[0], self.values[i], self.unit)

    @property
    def differs(self) -> bool:
        """True where any plan differs from the first."""
        return any(not same(self.values[0], v) for v in self.values[1:])


@dataclass(frozen=True)
class Section:
    """Lines that belong together; ``short`` sections are shown in a terminal only where plans differ."""

    title: str
    lines: tuple[Line, ...]
    short: bool = False


def same(a: Value, b: Value) -> bool:
    """Equal, numbers to a billionth of their size."""
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= SAME * max(1.0, abs(a), abs(b))
    return a == b


def change(a: Value, b: Value, unit: str) -> Value:
    """What stands between two values of one line."""
    if same(a, b):
        return 0.0 if isinstance(a, float) else None
    if isinstance(a, float) and isinstance(b, float):
        return b - a
    if unit == "month":
        return _later(a, b)
    if isinstance(a, str) and isinstance(b, str):
        return "differs"
    return "only there" if a is None else "not there"


def months_later(a: str, b: str) -> int:
    """Months from a to b, both ``YYYY-MM``."""
    return month_number(b) - month_number(a)


def _later(a: Value, b: Value) -> str:
    if isinstance(a, str) and isinstance(b, str) and a != OPEN_BEFORE and b != OPEN_BEFORE:
        n = months_later(a, b)
        return f"{abs(n)} month{'s' if abs(n) != 1 else ''} {'later' if n > 0 else 'earlier'}"
    return "new" if a is None else "gone" if b is None else "differs"


OPEN_BEFORE = "open before"
"""Stands for the opening month of a site that is open from the start (``committed``)."""


def text(value: Value, unit: str) -> str:
    """A value for a reader, its unit left to the line except for money."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if unit == "MUSD":
        return money(value)
    if unit == "share":
        return gap_text(value)
    if unit == "MW":
        return number(value, 0 if abs(value) >= 100 else 1)
    if unit in {"sites", "units"}:
        return number(value)
    return short(value)


def change_text(value: Value, unit: str) -> str:
    """A change for a reader, with its sign."""
    if value is None or value == 0.0:
        return "="
    if isinstance(value, str):
        return value
    size = text(abs(value), unit)
    return ("+" if value > 0 else "-") + size
