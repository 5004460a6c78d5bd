"""Files for maps: KML as LIBKML reads it, kepler.gl's saved map, GeoJSON with simplestyle."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pyogrio
import pytest

from api.outputs import kepler, kml, simplestyle
from api.outputs.bundle import Bundle
from tests.outputs.deal_world import dealt

KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture
def file(bundle: Bundle, tmp_path: Path) -> Path:
    """The small world as KML."""
    kml.write(bundle, tmp_path / "plan.kml")
    return tmp_path / "plan.kml"


def test_kml_has_one_geometry_type_a_layer(file: Path) -> None:
    """Parcels are polygons, sites points in the right place, the build-up points with a span of time."""
    found = {name: pyogrio.read_dataframe(file, layer=name) for name, _ in pyogrio.list_layers(file)}
    assert list(found) == ["Parcels", "Sites", "Build-up"]
    assert set(found["Parcels"].geom_type) <= {"Polygon", "MultiPolygon"} and len(found["Parcels"]) == 3
    assert set(found["Sites"].geom_type) == {"Point"} and len(found["Sites"]) == 4
    abilene = found["Sites"].set_index("site_id").loc["abilene"]
    assert (abilene.geometry.x, abilene.geometry.y) == pytest.approx((-99.73, 32.45), abs=1e-6)
    assert found["Build-up"].begin.notna().all() and found["Build-up"].end.notna().all()


def test_kml_figures_are_numbers(file: Path) -> None:
    """A schema types them: MW are real, GPUs whole, names text."""
    sites = pyogrio.read_dataframe(file, layer="Sites").set_index("site_id")
    assert sites.it_mw.dtype.kind == "f" and sites.gpus.dtype.kind == "i" and sites.loc["abilene"].it_mw == 70
    assert sites.loc["abilene"].Name == "Abilene" and sites.loc["milam"].status == "not_opened"


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="Debian's gdal-bin is not installed")
def test_kml_carries_its_style_through_libkml(file: Path) -> None:
    """GDAL hands each feature's own pen, brush and symbol on: QGIS draws it coloured with one drag."""
    text = subprocess.run(["ogrinfo", "-al", str(file)], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "LIBKML" in text
    styles = re.findall(r"Style = (.*)", text)
    assert any("BRUSH(fc:#144066" in s or "BRUSH(fc:#176CA8" in s for s in styles), styles[:3]
    assert any(s.startswith("SYMBOL(") and "c:#176CA8FF" in s for s in styles), styles
    assert "http" not in "".join(styles)


def test_kml_is_sound_xml_whatever_users_write(world: Callable[..., Bundle], tmp_path: Path) -> None:
    """Markup, ampersands and signs that XML cannot hold."""
    evil = "<b>&\"']]>{=}"
    kml.write(world(names={"plan": evil, "abilene": evil}), tmp_path / "e.kml")
    names = [e.text for e in ElementTree.parse(tmp_path / "e.kml").iter(f"{KML}name")]
    assert names.count(evil) == 3


def test_kml_names_no_server(file: Path) -> None:
    """Nothing is fetched when it is opened."""
    assert re.findall(r"https?://[^\"<]*", file.read_text()) == ["http://www.opengis.net/kml/2.2"]


def test_kepler_rows_fit_their_fields(bundle: Bundle) -> None:
    """Each row has a value for each field; layers name datasets and columns that are there."""
    made = json.loads(json.dumps(kepler.document(bundle)))
    data = {d["data"]["id"]: d["data"] for d in made["datasets"]}
    assert set(data) == {"sites", "periods"} and all(d["version"] == "v1" for d in made["datasets"])
    for dataset in data.values():
        assert all(len(row) == len(dataset["fields"]) for row in dataset["allData"])
    names = {id: {f["name"] for f in d["fields"]} for id, d in data.items()}
    state = made["config"]["config"]["visState"]
    for layer in state["layers"]:
        columns = {c for c in layer["config"]["columns"].values() if c is not None}
        fields = {f["name"] for f in layer["visualChannels"].values() if isinstance(f, dict)}
        assert columns | fields <= names[layer["config"]["dataId"]]
    for id, shown in state["interactionConfig"]["tooltip"]["fieldsToShow"].items():
        assert {s["name"] for s in shown} <= names[id]
    types = {f["name"]: f["type"] for f in data["sites"]["fields"]}
    assert (types["it_mw"], types["gpus"], types["name"], types["_geojson"]) == ("real", "integer", "string", "geojson")


def test_kepler_shows_the_sites_and_plays_in_time(bundle: Bundle) -> None:
    """The view lies over the sites; the filter is a window on the last period, 2027-10."""
    made = kepler.document(bundle)["config"]["config"]
    assert -107 < made["mapState"]["longitude"] < -80 and 30 < made["mapState"]["latitude"] < 42
    (time,) = made["visState"]["filters"]
    assert time["type"] == "timeRange" and time["name"] == ["start"]
    assert time["value"] == [1822348800000, 1830297600000]  # 2027-10-01 and 2028-01-01, UTC


def test_kepler_colours_follow_the_order_of_statuses(bundle: Bundle) -> None:
    """excluded, not_opened, opened: kepler.gl hands out an ordinal scale's colours in this order."""
    layers = kepler.document(bundle)["config"]["config"]["visState"]["layers"]
    assert layers[0]["config"]["visConfig"]["colorRange"]["colors"] == ["#C4786E", "#A8A8A8", "#176CA8"]


def test_simplestyle_keeps_every_property(bundle: Bundle, tmp_path: Path) -> None:
    """The file of sites.geojson with colours, sizes and words on top; GDAL reads it."""
    from api.outputs import sites_geojson

    simplestyle.write(bundle, tmp_path / "s.geojson")
    sites_geojson.write(bundle, tmp_path / "p.geojson")
    styled, plain = (json.loads((tmp_path / f"{n}.geojson").read_text())["features"] for n in "sp")
    for a, b in zip(styled, plain, strict=True):
        assert a["geometry"] == b["geometry"] and b["properties"].items() <= a["properties"].items()
        assert re.fullmatch("#[0-9a-f]{6}", a["properties"]["marker-color"])
        assert a["properties"]["marker-size"] in {"small", "medium", "large"} and a["properties"]["title"]
    assert len(pyogrio.read_dataframe(tmp_path / "s.geojson")) == 4


@pytest.mark.parametrize("writer", [kml.write, kepler.write, simplestyle.write])
def test_the_same_plan_gives_the_same_bytes(writer: Callable[[Bundle, Path], None], tmp_path: Path) -> None:
    """Also with deals."""
    writer(dealt(), tmp_path / "a")
    writer(dealt(), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
