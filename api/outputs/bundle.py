"""What every output is written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from planner.plan import Plan
from planner.problem.deals import Lease
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

    @property
    def has_deals(self) -> bool:
        """Without deals no output has a word of them."""
        return bool(self.problem.deals)

    @cached_property
    def leases(self) -> dict[str, Lease]:
        """The leases of the request by id: an order's or a shell's ``terms`` may name one."""
        return {d.id: d for d in self.problem.deals if isinstance(d, Lease)}

    def pays_chips(self, terms: str) -> bool:
        """True where units ordered on these terms are paid for by us (M5.13)."""
        lease = self.leases.get(terms)
        return lease is None or lease.covers == "shell"

    def pays_shell(self, terms: str) -> bool:
        """True where shell started on these terms is paid for by us (M5.13)."""
        lease = self.leases.get(terms)
        return lease is None or lease.covers == "chips"

    def partner_includes(self, site: str) -> tuple[str, ...]:
        """What the partner pays at a site where everything is ordered on one lease (M5.13); else nothing."""
        terms = {o.terms for o in self.plan.orders if o.site == site and o.units}
        lease = self.leases.get(terms.pop()) if len(terms) == 1 else None
        return lease.includes if lease is not None else ()
