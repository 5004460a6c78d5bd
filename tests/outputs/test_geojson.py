"""``sites.geojson`` and ``timeline.geojson`` against RFC 7946 (M3.9)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
from shapely.geometry import MultiPolygon, Point, box

from api.outputs import sites_geojson, timeline_geojson
from api.outputs.bundle import Bundle
from api.outputs.shapes import bbox, geojson, right_handed

Collection = dict[str, Any]


def read(write: Callable[[Bundle, Path], None], bundle: Bundle, folder: Path) -> Collection:
    path = folder / "x.geojson"
    write(bundle, path)
    found: Collection = json.loads(path.read_text(encoding="utf-8"))
    return found


def rings(geometry: dict[str, Any]) -> list[list[list[list[float]]]]:
    if geometry["type"] == "Point":
        return []
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]


def signed_area(ring: list[list[float]]) -> float:
    """Shoelace: positive counter-clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) / 2


def positions(geometry: dict[str, Any]) -> list[list[float]]:
    if geometry["type"] == "Point":
        return [geometry["coordinates"]]
    return [p for polygon in rings(geometry) for ring in polygon for p in ring]


@pytest.fixture(params=[sites_geojson.write, timeline_geojson.write], ids=["sites", "timeline"])
def collection(request: pytest.FixtureRequest, bundle: Bundle, tmp_path: Path) -> Collection:
    return read(request.param, bundle, tmp_path)


def test_members(collection: Collection) -> None:
    assert list(collection) == ["type", "bbox", "features"]  # in particular no `crs` (RFC 7946, 4)
    assert collection["type"] == "FeatureCollection"
    for f in collection["features"]:
        assert set(f) == {"type", "id", "properties", "geometry"}


def test_rings_are_closed_and_right_handed(collection: Collection) -> None:
    holes = 0
    for f in collection["features"]:
        for polygon in rings(f["geometry"]):
            for i, ring in enumerate(polygon):
                assert ring[0] == ring[-1] and len(ring) >= 4
                assert all(a != b for a, b in itertools.pairwise(ring))
                assert (signed_area(ring) > 0) == (i == 0)
                holes += i > 0
    assert holes > 0


def test_coordinates(collection: Collection) -> None:
    """Longitude first, inside the globe, two numbers, at most seven decimals."""
    for f in collection["features"]:
        for p in positions(f["geometry"]):
            assert len(p) == 2 and -180 <= p[0] <= 180 and -90 <= p[1] <= 90
            assert all(round(v, 7) == v for v in p)
    west, south, east, north = collection["bbox"]
    every = [p for f in collection["features"] for p in positions(f["geometry"])]
    assert (west, east) == (min(p[0] for p in every), max(p[0] for p in every))
    assert (south, north) == (min(p[1] for p in every), max(p[1] for p in every))


def test_properties_are_flat(collection: Collection) -> None:
    keys = [list(f["properties"]) for f in collection["features"]]
    assert all(k == keys[0] for k in keys)
    for f in collection["features"]:
        assert all(v is None or isinstance(v, str | int | float | bool) for v in f["properties"].values())


def test_every_candidate_is_there_opened_or_not(bundle: Bundle, tmp_path: Path) -> None:
    found = read(sites_geojson.write, bundle, tmp_path)
    assert [f["id"] for f in found["features"]] == ["abilene", "lordstown", "milam", "shut"]
    p = {f["id"]: f["properties"] for f in found["features"]}
    assert [p[i]["status"] for i in p] == ["opened", "opened", "not_opened", "excluded"]
    assert p["abilene"]["opening_month"] == "2026-01" and p["milam"]["opening_month"] is None
    # 2 x 25 + 1 x 20 MW of IT; facility 1.2 x 70 of 100 MW
    assert p["abilene"]["it_mw"] == 70 and p["abilene"]["facility_mw"] == pytest.approx(84)
    assert p["abilene"]["power_used_share"] == pytest.approx(0.84)
    assert (p["abilene"]["it_mw_nvidia"], p["abilene"]["it_mw_amd"]) == (50, 20)
    assert all(p[i]["id"] == p[i]["site_id"] == i for i in p)
    assert all(p[i]["main_limit"] for i in p)


def test_types_are_one_or_told(bundle: Bundle, tmp_path: Path) -> None:
    """One multipolygon makes all polygons multipolygons; a point stays a point: no shape is invented."""
    found = read(sites_geojson.write, bundle, tmp_path)
    assert [f["geometry"]["type"] for f in found["features"]] == ["MultiPolygon"] * 3 + ["Point"]


def test_timeline_has_every_site_and_period(bundle: Bundle, tmp_path: Path) -> None:
    """Periods are half-open: the end of one is the start of the next (M1.1)."""
    found = read(timeline_geojson.write, bundle, tmp_path)
    rows = [f["properties"] for f in found["features"] if f["properties"]["site_id"] == "abilene"]
    assert len(found["features"]) == 4 * 8 and len(rows) == 8
    assert rows[0]["start"] == "2026-01-01T00:00:00Z" and rows[0]["end"] == "2026-04-01T00:00:00Z"
    assert all(a["end"] == b["start"] for a, b in itertools.pairwise(rows))
    assert [r["it_mw"] for r in rows] == [0, 0, 0, 70, 70, 70, 70, 70]
    assert len({f["id"] for f in found["features"]}) == 32


def test_gdal_reads_types(bundle: Bundle, tmp_path: Path) -> None:
    """Numbers as numbers, instants as instants, names as text."""
    sites_geojson.write(bundle, tmp_path / "sites.geojson")
    timeline_geojson.write(bundle, tmp_path / "timeline.geojson")
    info = pyogrio.read_info(tmp_path / "sites.geojson")
    types = dict(zip(info["fields"], info["dtypes"]))
    assert info["crs"] == "EPSG:4326"
    assert types["it_mw"].startswith("float") and types["gpus"].startswith("int")
    frame = gpd.read_file(tmp_path / "timeline.geojson")
    assert str(frame["start"].dtype).startswith("datetime64") and len(frame) == 32
    assert set(gpd.read_file(tmp_path / "sites.geojson")["id"]) == {"abilene", "lordstown", "milam", "shut"}


def test_bbox_across_the_antimeridian() -> None:
    """A parcel split at 180 degrees as RFC 7946, 3.1.9 wants it: the box runs east over the line, west > east."""
    fiji = geojson(right_handed([MultiPolygon([box(179.9, -17, 180, -16.9), box(-180, -17, -179.8, -16.9)])])[0])
    assert bbox([fiji]) == [179.9, -17.0, -179.8, -16.9]
    assert bbox([fiji, geojson(Point(178.0, -18.0))]) == [178.0, -18.0, -179.8, -16.9]
    assert bbox([geojson(Point(-170.0, 1.0)), geojson(Point(170.0, 2.0))]) == [-170.0, 1.0, 170.0, 2.0]
    assert bbox([]) is None


def test_rounding_never_leaves_a_broken_ring() -> None:
    """Corners that fall together at a centimetre are written once; a parcel of millimetres keeps its own decimals."""
    tiny = geojson(right_handed([box(0.0, 0.0, 3e-9, 3e-9)])[0])
    assert len(tiny["coordinates"][0]) == 5
    near = geojson(right_handed([box(0.0, 0.0, 1e-3, 1e-3).segmentize(2e-8)])[0])
    ring = near["coordinates"][0]
    assert ring[0] == ring[-1] and all(a != b for a, b in itertools.pairwise(ring))


def test_same_plan_same_bytes(bundle: Bundle, world: Callable[..., Bundle], tmp_path: Path) -> None:
    for write in (sites_geojson.write, timeline_geojson.write):
        write(bundle, tmp_path / "a")
        write(world(), tmp_path / "b")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
