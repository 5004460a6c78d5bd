"""Quantities that change over time (M1.2)."""

from __future__ import annotations

import datetime
import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from planner.problem.base import Frozen, NonNegative, Number

MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")


def _month(value: Any) -> Any:
    """Accept ``2027-01``, and the date that a YAML reader made of ``2027-01-01`` when it is the first of a month."""
    if isinstance(value, datetime.date):
        value = value.isoformat()[:10]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-01", value):
        return value[:7]
    if not isinstance(value, str) or not MONTH.match(value):
        raise ValueError('a month is written "YYYY-MM", e.g. "2027-04"')
    return value


Month = Annotated[
    str,
    BeforeValidator(_month),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])(-01)?$", "examples": ["2027-04"]}),
]
"""A calendar month, ``YYYY-MM``."""


def month_number(month: str) -> int:
    """Months since year 0: ``2027-04`` -> 24327."""
    year, m = month.split("-")
    return int(year) * 12 + int(m) - 1


class Step(Frozen):
    """From this month on the quantity has this value, until the next step."""

    from_: Month = Field(alias="from", description="first month of the new value, YYYY-MM")
    value: Number = Field(description="the value from that month on")


class PositiveStep(Step):
    """A step whose value is not negative."""

    value: NonNegative = Field(description="the value from that month on, 0 or more")


def _increasing(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    for a, b in pairwise(steps):
        if month_number(b.from_) <= month_number(a.from_):
            raise ValueError(f"steps must have strictly increasing `from`: {a.from_} is followed by {b.from_}")
    return steps


Steps = Annotated[tuple[Step, ...], Field(min_length=1, max_length=2000), AfterValidator(_increasing)]
PositiveSteps = Annotated[tuple[PositiveStep, ...], Field(min_length=1, max_length=2000), AfterValidator(_increasing)]


def _form(value: Any) -> str:
    """Which form of a schedule a value is meant to be, so that only that form's faults are told."""
    return STEPS if isinstance(value, list | tuple) else NUMBER


NUMBER, STEPS = "<number>", "<steps>"

Schedule = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[Steps, Tag(STEPS)],
    Discriminator(_form),
]
"""A number, true in every period, or steps ``{from, value}``; any sign."""

PositiveSchedule = Annotated[
    Annotated[NonNegative, Tag(NUMBER)] | Annotated[PositiveSteps, Tag(STEPS)],
    Discriminator(_form),
]
"""A schedule that is never negative."""


def value_at(schedule: float | tuple[Step, ...], month: str) -> float | None:
    """The value of the last step not after ``month``; None before the first step."""
    if not isinstance(schedule, tuple):
        return float(schedule)
    found = None
    for step in schedule:
        if month_number(step.from_) > month_number(month):
            break
        found = step.value
    return found
