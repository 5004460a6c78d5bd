"""Exclusion layers: what may not be built on, from a vector file beside the request or inline (M3.8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from planner.problem.land import Exclusion, Land
from sites import files
from sites.crs import Geometries, crs_of, to_wgs84
from sites.faults import Faults
from sites.frame import wrap
from sites.geojson import GeometryError, epsg_of, features, geometry
from sites.repair import mended

MOST_VERTICES = 5_000_000
"""Of one exclusion layer."""


@dataclass
class Layer:
    """One exclusion layer in lon/lat; shapes that cross the antimeridian run on beyond 180."""

    id: str
    buffer_m: float
    shapes: Geometries
    tree: shapely.STRtree = field(repr=False)
    path: tuple[str | int, ...] = ()

    def usable(self, wanted: Any, faults: Faults) -> bool:
        """Mend the shapes at these positions where they are invalid; False when one cannot be used."""
        good = True
        for j in wanted[~shapely.is_valid(self.shapes[wanted])]:
            try:
                self.shapes[j] = mended(self.shapes[j])
                faults.warn(self.path, f"exclusion {self.id!r}: feature #{j + 1} has an invalid polygon and was mended")
            except GeometryError as error:
                faults.error(self.path, f"exclusion {self.id!r}: feature #{j + 1}: {error}")
                good = False
        return good


def load(land: Land, base_dir: Path, near: files.Bounds | None, faults: Faults) -> list[Layer]:
    """All layers in the request's order; ``near`` is the lon/lat box of the sites, None where unknown."""
    layers = []
    for k, exclusion in enumerate(land.exclusions):
        path = ("land", "exclusions", k)
        try:
            shapes, notes = _shapes(exclusion, base_dir, _grown(near, exclusion.buffer_m))
        except GeometryError as error:
            where = f" {exclusion.path}" if exclusion.path else ""
            faults.error(path, f"exclusion {exclusion.id!r}{where}: {error}")
            continue
        except OSError as error:
            faults.error(
                path, f"exclusion {exclusion.id!r}: {exclusion.path} cannot be read: {error.strerror or error}"
            )
            continue
        if not exclusion.buffer_m and len(shapes) and not (shapely.get_dimensions(shapes) == 2).all():
            notes.append("its lines and points take no land without a buffer_m")
        for note in notes:
            faults.warn(path, f"exclusion {exclusion.id!r}: {note}")
        layers.append(Layer(exclusion.id, exclusion.buffer_m, shapes, shapely.STRtree(shapes), path))
    return layers


def _grown(box: files.Bounds | None, metres: float) -> files.Bounds | None:
    if box is None:
        return None
    lat = min(max(abs(box[1]), abs(box[3])) + metres / 110_000, 89.0)
    dy = metres / 110_000 + 0.01
    dx = dy / float(np.cos(np.radians(lat)))
    west, east = box[0] - dx, box[2] + dx
    return None if west < -180 or east > 180 else (west, max(box[1] - dy, -90.0), east, min(box[3] + dy, 90.0))


def _shapes(exclusion: Exclusion, base_dir: Path, near: files.Bounds | None) -> tuple[Geometries, list[str]]:
    if (exclusion.path is None) == (exclusion.features is None):
        raise GeometryError("write either `path` (a vector file) or `features` (a FeatureCollection)")
    if exclusion.features is not None:
        if "crs" in exclusion.features:
            raise GeometryError("an inline FeatureCollection is WGS 84 and has no `crs` member (RFC 7946)")
        return _clean(_from_json(exclusion.features), [])
    path = files.find(str(exclusion.path), base_dir)
    if path.suffix.lower() in {".geojson", ".json"}:
        document = files.geojson_document(path)
        shapes = _from_json(document)
        epsg = epsg_of(document)
        return _clean(shapes if epsg is None else to_wgs84(shapes, crs_of(epsg)), [])
    table = files.read(path, exclusion.layer, near)
    crs = files.crs_or_guess(table)
    return _clean(to_wgs84(np.asarray(shapely.force_2d(table.shapes), dtype=object), crs), table.notes)


def _from_json(document: Any) -> Geometries:
    shapes = []
    for number, feature in enumerate(features(document), 1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise GeometryError(f"feature #{number} is no GeoJSON Feature")
        try:
            shapes.append(None if feature.get("geometry") is None else geometry(feature["geometry"]).shape)
        except GeometryError as error:
            raise GeometryError(f"feature #{number}: {error}") from None
    return np.array([*shapes, None], dtype=object)[:-1]


def _clean(shapes: Geometries, notes: list[str]) -> tuple[Geometries, list[str]]:
    """Single polygons, lines and points without gaps, in range, and across the antimeridian in one piece."""
    parts = shapely.get_parts(shapely.get_parts(shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]))
    if len(parts) == 0:
        return np.empty(0, dtype=object), [*notes, "it holds no geometries near any site"]
    if (count := int(shapely.get_num_coordinates(parts).sum())) > MOST_VERTICES:
        raise GeometryError(
            f"it has {count:,} vertices, more than {MOST_VERTICES:,}; clip it to the sites' surroundings"
        )
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    bad = ~np.isfinite(xy).all(axis=1) | (np.abs(xy[:, 0]) > 360) | (np.abs(xy[:, 1]) > 90)
    if bad.any():
        x, y = xy[bad][0]
        raise GeometryError(f"[{x:g}, {y:g}] is no lon/lat; exclusion layers are WGS 84, or a file that names its CRS")
    step = np.diff(xy[:, 0])
    for i in np.unique(owner[1:][(np.abs(step) > 180) & (owner[1:] == owner[:-1])]):
        parts[i] = _unwrapped(parts[i])
    return np.asarray(parts, dtype=object), notes


def _unwrapped(shape: Any) -> Any:
    """Vertices as they follow each other, never more than 180 degrees apart; every ring begins near the first one."""
    xy = shapely.get_coordinates(shape)
    first = xy[0, 0]
    turned = xy.copy()
    turned[:, 0] = first + wrap(xy[:, 0] - first)
    return shapely.set_coordinates(shape, turned)
