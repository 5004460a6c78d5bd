"""The whole way: what comes out, what is said, and how fast."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import shapely

import sites
from sites.areas import GEOD
from sites.places import FOLDER, Place, locate
from tests.sites.worlds import HERE, collection, layer, prepared, request, square


def test_everything_derived_is_said() -> None:
    """M8.5: hectares of polygons, starting points where distances count, and the contract's silent defaults."""
    found = prepared(
        collection([square(0, 0, 1000), shapely.Point(1, 1)], {}, {"buildable_ha": 5}),
        land={"setback_m": 30},
        markets=[{"id": "m", "location": [0, 1], "amount": 1}],
    )
    said = {(a.subject, a.field): a for a in found.assumptions}
    assert said["s0", "parcel_ha"].value == found.ground.sites[0].parcel_ha
    assert said["s0", "buildable_ha"].value == found.ground.sites[0].buildable_ha
    assert "setback" in said["s0", "buildable_ha"].source
    assert said["s1", "location"].value == [1, 1]
    assert ("s1", "buildable_ha") not in said
    assert said["all 2 sites", "pue"].value == 1.0


def test_what_comes_out() -> None:
    found = prepared(
        collection([square(0, 0, 1000), shapely.Point(1, 1)], {}, {"buildable_ha": 5}), land={"setback_m": 30}
    )
    assert list(found.geometries.index) == list(found.buildable.index) == ["s0", "s1"]
    assert found.geometries.crs.to_epsg() == found.buildable.crs.to_epsg() == 4326
    assert found.buildable["s1"] is None
    inner = found.buildable["s0"]
    assert found.geometries.geometry["s0"].contains(inner)
    assert abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(inner))[0]) / 1e4 == pytest.approx(88.36, rel=1e-4)
    assert found.geometries.geometry["s0"].exterior.is_ccw


def test_distances_start_where_the_contract_says() -> None:
    """M3.9: `location`, else the point, else the centroid; one degree of latitude at the equator is 110.574 km."""
    one = {"id": "m", "location": [0, 1], "amount": 1}
    shapes = [square(0, 0, 1000), shapely.Point(0, 0), square(0, 0.5, 1000)]
    own: list[dict[str, Any]] = [{}, {"buildable_ha": 1}, {"location": [0, 0]}]
    found = prepared(collection(shapes, *own), markets=[one])
    assert [d.km for d in found.ground.markets] == pytest.approx([110.574] * 3, rel=1e-5)


def test_order_is_the_requests() -> None:
    shapes = [square(i, 10, 500) for i in (5, 1, 3)]
    found = prepared(collection(shapes, {"id": "z"}, {"id": "a"}, {"id": "m"}))
    assert [s.id for s in found.sites] == [g.site for g in found.ground.sites] == ["z", "a", "m"]


def test_the_same_request_gives_the_same_ground() -> None:
    asked = request(
        collection([square(0, 0, 1000), square(180, 50, 900)]),
        land={"setback_m": 7, "exclusions": [layer([square(0, 0, 300)])]},
    )
    assert sites.prepare(asked, HERE).ground == sites.prepare(asked, HERE).ground


def test_outlines_for_maps() -> None:
    """Valid WGS 84 polygons that know where well-known places lie."""
    shipped = sites.outlines()
    assert len(shipped.us_states) == 56 and len(shipped.countries) > 230
    for table in shipped:
        assert table.crs.to_epsg() == 4326
        assert table.geometry.is_valid.all() and not table.geometry.is_empty.any()
        assert np.abs(shapely.total_bounds(table.geometry.array)[[0, 2]]).max() <= 180
    assert all(path.stat().st_size < 300_000 for path in FOLDER.glob("*.geojson"))
    lon = np.array([-99.7, -84.4, 103.8, 54.4, -0.1, 28.2, 178.0, -149.9, -150.0, -79.4])
    lat = np.array([32.4, 33.7, 1.35, 24.4, 51.5, -29.6, -17.8, 61.2, 0.0, 43.7])
    places = [
        ("US", "TX"),
        ("US", "GA"),
        ("SG", ""),
        ("AE", ""),
        ("GB", ""),
        ("LS", ""),
        ("FJ", ""),
        ("US", "AK"),
        ("", ""),
        ("CA", ""),
    ]
    assert locate(lon, lat) == [Place(*p) for p in places]


def many(n: int) -> list[Any]:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-118, -78, n), rng.uniform(31, 47, n)
    return [shapely.box(a, b, a + 0.01, b + 0.01) for a, b in zip(x, y, strict=True)]


def test_five_thousand_parcels_in_seconds() -> None:
    """Mostly reading and validating: about twenty times what the bare geodesic areas take, a second or two in all."""
    shapes = many(5000)
    collected = collection(shapes, country="US")
    start = time.perf_counter()
    found = prepared(collected, land={"setback_m": 30, "min_patch_ha": 2}, policies=[{"kind": "separation", "km": 5}])
    assert time.perf_counter() - start < 10
    assert len(found.ground.sites) == 5000 and len(found.ground.close_pairs) > 10
