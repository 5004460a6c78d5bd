"""M3.9: areas and distances are true to within 0.01 % anywhere on Earth."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sites.areas import hectares
from sites.distances import close_pairs, kilometres
from sites.frame import forward, inverse
from sites.verify import areas as other
from sites.verify import distances as vincenty
from tests.sites.worlds import E2, A, collection, prepared, square

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize(
    ("lon", "lat"), [(0, 0), (10, 60), (-180, 0), (179.9999, 60), (-99.7, 32.4), (15, -60), (20, 72)]
)
def test_a_square_kilometre_has_a_hundred_hectares(lon: float, lat: float) -> None:
    """1,000 m x 1,000 m = 100 ha. At the antimeridian the square is written as drawn, beyond 180."""
    ground = prepared(collection([square(lon, lat, 1000)])).ground.sites[0]
    assert ground.parcel_ha == pytest.approx(100, rel=1e-4)
    assert ground.buildable_ha == ground.parcel_ha
    assert ground.lat == pytest.approx(lat, abs=1e-5)
    assert (ground.lon - lon + 180) % 360 - 180 == pytest.approx(0, abs=1e-9)


def test_a_degree_square_at_the_equator_by_hand() -> None:
    """Zone up to latitude b: ``a^2 (1-e2)/2 * dlon * (sin b / (1 - e2 sin2 b) + atanh(e sin b) / e)``.

    Its upper edge is a geodesic, not the parallel, and bulges: nothing that matters on a tenth of a degree.
    """
    b, e = math.radians(0.1), math.sqrt(E2)
    s = math.sin(b)
    zone = A**2 * (1 - E2) / 2 * math.radians(0.1) * (s / (1 - E2 * s * s) + math.atanh(e * s) / e)
    assert hectares(shapely.box(0, 0, 0.1, 0.1)) == pytest.approx(zone / 1e4, rel=1e-6)


@settings(max_examples=150, deadline=None)
@given(
    st.floats(-180, 180),
    st.floats(-60, 72),
    st.floats(100, 20_000),
    st.lists(st.floats(0.3, 1.0), min_size=3, max_size=12),
)
def test_areas_agree_with_laea_and_spherical_excess(lon: float, lat: float, size: float, radii: list[float]) -> None:
    """Random star-shaped parcels: geodesic, local equal-area and authalic-sphere areas agree within 0.01 %."""
    turn = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    r = size * np.array(radii)
    local = pyproj.Proj(proj="laea", lon_0=lon, lat_0=lat, ellps="WGS84")
    x, y = r * np.cos(turn), r * np.sin(turn)
    shape = shapely.Polygon(np.column_stack(local(x, y, inverse=True)))
    flat = shapely.Polygon(np.column_stack([x, y])).area / 1e4
    assert prepared(collection([shape])).ground.sites[0].parcel_ha == pytest.approx(flat, rel=1e-4)
    assert other.hectares(shape) == pytest.approx(flat, rel=1e-4)


@pytest.mark.parametrize("km", [1, 10, 100])
@pytest.mark.parametrize("lat", [0, 32.4, 59.9, 68.4, -60])
def test_squares_of_all_sizes_against_geodesics(lat: float, km: float) -> None:
    shape = square(24.5, lat, km * 1000)
    true = abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e4
    assert prepared(collection([shape])).ground.sites[0].parcel_ha == pytest.approx(true, rel=1e-6)
    assert other.hectares(shape) == pytest.approx(true, rel=1e-4)


def test_holes_count_whatever_way_they_turn() -> None:
    outer, inner = square(30, 50, 1000), square(30, 50, 400)
    ring, hole = outer.exterior.coords, inner.exterior.coords
    for turned in (list(hole), list(hole)[::-1]):
        shape = shapely.Polygon(ring, [turned])
        assert hectares(shape) == pytest.approx(100 - 16, rel=1e-4)
        assert other.hectares(shape) == pytest.approx(100 - 16, rel=1e-4)


def test_the_local_frame_is_the_equal_area_projection() -> None:
    """Against PROJ, whose own series is good to 1e-8 of the distance, and back to where it came from."""
    rng = np.random.default_rng(3)
    for lat0 in (-89.9, -60.0, 0.0, 32.4, 72.0, 89.0):
        x, y = rng.uniform(-5e4, 5e4, (2, 50))
        lon, lat = pyproj.Proj(proj="laea", lat_0=lat0, lon_0=0, ellps="WGS84")(x, y, inverse=True)
        fx, fy = forward(np.asarray(lon), np.asarray(lat), np.full(50, lat0))
        assert np.abs(fx - x).max() < 2e-3 and np.abs(fy - y).max() < 2e-3
        back = inverse(fx, fy, np.full(50, lat0))
        assert np.abs(back[1] - lat).max() < 1e-10
        assert np.abs((back[0] - lon) * np.cos(np.radians(lat))).max() < 1e-10


def test_distances_by_two_methods() -> None:
    """One degree of the equator is ``a * pi / 180`` = 111.319 km; elsewhere Karney and Vincenty agree."""
    one = np.array([0.0])
    assert kilometres(one, one, one + 1, one)[0] == pytest.approx(A * math.pi / 180 / 1000, rel=1e-9)
    rng = np.random.default_rng(5)
    lon1, lon2 = rng.uniform(-180, 180, (2, 2000))
    lat1, lat2 = rng.uniform(-90, 90, (2, 2000))
    assert vincenty.kilometres(lon1, lat1, lon2, lat2) == pytest.approx(kilometres(lon1, lat1, lon2, lat2), rel=1e-6)
    nearly_opposite = [np.array([v]) for v in (0.0, 0.0, 179.7, 0.3)]
    assert vincenty.kilometres(*nearly_opposite)[0] == pytest.approx(kilometres(*nearly_opposite)[0], rel=1e-6)
    assert vincenty.kilometres(one, one, one, one)[0] == 0


def test_close_pairs_are_all_pairs_nearer_than_asked() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(178, 182, 120), rng.uniform(58, 62, 120)
    lon = (lon + 180) % 360 - 180
    ids = [f"s{i}" for i in range(120)]
    found = {(d.a, d.b): d.km for d in close_pairs(ids, lon, lat, 40.0)}
    i, j = np.triu_indices(120, 1)
    km = kilometres(lon[i], lat[i], lon[j], lat[j])
    assert set(found) == {(ids[a], ids[b]) for a, b, d in zip(i, j, km) if d < 40.0}
    assert close_pairs(ids, lon, lat, 0.0) == ()
