"""Policies (M7.3)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.problem.base import Count, Fraction, Frozen, Id, NonNegative, Positive
from planner.problem.common import Filter, Metric
from planner.problem.schedule import Month, PositiveSchedule


class Limit(Frozen):
    """Bounds a metric of online or ever-ordered units inside a filter."""

    kind: Literal["limit"]
    id: Id | None = Field(default=None, description="name of this policy")
    filter: Filter = Field(default=Filter(), description="which sites and blocks it concerns")
    metric: Metric = Field(default="it_mw", description="what is counted")
    of: Literal["online", "ordered"] = Field(default="online", description="units online, or ever ordered")
    min: PositiveSchedule | None = Field(default=None, description="at least this much of the metric, every period")
    max: PositiveSchedule | None = Field(default=None, description="at most this much of the metric, every period")


class VendorShare(Frozen):
    """``min * total <= vendor <= max * total`` of the energised metric, from a date on."""

    kind: Literal["vendor_share"]
    id: Id | None = Field(default=None, description="name of this policy")
    vendor: Id = Field(description="whose share is bounded")
    min: Fraction | None = Field(default=None, description="at least this share of the total, 0 to 1")
    max: Fraction | None = Field(default=None, description="at most this share of the total, 0 to 1")
    metric: Metric = Field(default="it_mw", description="what is counted")
    from_: Month | None = Field(default=None, alias="from", description="from the first period that begins on or after")


class SiteCount(Frozen):
    """How many sites are open: never above ``max``, at least ``min`` in the last period."""

    kind: Literal["site_count"]
    id: Id | None = Field(default=None, description="name of this policy")
    filter: Filter = Field(default=Filter(), description="which sites and blocks it concerns")
    min: Count | None = Field(default=None, description="sites open in the last period, at least")
    max: Count | None = Field(default=None, description="sites open in any period, at most")


class SiteMinimum(Frozen):
    """Every open site reaches this energised IT MW in the last period."""

    kind: Literal["site_minimum"]
    id: Id | None = Field(default=None, description="name of this policy")
    it_mw: NonNegative = Field(description="energised IT MW that every open site reaches in the last period")
    filter: Filter = Field(default=Filter(), description="which sites and blocks it concerns")


class LockOrder(Frozen):
    """At least ``units`` of a block are ordered at a site in the period that contains ``month``."""

    site: Id = Field(description="site id")
    block: Id = Field(description="block id")
    month: Month = Field(description="placed in the period that contains this month")
    units: Count = Field(description="at least this many units")
    terms: Id = Field(default="own", description="own: bought; or the id of a lease")


class Lock(Frozen):
    """A site that must open, or an order that must be placed (at least)."""

    kind: Literal["lock"]
    id: Id | None = Field(default=None, description="name of this policy")
    site: Id | None = Field(default=None, description="this site opens")
    order: LockOrder | None = Field(default=None, description="this order is placed, at least")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.site is None) == (self.order is None):
            raise ValueError("a lock has either `site` or `order`")
        return self


class Forbid(Frozen):
    """Nothing inside the filter is ordered; a filter that names no vendor and no block also keeps its sites shut."""

    kind: Literal["forbid"]
    id: Id | None = Field(default=None, description="name of this policy")
    filter: Filter = Field(description="what is not ordered")


class Separation(Frozen):
    """No two opened sites are closer than ``km`` (two committed sites may be)."""

    kind: Literal["separation"]
    id: Id | None = Field(default=None, description="name of this policy")
    km: Positive = Field(description="least distance between two opened sites, km")


class ZoneHeadroom(Frozen):
    """Facility power that several sites share: ``sum(pue_peak * it_mw * energised) <= facility_mw``."""

    kind: Literal["zone_headroom"]
    id: Id | None = Field(default=None, description="name of this policy")
    filter: Filter = Field(default=Filter(), description="which sites and blocks it concerns")
    facility_mw: PositiveSchedule = Field(description="facility MW that the sites share at peak")


class SurviveAnySiteLoss(Frozen):
    """From a date on, the energised metric without any one site is still at least ``amount``."""

    kind: Literal["survive_any_site_loss"]
    id: Id | None = Field(default=None, description="name of this policy")
    metric: Metric = Field(default="it_mw", description="what is counted")
    amount: NonNegative = Field(description="at least this much of the metric without any one site")
    from_: Month | None = Field(default=None, alias="from", description="from the first period that begins on or after")


Policy = Annotated[
    Limit | VendorShare | SiteCount | SiteMinimum | Lock | Forbid | Separation | ZoneHeadroom | SurviveAnySiteLoss,
    Field(discriminator="kind"),
]
