"""Buildable land: the parcel drawn in by its setback, less every grown exclusion, less patches too small (M3.8).

Shapes are cut and grown in metres around each site (:mod:`sites.frame`); the lines between vertices are straight in
lon/lat, as RFC 7946 draws them. Hectares are scaled so that the whole parcel has its geodesic area, hence the parts add
up to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.ground import LandStep
from planner.problem.land import Land
from sites.crs import Geometries
from sites.faults import Faults
from sites.frame import Array, from_metres, to_metres, to_wgs84
from sites.geometry import Parcels
from sites.layers import Layer

SEGMENT_DEG = 0.0025
"""Edges are divided into pieces of at most this many degrees (280 m), to stay straight in lon/lat within 1 mm."""

QUAD_SEGS = 90
"""Pieces of a quarter circle: a grown point has 0.005 % less than a full circle's area."""

METRES_PER_DEGREE = 110_500.0
SETBACK, MIN_PATCH = "setback", "min_patch"


@dataclass
class Cut:
    """What is left of each chosen parcel, in hectares and as a WGS 84 shape, and what each step took."""

    ha: Array
    steps: list[tuple[LandStep, ...]]
    shapes: Geometries


def cut(parcels: Parcels, chosen: NDArray[np.intp], land: Land, layers: list[Layer], faults: Faults) -> Cut:
    """Buildable land of the parcels at the positions ``chosen``; faults where an exclusion cannot be used."""
    relative = parcels.relative[chosen]
    centres = parcels.centres.of(chosen)
    whole = parcels.ha[chosen]
    if not (land.setback_m or land.min_patch_ha or layers):
        return Cut(whole, [()] * len(chosen), parcels.wgs84[chosen])
    pieces = _segment_lengths(relative)
    left = to_metres(finely(relative), centres.lat)
    drawn = shapely.area(left)
    scale = whole / drawn
    remaining = [whole]
    names: list[str] = []

    def took(name: str) -> None:
        names.append(name)
        remaining.append(np.minimum(shapely.area(left) * scale, remaining[-1]))

    if land.setback_m:
        left = np.asarray(shapely.buffer(left, -land.setback_m, quad_segs=QUAD_SEGS), dtype=object)
        took(SETBACK)
    for layer in layers:
        left = _less(left, relative, centres.lon, centres.lat, pieces, layer, faults)
        took(layer.id)
    if land.min_patch_ha:
        left = _without_specks(left, land.min_patch_ha / scale)
        took(MIN_PATCH)
    ha = np.array(remaining)
    steps = [
        tuple(LandStep(layer=n, ha=float(t)) for n, t in zip(names, ts, strict=True)) for ts in (ha[:-1] - ha[1:]).T
    ]
    return Cut(ha[-1], steps, to_wgs84(from_metres(left, centres.lat), centres.lon))


def _segment_lengths(relative: Geometries) -> Array:
    """Finer than a four-thousandth of the outline is of no use for a large parcel."""
    return np.maximum(SEGMENT_DEG, shapely.length(relative) / 4_000)


def finely(relative: Geometries) -> Geometries:
    """The same shapes with their long edges divided, so that they are straight in lon/lat in any projection."""
    return np.asarray(shapely.segmentize(relative, _segment_lengths(relative)), dtype=object)


def _boxes(relative: Geometries, metres: float) -> Array:
    """Each parcel's surroundings in relative degrees: its bounding box grown by at least ``metres``."""
    box = shapely.bounds(relative)
    dy = metres / METRES_PER_DEGREE
    highest = np.minimum(np.maximum(np.abs(box[:, 1]), np.abs(box[:, 3])) + dy, 89.9)
    dx = dy / np.cos(np.radians(highest))
    return np.column_stack(
        [box[:, 0] - dx, np.maximum(box[:, 1] - dy, -90), box[:, 2] + dx, np.minimum(box[:, 3] + dy, 90)]
    )


def _less(
    left: Geometries, relative: Geometries, lon0: Array, lat0: Array, pieces: Array, layer: Layer, faults: Faults
) -> Geometries:
    """The remaining land less one layer grown by its buffer."""
    if not len(layer.shapes):
        return left
    box = _boxes(relative, 1.01 * layer.buffer_m + 20.0)
    found: list[NDArray[np.intp]] = []
    shifts: list[Array] = []
    extent = shapely.total_bounds(layer.shapes)
    for shift in (-360.0, 0.0, 360.0):  # a layer may lie on the other side of the antimeridian
        west, east = box[:, 0] + lon0 + shift, box[:, 2] + lon0 + shift
        if east.max() < extent[0] or west.min() > extent[2]:
            continue
        pairs = layer.tree.query(shapely.box(west, box[:, 1], east, box[:, 3]))
        found.append(pairs)
        shifts.append(np.full(pairs.shape[1], shift))
    if not found or not (pairs := np.concatenate(found, axis=1)).size:
        return left
    site, shape = pairs
    if not layer.usable(np.unique(shape), faults):
        return left
    order = np.argsort(site, kind="stable")
    site, shape, turn = site[order], shape[order], np.concatenate(shifts)[order]
    moved = layer.shapes[shape]
    counts = shapely.get_num_coordinates(moved)
    xy = shapely.get_coordinates(moved)
    xy[:, 0] -= np.repeat(lon0[site] + turn, counts)
    moved = np.asarray(shapely.set_coordinates(moved, xy), dtype=object)
    windows = shapely.box(*box[site].T)
    outside = ~shapely.contains_properly(windows, moved)
    moved[outside] = shapely.intersection(moved[outside], windows[outside])
    metres = to_metres(np.asarray(shapely.segmentize(moved, pieces[site]), dtype=object), lat0[site])
    if layer.buffer_m:
        metres = np.asarray(shapely.buffer(metres, layer.buffer_m, quad_segs=QUAD_SEGS), dtype=object)
    out = left.copy()
    for start, end in _runs(site):
        taken = metres[start] if end == start + 1 else shapely.union_all(metres[start:end])
        i = site[start]
        out[i] = _polygons(shapely.difference(out[i], taken))
    return out


def _runs(owner: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Where each run of equal owners begins and ends in a sorted array."""
    edges = np.flatnonzero(np.diff(owner, prepend=-1, append=-1)).tolist()
    return list(pairwise(edges))


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Only what has area."""
    if isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return shape
    return shapely.MultiPolygon([p for p in shapely.get_parts(shape) if isinstance(p, shapely.Polygon)])


def _without_specks(left: Geometries, least_m2: Array) -> Geometries:
    """Connected patches of at least this many square metres; patches that touch in a point are two."""
    parts, owner = shapely.get_parts(left, return_index=True)
    kept = shapely.area(parts) >= least_m2[owner] * (1 - 1e-12)
    parts, owner = parts[kept], owner[kept]
    out = np.full(len(left), shapely.MultiPolygon(), dtype=object)
    for start, end in _runs(owner):
        out[owner[start]] = parts[start] if end == start + 1 else shapely.MultiPolygon(list(parts[start:end]))
    return out
