"""The request as a user writes it (section 0). Sites and catalogue references are not yet resolved here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from planner.problem.base import Frozen, NotBool, Text
from planner.problem.block import Block, SupplyPool
from planner.problem.common import Horizon
from planner.problem.deals import Deal
from planner.problem.demand import Demand, Market
from planner.problem.land import Land
from planner.problem.money import Budget
from planner.problem.objective import Objective, SolverOptions, as_tuple
from planner.problem.policies import Policy

DiscountRate = Annotated[float, Field(gt=-1, le=10), NotBool]

LATER = {
    "power_options": "on-site power",
    "connections": "shared grid connections",
}
"""Keys that the contract keeps room for and that are not planned yet: refused with these words, unless empty."""

LATER_POLICIES = {"carbon_cap": "a cap on accumulated carbon"}
"""Kinds of policies that the contract names and that are not planned yet."""

FILE, INLINE = "<file>", "<inline>"


def _form(value: Any) -> str:
    """Which form of ``sites`` a value is meant to be, so that only that form's faults are told."""
    return INLINE if isinstance(value, dict) else FILE


SiteSource = Annotated[
    Annotated[str, Field(min_length=1, max_length=1000), Tag(FILE)] | Annotated[dict[str, Any], Tag(INLINE)],
    Discriminator(_form),
]
"""A path relative to the request, or an inline FeatureCollection; read by the ``sites`` package."""


class Request(Frozen):
    """A planning request with its blocks expanded from the catalogue; sites still as the user gave them."""

    name: Text = Field(default="plan", description="title of the plan")
    horizon: Horizon = Field(description="the calendar: start, number and length of periods")
    discount_rate: DiscountRate | None = Field(
        default=None, description="per year, 0.08 for 8 %; required when an objective counts money"
    )
    blocks: Annotated[tuple[Block, ...], Field(min_length=1, max_length=20_000)] = Field(
        description="what can be bought: whole blocks of compute, or ids of shipped catalogue blocks"
    )
    supply_pools: tuple[SupplyPool, ...] = Field(default=(), description="cumulative limits on several blocks together")
    sites: SiteSource = Field(description="vector file relative to the request, or an inline FeatureCollection")
    property_names: dict[str, Any] = Field(
        default_factory=dict, description="our field: the column of the user's file, or {from: column, unit: unit}"
    )
    site_defaults: dict[str, Any] = Field(default_factory=dict, description="fills what a site does not state")
    fill: Literal["tables"] | None = Field(
        default=None, description="tables: shipped prices, carbon and grid regions fill what is still missing"
    )
    land: Land = Field(default=Land(), description="how buildable land follows from parcels")
    budget: Budget | None = Field(default=None, description="money; absent: no limit")
    deals: tuple[Deal, ...] = Field(default=(), description="equity, warrants, commitments, leases, loans, customers")
    demand: tuple[Demand, ...] = Field(default=(), description="what must be energised by when")
    markets: tuple[Market, ...] = Field(default=(), description="places that must be served in every period")
    policies: tuple[Policy, ...] = Field(default=(), description="further limits, by kind")
    objective: Annotated[tuple[Objective, ...], Field(min_length=1, max_length=5), BeforeValidator(as_tuple)] = Field(
        description="what is optimised; a list is settled in its order"
    )
    terminal: Literal["straight_line", "none"] | None = Field(
        default=None, description="credit for unexpired life at the end; default straight_line"
    )
    solver: SolverOptions = Field(default=SolverOptions(), description="limits of the search")
    strict: bool = Field(default=False, description="true: suspicious magnitudes are errors")
