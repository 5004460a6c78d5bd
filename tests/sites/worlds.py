"""Small worlds for the tests of sites: requests around given shapes, and squares measured by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import shapely

from planner.errors import Fault, RequestError
from planner.problem.request import Request
from sites import Prepared, prepare

HERE = Path(".")
SHARED = Path(__file__).parents[2] / "../shared"
A, F = 6_378_137.0, 1 / 298.257223563
E2 = F * (2 - F)


def request(sites: Any, **more: Any) -> Request:
    """A request about nothing but its sites."""
    base = {
        "horizon": {"start": "2026-01", "periods": 8, "period": "quarter"},
        "blocks": [{"id": "hall", "vendor": "nvidia", "it_mw": 10}],
        "objective": {"maximize": "compute"},
    }
    return Request.model_validate({**base, "sites": sites, **more})


def collection(shapes: Sequence[Any], *properties: dict[str, Any], **common: Any) -> dict[str, Any]:
    """A FeatureCollection: ids ``s0``, ``s1``, ... and a grid of 100 MW unless said otherwise."""
    features = []
    for i, shape in enumerate(shapes):
        own = properties[i] if i < len(properties) else {}
        drawn = shapely.geometry.mapping(shape) if isinstance(shape, shapely.Geometry) else shape
        features.append(feature(drawn, {"id": f"s{i}", "grid_mw": 100, **common, **own}))
    return {"type": "FeatureCollection", "features": features}


def feature(geometry: Any, properties: Any) -> dict[str, Any]:
    """One GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def prepared(sites: Any, base_dir: Path = HERE, **more: Any) -> Prepared:
    """The sites of such a request, prepared."""
    return prepare(request(sites, **more), base_dir)


def refused(sites: Any, base_dir: Path = HERE, **more: Any) -> list[Fault]:
    """The errors of a request that must be refused."""
    with pytest.raises(RequestError) as caught:
        prepared(sites, base_dir, **more)
    return [f for f in caught.value.faults if f.severity == "error"]


def told(faults: Sequence[Fault]) -> str:
    """All faults as one text."""
    return "\n".join(map(str, faults))


def square(lon: float, lat: float, side_m: float) -> Any:
    """A square of a given side around a point: degrees from the ellipsoid's radii of curvature there.

    Radius along the meridian ``M = a (1 - e2) / w^3``, across it ``N = a / w``, ``w = sqrt(1 - e2 sin2(lat))``.
    """
    w = math.sqrt(1 - E2 * math.sin(math.radians(lat)) ** 2)
    dy = math.degrees(side_m / (A * (1 - E2) / w**3)) / 2
    dx = math.degrees(side_m / (A / w * math.cos(math.radians(lat)))) / 2
    return shapely.box(lon - dx, lat - dy, lon + dx, lat + dy)


def layer(shapes: Sequence[Any], id: str = "flood", buffer_m: float = 0) -> dict[str, Any]:
    """An inline exclusion layer."""
    drawn = [feature(shapely.geometry.mapping(s), {}) for s in shapes]
    return {"id": id, "buffer_m": buffer_m, "features": {"type": "FeatureCollection", "features": drawn}}
