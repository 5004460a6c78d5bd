"""M3.1: the same sites from every format and CRS give the same plan ground."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from sites import Prepared
from tests.sites.worlds import collection, prepared, refused, square, told

SHAPES = [square(-99.7, 32.4, 1000), square(-100.2, 33.0, 2000), square(-84, 40, 800)]
NAMES = {"id": "PARCEL", "grid_mw": {"from": "GRID_KW", "unit": "kW"}, "tags": "TAGS"}
LAND = {"setback_m": 30, "min_patch_ha": 1}


def frame(crs: int) -> gpd.GeoDataFrame:
    data = {"PARCEL": ["a", "b", "c"], "GRID_KW": [100_000, 250_000, 75_000], "TAGS": ["x, y", None, "z"]}
    return gpd.GeoDataFrame(data, geometry=SHAPES, crs=4326).to_crs(crs)


def write(frame: gpd.GeoDataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".zip":
        frame.to_file(path.with_suffix(".shp"))
        with zipfile.ZipFile(path, "w") as archive:
            for part in path.parent.glob(f"{path.stem}.*"):
                if part != path:
                    archive.write(part, part.name)
    elif path.suffix == ".csv":
        table = frame.drop(columns="geometry").assign(wkt=frame.geometry.to_wkt(rounding_precision=-1))
        table.to_csv(path, index=False)
    else:
        frame.to_file(path)


def same(found: Prepared, expected: Prepared) -> None:
    """FlatGeobuf sorts its features, so the order may differ."""
    by_id = {s.id: s for s in found.sites}
    assert [by_id[s.id] for s in expected.sites] == list(expected.sites)
    for b in expected.ground.sites:
        a = found.ground.site(b.site)
        assert a.parcel_ha == pytest.approx(b.parcel_ha, rel=1e-6)
        assert a.buildable_ha == pytest.approx(b.buildable_ha, rel=1e-6)
        assert (a.lon, a.lat) == pytest.approx((b.lon, b.lat), abs=1e-8)


@pytest.fixture(scope="module")
def inline() -> Prepared:
    properties: list[dict[str, Any]] = [
        {"id": "a", "grid_mw": 100, "tags": ["x", "y"]},
        {"id": "b", "grid_mw": 250},
        {"id": "c", "grid_mw": 75, "tags": ["z"]},
    ]
    return prepared(collection(SHAPES, *properties), land=LAND)


@pytest.mark.parametrize("crs", [4326, 3857, 5070, 32614])
@pytest.mark.parametrize("name", ["s.geojson", "s.gpkg", "s.parquet", "s.fgb", "s.zip", "s.shp"])
def test_every_format_and_crs(tmp_path: Path, inline: Prepared, name: str, crs: int) -> None:
    write(frame(crs), tmp_path / name)
    same(prepared(name, tmp_path, property_names=NAMES, land=LAND), inline)


def test_csv_with_shapes(tmp_path: Path, inline: Prepared) -> None:
    write(frame(4326), tmp_path / "s.csv")
    same(prepared("s.csv", tmp_path, property_names=NAMES, land=LAND), inline)


def test_csv_with_points(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(
        "\ufeffid;Longitude;Latitude;grid_mw;buildable_ha;region\na;10.5;50;100;20;\nb;11;51;1e2;30;EU\n"
    )
    found = prepared("s.csv", tmp_path)
    assert [(s.id, s.grid_mw, s.buildable_ha, s.region) for s in found.sites] == [
        ("a", 100, 20, ""),
        ("b", 100, 30, "EU"),
    ]
    assert [(g.lon, g.lat) for g in found.ground.sites] == [(10.5, 50), (11, 51)]
    (tmp_path / "t.csv").write_text("id,E,N,grid_mw,buildable_ha\na,10.5,50,100,20\n")
    assert prepared("t.csv", tmp_path, property_names={"lon": "E", "lat": "N"}).ground.sites[0].lon == 10.5
    assert "no columns lon and lat" in told(refused("t.csv", tmp_path))


def test_a_coordinate_that_is_no_number_is_named(tmp_path: Path) -> None:
    """A comma for a point, as spreadsheets of half the world write it, is not a place that was left out."""
    (tmp_path / "s.csv").write_text("id;lon;lat;grid_mw\na;-99,5;32,1;100\nb;-97.1;32.2;100\n")
    assert "lon in row 2 is '-99,5', not a number, and 1 more; write degrees with a point" in told(
        refused("s.csv", tmp_path)
    )


def test_a_file_in_a_layer_and_exclusions_from_files(tmp_path: Path) -> None:
    """An exclusion's own CRS and layer; two layers in one file without a choice are a warning."""
    west, south, east, north = SHAPES[0].bounds
    half = gpd.GeoDataFrame(geometry=[shapely.box(west, south, (west + east) / 2, north)], crs=4326)
    half.to_crs(5070).to_file(tmp_path / "x.gpkg", layer="flood")
    gpd.GeoDataFrame(geometry=[SHAPES[0]], crs=4326).to_crs(32614).to_file(tmp_path / "x.gpkg", layer="all")
    sites = collection([SHAPES[0]])
    for name, left in (("flood", 50), ("all", 0)):
        land = {"exclusions": [{"id": "e", "path": "x.gpkg", "layer": name}]}
        assert prepared(sites, tmp_path, land=land).ground.sites[0].buildable_ha == pytest.approx(
            left, rel=1e-4, abs=1e-3
        )
    found = prepared(sites, tmp_path, land={"exclusions": [{"id": "e", "path": "x.gpkg"}]})
    assert "2 layers" in told(found.warnings)
    for name in ("half.fgb", "half.geojson", "half.parquet"):
        write(half.to_crs(3857), tmp_path / name)
        land = {"exclusions": [{"id": "e", "path": name}]}
        assert prepared(sites, tmp_path, land=land).ground.sites[0].buildable_ha == pytest.approx(50, rel=1e-4)


def test_files_that_are_none(tmp_path: Path) -> None:
    """Every failure is one clear fault that names the file."""
    (tmp_path / "vrt.gpkg").write_text('<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>')
    (tmp_path / "vrt.geojson").write_text('<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>')
    (tmp_path / "empty.geojson").write_text("")
    (tmp_path / "deep.geojson").write_text('{"type":' + "[" * 100_000)
    (tmp_path / "nan.geojson").write_text('{"type":"FeatureCollection","features":[NaN]}')
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 rubbish")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 rubbish")
    (tmp_path / "bad.gpkg").write_bytes(b"SQLite format 3\x00 rubbish")
    (tmp_path / "bad.fgb").write_bytes(b"fgb\x03fgb\x01 rubbish")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "a.tiff").write_bytes(b"II*")
    (tmp_path / "dir.geojson").mkdir()
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 50_000_000)
    names = [p.name for p in tmp_path.iterdir()]
    for name in [
        *names,
        "missing.gpkg",
        "/vsizip/x.zip",
        "http://example.org/s.geojson",
        "file:///etc/passwd",
        "\0",
        "x" * 400,
    ]:
        found = refused(name, tmp_path)
        assert len(found) == 1 and found[0].path == ("sites",), told(found)


def test_crs_members_of_geojson(tmp_path: Path) -> None:
    """Files of older writers may name an EPSG code; links are never followed; inline sites are WGS 84 (RFC 7946)."""
    document = json.loads(frame(4326).to_json())
    for name, ok in (
        ("urn:ogc:def:crs:OGC:1.3:CRS84", True),
        ("EPSG:4326", True),
        ("urn:ogc:def:crs:EPSG::4326", True),
        ("http://example.org/crs", False),
        ("+proj=longlat", False),
    ):
        document["crs"] = {"type": "name", "properties": {"name": name}}
        (tmp_path / "s.geojson").write_text(json.dumps(document))
        if ok:
            assert len(prepared("s.geojson", tmp_path, property_names=NAMES).sites) == 3
        else:
            assert "crs" in told(refused("s.geojson", tmp_path, property_names=NAMES))
    document["crs"] = {"type": "link", "properties": {"href": "http://127.0.0.1:9/x"}}
    (tmp_path / "s.geojson").write_text(json.dumps(document))
    assert "crs" in told(refused("s.geojson", tmp_path))
    assert "no `crs` member" in told(refused({**collection(SHAPES), "crs": document["crs"]}))


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_without_crs(tmp_path: Path) -> None:
    bare = frame(4326).set_crs(None, allow_override=True)
    write(bare, tmp_path / "s.shp")
    assert "names no coordinate reference system" in told(prepared("s.shp", tmp_path, property_names=NAMES).warnings)
    write(frame(5070).set_crs(None, allow_override=True), tmp_path / "t.shp")
    assert "names no coordinate reference system" in told(refused("t.shp", tmp_path, property_names=NAMES))


def test_nested_values_survive_parquet_and_text(tmp_path: Path) -> None:
    """Schedules and lists: native in GeoParquet, JSON text elsewhere."""
    steps = [{"from": "2026-01", "value": 50.0}, {"from": "2027-01", "value": 90.0}]
    native = gpd.GeoDataFrame({"id": ["a"], "grid_mw": [steps], "tags": [["x", "y"]]}, geometry=SHAPES[:1], crs=4326)
    text = gpd.GeoDataFrame(
        {"id": ["a"], "grid_mw": [json.dumps(steps)], "tags": ["x,y"], "resources.water": [5]},
        geometry=SHAPES[:1],
        crs=4326,
    )
    native.to_parquet(tmp_path / "n.parquet")
    text.to_file(tmp_path / "t.gpkg")
    for name in ("n.parquet", "t.gpkg"):
        site = prepared(name, tmp_path).sites[0]
        assert [(s.from_, s.value) for s in site.grid_mw] == [("2026-01", 50), ("2027-01", 90)]  # type: ignore[union-attr]
        assert site.tags == ("x", "y")
    assert site.resources == {"water": 5}
