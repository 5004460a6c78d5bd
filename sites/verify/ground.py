"""The ground of a request, derived by the other method, so that a plan can be checked from the request alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from planner.ground import Distance, Ground, LandStep, SiteGround
from planner.problem.policies import Separation
from planner.problem.request import Request
from planner.problem.site import Site
from sites import layers
from sites.faults import Faults
from sites.prepare import Settled, settle, surroundings
from sites.verify.distances import kilometres
from sites.verify.land import Left, left


def measured(request: Request, base_dir: Path) -> tuple[Settled, dict[str, Left]]:
    """All sites, and what is left of every polygon. RequestError when the request cannot be read."""
    faults = Faults(request.strict)
    settled = settle(request, Path(base_dir), faults)
    exclusions = layers.load(request.land, Path(base_dir), surroundings(settled), faults)
    faults.stop_if_any()
    assert settled is not None, "nothing read is an error"
    found = {}
    for i, site in enumerate(settled.sites):
        if not settled.parcels.is_point[i]:
            found[site.id] = left(settled.parcels.wgs84[i], request.land, exclusions)
    return settled, found


def ground(request: Request, base_dir: Path) -> Ground:
    """Hectares and kilometres, by spherical excess, transverse Mercator and Vincenty."""
    settled, found = measured(request, base_dir)
    sites = [site_ground(s, found.get(s.id), _point(settled, i)) for i, s in enumerate(settled.sites)]
    return Ground(sites=tuple(sites), markets=_markets(request, sites), close_pairs=_pairs(request, sites))


def _point(settled: Settled, i: int) -> tuple[float, float]:
    xy = settled.parcels.wgs84[i].centroid if not settled.parcels.is_point[i] else settled.parcels.wgs84[i]
    return float(xy.x), float(xy.y)


def site_ground(site: Site, cut: Left | None, point: tuple[float, float]) -> SiteGround:
    """One site's land, stated hectares before derived ones (M3.1)."""
    drawn = cut.parcel_ha if cut else 0.0
    parcel = drawn if site.parcel_ha is None else site.parcel_ha
    steps: list[tuple[str, float]] = []
    if site.buildable_ha is not None:
        if parcel:
            steps = [("stated_buildable_ha", parcel - site.buildable_ha)]
    elif cut is not None:
        steps = [("undrawn", parcel - drawn)] if site.parcel_ha is not None else []
        steps += cut.taken
    buildable = site.buildable_ha if site.buildable_ha is not None else (cut.low_ha + cut.high_ha) / 2 if cut else 0.0
    lon, lat = site.location or ((cut.lon, cut.lat) if cut else point)
    return SiteGround(
        site=site.id,
        lon=lon,
        lat=lat,
        parcel_ha=parcel,
        buildable_ha=max(buildable, 0.0),
        steps=tuple(LandStep(layer=n, ha=h) for n, h in steps),
        overridden=site.buildable_ha is not None,
    )


def _markets(request: Request, sites: list[SiteGround]) -> tuple[Distance, ...]:
    lon, lat = np.array([s.lon for s in sites]), np.array([s.lat for s in sites])
    found: list[Distance] = []
    for market in request.markets:
        if market.location is not None:
            km = kilometres(lon, lat, np.full(len(sites), market.location[0]), np.full(len(sites), market.location[1]))
            found += [Distance(a=s.site, b=market.id, km=float(k)) for s, k in zip(sites, km, strict=True)]
    return tuple(found)


def _pairs(request: Request, sites: list[SiteGround]) -> tuple[Distance, ...]:
    """Every pair, row by row: slower than an index and without its assumptions."""
    widest = max((p.km for p in request.policies if isinstance(p, Separation)), default=0.0)
    lon, lat = np.array([s.lon for s in sites]), np.array([s.lat for s in sites])
    found: list[Distance] = []
    for i in range(len(sites) - 1) if widest else ():
        band = i + 1 + np.flatnonzero(np.abs(lat[i + 1 :] - lat[i]) * 110.0 <= widest)
        km = kilometres(np.full(len(band), lon[i]), np.full(len(band), lat[i]), lon[band], lat[band])
        found += [
            Distance(a=sites[i].site, b=sites[j].site, km=float(k)) for j, k in zip(band, km, strict=True) if k < widest
        ]
    return tuple(found)
