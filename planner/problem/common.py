"""Pieces that several parts of a request share: the horizon, filters and metrics."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.problem.base import Frozen, Id, NotBool
from planner.problem.schedule import Month

Metric = Literal["it_mw", "pflops", "gpus", "units"]
"""What is counted of a set of units: IT MW, dense FP8 PFLOP/s, GPUs or whole blocks."""

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Horizon(Frozen):
    """The calendar of a plan: ``periods`` periods of one length from ``start`` (M1.1)."""

    start: Month = Field(description="first month of the plan, YYYY-MM")
    periods: Annotated[int, Field(ge=1, le=600), NotBool] = Field(description="number of periods")
    period: Literal["month", "quarter", "year"] = Field(default="quarter", description="length of one period")

    @property
    def months_per_period(self) -> int:
        """1, 3 or 12."""
        return MONTHS[self.period]


class Filter(Frozen):
    """Restricts a rule to sites and blocks; what is absent does not restrict."""

    sites: tuple[Id, ...] | None = Field(default=None, description="site ids")
    regions: tuple[Id, ...] | None = Field(default=None, description="sites whose region is listed")
    countries: tuple[Id, ...] | None = Field(default=None, description="sites whose country is listed")
    tags: tuple[Id, ...] | None = Field(default=None, description="sites with at least one of these tags")
    vendors: tuple[Id, ...] | None = Field(default=None, description="blocks of these vendors")
    blocks: tuple[Id, ...] | None = Field(default=None, description="block ids")
