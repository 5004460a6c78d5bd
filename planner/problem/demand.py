"""Demand and markets (M7.1, M7.2)."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from planner.problem.base import Frozen, Id, Latitude, Longitude, NonNegative, Positive
from planner.problem.common import Filter, Metric
from planner.problem.schedule import Month, PositiveSchedule


class Demand(Frozen):
    """From ``by`` on, the energised metric inside the filter is at least ``amount``, or the missing part pays."""

    id: Id = Field(description="name of this demand")
    metric: Metric = Field(default="it_mw", description="what is counted of energised units")
    by: Month = Field(description="from the period that contains this month on")
    amount: NonNegative = Field(description="at least this much of the metric (MW IT, PFLOP/s, GPUs or units)")
    single_site: bool = Field(default=False, description="one and the same site holds it throughout")
    single_vendor: bool = Field(default=False, description="one and the same vendor holds it throughout")
    filter: Filter = Field(default=Filter(), description="which sites and blocks count")
    shortfall_musd_per_unit_year: PositiveSchedule | None = Field(
        default=None, description="million USD per missing unit of the metric and year; absent: a hard promise"
    )


class Market(Frozen):
    """A place that must be served from sites in every period; serving costs are opex."""

    id: Id = Field(description="name of this market")
    location: tuple[Longitude, Latitude] | None = Field(default=None, description="[longitude, latitude], degrees")
    metric: Metric = Field(default="it_mw", description="what is served; one metric for all markets")
    amount: PositiveSchedule = Field(description="amount of the metric to be served in every period")
    max_km: Positive | None = Field(default=None, description="no site farther away than this serves it, km")
    single_source: bool = Field(default=False, description="one site serves the whole market in a period")
    cost_musd_per_unit_year: PositiveSchedule | None = Field(
        default=None, description="serving cost, million USD per unit of the metric and year"
    )
    cost_musd_per_unit_km_year: PositiveSchedule | None = Field(
        default=None, description="serving cost, million USD per unit, kilometre and year"
    )
    costs: dict[Id, NonNegative] | None = Field(
        default=None, description="million USD per unit and year by site id; a site not listed cannot serve"
    )

    @model_validator(mode="after")
    def _one_cost(self) -> Self:
        stated = [self.cost_musd_per_unit_year, self.cost_musd_per_unit_km_year, self.costs]
        if sum(x is not None for x in stated) > 1:
            raise ValueError(
                "a market has one of cost_musd_per_unit_year, cost_musd_per_unit_km_year and costs, not several"
            )
        if self.location is None and (self.max_km is not None or self.cost_musd_per_unit_km_year is not None):
            raise ValueError("max_km and cost_musd_per_unit_km_year need the market's location [lon, lat]")
        return self
