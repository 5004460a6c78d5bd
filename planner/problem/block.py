"""Blocks: one indivisible purchase of compute (section 2)."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from planner.problem.base import Count, Fraction, Frozen, Id, Life, Months, NonNegative, Number, Text
from planner.problem.common import Filter, Metric
from planner.problem.schedule import Month, PositiveSchedule


class Payment(Frozen):
    """A share of a block's price, due some months after the order."""

    months: Months = Field(description="months after the order")
    share: Fraction = Field(description="share of the price, 0 to 1; all shares sum to 1")


class Basis(Frozen):
    """Where a figure comes from: value, unit, source, date, and its low and high."""

    value: Any = Field(default=None, description="the figure")
    unit: Text | None = Field(default=None, description="its unit")
    source: Annotated[str, Field(max_length=2000)] | None = Field(default=None, description="who says so")
    date: Annotated[str, Field(max_length=40)] | None = Field(default=None, description="when it was said")
    low: Number | None = Field(default=None, description="lowest plausible value, same unit")
    high: Number | None = Field(default=None, description="highest plausible value, same unit")
    basis: Literal["reported", "derived", "assumed"] | None = Field(default=None, description="how it is known")
    scope: Literal["rack", "all_in"] | None = Field(
        default=None, description="of power and price: the rack alone, or with network, storage and cooling"
    )
    note: Annotated[str, Field(max_length=4000)] | None = Field(default=None, description="the arithmetic, caveats")


class Block(Frozen):
    """One purchasable block of compute (M2.1). Power is IT power; money is million US dollars."""

    id: Id = Field(description="name of this block in the request and the plan")
    vendor: Id = Field(description="who sells it, e.g. nvidia")
    name: Text = Field(default="", description="name for a reader")
    gpus: Count = Field(default=0, description="GPUs in one block")
    it_mw: NonNegative = Field(description="IT power of one block, MW (facility power is PUE times this)")
    pflops: NonNegative = Field(default=0.0, description="dense FP8 PFLOP/s of one block")
    capex_musd: PositiveSchedule = Field(default=0.0, description="price of one block, million USD")
    opex_musd_per_year: PositiveSchedule = Field(default=0.0, description="running cost but energy, million USD/year")
    revenue_musd_per_year: PositiveSchedule = Field(default=0.0, description="revenue of one block, million USD/year")
    footprint_ha: NonNegative = Field(default=0.0, description="ground with its share of yards and roads, hectares")
    available_from: Month | None = Field(default=None, description="first month in which it can be ordered")
    lead_months: Months = Field(default=0, description="months from order to online")
    life_years: Life | None = Field(default=None, description="years online; absent: outlives the horizon")
    load_factor: Fraction = Field(default=1.0, description="mean draw / it_mw, 0 to 1")
    uses: dict[Id, NonNegative] = Field(default_factory=dict, description="amount of each site resource that one uses")
    supply: PositiveSchedule | None = Field(
        default=None, description="cumulative: units the vendor will have delivered in total; absent: no limit"
    )
    payments: tuple[Payment, ...] | None = Field(
        default=None, description="when the price falls due; absent: all at the order"
    )
    min_per_site: Count | None = Field(default=None, description="units ever ordered at a site: none, or at least this")
    max_per_site: Count | None = Field(default=None, description="units ever ordered at a site, at most")
    allowed_regions: tuple[Id, ...] | None = Field(
        default=None, description="regions, countries or tags of sites where it may stand; absent: everywhere"
    )
    forbidden_regions: tuple[Id, ...] = Field(
        default=(), description="regions, countries or tags of sites where it may not stand"
    )
    early_retirement: bool = Field(default=False, description="whole units may leave before their life ends")
    resale_musd: PositiveSchedule = Field(default=0.0, description="money for a unit that leaves early, million USD")
    basis: dict[str, Basis] = Field(default_factory=dict, description="where each figure comes from, by field")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.payments is not None and abs(sum(p.share for p in self.payments) - 1) > 1e-9:
            raise ValueError(f"payments of {self.id}: shares sum to {sum(p.share for p in self.payments):g}, not 1")
        low, high = self.min_per_site, self.max_per_site
        if low is not None and high is not None and 0 < high < low:
            raise ValueError(f"min_per_site {low} of {self.id} is above max_per_site {high}")
        if isinstance(self.supply, tuple):
            for a, b in pairwise(self.supply):
                if b.value < a.value:
                    raise ValueError(
                        f"supply of {self.id} is cumulative and cannot fall: "
                        f"{a.value:g} from {a.from_}, then {b.value:g} from {b.from_}"
                    )
        return self


class SupplyPool(Frozen):
    """A cumulative limit on several blocks together (M2.4)."""

    id: Id = Field(description="name of this pool")
    filter: Filter = Field(default=Filter(), description="which blocks (and sites) draw on it")
    metric: Metric = Field(default="units", description="what is counted")
    amount: PositiveSchedule = Field(description="cumulative amount of the metric that can be ordered in total")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if isinstance(self.amount, tuple):
            for a, b in pairwise(self.amount):
                if b.value < a.value:
                    raise ValueError(
                        f"amount of pool {self.id} is cumulative and cannot fall: "
                        f"{a.value:g} from {a.from_}, then {b.value:g} from {b.from_}"
                    )
        return self
