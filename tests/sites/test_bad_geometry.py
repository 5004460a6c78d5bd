"""Broken and hostile geometry: mended with the reason told, or refused with the site's name; no traceback, no wait."""

from __future__ import annotations

import copy
import csv
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import RequestError
from tests.sites.worlds import HERE, SHARED, collection, feature, prepared, refused, square, told

PUBLISHED = SHARED / "published"
needs_published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published problems are not here")
RING = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]


def one(geometry: Any) -> dict[str, Any]:
    return collection([geometry])


def polygon(*rings: Any) -> dict[str, Any]:
    return one({"type": "Polygon", "coordinates": list(rings)})


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (None, "has no geometry"),
        ([], "must be a GeoJSON geometry"),
        ({"type": "Circle"}, "geometry type 'Circle'"),
        ({"type": ["Polygon"]}, "geometry type"),
        ({"type": "Polygon"}, "list of rings, got nothing"),
        ({"type": "Polygon", "coordinates": []}, "empty Polygon"),
        ({"type": "MultiPolygon", "coordinates": []}, "empty MultiPolygon"),
        ({"type": "Polygon", "coordinates": [RING[:2]]}, "needs 4 positions"),
        ({"type": "Polygon", "coordinates": [[[0, 0]] * 5]}, "encloses nothing"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}, "encloses nothing"),
        ({"type": "Polygon", "coordinates": RING}, "a position is [lon, lat], got 0"),
        ({"type": "Polygon", "coordinates": [[["a", "b"], *RING[1:]]]}, "got 'a'"),
        ({"type": "Polygon", "coordinates": [[[True, 0], *RING[1:]]]}, "got true"),
        ({"type": "Polygon", "coordinates": [[[math.nan, 0], *RING[1:]]]}, "not finite"),
        ({"type": "Polygon", "coordinates": [[[math.inf, 0], *RING[1:]]]}, "not finite"),
        ({"type": "Polygon", "coordinates": [[[10**400, 0], *RING[1:]]]}, "too large"),
        ({"type": "Polygon", "coordinates": [[[0, 0, 0, 0, 0], *RING[1:]]]}, "a list of 5"),
        ({"type": "Point", "coordinates": [32.4, -99.7]}, "lon and lat look swapped"),
        ({"type": "Point", "coordinates": [500_000, 4_000_000]}, "looks projected"),
        ({"type": "LineString", "coordinates": RING}, "is a LineString"),
        ({"type": "MultiPoint", "coordinates": RING}, "is a MultiPoint"),
        (
            {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": [RING]}]},
            "is a GeometryCollection",
        ),
        ({"type": "Polygon", "coordinates": [[[0, 80], [120, 80], [-120, 80], [0, 80]]]}, "around a pole"),
        (
            {"type": "Polygon", "coordinates": [[[0.0001 * i, 0.0001 * (i % 7)] for i in range(25_000)]]},
            "20,000 vertices",
        ),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1e-7, 0], [0, 1e-7], [0, 0]]]}, "no area"),
    ],
)
def test_refused_with_the_sites_name(geometry: Any, words: str) -> None:
    found = refused(one(geometry))
    assert len(found) == 1
    assert words in found[0].message and "'s0'" in found[0].message
    assert found[0].path == ("sites", "features", 0, "geometry")


def test_nesting_and_shape_of_the_document() -> None:
    deep: Any = 0
    for _ in range(900):
        deep = [deep]
    assert "a position" in told(refused(one({"type": "Polygon", "coordinates": deep})))
    nested: Any = {"type": "Point", "coordinates": [0, 0]}
    for _ in range(900):
        nested = {"type": "GeometryCollection", "geometries": [nested]}
    assert "cannot be read" in told(refused(one(nested)))
    for document in (
        {},
        {"type": "Feature"},
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": {}},
    ):
        assert len(refused(document)) == 1
    assert "holds no sites" in told(refused({"type": "FeatureCollection", "features": []}))
    odd = {"type": "FeatureCollection", "features": [None, 3, feature(None, []), {"type": "Feature", "geometry": None}]}
    assert len(refused(odd)) >= 4


def test_mended_with_reason_and_hectares() -> None:
    """A bow-tie of two triangles: half of the square's 123 ha, and the reader is told."""
    bow = polygon([[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]])
    found = prepared(bow)
    assert found.ground.sites[0].parcel_ha == pytest.approx(
        prepared(polygon(RING)).ground.sites[0].parcel_ha / 2, rel=1e-4
    )
    assert "self-intersection" in told(found.warnings) and "61.55 ha after" in told(found.warnings)
    assert shapely.is_valid(found.geometries.geometry.iloc[0])
    unclosed = prepared(polygon(RING[:-1]))
    assert "was not closed" in told(unclosed.warnings)
    raised = prepared(polygon([[*p, 100.0] for p in RING]))
    assert "heights" in told(raised.warnings) and not raised.geometries.geometry.iloc[0].has_z
    doubled = prepared(polygon([p for p in RING for _ in range(3)]))
    turned = prepared(polygon(RING[::-1]))
    hole_inside = [[0.002, 0.002], [0.004, 0.002], [0.004, 0.004], [0.002, 0.004], [0.002, 0.002]]
    for other in (unclosed, raised, doubled, turned):
        assert other.ground.sites[0].parcel_ha == pytest.approx(123.09072, rel=1e-6)
    a, b = (prepared(polygon(RING, h)).ground.sites[0].parcel_ha for h in (hole_inside, hole_inside[::-1]))
    assert a == b == pytest.approx(123.09072 * 0.96, rel=1e-4)


def test_tangles_are_refused_quickly() -> None:
    """A star of 1,001 points has 250,000 crossings: counting stops early. A scribble of 500 points likewise."""
    turn = np.arange(1001) * 2 * np.pi * 500 / 1001
    star = shapely.Polygon(np.column_stack([np.cos(turn), np.sin(turn)]) * 0.01)
    scribble = shapely.Polygon(np.random.default_rng(1).random((500, 2)) * 0.01)
    for shape in (star, scribble):
        start = time.perf_counter()
        assert "crosses itself more than 2,000 times" in told(refused(one(shape)))
        assert time.perf_counter() - start < 2


def test_all_sites_together_have_a_limit() -> None:
    turn = np.linspace(0, 2 * np.pi, 15_000)
    round_one = shapely.Polygon(np.column_stack([np.cos(turn), np.sin(turn)]) * 0.01)
    assert "vertices together" in told(refused(collection([round_one] * 14)))


def test_swapped_coordinates_show_against_the_stated_country() -> None:
    """Abu Dhabi written lat, lon lies in Lithuania: valid, and nowhere near the country stated."""
    right, wrong = square(54.4, 24.4, 1000), square(24.4, 54.4, 1000)
    assert not prepared(collection([right], country="UAE")).warnings
    assert "look swapped" in told(prepared(collection([wrong], country="AE")).warnings)
    assert "outside NY" in told(prepared(collection([square(-99.7, 32.4, 1000)], country="US", state="NY")).warnings)
    assert not prepared(collection([right], country="Atlantis")).warnings


def test_overlapping_parcels_are_named_and_neighbours_are_not() -> None:
    west, south, east, north = square(0, 0, 1000).bounds
    neighbour = shapely.box(east, south, 2 * east - west, north)
    assert not prepared(collection([square(0, 0, 1000), neighbour])).warnings
    text = told(prepared(collection([square(0, 0, 1000), square(0.003, 0, 1000)])).warnings)
    assert "'s0' and 's1' overlap" in text


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_document_gives_sites_or_faults(data: st.DataObject) -> None:
    """Leaves replaced by odd values anywhere in a valid collection: a result or a RequestError, nothing else."""
    document = collection(
        [square(0, 0, 1000), shapely.Point(5, 5)], {"tags": "a,b"}, {"buildable_ha": 5, "existing": "[]"}
    )
    paths = list(leaves(document, ()))
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(paths))
        odd = data.draw(
            st.sampled_from([None, "", "x", -1, 1e308, math.nan, True, [], {}, [[]], "[{", 10**30, {"a": [1]}])
        )
        try:
            holder: Any = document
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = copy.deepcopy(odd)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change removed this place
    try:
        prepared(document, land={"setback_m": 10})
    except RequestError as error:
        assert error.faults and all(f.message for f in error.faults)


def leaves(value: Any, path: tuple[Any, ...]) -> Any:
    if path:
        yield path
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    ):
        if not isinstance(value, tuple):
            yield from leaves(inner, (*path, key))


def as_collection(document: Any) -> Any:
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        for i, item in enumerate(document["features"] if isinstance(document.get("features"), list) else []):
            if isinstance(item, dict) and isinstance(item.get("properties", {}), dict | None):
                item["properties"] = {**(item.get("properties") or {}), "id": f"f{i}", "grid_mw": 1}
        return document
    if isinstance(document, dict) and document.get("type") == "Feature":
        return as_collection({"type": "FeatureCollection", "features": [document]})
    return one(document)


def survives(sites: Any, base: Path = HERE, **more: Any) -> bool:
    """True for a result, False for clear faults; both within a second or so."""
    start = time.perf_counter()
    try:
        found = prepared(sites, base, **more)
        assert all(math.isfinite(g.parcel_ha) and g.parcel_ha >= 0 for g in found.ground.sites)
        return True
    except RequestError as error:
        assert all(f.message and "Traceback" not in f.message for f in error.faults)
        return False
    finally:
        assert time.perf_counter() - start < 3


@needs_published
@pytest.mark.parametrize("folder", ["antimeridian", "geojsonhint", "polygon_clipping", "parcels_sample"])
def test_published_bad_geometry(folder: str) -> None:
    good = bad = 0
    for path in sorted((PUBLISHED / "bad_geometry" / folder).rglob("*json")):
        survives(path.name, path.parent)
        try:
            document = json.loads(path.read_text())
        except ValueError:
            continue
        if survives(as_collection(document)):
            good += 1
        else:
            bad += 1
    assert good
    assert bad or folder == "parcels_sample"


@needs_published
def test_published_earcut_rings() -> None:
    for path in sorted((PUBLISHED / "bad_geometry" / "earcut").glob("*.json")):
        rings = json.loads(path.read_text())
        if isinstance(rings, list) and rings:
            largest = max((abs(c) for r in rings for p in r for c in p[:2]), default=1) or 1
            scaled = [[[c / largest * 0.05 + 10 for c in p[:2]] for p in r] for r in rings]
            survives(polygon(*[[*r, r[0]] for r in scaled if r]))


@needs_published
@pytest.mark.filterwarnings("ignore:invalid value encountered in from_wkt")
def test_published_validity_cases() -> None:
    """917 of JTS's shapes, put on the Earth: valid polygons are measured, nothing crashes."""
    with (PUBLISHED / "bad_geometry" / "jts" / "validity_cases.csv").open() as file:
        cases = list(csv.DictReader(file))
    done = 0
    for row in cases:
        shape = shapely.from_wkt(row["wkt"], on_invalid="ignore")
        if shape is None or shape.is_empty or not np.isfinite(shape.bounds).all():
            continue
        low, size = np.array(shape.bounds[:2]), max(*np.subtract(shape.bounds[2:], shape.bounds[:2]), 1e-9)
        placed = shapely.transform(
            shapely.force_2d(shape), lambda xy, low=low, size=size: (xy - low) / size * 0.02 + 10
        )
        ok = survives(one(placed), site_defaults={"buildable_ha": 1})
        if placed.geom_type in ("Polygon", "MultiPolygon") and shapely.is_valid(placed) and placed.area > 1e-8:
            assert ok, row
        done += 1
    assert done > 500


@needs_published
def test_published_databases() -> None:
    names = {"id": "fid", "grid_mw": "fid"}
    for path in sorted((PUBLISHED / "bad_geometry" / "pyogrio").rglob("*")):
        if path.suffix in {".gpkg", ".shp"}:
            survives(path.name, path.parent, property_names=names)
    world = PUBLISHED / "bad_geometry" / "pyogrio" / "naturalearth_lowres"
    found = refused("naturalearth_lowres.shp", world, property_names={"id": "name"}, site_defaults={"grid_mw": 1})
    assert len(found) == 1 and "'Antarctica': its polygon runs around a pole" in told(found)


@needs_published
def test_published_footprints_are_measured_like_geodesics() -> None:
    """1,230 real data-center footprints; points among them need their hectares."""
    from sites.areas import GEOD

    path = PUBLISHED / "geodata" / "im3_datacenter_footprints.geojson"
    document = json.loads(path.read_text())
    for i, item in enumerate(document["features"]):
        item["properties"] = {"id": f"f{i}"}
    document.pop("crs", None)
    found = prepared(document, site_defaults={"grid_mw": 1, "buildable_ha": 1})
    assert len(found.sites) == len(document["features"])
    for ground, shape in zip(found.ground.sites, found.geometries.geometry, strict=True):
        if shape.geom_type != "Point":
            true = abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0]) / 1e4
            assert ground.parcel_ha == pytest.approx(true, rel=1e-6)
