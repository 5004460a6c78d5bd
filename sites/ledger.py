"""What a plan must say it assumed of its sites (M8.5): derived hectares and places, and the contract's defaults."""

from __future__ import annotations

from collections.abc import Sequence

from planner.ground import SiteGround
from planner.plan import Assumption
from planner.problem.site import Site
from sites.faults import names
from sites.fields import UNIT

SILENT_ZERO = (
    "pue",
    "electricity_usd_per_mwh",
    "carbon_kg_per_mwh",
    "land_usd_per_ha",
    "opening_musd",
    "fixed_opex_musd_per_year",
    "construction_musd_per_mw",
    "build_months",
    "tariff",
    "sales_tax",
    "property_tax_per_year",
)
"""Fields whose default a reader should know of: each makes a plan look better than the world."""


def derived(
    sites: Sequence[Site], ground: Sequence[SiteGround], is_point: Sequence[bool], located: bool
) -> list[Assumption]:
    """Hectares (and, where distances count, starting points) that geometry gave and nobody stated."""
    said = []
    for site, land, point in zip(sites, ground, is_point, strict=True):
        if not point and site.parcel_ha is None:
            said.append(_derived(site.id, "parcel_ha", land.parcel_ha, "ha", "geodesic area of the polygon"))
        if not point and site.buildable_ha is None:
            taken = ", ".join(f"{s.layer} {s.ha:,.2f} ha" for s in land.steps)
            source = f"parcel less {taken}" if taken else "the whole parcel: no setback, no exclusions"
            said.append(_derived(site.id, "buildable_ha", land.buildable_ha, "ha", source))
        if located and site.location is None:
            source = "the point" if point else "centroid of the polygon"
            said.append(_derived(site.id, "location", [land.lon, land.lat], "degrees", source))
    return said


def _derived(subject: str, field: str, value: object, unit: str, source: str) -> Assumption:
    return Assumption(subject=subject, field=field, value=value, unit=unit, origin="derived", source=source)


def defaulted(sites: Sequence[Site]) -> list[Assumption]:
    """Defaults of the contract that no site, ``site_defaults`` or table replaced; one entry per field."""
    said = []
    for field in SILENT_ZERO:
        silent = [s.id for s in sites if field not in s.model_fields_set]
        if silent:
            who = (
                (f"all {len(sites)} sites" if len(sites) > 1 else silent[0])
                if len(silent) == len(sites)
                else f"sites {names(silent)}"
            )
            said.append(
                Assumption(
                    subject=who,
                    field=field,
                    value=Site.model_fields[field].default,
                    unit=UNIT[field],
                    origin="default",
                    source="not stated; the contract's default",
                )
            )
    return said
