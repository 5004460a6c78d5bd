"""Areas without geodesics: the ellipsoid mapped to the sphere of equal area, polygons measured by spherical excess."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Array = NDArray[np.float64]
SEMI_MAJOR, FLATTENING = 6378137.0, 1 / 298.257223563
_ECC2 = 2 * FLATTENING - FLATTENING**2
_ECC = math.sqrt(_ECC2)


def _authalic_q(sine: Any) -> Any:
    return (1 - _ECC2) * (sine / (1 - _ECC2 * sine**2) - np.log((1 - _ECC * sine) / (1 + _ECC * sine)) / (2 * _ECC))


_Q_POLE = float(_authalic_q(1.0))
RADIUS2 = SEMI_MAJOR**2 * _Q_POLE / 2
"""The squared radius of the sphere with the ellipsoid's area, m2."""


def ring_m2(lon: Array, lat: Array) -> float:
    """The area between a closed ring's great circles, m2.

    Each edge contributes the excess of its triangle with the pole's opposite meridians,
    ``2 atan2(tan(dlon/2) (t1 + t2), 1 + t1 t2)`` with ``t = tan(authalic latitude / 2)``.
    """
    step = np.radians((np.diff(lon) + 540) % 360 - 180)
    half = np.tan(np.arcsin(np.clip(_authalic_q(np.sin(np.radians(lat))) / _Q_POLE, -1, 1)) / 2)
    excess = 2 * np.arctan2(np.tan(step / 2) * (half[1:] + half[:-1]), 1 + half[1:] * half[:-1])
    return abs(math.fsum(excess)) * RADIUS2


def hectares(shape: Any) -> float:
    """A polygon's or multipolygon's hectares; coordinates in degrees."""
    total = 0.0
    for part in getattr(shape, "geoms", [shape]):
        for sign, ring in [(1, part.exterior), *((-1, hole) for hole in part.interiors)]:
            xy = shapely.get_coordinates(ring)
            total += sign * ring_m2(xy[:, 0], xy[:, 1])
    return total / 10_000
