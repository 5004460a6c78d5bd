"""What is left of a parcel, cut in a transverse Mercator projection around it (M3.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from planner.problem.land import Land
from sites.layers import Layer
from sites.verify.areas import Array, hectares

PIECE_M = 200.0
UNSURE = 2e-4
"""A patch this close (relative) to ``min_patch_ha`` may honestly be kept or dropped."""


@dataclass(frozen=True)
class Left:
    """Hectares taken by every step, what is left as a range where a patch is on the edge, and the middle point."""

    parcel_ha: float
    taken: tuple[tuple[str, float], ...]
    low_ha: float
    high_ha: float
    lon: float
    lat: float


class Plane:
    """One site's plane: lon/lat degrees to metres and back."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat
        self._project = pyproj.Proj(proj="tmerc", lon_0=lon, lat_0=lat, k_0=1, ellps="WGS84")

    def down(self, shape: Any) -> Any:
        """Straight lon/lat lines, in pieces, to metres."""
        return shapely.transform(self._pieces(shape), lambda xy: np.column_stack(self._project(xy[:, 0], xy[:, 1])))

    def up(self, shape: Any) -> Any:
        """Metres to lon/lat."""
        return shapely.transform(shape, lambda xy: np.column_stack(self._project(xy[:, 0], xy[:, 1], inverse=True)))

    @staticmethod
    def _pieces(shape: Any) -> Any:
        longest = max(PIECE_M / 111_000, shapely.length(shape) / 3_000)
        return shapely.segmentize(shape, longest)


def left(wgs84: Any, land: Land, layers: list[Layer]) -> Left:
    """Cut one parcel as the request asks."""
    plane = Plane(*_middle(wgs84))
    parcel = hectares(wgs84)
    ground = shapely.union_all([plane.down(p) for p in getattr(wgs84, "geoms", [wgs84])], grid_size=1e-4)
    centre = shapely.get_coordinates(plane.up(shapely.centroid(ground)))[0]
    scale = parcel / max(hectares(plane.up(ground)), 1e-12)
    before, taken = parcel, []

    def step(name: str, shape: Any) -> Any:
        nonlocal before
        shape = _areal(shape)
        after = hectares(plane.up(shape)) * scale if not shape.is_empty else 0.0
        taken.append((name, before - after))
        before = after
        return shape

    if land.setback_m:
        ground = step("setback", ground.difference(ground.boundary.buffer(land.setback_m, quad_segs=64)))
    for layer in layers:
        forbidden = _near(layer, wgs84, plane)
        ground = step(layer.id, ground.difference(forbidden) if forbidden is not None else ground)
    low = high = before
    if land.min_patch_ha:
        patches = [hectares(plane.up(p)) * scale for p in getattr(ground, "geoms", [ground]) if not p.is_empty]
        low = sum(h for h in patches if h >= land.min_patch_ha * (1 + UNSURE))
        high = sum(h for h in patches if h >= land.min_patch_ha * (1 - UNSURE))
        kept = sum(h for h in patches if h >= land.min_patch_ha)
        taken.append(("min_patch", before - kept))
    return Left(parcel, tuple(taken), low, high, float(centre[0]), float(centre[1]))


def _middle(wgs84: Any) -> tuple[float, float]:
    xy: Array = shapely.get_coordinates(wgs84)
    turn = np.radians(xy[:, 0])
    lon = float(np.degrees(np.arctan2(np.sin(turn).sum(), np.cos(turn).sum())))
    return lon, float((xy[:, 1].min() + xy[:, 1].max()) / 2)


def _areal(shape: Any) -> Any:
    return shapely.MultiPolygon(
        [p for p in getattr(shape, "geoms", [shape]) if isinstance(p, shapely.Polygon) and not p.is_empty]
    )


def _near(layer: Layer, wgs84: Any, plane: Plane) -> Any:
    """The layer's grown shapes around the parcel, in its plane; None where it has none."""
    reach = (layer.buffer_m + 100) / 110_000
    grown = []
    for part in getattr(wgs84, "geoms", [wgs84]):
        west, south, east, north = part.bounds
        wide = reach / max(np.cos(np.radians(min(max(abs(south), abs(north)) + reach, 89.9))), 1e-3)
        for turn in (-360, 0, 360):
            window = shapely.box(
                west - wide + turn, max(south - reach, -90), east + wide + turn, min(north + reach, 90)
            )
            for shape in layer.shapes[layer.tree.query(window)]:
                if not shapely.is_valid(shape):
                    shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
                piece = shapely.intersection(shape, window)
                if not piece.is_empty:
                    grown.append(plane.down(piece).buffer(layer.buffer_m, quad_segs=64))
    return shapely.union_all(grown) if grown else None
