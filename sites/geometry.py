"""Every site's geometry, checked, mended where that is honest, and put into its own local frame (M3.1, M3.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from sites.areas import all_hectares, hectares
from sites.crs import Geometries
from sites.faults import Faults, feature_path, names
from sites.frame import Centres, to_relative, to_wgs84, wrap
from sites.geojson import MOST_VERTICES, GeometryError
from sites.repair import mended

MOST_IN_ALL = 200_000
"""Vertices of all sites of a request together."""

LEAST_HA = 1e-4
"""A parcel below one square metre is a slip."""

MOST_HA = 200_000
"""A parcel above 2,000 km2 is probably a county; metres in a local frame also become less exact then."""

PLACEHOLDER = shapely.Point(0, 0)
"""Stands in for a refused geometry until all faults are raised."""


@dataclass
class Parcels:
    """The geometry of all sites, in the order of the request."""

    wgs84: Geometries
    relative: Geometries
    centres: Centres
    is_point: NDArray[np.bool_]
    ha: NDArray[np.float64]
    refused: NDArray[np.bool_]


def settle(shapes: Sequence[Any], notes: Sequence[Sequence[str]], ids: Sequence[str], faults: Faults) -> Parcels:
    """Check and mend all geometries: WGS 84, None where there is none, or the GeometryError met while reading.

    ``notes`` say what the reader changed. What cannot be used is a fault that names the site.
    """
    work = np.full(len(shapes), PLACEHOLDER, dtype=object)
    before = len(faults.errors)
    heights: list[int] = []
    for i, shape in enumerate(shapes):
        try:
            work[i] = _one_type(shape)
        except GeometryError as error:
            _refuse(i, ids, str(error), faults)
            continue
        if "3D" in notes[i] or shapely.has_z(shape):
            heights.append(i)
        if "unclosed" in notes[i]:
            faults.warn(
                _path(i),
                f"site {ids[i]!r}: a ring of its polygon was not closed; its last point was joined to the first",
            )
    if heights:
        who = names([repr(ids[i]) for i in heights])
        faults.warn(_path(heights[0]), f"heights (third coordinates) of {len(heights)} sites are not used: {who}")
    work = np.asarray(shapely.force_2d(work), dtype=object)
    _check_size(work, ids, faults)
    work = _check_range(work, ids, faults)
    parcels = _framed(work, ids, faults)
    for fault in faults.errors[before:]:
        if fault.path[:2] == ("sites", "features"):
            parcels.refused[int(fault.path[2])] = True
    return parcels


def _path(i: int) -> tuple[str | int, ...]:
    return feature_path(i, "geometry")


def _refuse(i: int, ids: Sequence[str], message: str, faults: Faults) -> None:
    faults.error(_path(i), f"site {ids[i]!r}: {message}")


def _one_type(shape: Any) -> Any:
    """A polygon, multipolygon or point. GeometryError for everything else."""
    if isinstance(shape, GeometryError):
        raise shape
    if shape is None:
        raise GeometryError("it has no geometry; a site is a polygon, or a point with buildable_ha")
    if shapely.is_empty(shape):
        raise GeometryError(f"its geometry is an empty {shape.geom_type}")
    if isinstance(shape, shapely.MultiPoint) and len(shape.geoms) == 1:
        return shape.geoms[0]
    if isinstance(shape, shapely.Polygon | shapely.MultiPolygon | shapely.Point):
        return shape
    raise GeometryError(f"its geometry is a {shape.geom_type}; a site is a polygon, a multipolygon or one point")


def _check_size(work: Geometries, ids: Sequence[str], faults: Faults) -> None:
    counts = shapely.get_num_coordinates(work)
    for i in np.flatnonzero(counts > MOST_VERTICES):
        _refuse(
            int(i), ids, f"its geometry has {counts[i]:,} vertices, more than {MOST_VERTICES:,}; simplify it", faults
        )
        work[i] = PLACEHOLDER
    total = int(counts.sum())
    if total > MOST_IN_ALL:
        faults.error(
            ("sites",),
            f"the sites have {total:,} vertices together, more than {MOST_IN_ALL:,}",
            "simplify their outlines",
        )
        faults.stop_if_any()


def _check_range(work: Geometries, ids: Sequence[str], faults: Faults) -> Geometries:
    xy, owner = shapely.get_coordinates(work, return_index=True)
    bad = ~np.isfinite(xy).all(axis=1) | (np.abs(xy[:, 0]) > 360) | (np.abs(xy[:, 1]) > 90)
    for i in np.unique(owner[bad]):
        x, y = xy[bad & (owner == i)][0]
        _refuse(int(i), ids, _why_out_of_range(x, y), faults)
        work[i] = PLACEHOLDER
    wide = np.unique(owner[~bad & (np.abs(xy[:, 0]) > 180)])
    for i in wide:
        faults.warn(_path(int(i)), f"site {ids[i]!r}: longitudes beyond 180 are read as wrapped around the Earth")
    return work


def _why_out_of_range(x: float, y: float) -> str:
    if not np.isfinite([x, y]).all():
        return f"a coordinate is not finite: [{x}, {y}]"
    if abs(x) <= 90 and abs(y) <= 360:
        return f"latitude {y:g} is out of range at [{x:g}, {y:g}]; lon and lat look swapped: a position is [lon, lat]"
    if abs(x) > 360 or abs(y) > 360:
        return f"[{x:g}, {y:g}] is no lon/lat; it looks projected: sites are WGS 84 degrees, or a file with a CRS"
    return f"latitude {y:g} is out of range at [{x:g}, {y:g}]"


def _ring_turns(work: Geometries) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per geometry: an edge jumps more than 180 degrees of longitude; a ring runs around a pole."""
    jumps, polar = np.zeros(len(work), dtype=bool), np.zeros(len(work), dtype=bool)
    parts, part_owner = shapely.get_parts(work, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    ring_owner = part_owner[ring_part]
    if not len(rings):
        return jumps, polar
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    same = owner[1:] == owner[:-1]
    raw = np.where(same, np.diff(xy[:, 0]), 0.0)
    np.logical_or.at(jumps, ring_owner[owner[1:]], np.abs(raw) > 180)
    turned = np.bincount(owner[1:], weights=np.where(same, wrap(raw), 0.0), minlength=len(rings))
    np.logical_or.at(polar, ring_owner, np.abs(turned) > 180)
    return jumps, polar


def _centres(work: Geometries, around: NDArray[np.bool_]) -> Centres:
    """The middle of each bounding box; of geometries ``around`` the antimeridian, along the circle."""
    box = shapely.bounds(work)
    lon, lat = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    for i in np.flatnonzero(around):
        angle = np.radians(shapely.get_coordinates(work[i])[:, 0])
        lon[i] = np.degrees(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean()))
    return Centres(wrap(lon), lat)


def _framed(work: Geometries, ids: Sequence[str], faults: Faults) -> Parcels:
    jumps, polar = _ring_turns(work)
    for i in np.flatnonzero(polar):
        _refuse(int(i), ids, "its polygon runs around a pole", faults)
        work[i] = PLACEHOLDER
    box = shapely.bounds(work)
    around = (jumps | (box[:, 2] - box[:, 0] > 180) | (np.abs(box[:, [0, 2]]) > 180).any(axis=1)) & ~polar
    centres = _centres(work, around)
    relative = to_relative(work, centres.lon)
    for i in np.flatnonzero(_ring_turns(relative)[0]):
        _refuse(int(i), ids, "its polygon spans more than half the Earth", faults)
        relative[i] = work[i] = PLACEHOLDER
    for k in np.flatnonzero(jumps & ~polar).tolist():
        faults.warn(
            _path(k),
            f"site {ids[k]!r}: its outline jumps over the antimeridian and is read as crossing there",
        )
    changed = jumps | (np.abs(box[:, [0, 2]]) > 180).any(axis=1)
    valid = shapely.is_valid(relative)
    for i in np.flatnonzero(~valid):
        changed[i] |= not _seam_only(work[i])
        relative[i] = _mended(relative, int(i), bool(around[i]), ids, faults)
    is_point = shapely.get_dimensions(relative) == 0
    ha = all_hectares(relative)
    for i in np.flatnonzero(~is_point & (ha < LEAST_HA)):
        _refuse(int(i), ids, f"its polygon has no area ({ha[i] * 1e4:g} square metres)", faults)
    for i in np.flatnonzero(ha > MOST_HA):
        faults.suspect(_path(int(i)), f"site {ids[i]!r}: its polygon has {ha[i]:,.0f} ha, larger than any campus")
    kept = to_wgs84(relative, centres.lon) if changed.any() else work
    wgs84 = np.where(changed & ~is_point, kept, work)
    wgs84 = np.where(
        is_point & around,
        np.asarray(shapely.points(np.column_stack([wrap(centres.lon), centres.lat])), dtype=object),
        wgs84,
    )
    return Parcels(
        np.asarray(shapely.orient_polygons(wgs84), dtype=object),
        relative,
        centres,
        is_point,
        ha,
        np.zeros(len(work), dtype=bool),
    )


def _seam_only(original: Any) -> bool:
    """True for an RFC 7946 multipolygon, valid as written, whose parts meet at the antimeridian."""
    low, _, high, _ = shapely.bounds(original)
    return bool(low <= -180 + 1e-9 and high >= 180 - 1e-9 and shapely.is_valid(original))


def _mended(relative: Geometries, i: int, around: bool, ids: Sequence[str], faults: Faults) -> Any:
    shape = relative[i]
    if around and shapely.is_valid(shapely.get_parts(shape)).all():
        return shapely.union_all(shapely.get_parts(shape))  # parts of an RFC 7946 multipolygon meet at the antimeridian
    before = hectares(shape)
    try:
        fixed = mended(shape)
    except GeometryError as error:
        _refuse(i, ids, str(error), faults)
        return PLACEHOLDER
    why = shapely.is_valid_reason(shape).split("[")[0].strip().lower()
    faults.warn(
        _path(i),
        f"site {ids[i]!r}: its polygon is invalid ({why}) and was mended: "
        f"{before:,.2f} ha as drawn, {hectares(fixed):,.2f} ha after",
        "look at it on the map, or draw it again",
    )
    return fixed
