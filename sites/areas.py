"""Hectares on the ellipsoid: the area inside geodesic edges between the vertices (M3.9)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import shapely

from sites.crs import Geometries
from sites.frame import Array

GEOD = pyproj.Geod(ellps="WGS84")
M2_PER_HA = 10_000.0


def _ring_m2(xy: Array) -> float:
    area, _ = GEOD.polygon_area_perimeter(xy[:, 0], xy[:, 1])
    return abs(float(area))


def hectares(shape: Any) -> float:
    """A polygon's or multipolygon's hectares, whatever way its rings turn. Degrees, true or relative."""
    total = 0.0
    for part in shapely.get_parts(shape):
        total += _ring_m2(shapely.get_coordinates(shapely.get_exterior_ring(part)))
        for hole in part.interiors:
            total -= _ring_m2(shapely.get_coordinates(hole))
    return max(total, 0.0) / M2_PER_HA


def all_hectares(shapes: Geometries) -> Array:
    """The same for many; 0 for points."""
    return np.array([hectares(s) if shapely.get_dimensions(s) == 2 else 0.0 for s in shapes], dtype=float)
