"""The ground of the map: states and countries in an equal-area projection around the sites, as one path for all maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from planner.plan import SiteResult

CONUS = "EPSG:5070"
"""The contiguous United States in its usual Albers projection, metres."""
WIDTH, HEIGHT = 1000.0, 520.0
LEAST_M = 900_000.0
"""A map is at least so wide: a single site would otherwise stand on nothing."""


@dataclass(frozen=True)
class Ground:
    """``paths``: the ground as SVG definitions; ``x, y``: where each site lies on it, in units of the picture."""

    paths: str
    x: list[float]
    y: list[float]


def _projection(lon: Any, lat: Any) -> str:
    """For the contiguous United States its usual Albers, for a region Lambert around its middle, else the world."""
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    if west > -126 and east < -65 and south > 24 and north < 50:
        return CONUS
    if east - west < 90 and north - south < 60:
        return f"+proj=laea +lon_0={(west + east) / 2:.3f} +lat_0={(south + north) / 2:.3f} +datum=WGS84 +units=m"
    return "+proj=eqearth +datum=WGS84 +units=m"


def ground(sites: list[SiteResult]) -> Ground:
    """The ground under these sites, and their places on it."""
    from sites import outlines

    lon, lat = np.array([s.lon for s in sites]), np.array([s.lat for s in sites])
    crs = _projection(lon, lat)
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(crs)
    px, py = points.x.to_numpy(), points.y.to_numpy()
    width = max(float(np.ptp(px)) * 1.22, float(np.ptp(py)) * 1.28 * WIDTH / HEIGHT, LEAST_M)
    scale = WIDTH / width
    left = (px.min() + px.max()) / 2 - width / 2
    top = (py.min() + py.max()) / 2 + width * HEIGHT / WIDTH / 2
    frame = (left, top - HEIGHT / scale, left + width, top)
    shapes = outlines()
    home = crs == CONUS
    layers = [("near" if home else "land", shapes.countries), *([("land", shapes.us_states)] if home else [])]
    drawn = "".join(f'<path class="{kind}" d="{_path(layer, crs, frame, scale)}"/>' for kind, layer in layers)
    return Ground(f'<g id="ground">{drawn}</g>', ((px - left) * scale).tolist(), ((top - py) * scale).tolist())


def _path(layer: gpd.GeoDataFrame, crs: str, frame: tuple[float, float, float, float], scale: float) -> str:
    """The layer's outlines inside the frame, in whole units of the picture."""
    projected = shapely.make_valid(np.asarray(layer.to_crs(crs).geometry.array, dtype=object))
    inside = shapely.clip_by_rect(shapely.simplify(projected, 0.6 / scale), *frame)
    found = []
    for polygon in shapely.get_parts(shapely.get_parts(inside)):
        if polygon.geom_type == "Polygon" and polygon.area * scale**2 > 2:
            xy = np.asarray(polygon.exterior.coords)
            places = np.column_stack([(xy[:, 0] - frame[0]) * scale, (frame[3] - xy[:, 1]) * scale]).round(1)
            found.append("M" + "L".join(f"{x:g},{y:g}" for x, y in places[:-1]) + "Z")
    return "".join(found)
