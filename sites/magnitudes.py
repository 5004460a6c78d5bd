"""Figures that were probably meant in another unit: named with the value and the unit they look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from planner.problem.site import Site
from sites.faults import Faults, feature_path


class Doubt(NamedTuple):
    """A range of values that no site has, and what such a value probably is."""

    field: str
    doubtful: Callable[[float], bool]
    looks_like: str


DOUBTS: tuple[Doubt, ...] = (
    Doubt("grid_mw", lambda v: v > 20_000, "MW is wanted; it looks like kW"),
    Doubt("existing_shell_mw", lambda v: v > 20_000, "MW is wanted; it looks like kW"),
    Doubt("electricity_usd_per_mwh", lambda v: 0 < v < 1, "USD/MWh is wanted; it looks like USD/kWh"),
    Doubt("electricity_usd_per_mwh", lambda v: v > 1_000, "USD/MWh is wanted; no grid costs that much"),
    Doubt("carbon_kg_per_mwh", lambda v: 0 < v < 1, "kg/MWh is wanted; it looks like kg/kWh or t/MWh"),
    Doubt("carbon_kg_per_mwh", lambda v: v > 2_500, "kg/MWh is wanted; no grid emits that much"),
    Doubt("pue", lambda v: v > 3, "facility power over IT power is wanted; 1.1 to 2 is usual"),
    Doubt("pue_peak", lambda v: v > 3, "facility power over IT power is wanted; 1.1 to 2 is usual"),
    Doubt("land_usd_per_ha", lambda v: v > 1e8, "USD/ha is wanted; it looks like a price of the whole parcel"),
    Doubt("opening_musd", lambda v: v > 100_000, "million USD is wanted; it looks like USD or thousands"),
    Doubt(
        "fixed_opex_musd_per_year", lambda v: v > 50_000, "million USD a year is wanted; it looks like USD or thousands"
    ),
    Doubt("construction_musd_per_mw", lambda v: v > 200, "million USD/MW is wanted; it looks like USD/kW"),
    Doubt("tariff", lambda v: v > 1.5, "a fraction is wanted (0.25); it looks like percent"),
    Doubt("sales_tax", lambda v: v > 0.5, "a fraction is wanted (0.08); it looks like percent"),
    Doubt("property_tax_per_year", lambda v: v > 0.2, "a fraction is wanted (0.012); it looks like percent"),
    Doubt("parcel_ha", lambda v: v > 200_000, "hectares are wanted; it looks like square metres"),
    Doubt("buildable_ha", lambda v: v > 200_000, "hectares are wanted; it looks like square metres"),
)


def doubt(sites: list[tuple[int, Site]], faults: Faults) -> None:
    """Say every doubtful figure of the (position, site) pairs; under ``strict`` they are errors."""
    for index, site in sites:
        for field, doubtful, looks_like in DOUBTS:
            value = getattr(site, field)
            worst = [s.value for s in value] if isinstance(value, tuple) else [] if value is None else [value]
            if found := [v for v in worst if doubtful(v)]:
                faults.suspect(
                    feature_path(index, "properties", field),
                    f"site {site.id!r}: {field} is {found[0]:,.10g}; {looks_like}",
                )
