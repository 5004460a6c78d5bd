"""A small sound request, and ways to change one thing in it."""

from __future__ import annotations

import copy
from typing import Any

from planner.errors import Fault, RequestError
from planner.ground import Distance, Ground, SiteGround
from planner.problem.problem import Problem
from planner.problem.read import assemble, parse_request
from planner.problem.site import Site


def document(**changes: Any) -> dict[str, Any]:
    """Two blocks, two sites, two years of quarters; no fault, no warning."""
    base: dict[str, Any] = {
        "name": "two sites",
        "horizon": {"start": "2026-01", "periods": 8, "period": "quarter"},
        "discount_rate": 0.08,
        "blocks": [
            {
                "id": "green", "vendor": "nvidia", "it_mw": 20, "pflops": 100_000, "gpus": 7000, "capex_musd": 700,
                "footprint_ha": 3, "lead_months": 6, "life_years": 5, "supply": [{"from": "2026-01", "value": 9}],
            },
            {
                "id": "red", "vendor": "amd", "it_mw": 10, "pflops": 40_000, "gpus": 3500, "capex_musd": 300,
                "footprint_ha": 2, "lead_months": 3, "life_years": 5, "max_per_site": 5,
            },
        ],
        "sites": {
            "type": "FeatureCollection",
            "features": [
                feature("north", grid_mw=120, pue=1.2, region="ERCOT", country="US", tags=["rail"]),
                feature("south", grid_mw=[{"from": "2026-07", "value": 60}], pue=1.2, region="PJM", country="US"),
            ],
        },
        "objective": {"maximize": "compute"},
    }  # fmt: skip
    base.update(changes)
    return base


def feature(id: str, **properties: Any) -> dict[str, Any]:
    """A point with 50 buildable hectares."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [-99.0, 32.0]},
        "properties": {"id": id, "buildable_ha": 50, "electricity_usd_per_mwh": 60, **properties},
    }


def changed(path: str, value: Any, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """A copy with the value at ``blocks.0.it_mw`` replaced (or added); ``sites.0.x`` is a property of site 0."""
    out = copy.deepcopy(document() if base is None else base)
    parts: list[Any] = [int(p) if p.isdigit() else p for p in path.split(".")]
    if parts[0] == "sites" and len(parts) > 1:
        parts = ["sites", "features", parts[1], "properties", *parts[2:]]
    here: Any = out
    for part in parts[:-1]:
        here = here.setdefault(part, {}) if isinstance(here, dict) else here[part]
    here[parts[-1]] = value
    return out


def sites_of(raw: dict[str, Any]) -> tuple[Site, ...]:
    """The sites of an inline document, as the ``sites`` package would hand them over."""
    return tuple(Site.model_validate(f["properties"]) for f in raw["sites"]["features"])


def ground_of(
    sites: tuple[Site, ...],
    markets: dict[tuple[str, str], float] | None = None,
    pairs: dict[tuple[str, str], float] | None = None,
) -> Ground:
    """Ground with each site's own hectares and the kilometres given."""
    return Ground(
        sites=tuple(
            SiteGround(site=s.id, lon=0, lat=0, parcel_ha=s.buildable_ha or 0, buildable_ha=s.buildable_ha or 0)
            for s in sites
        ),
        markets=tuple(Distance(a=a, b=b, km=km) for (a, b), km in (markets or {}).items()),
        close_pairs=tuple(Distance(a=a, b=b, km=km) for (a, b), km in (pairs or {}).items()),
    )


def faults(raw: dict[str, Any], **ground: Any) -> list[Fault]:
    """Every fault and warning of reading and assembling."""
    try:
        request, found, _ = parse_request(raw)
        sites = sites_of(raw)
        return found + assemble(request, sites, ground_of(sites, **ground))[1]
    except RequestError as error:
        return list(error.faults)


def problem(raw: dict[str, Any]) -> Problem:
    """The assembled problem of a sound document."""
    request, _, _ = parse_request(raw)
    sites = sites_of(raw)
    return assemble(request, sites, ground_of(sites))[0]
