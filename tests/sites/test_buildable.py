"""M3.8: what is left of a parcel after setback, exclusions and small patches, step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sites.worlds import collection, layer, prepared, refused, square, told

EXACT = {"rel": 1e-4}


def steps(ground: object) -> dict[str, float]:
    return {s.layer: s.ha for s in ground.steps}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("lon", "lat"), [(0, 0), (10.0, 60), (180, -17), (-99.7, 32.4)])
def test_setback_of_a_square(lon: float, lat: float) -> None:
    """1,000 m less 30 m on each side: 940^2 m2 = 88.36 ha; the setback took 11.64."""
    ground = prepared(collection([square(lon, lat, 1000)]), land={"setback_m": 30}).ground.sites[0]
    assert ground.buildable_ha == pytest.approx(88.36, **EXACT)
    assert steps(ground)["setback"] == pytest.approx(11.64, rel=1e-3)


def test_layers_in_order_by_hand() -> None:
    """A 1 km square at 60 N, drawn in by 50 m (900 x 900 = 81 ha). The western half (500 m of the parcel, 450 left) is
    flooded, grown by 25 m: 475 x 900 = 42.75 ha. A pole in the middle of the rest with 100 m around it: pi * 1 ha.
    The order changes what each took, not what is left."""
    west, south, east, north = square(10, 60, 1000).bounds
    half = shapely.box(west - 0.1, south - 0.1, 10, north + 0.1)
    pole = shapely.Point((10 + east) / 2, 60)
    flood, wire = layer([half], "flood", 25), layer([pole], "pole", 100)
    sites = collection([square(10, 60, 1000)])
    ground = prepared(sites, land={"setback_m": 50, "exclusions": [flood, wire]}).ground.sites[0]
    expected = {"setback": 19.0, "flood": 42.75, "pole": math.pi}
    assert steps(ground) == pytest.approx(expected, rel=1e-3)
    assert ground.buildable_ha == pytest.approx(81 - 42.75 - math.pi, **EXACT)
    assert sum(steps(ground).values()) + ground.buildable_ha == pytest.approx(ground.parcel_ha, rel=1e-12)
    turned = prepared(sites, land={"setback_m": 50, "exclusions": [wire, flood]}).ground.sites[0]
    assert list(steps(turned)) == ["setback", "pole", "flood"]
    assert turned.buildable_ha == pytest.approx(ground.buildable_ha, rel=1e-9)


def test_wide_exclusions_are_straight_in_lon_lat() -> None:
    """A box two degrees wide ends at the parallel through the middle: exactly half is left, although the geodesic
    between its corners bulges by 100 m."""
    south_half = shapely.box(-101, 31, -99, 32.4)
    ground = prepared(collection([square(-99.7, 32.4, 1000)]), land={"exclusions": [layer([south_half])]}).ground.sites[
        0
    ]
    assert ground.buildable_ha == pytest.approx(50, **EXACT)


def test_an_exclusion_like_the_parcel_leaves_nothing() -> None:
    ground = prepared(
        collection([square(7, 50, 5000)]), land={"exclusions": [layer([square(7, 50, 5000)])]}
    ).ground.sites[0]
    assert ground.buildable_ha == pytest.approx(0, abs=1e-6)


def test_small_patches_are_dropped() -> None:
    """A road of 100 m across 1 km leaves 20 ha and 70 ha; with at least 25 ha a patch only the larger one counts."""
    west, south, east, north = square(0, 0, 1000).bounds
    x = [west + (east - west) * t for t in (0.2, 0.3)]
    road = shapely.box(x[0], south - 0.01, x[1], north + 0.01)
    ground = prepared(
        collection([square(0, 0, 1000)]), land={"min_patch_ha": 25, "exclusions": [layer([road])]}
    ).ground.sites[0]
    assert steps(ground) == pytest.approx({"flood": 10.0, "min_patch": 20.0}, rel=1e-3)
    assert ground.buildable_ha == pytest.approx(70, **EXACT)


def test_a_split_parcel_has_no_setback_at_the_antimeridian() -> None:
    """RFC 7946 cuts a parcel at 180; the cut is no boundary. Written in one piece it is the same parcel."""
    whole = square(180, 10, 1000)
    west, south, east, north = whole.bounds
    parts = shapely.MultiPolygon([shapely.box(west, south, 180, north), shapely.box(-180, south, east - 360, north)])
    jumping = shapely.Polygon([(west, south), (east - 360, south), (east - 360, north), (west, north)])
    flood = shapely.box(-180.0, south - 1, -179, north + 1)
    land = {"setback_m": 30, "exclusions": [layer([flood])]}
    for shape in (whole, parts, jumping):
        ground = prepared(collection([shape]), land=land).ground.sites[0]
        assert ground.buildable_ha == pytest.approx(88.36 / 2, **EXACT)
    wide = shapely.Polygon([(179.9, south - 1), (-179.0, south - 1), (-179.0, north + 1), (179.9, north + 1)])
    assert prepared(collection([parts]), land={"exclusions": [layer([wide])]}).ground.sites[
        0
    ].buildable_ha == pytest.approx(0, abs=1e-6)


def test_stated_hectares_win_and_the_parts_still_add_up() -> None:
    ground = prepared(collection([square(0, 0, 1000)] * 1, {"parcel_ha": 120}), land={"setback_m": 30}).ground.sites[0]
    assert (ground.parcel_ha, ground.overridden) == (120, False)
    assert steps(ground) == pytest.approx({"undrawn": 20, "setback": 11.64}, rel=1e-3)
    assert sum(steps(ground).values()) + ground.buildable_ha == pytest.approx(120, rel=1e-9)
    ground = prepared(collection([square(0, 0, 1000)], {"buildable_ha": 40}), land={"setback_m": 30}).ground.sites[0]
    assert (ground.buildable_ha, ground.overridden) == (40, True)
    assert steps(ground) == pytest.approx({"stated_buildable_ha": 60}, rel=1e-3)


def test_points_need_their_hectares() -> None:
    point = shapely.Point(5, 5)
    assert "states no buildable_ha" in told(refused(collection([point])))
    ground = prepared(collection([point], {"buildable_ha": 40})).ground.sites[0]
    assert (ground.parcel_ha, ground.buildable_ha, ground.steps) == (0, 40, ())


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-180, 180),
    st.floats(-60, 72),
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(20, 800)), min_size=1, max_size=4),
    st.floats(0, 200),
    st.floats(1, 200),
)
def test_laws(lon: float, lat: float, spots: list[tuple[float, float, float]], buffer: float, more: float) -> None:
    """A larger buffer, setback or patch never leaves more; parts add up; layers in any order leave the same."""
    parcel = square(lon, lat, 2000)
    _, _, east, north = parcel.bounds
    flat = max(math.cos(math.radians(lat)), 0.2)
    shapes = [
        shapely.affinity.scale(square(lon + dx * (east - lon), lat + dy * (north - lat), size), 1, 0.5 * flat + 0.3)
        for dx, dy, size in spots
    ]
    sites = collection([parcel])

    def left(setback: float, grown: float, patch: float, turned: bool = False) -> float:
        layers = [layer([s], f"e{i}", grown) for i, s in enumerate(shapes)]
        land = {"setback_m": setback, "min_patch_ha": patch, "exclusions": layers[::-1] if turned else layers}
        ground = prepared(sites, land=land).ground.sites[0]
        assert sum(steps(ground).values()) + ground.buildable_ha == pytest.approx(ground.parcel_ha, rel=1e-9)
        assert all(ha >= 0 for ha in steps(ground).values())
        return ground.buildable_ha

    base = left(10, buffer, 1)
    slack = 1e-6 * 400
    assert left(10, buffer + more, 1) <= base + slack
    assert left(10 + more, buffer, 1) <= base + slack
    assert left(10, buffer, 1 + more / 10) <= base + slack
    assert left(10, buffer, 1, turned=True) == pytest.approx(base, abs=1e-6)


def test_bad_exclusions_are_named(tmp_path: object) -> None:
    sites = collection([square(0, 0, 1000)])
    both = told(refused(sites, land={"exclusions": [{"id": "empty"}, {"id": "far", "path": "nowhere.gpkg"}]}))
    assert "exclusion 'empty'" in both and "exclusion 'far'" in both and "nowhere.gpkg" in both
    for path in ("https://example.org/a.geojson", "/vsicurl/http://x/a.gpkg", "http:/x"):
        assert "addresses are not fetched" in told(refused(sites, land={"exclusions": [{"id": "e", "path": path}]}))
    star = np.arange(401) * 2 * np.pi * 200 / 401
    tangled = shapely.Polygon(np.column_stack([np.cos(star), np.sin(star)]) * 0.001)
    assert "crosses itself" in told(refused(sites, land={"exclusions": [layer([tangled])]}))


def test_an_invalid_exclusion_is_mended_with_a_warning() -> None:
    """A bow-tie over the middle: two triangles of 500 x 250 m, 12.5 ha together."""
    west, south, east, north = square(0, 0, 500).bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    found = prepared(collection([square(0, 0, 1000)]), land={"exclusions": [layer([bow])]})
    assert found.ground.sites[0].buildable_ha == pytest.approx(100 - 12.5, **EXACT)
    assert "was mended" in told(found.warnings)
