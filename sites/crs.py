"""Any coordinate reference system to WGS 84 lon/lat, always in that order."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError, ProjError

from sites.geojson import GeometryError

Geometries = NDArray[Any]
"""A numpy array of shapely geometries."""

WGS84 = pyproj.CRS.from_epsg(4326)


def crs_of(source: Any) -> pyproj.CRS:
    """An EPSG code or the description that a file carries. GeometryError when it is not understood."""
    try:
        return pyproj.CRS.from_user_input(source)
    except CRSError:
        raise GeometryError(
            f"its coordinate reference system {str(source)[:80]!r} is not known; save it as EPSG:4326"
        ) from None


@lru_cache(maxsize=32)
def _transformer(source: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, WGS84, always_xy=True)


def to_wgs84(shapes: Geometries, source: pyproj.CRS) -> Geometries:
    """Every vertex in lon/lat degrees; the lines between them stay lines between the same vertices."""
    if source.is_geographic and (
        source.equals(WGS84, ignore_axis_order=True) or source.to_authority() == ("OGC", "CRS84")
    ):
        return shapes
    try:
        xy = shapely.get_coordinates(shapes)
        turned = np.column_stack(_transformer(source).transform(xy[:, 0], xy[:, 1]))
        return np.asarray(shapely.set_coordinates(shapes.copy(), turned), dtype=object)
    except ProjError as error:
        raise GeometryError(f"its coordinates cannot be brought from {source.name} to lon/lat: {error}") from None


def bounds_in(
    bounds: tuple[float, float, float, float], target: pyproj.CRS
) -> tuple[float, float, float, float] | None:
    """A lon/lat box in another CRS, for filtering while reading; None where it has no clear image there."""
    try:
        change = pyproj.Transformer.from_crs(WGS84, target, always_xy=True)
        found = change.transform_bounds(*bounds, densify_pts=21)
    except (ProjError, CRSError):
        return None
    usable = np.isfinite(found).all() and found[0] < found[2] and found[1] < found[3]
    return found if usable else None
