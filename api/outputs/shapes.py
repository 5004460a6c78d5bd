"""Geometries as RFC 7946 wants them: longitude first, right-hand rings, seven decimals, closed, no repeated corners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

DECIMALS = 7
"""About a centimetre."""

Position = list[float]


def _positions(coordinates: Any, decimals: int | None) -> list[Position]:
    xy = np.asarray(coordinates, dtype=float)[:, :2]
    if decimals is not None:
        xy = np.round(xy, decimals)
    return [[x + 0.0, y + 0.0] for x, y in xy.tolist()]


def _ring(ring: BaseGeometry) -> list[Position]:
    """A closed ring; corners that rounding made equal are written once. A ring too small for it keeps its decimals."""
    rounded = _positions(ring.coords, DECIMALS)
    kept = [p for i, p in enumerate(rounded) if i == 0 or p != rounded[i - 1]]
    if len(kept) < 4:
        kept = _positions(ring.coords, None)
    if kept[0] != kept[-1]:
        kept.append(kept[0])
    return kept


def _polygon(polygon: Any) -> list[list[Position]]:
    return [_ring(polygon.exterior), *(_ring(r) for r in polygon.interiors)]


def right_handed(geometries: Sequence[BaseGeometry]) -> Any:
    """Exterior rings counter-clockwise, holes clockwise (RFC 7946, 3.1.6)."""
    return shapely.orient_polygons(np.asarray(geometries, dtype=object), exterior_cw=False)


def geojson(geometry: BaseGeometry, multi: bool = False) -> dict[str, Any]:
    """One geometry, already right-handed, as a GeoJSON object; ``multi`` promotes a polygon."""
    if geometry.geom_type == "Polygon":
        if multi:
            return {"type": "MultiPolygon", "coordinates": [_polygon(geometry)]}
        return {"type": "Polygon", "coordinates": _polygon(geometry)}
    if geometry.geom_type == "MultiPolygon":
        return {"type": "MultiPolygon", "coordinates": [_polygon(p) for p in shapely.get_parts(geometry)]}
    if geometry.geom_type == "Point":
        return {"type": "Point", "coordinates": _positions(geometry.coords, DECIMALS)[0]}
    raise ValueError(f"a site is a polygon, a multipolygon or a point, not a {geometry.geom_type}")


def parts(object: dict[str, Any]) -> list[np.ndarray]:
    """The exterior rings (or the one position) of a GeoJSON geometry, each as an array of positions."""
    if object["type"] == "Point":
        return [np.array([object["coordinates"]])]
    polygons = [object["coordinates"]] if object["type"] == "Polygon" else object["coordinates"]
    return [np.array(p[0]) for p in polygons]


def bbox(objects: Iterable[dict[str, Any]]) -> list[float] | None:
    """``[west, south, east, north]``; where a parcel lies on both sides of the antimeridian, west is larger than east
    (RFC 7946, 5.2)."""
    spans: list[tuple[float, float]] = []
    south, north, crossing = 90.0, -90.0, False
    for object in objects:
        rings = parts(object)
        lows, highs = [float(r[:, 0].min()) for r in rings], [float(r[:, 0].max()) for r in rings]
        crossing = crossing or (min(lows) <= -180 + 1e-9 and max(highs) >= 180 - 1e-9 and len(rings) > 1)
        spans += zip(lows, highs, strict=True)
        south = min(south, *(float(r[:, 1].min()) for r in rings))
        north = max(north, *(float(r[:, 1].max()) for r in rings))
    if not spans:
        return None
    west, east = min(s[0] for s in spans), max(s[1] for s in spans)
    if crossing:
        # the widest stretch of longitudes without any parcel lies outside the box
        spans.sort()
        reach, widest = spans[0][1], -1.0
        for low, high in spans[1:]:
            if low - reach > widest:
                widest, east, west = low - reach, reach, low
            reach = max(reach, high)
        if widest <= 0:
            west, east = -180.0, 180.0
    return [west + 0.0, south + 0.0, east + 0.0, north + 0.0]
