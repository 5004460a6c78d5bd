"""What every cross-check looks at: the request, the sites and the ground where known, and the calendar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from planner.errors import Fault
from planner.problem.block import Block
from planner.problem.common import Filter, Metric
from planner.problem.request import Request
from planner.problem.schedule import Step, month_number
from planner.problem.site import Site

if TYPE_CHECKING:
    from planner.ground import Ground

Path = tuple[str | int, ...]


def error(path: Path, message: str, hint: str = "") -> Fault:
    """Something that cannot be planned."""
    return Fault(path, message, hint, "error")


def warning(path: Path, message: str, hint: str = "") -> Fault:
    """Something that is probably not meant."""
    return Fault(path, message, hint, "warning")


class Scope:
    """The request with its sites (empty before they are read) on the request's own calendar (M1.1)."""

    def __init__(self, request: Request, sites: Sequence[Site] = (), ground: Ground | None = None) -> None:
        self.request = request
        self.sites = tuple(sites)
        self.ground = ground
        self.periods = request.horizon.periods
        self.length = request.horizon.months_per_period
        self._start = month_number(request.horizon.start)

    # ------------------------------------------------------------------------------------------------------- calendar
    def starts(self, month: str) -> int:
        """M1.3: the first period that begins on or after the month; may lie outside the horizon."""
        return -((self._start - month_number(month)) // self.length)

    def contains(self, month: str) -> int:
        """M1.3: the period that contains the month; may lie outside the horizon."""
        return (month_number(month) - self._start) // self.length

    def up(self, months: float) -> int:
        """M1.5: months as periods, rounded up."""
        return math.ceil(months / self.length - 1e-9)

    def month(self, p: int) -> str:
        """The first month of a period, its name."""
        m = self._start + p * self.length
        return f"{m // 12:04d}-{m % 12 + 1:02d}"

    @cached_property
    def span(self) -> str:
        """The horizon for a reader: first to last month."""
        m = self._start + self.periods * self.length - 1
        return f"{self.request.horizon.start} to {m // 12:04d}-{m % 12 + 1:02d}"

    def values(self, schedule: float | tuple[Step, ...]) -> list[float]:
        """M1.2: the schedule's value in every period, 0 before its first step."""
        if not isinstance(schedule, tuple):
            return [float(schedule)] * self.periods
        out = [0.0] * self.periods
        for step in schedule:
            p = max(0, self.starts(step.from_))
            if p < self.periods:
                out[p:] = [step.value] * (self.periods - p)
        return out

    # ---------------------------------------------------------------------------------------------------------- names
    @cached_property
    def blocks(self) -> dict[str, Block]:
        """Blocks by id."""
        return {b.id: b for b in self.request.blocks}

    @cached_property
    def by_id(self) -> dict[str, Site]:
        """Sites by id."""
        return {s.id: s for s in self.sites}

    @cached_property
    def vendors(self) -> tuple[str, ...]:
        """Vendors in the order of their blocks."""
        return tuple(dict.fromkeys(b.vendor for b in self.request.blocks))

    @cached_property
    def _feature(self) -> dict[str, int]:
        """Position of each inline site's feature by its id."""
        source = self.request.sites
        features = source.get("features") if isinstance(source, dict) else None
        column = self.request.property_names.get("id", "id")
        column = column.get("from") if isinstance(column, dict) else column
        found: dict[str, int] = {}
        for i, feature in enumerate(features if isinstance(features, list) else []):
            properties = feature.get("properties") if isinstance(feature, dict) else None
            name = properties.get(column) if isinstance(properties, dict) and isinstance(column, str) else None
            name = feature.get("id") if name is None and isinstance(feature, dict) else name
            if name is not None:
                found.setdefault(str(name), i)
        return found

    def at(self, site: Site, *more: str | int) -> Path:
        """Where a site's property stands: in the inline document, else ``sites.<id>.<property>``."""
        i = self._feature.get(site.id)
        return ("sites", site.id, *more) if i is None else ("sites", "features", i, "properties", *more)

    def filters(self) -> Iterator[tuple[Path, str, Filter]]:
        """Every filter of the request with its place and what it belongs to."""
        r = self.request
        for i, pool in enumerate(r.supply_pools):
            yield ("supply_pools", i, "filter"), f"supply pool {pool.id}", pool.filter
        for i, demand in enumerate(r.demand):
            yield ("demand", i, "filter"), f"demand {demand.id}", demand.filter
        for i, deal in enumerate(r.deals):
            yield ("deals", i, "filter"), f"deal {deal.id}", deal.filter
        for i, policy in enumerate(r.policies):
            found = getattr(policy, "filter", None)
            if found is not None:
                yield ("policies", i, "filter"), policy.id or policy.kind, found

    # ---------------------------------------------------------------------------------------------------------- power
    def usable_from(self, site: Site) -> int:
        """The first period in which a site can be open; beyond the horizon for an excluded one."""
        if site.status == "excluded":
            return self.periods
        if site.status == "committed" or site.available_from is None:
            return 0
        return max(0, self.starts(site.available_from))

    @cached_property
    def it_mw(self) -> dict[str, list[float]]:
        """M3.4: the IT MW that each site's grid carries in every period, 0 before it can open."""
        return {s.id: self._it_mw(s) for s in self.sites}

    def _it_mw(self, site: Site) -> list[float]:
        first = self.usable_from(site)
        pairs = zip(self.values(site.grid_mw), self.values(site.peak_pue), strict=True)
        return [grid / max(pue, 1.0) if p >= first else 0.0 for p, (grid, pue) in enumerate(pairs)]


def amount_of(block: Block, metric: Metric) -> float:
    """What one unit of a block counts in a metric."""
    return 1.0 if metric == "units" else float(getattr(block, metric))


UNITS: dict[str, str] = {"it_mw": "IT MW", "pflops": "PFLOPS", "gpus": "GPUs", "units": "units"}


def leaves(model: BaseModel, path: Path = ()) -> Iterator[tuple[Path, str, Any]]:
    """Every value of a model, stated or default, with its place and field name; inner models are walked through."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        yield from _leaves(value, (*path, field.alias or name), name)


def _leaves(value: Any, path: Path, name: str) -> Iterator[tuple[Path, str, Any]]:
    if isinstance(value, BaseModel):
        yield from leaves(value, path)
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel) and not isinstance(value[0], Step):
        for i, item in enumerate(value):
            yield from leaves(item, (*path, i))
    elif isinstance(value, dict) and name in {"resources"}:
        for key, item in value.items():
            yield (*path, key), name, item
    else:
        yield path, name, value


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names for a reader, the first few and how many more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
