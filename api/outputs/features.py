"""The properties that sites carry on a map: flat scalars only, so that every GIS can style and label by them."""

from __future__ import annotations

from typing import Any

from api.outputs.bundle import Bundle
from api.outputs.text import slugs
from planner.plan import SiteResult
from planner.problem.schedule import month_number

MAX_SHAPES_IN_TIME = 500
"""With more sites than this the timeline carries points instead of parcels, which keeps it light enough to open."""


def status(site: SiteResult) -> str:
    """``committed``, ``opened``, ``not_opened`` or ``excluded``."""
    if site.status in {"committed", "excluded"}:
        return site.status
    return "opened" if site.opened else "not_opened"


def by_vendor(bundle: Bundle, it_mw_by_vendor: dict[str, float]) -> dict[str, float]:
    """One number column per vendor, ``it_mw_nvidia`` and so on, also where it is zero."""
    names = slugs(tuple(dict.fromkeys([*bundle.vendors, *it_mw_by_vendor])))
    return {f"it_mw_{names[v]}": it_mw_by_vendor.get(v, 0.0) for v in names}


def site_properties(bundle: Bundle) -> list[dict[str, Any]]:
    """One flat record per candidate, opened or not, in the plan's order. Undated figures are the last period's."""
    return [
        {
            "id": s.id,
            "site_id": s.id,
            "name": s.name or s.id,
            "status": status(s),
            "opening_month": s.opening_month,
            "region": s.region,
            "country": s.country,
            "state": s.state,
            "it_mw": s.it_mw,
            "facility_mw": s.facility_mw,
            "grid_mw": s.grid_mw,
            "power_used_share": s.power_used_share,
            "land_used_share": s.land_used_share,
            "parcel_ha": s.parcel_ha,
            "buildable_ha": s.buildable_ha,
            "gpus": s.gpus,
            "units": s.units,
            "pflops": s.pflops,
            **by_vendor(bundle, s.it_mw_by_vendor),
            "spend_musd": s.spend_musd,
            "main_limit": s.main_limit,
            "why": s.why,
            "lon": s.lon,
            "lat": s.lat,
        }
        for s in bundle.plan.sites
    ]


def instant(month: str, plus_months: int = 0) -> str:
    """The first second of a month, UTC: ``2027-04-01T00:00:00Z``."""
    m = month_number(month) + plus_months
    return f"{m // 12:04d}-{m % 12 + 1:02d}-01T00:00:00Z"


def period_properties(bundle: Bundle) -> list[dict[str, Any]]:
    """One flat record per site and period. ``start`` belongs to the period, ``end`` to the next one (M1.1)."""
    length = bundle.problem.horizon.months_per_period
    return [
        {
            "id": f"{s.id}/{p.month}",
            "site_id": s.id,
            "name": s.name or s.id,
            "month": p.month,
            "start": instant(p.month),
            "end": instant(p.month, length),
            "status": "excluded" if s.status == "excluded" else "open" if p.open else "not_open",
            "open": p.open,
            "it_mw": p.it_mw,
            "facility_mw": p.facility_mw,
            "grid_mw": p.grid_mw,
            "power_used_share": p.facility_mw / p.grid_mw if p.grid_mw > 0 else None,
            "shell_mw": p.shell_mw,
            "standing_ha": p.standing_ha,
            "gpus": p.gpus,
            "units": p.units,
            "idle_units": p.idle_units,
            "pflops": p.pflops,
            **by_vendor(bundle, p.it_mw_by_vendor),
            "energy_mwh": p.energy_mwh,
            "carbon_tonnes": p.carbon_tonnes,
            "spend_musd": p.spend_musd,
        }
        for s in bundle.plan.sites
        for p in s.periods
    ]
