"""From the sites as a request gives them to sites, ground and geometries: reads as a contents page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pydantic import ValidationError

from planner.errors import Fault
from planner.ground import Ground, LandStep, SiteGround
from planner.plan import Assumption
from planner.problem.faults import faults_of
from planner.problem.request import Request
from planner.problem.site import Site
from sites import (
    buildable,
    columns,
    defaults,
    distances,
    geometry,
    ids,
    layers,
    ledger,
    magnitudes,
    overlaps,
    places,
    tables,
)
from sites.buildable import finely
from sites.faults import Faults, feature_path
from sites.frame import Array, inverse, to_metres, wrap
from sites.geometry import Parcels
from sites.read import read

UNDRAWN, STATED = "undrawn", "stated_buildable_ha"
"""Steps where a site states hectares: parcel beyond what is drawn, and land said not to be buildable."""


@dataclass(frozen=True)
class Prepared:
    """The sites of a request, ready to plan with.

    ``geometries`` (index: site id, WGS 84) are the parcels; ``buildable`` what of them can be built on, None where the
    request states hectares instead.
    """

    sites: tuple[Site, ...]
    ground: Ground
    geometries: gpd.GeoDataFrame
    buildable: gpd.GeoSeries
    assumptions: tuple[Assumption, ...]
    warnings: tuple[Fault, ...]


@dataclass(frozen=True)
class Settled:
    """Sites whose properties and geometries are checked, before any hectare is measured."""

    sites: list[Site]
    parcels: Parcels
    assumptions: list[Assumption]


def prepare(request: Request, base_dir: Path) -> Prepared:
    """Read, check and measure all sites of a request; paths are relative to ``base_dir``.

    Raises RequestError with everything that is wrong, and all warnings, at once.
    """
    faults = Faults(request.strict)
    settled = settle(request, Path(base_dir), faults)
    exclusions = layers.load(request.land, Path(base_dir), surroundings(settled), faults)
    faults.stop_if_any()
    assert settled is not None, "nothing read is an error"
    sites, parcels = settled.sites, settled.parcels
    overlaps.warn(parcels, [s.id for s in sites], faults)
    measured = np.flatnonzero(~parcels.is_point & np.array([s.buildable_ha is None for s in sites]))
    cut = buildable.cut(parcels, measured, request.land, exclusions, faults)
    faults.stop_if_any()
    lon, lat = starting_points(sites, parcels)
    land = [_measured(s, parcels, i, lon, lat, faults) for i, s in enumerate(sites)]
    for i, ha, steps in zip(measured, cut.ha, cut.steps, strict=True):
        land[i] = land[i].model_copy(update={"buildable_ha": float(ha), "steps": (*land[i].steps, *steps)})
    ground = with_distances(request, land)
    located = bool(request.markets or distances.widest_separation(request))
    said = [
        *settled.assumptions,
        *ledger.derived(sites, land, parcels.is_point.tolist(), located),
        *ledger.defaulted(sites),
    ]
    names = [s.id for s in sites]
    shapes: list[Any] = [None] * len(sites)
    for i, shape in zip(measured, cut.shapes, strict=True):
        shapes[i] = shape
    return Prepared(
        tuple(sites),
        ground,
        gpd.GeoDataFrame(geometry=parcels.wgs84, index=names, crs=4326),
        gpd.GeoSeries(shapes, index=names, crs=4326),
        tuple(said),
        tuple(faults.warnings),
    )


def settle(request: Request, base_dir: Path, faults: Faults) -> Settled | None:
    """Names, units, defaults, tables and geometries of all sites; None (and a fault) when there are none to read.

    Faults are gathered, not raised: with any, the result is for going on looking only.
    """
    filled = defaults.checked(request.site_defaults, faults)
    table = read(request.sites, base_dir, request.property_names, faults)
    if table is None:
        return None
    stated = columns.stated_by(table.rows, request.property_names, faults)
    labels = ids.settle(stated, faults)
    assumptions = [a for s, label in zip(stated, labels, strict=True) for a in defaults.fill(s, filled, label)]
    parcels = geometry.settle(table.shapes, table.notes, labels, faults)
    if request.fill == "tables":
        where = places.locate(parcels.centres.lon, parcels.centres.lat)
        assumptions += [a for s, p, label in zip(stated, where, labels, strict=True) for a in tables.fill(s, p, label)]
    sites = _validated(stated, labels, parcels, faults)
    magnitudes.doubt(sites, faults)
    good = np.array([i for i, _ in sites], dtype=int)
    places.check_stated(sites, parcels.centres.lon[good], parcels.centres.lat[good], faults)
    return Settled([s for _, s in sites], parcels, assumptions)


def _validated(
    stated: Sequence[dict[str, Any]], labels: Sequence[str], parcels: Parcels, faults: Faults
) -> list[tuple[int, Site]]:
    """Each site's properties as a :class:`Site`; a point needs its hectares stated."""
    sites: list[tuple[int, Site]] = []
    for i, properties in enumerate(stated):
        properties.setdefault("id", labels[i])
        try:
            site = Site.model_validate(properties)
        except ValidationError as error:
            prefix = feature_path(i, "properties")
            faults.add(faults_of(error, Site, prefix, properties, f"site {labels[i]!r}"))
            continue
        if parcels.is_point[i] and not parcels.refused[i] and site.buildable_ha is None:
            faults.error(
                feature_path(i, "properties", "buildable_ha"),
                f"site {site.id!r} is a point and states no buildable_ha",
                "state buildable_ha, or draw the parcel as a polygon",
            )
        sites.append((i, site))
    return sites


def surroundings(settled: Settled | None) -> tuple[float, float, float, float] | None:
    """The lon/lat box of all parcels; None when unknown or when it reaches around the antimeridian."""
    if settled is None:
        return None
    areal = settled.parcels.wgs84[~settled.parcels.is_point]
    if not len(areal):
        return (0.0, 0.0, 0.0, 0.0)
    west, south, east, north = (float(v) for v in shapely.total_bounds(areal))
    return (west, south, east, north) if east - west < 300 else None


def starting_points(sites: Sequence[Site], parcels: Parcels) -> tuple[Array, Array]:
    """Where distances start (M3.9): the stated location, else the point, else the polygon's centroid."""
    metres = to_metres(finely(parcels.relative), parcels.centres.lat)
    middle = shapely.get_coordinates(shapely.centroid(metres))
    rel, lat = inverse(middle[:, 0], middle[:, 1], parcels.centres.lat)
    lon = np.round(wrap(rel + parcels.centres.lon), 10)
    lat = np.round(lat, 10)
    for i in np.flatnonzero(parcels.is_point):
        lon[i], lat[i] = shapely.get_coordinates(parcels.wgs84[i])[0]
    for position, site in enumerate(sites):
        if site.location is not None:
            lon[position], lat[position] = site.location
    return lon, lat


def _measured(site: Site, parcels: Parcels, i: int, lon: Array, lat: Array, faults: Faults) -> SiteGround:
    """The site's land before anything is cut from it: what it states wins, and the parts still add up to the parcel."""
    drawn = float(parcels.ha[i])
    parcel = drawn if site.parcel_ha is None else site.parcel_ha
    steps: list[LandStep] = []
    if not parcels.is_point[i] and site.parcel_ha is not None:
        steps.append(LandStep(layer=UNDRAWN, ha=parcel - drawn))
        if abs(parcel - drawn) > 0.05 * max(parcel, drawn):
            message = f"site {site.id!r} states parcel_ha {parcel:,.2f}; its polygon has {drawn:,.2f} ha"
            faults.warn(
                feature_path(i, "properties", "parcel_ha"),
                message,
                "the stated one is paid for, the drawn one is built on",
            )
    if site.buildable_ha is not None and parcel:
        steps = [LandStep(layer=STATED, ha=parcel - site.buildable_ha)]
        if site.buildable_ha > parcel * (1 + 1e-6):
            message = f"site {site.id!r} states buildable_ha {site.buildable_ha:,.2f}; its parcel has {parcel:,.2f} ha"
            faults.warn(feature_path(i, "properties", "buildable_ha"), message)
    return SiteGround(
        site=site.id,
        lon=float(lon[i]),
        lat=float(lat[i]),
        parcel_ha=parcel,
        buildable_ha=parcel if site.buildable_ha is None else site.buildable_ha,
        steps=tuple(steps),
        overridden=site.buildable_ha is not None,
    )


def with_distances(request: Request, land: Sequence[SiteGround]) -> Ground:
    """The ground with all distances that the request asks for."""
    lon, lat = (np.array([getattr(g, name) for g in land], dtype=float) for name in ("lon", "lat"))
    names = [g.site for g in land]
    return Ground(
        sites=tuple(land),
        markets=distances.to_markets(names, lon, lat, request.markets),
        close_pairs=distances.close_pairs(names, lon, lat, distances.widest_separation(request)),
    )


__all__ = ["Prepared", "Settled", "prepare", "settle", "starting_points", "surroundings"]
