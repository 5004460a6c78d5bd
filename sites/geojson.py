"""GeoJSON read by our own eyes: types, depth and numbers are checked before any geometry library sees them.

No GDAL: it would follow links, and detect other formats inside. RFC 7946 coordinates are WGS 84 lon/lat.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from planner.problem.faults import shown

MOST_VERTICES = 20_000
"""Of one geometry. A parcel of a thousand hectares traced every metre has about that many."""

DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""GeoJSON type -> how many lists hold its positions."""

CRS84 = re.compile(r"(urn:ogc:def:crs:)?(OGC:(1\.3)?:?CRS84|EPSG:(.*:)?4326)$")
EPSG = re.compile(r"(urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})$")


class GeometryError(Exception):
    """This geometry cannot be used; the text says why and what to do."""


@dataclass
class Drawn:
    """A geometry as read, and what had to be changed on the way: ``3D`` heights dropped, ``unclosed`` rings closed."""

    shape: BaseGeometry
    notes: list[str] = field(default_factory=list)


def epsg_of(document: dict[str, Any]) -> int | None:
    """The EPSG code of a GeoJSON file's old-style ``crs`` member; None for lon/lat. GeometryError for anything else.

    Links are never followed.
    """
    member = document.get("crs")
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) and member.get("type") == "name" else None
    if isinstance(name, str) and len(name) < 100:
        if CRS84.match(name):
            return None
        if found := EPSG.match(name):
            return int(found[2])
    raise GeometryError("its `crs` member is not a named EPSG code; save it as WGS 84 lon/lat without one (RFC 7946)")


def features(document: Any) -> list[dict[str, Any]]:
    """The features of a FeatureCollection. GeometryError when it is none."""
    if not isinstance(document, dict):
        raise GeometryError(f"a GeoJSON FeatureCollection is wanted, got {shown(document)}")
    if document.get("type") != "FeatureCollection":
        raise GeometryError(f"a GeoJSON FeatureCollection is wanted; its `type` is {shown(document.get('type'))}")
    listed = document.get("features")
    if not isinstance(listed, list):
        raise GeometryError(f"`features` must be a list of features, got {shown(listed)}")
    return listed


def geometry(value: Any, depth: int = 0) -> Drawn:
    """A GeoJSON geometry as a shapely one, in lon/lat as written. GeometryError says what is wrong with it."""
    if not isinstance(value, dict):
        raise GeometryError(f"its geometry must be a GeoJSON geometry, got {shown(value)}")
    kind = value.get("type")
    if kind == "GeometryCollection":
        parts = value.get("geometries")
        if depth or not isinstance(parts, list) or len(parts) > 1000:
            raise GeometryError("its GeometryCollection cannot be read")
        drawn = [geometry(part, 1) for part in parts]
        notes = sorted({n for d in drawn for n in d.notes})
        return Drawn(shapely.GeometryCollection([d.shape for d in drawn]), notes)
    if not isinstance(kind, str) or kind not in DEPTH:
        raise GeometryError(f"its geometry type {shown(kind)} is not one of {', '.join(DEPTH)}")
    reader = _Reader()
    return Drawn(reader.read(kind, value.get("coordinates")), sorted(reader.notes))


class _Reader:
    """Walks coordinates level by level, so that no input can nest deeper than its type allows."""

    def __init__(self) -> None:
        self.notes: set[str] = set()
        self.vertices = 0

    def read(self, kind: str, coordinates: Any) -> BaseGeometry:
        if kind == "Point":
            return shapely.Point(self.position(coordinates))
        if kind == "MultiPoint":
            return shapely.MultiPoint(self.line(coordinates, 0))
        if kind == "LineString":
            return shapely.LineString(self.line(coordinates, 2))
        if kind == "MultiLineString":
            return shapely.MultiLineString([self.line(c, 2) for c in self.listed(coordinates, "lines")])
        if kind == "Polygon":
            return self.polygon(coordinates)
        parts = [self.polygon(c) for c in self.listed(coordinates, "polygons")]
        return shapely.MultiPolygon([p for p in parts if not p.is_empty])

    def listed(self, value: Any, what: str) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise GeometryError(f"its coordinates must be a list of {what}, got {shown(value)}")
        return list(value)

    def position(self, value: Any) -> tuple[float, float]:
        if not isinstance(value, list | tuple) or not 2 <= len(value) <= 4:
            raise GeometryError(f"a position is [lon, lat], got {shown(value)}")
        for number in value:
            if type(number) is not float and (isinstance(number, bool) or not isinstance(number, int | float)):
                raise GeometryError(f"a position holds two numbers [lon, lat], got {shown(number)}")
        try:
            x, y = float(value[0]), float(value[1])
        except OverflowError:
            raise GeometryError("a coordinate is too large to be one") from None
        if not (math.isfinite(x) and math.isfinite(y)):
            raise GeometryError(f"a coordinate is not finite: [{x}, {y}]")
        if len(value) > 2:
            self.notes.add("3D")
        self.vertices += 1
        if self.vertices > MOST_VERTICES:
            raise GeometryError(f"it has more than {MOST_VERTICES:,} vertices; simplify it")
        return x, y

    def line(self, value: Any, least: int) -> list[tuple[float, float]]:
        positions = [self.position(p) for p in self.listed(value, "positions [lon, lat]")]
        if len(positions) < least:
            raise GeometryError(f"a line needs {least} positions, got {len(positions)}")
        return positions

    def ring(self, value: Any) -> list[tuple[float, float]]:
        positions = self.line(value, 0)
        if positions and positions[0] != positions[-1]:
            self.notes.add("unclosed")
            positions.append(positions[0])
        if len(positions) < 4:
            raise GeometryError(
                f"a polygon's ring needs 4 positions (the last one equal to the first), got {len(positions)}"
            )
        return positions

    def polygon(self, value: Any) -> shapely.Polygon:
        drawn = self.listed(value, "rings")
        if not any(r not in ([], ()) for r in drawn):
            return shapely.Polygon()
        rings = [self.ring(r) for i, r in enumerate(drawn) if i == 0 or r not in ([], ())]
        return shapely.Polygon(rings[0], rings[1:])
