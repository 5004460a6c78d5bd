"""Schedules and dates against the horizon (M1.2, M1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.errors import Fault
from planner.problem.checks.scope import Path, Scope, error, leaves, warning
from planner.problem.schedule import Step, month_number

PRICES = frozenset(
    {
        "capex_musd", "opex_musd_per_year", "revenue_musd_per_year", "resale_musd",
        "shortfall_musd_per_unit_year", "shortfall_musd_per_unit", "share_price_usd",
        "musd_per_mw_year", "musd_per_pflops_year", "cost_musd_per_unit_year", "cost_musd_per_unit_km_year",
        "electricity_usd_per_mwh", "carbon_kg_per_mwh", "land_usd_per_ha", "opening_musd", "fixed_opex_musd_per_year",
        "construction_musd_per_mw", "tariff", "sales_tax", "property_tax_per_year", "pue", "pue_peak",
    }
)  # fmt: skip
"""Prices, costs and rates: they must have a value at the start of the horizon (M1.2)."""

QUANTITIES = frozenset(
    {
        "grid_mw", "resources", "supply", "amount", "per_year_musd", "min", "max", "facility_mw",
        "minimum_mw", "limit_musd", "minimum", "maximum",
    }
)  # fmt: skip
"""Quantities: 0 before their first step (M1.2)."""

PERMISSIONS = frozenset({"available_from", "from_", "online_from"})
PROMISES = frozenset({"by", "month", "expires"})


def request_schedules(scope: Scope) -> Iterator[Fault]:
    """Dates and price steps of everything but the sites."""
    for path, name, value in leaves(scope.request):
        yield from _checked(scope, path, name, value)


def site_schedules(scope: Scope) -> Iterator[Fault]:
    """Dates and price steps of the sites; PUE is 1 or more at every step."""
    for site in scope.sites:
        prefix = scope.at(site)
        for path, name, value in leaves(site):
            for fault in _checked(scope, (*prefix, *path), name, value):
                yield Fault(fault.path, f"{site.id}: {fault.message}", fault.hint, fault.severity)
            if name in {"pue", "pue_peak"} and value is not None:
                for low in [v for v in _steps(value) if v < 1]:
                    message = f"{site.id}: {name} is facility power over IT power and cannot be {low:g}, below 1"
                    hint = f"{1 / low:.3g} if IT over facility was meant" if low > 0 else ""
                    yield error((*prefix, *path), message, hint)


def _steps(value: Any) -> list[float]:
    return [s.value for s in value] if isinstance(value, tuple) else [value]


def _checked(scope: Scope, path: Path, name: str, value: Any) -> Iterator[Fault]:
    start = scope.request.horizon.start
    if isinstance(value, tuple) and value and isinstance(value[0], Step):
        first = value[0].from_
        if name in PRICES and month_number(first) > month_number(start):
            message = f"needs a value at the start of the horizon, {start}; its first step is from {first}"
            yield error(path, message, f'add {{from: "{start}", value: ...}} before it')
        late = [s.from_ for s in value if scope.starts(s.from_) >= scope.periods]
        if late:
            yield warning(path, _beyond(scope, late))
    elif isinstance(value, str):
        if name in PERMISSIONS and scope.starts(value) >= scope.periods:
            yield warning(path, _beyond(scope, [value]))
        elif name in PROMISES:
            yield from _promise(scope, path, name, value)


def _promise(scope: Scope, path: Path, name: str, month: str) -> Iterator[Fault]:
    p = scope.contains(month)
    unpaid = "unpaid" in path[-3:]
    if p < 0 and unpaid:
        yield warning(path, f"{month} is before the horizon ({scope.span}) and is ignored")
    elif p < 0 and name == "expires":
        yield warning(path, f"{month} is before the horizon ({scope.span}): nothing can vest any more")
    elif p < 0 and name == "by" and path[0] == "deals":
        yield warning(path, f"{month} is before the horizon ({scope.span}); it is counted in the first period")
    elif p < 0 and name == "by":
        yield warning(path, f"{month} is before the horizon ({scope.span}); it holds from the first period on")
    elif p >= scope.periods:
        yield warning(path, f"{month} falls due after the horizon" if unpaid else _beyond(scope, [month]))


def _beyond(scope: Scope, months: list[str]) -> str:
    few = ", ".join(months[:3]) + (f" and {len(months) - 3} more" if len(months) > 3 else "")
    return f"{few}: beyond the horizon ({scope.span}), no effect inside it"
