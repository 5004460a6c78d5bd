"""What every output is written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from planner.plan import Plan
from planner.problem.problem import Problem
from planner.timeline import Timeline

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True)
class Bundle:
    """A problem, its plan, the sites' shapes (WGS 84, indexed by site id) and what is known of the run (wall times)."""

    problem: Problem
    plan: Plan
    geometries: gpd.GeoDataFrame
    run: dict[str, Any] = field(default_factory=dict)

    @property
    def holds_plan(self) -> bool:
        """False for an infeasible or interrupted search: then there is nothing to draw."""
        return self.plan.status.holds == "plan"

    @cached_property
    def timeline(self) -> Timeline:
        """The plan's calendar."""
        return Timeline(self.problem.horizon)

    @cached_property
    def vendors(self) -> tuple[str, ...]:
        """The vendors of the request's blocks, in the order the request first names them."""
        return tuple(dict.fromkeys(b.vendor for b in self.problem.blocks))
