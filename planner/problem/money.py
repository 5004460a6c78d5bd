"""The budget (M4.1)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.problem.base import Fraction, Frozen, NonNegative, Number
from planner.problem.schedule import PositiveSchedule


class Budget(Frozen):
    """Money that comes in, and which spending it must cover. Million US dollars."""

    per_year_musd: PositiveSchedule = Field(description="money that comes in, million USD per year")
    opening_musd: NonNegative = Field(default=0.0, description="money in hand at the start, million USD")
    carry_over: bool = Field(default=True, description="what is left stays available; false: it is lost")
    covers: tuple[Literal["capex", "opex"], ...] = Field(
        default=("capex", "opex"), description="the kinds of spending that it pays"
    )
    revenue_share: Fraction = Field(default=0.0, description="share of revenue that comes in, 0 to 1")
    min_cash_musd: Number = Field(default=0.0, description="cash never falls below this, million USD")
    after_horizon_limit_musd: NonNegative | None = Field(
        default=None, description="most that may fall due after the last period, million USD"
    )
