"""``plan.gpkg``: layers, typed columns, tables and styles, read back by GDAL and by SQLite."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from api.outputs import gpkg
from api.outputs.bundle import Bundle


@pytest.fixture
def path(bundle: Bundle, tmp_path: Path) -> Path:
    gpkg.write(bundle, tmp_path / "plan.gpkg")
    return tmp_path / "plan.gpkg"


def test_layers_have_one_geometry_type_each(path: Path) -> None:
    layers = dict(pyogrio.list_layers(path).tolist())
    assert layers["sites"] == "MultiPolygon"
    assert layers["site_points"] == layers["timeline"] == "Point"
    tables = {"orders", "openings", "shells", "cash", "cash_lines", "balances", "totals", "assumptions"}
    assert all(layers[t] is None for t in tables)
    assert len(gpd.read_file(path, layer="sites")) == 3  # the three parcels
    assert len(gpd.read_file(path, layer="site_points")) == 4  # and the point site
    assert len(gpd.read_file(path, layer="timeline")) == 32


def test_parcels_in_time_when_all_sites_are_parcels(bundle: Bundle, tmp_path: Path) -> None:
    plan = bundle.plan.model_copy(update={"sites": bundle.plan.sites[:3]})
    gpkg.write(replace(bundle, plan=plan), tmp_path / "plan.gpkg")
    assert dict(pyogrio.list_layers(tmp_path / "plan.gpkg").tolist())["timeline"] == "MultiPolygon"


def test_only_points(bundle: Bundle, tmp_path: Path) -> None:
    plan = bundle.plan.model_copy(update={"sites": bundle.plan.sites[3:], "openings": [], "orders": [], "shells": []})
    gpkg.write(replace(bundle, plan=plan), tmp_path / "plan.gpkg")
    assert dict(pyogrio.list_layers(tmp_path / "plan.gpkg").tolist())["sites"] == "Point"


def test_columns_are_typed_also_where_empty(path: Path) -> None:
    info = pyogrio.read_info(path, layer="timeline")
    types = dict(zip(info["fields"], info["ogr_types"]))
    assert types["start"] == types["end"] == "OFTDateTime"
    assert types["it_mw"] == types["power_used_share"] == "OFTReal"
    assert types["units"] == "OFTInteger64" and types["month"] == "OFTString"
    info = pyogrio.read_info(path, layer="sites")
    assert dict(zip(info["fields"], info["ogr_types"]))["opening_month"] == "OFTString"
    frame = gpd.read_file(path, layer="timeline")
    assert frame["start"].iloc[0].isoformat() == "2026-01-01T00:00:00+00:00"


def test_version_1_3_and_integrity(path: Path) -> None:
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 10300
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.close()


def test_every_layer_has_a_default_style(path: Path) -> None:
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles").fetchall()
        kinds = dict(db.execute("SELECT table_name, data_type FROM gpkg_contents"))
        columns = dict(db.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    db.close()
    assert {r[0] for r in rows} == {"sites", "site_points", "timeline"}
    assert kinds["layer_styles"] == "attributes" and kinds["orders"] == "attributes"
    for layer, geometry_column, default, qml in rows:
        assert geometry_column == columns[layer] and default == 1
        root = ET.fromstring(qml.split(">", 1)[1])
        assert root.tag == "qgis" and root.find("renderer-v2/categories/category") is not None
    timeline = ET.fromstring(next(r[3] for r in rows if r[0] == "timeline").split(">", 1)[1])
    temporal = timeline.find("temporal")
    assert temporal is not None and (temporal.get("startField"), temporal.get("endField")) == ("start", "end")


def test_tables_say_what_the_csv_files_say(path: Path) -> None:
    orders = pyogrio.read_dataframe(path, layer="orders")
    assert orders[["site", "block", "units"]].values.tolist() == [
        ["abilene", "n1", 2],
        ["abilene", "a1", 1],
        ["lordstown", "a1", 1],
    ]


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="gdal-bin is not installed")
def test_an_older_gdal_opens_it_quietly(path: Path) -> None:
    done = subprocess.run(["ogrinfo", "-ro", "-so", "-al", str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Warning" not in done.stderr and "ERROR" not in done.stderr
    assert "WGS 84" in done.stdout and "String(JSON)" not in done.stdout and "Unknown (any)" not in done.stdout
