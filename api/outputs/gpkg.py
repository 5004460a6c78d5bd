"""``plan.gpkg``: the map layers, the tables and a style for each layer that QGIS applies by itself.

GeoPackage 1.3, because QGIS before 3.28 warns at 1.4. Layers: ``sites`` (parcels; points if there are no parcels),
``site_points`` (every site as a point, for circles), ``timeline`` (one feature per site and period).
"""

from __future__ import annotations

import sqlite3
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from api.outputs import deal_tables, tables
from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps
from api.outputs.features import MAX_SHAPES_IN_TIME, period_properties, site_properties
from api.outputs.shapes import right_handed
from api.outputs.styles import STYLES

WGS84 = "EPSG:4326"
INTEGERS = {"gpus", "units", "idle_units", "tranches_reached", "year"}
NUMBERS = {"cover", "share", "hhi", "shares_million", "progress", "at", "sold", "missing", "amount"}
FLAGS = {"open", "signed", "optional"}


def typed(rows: list[dict[str, Any]], columns: tuple[str, ...] = ()) -> pd.DataFrame:
    """A table whose columns have the types a GIS expects, also where all values are missing."""
    frame = pd.DataFrame(rows, columns=list(rows[0]) if rows else list(columns))
    for name in frame.columns:
        values = frame[name]
        if name in INTEGERS:
            frame[name] = values.astype("Int64")
        elif name in FLAGS:
            frame[name] = values.astype("boolean")
        elif name in {"start", "end"}:
            frame[name] = pd.to_datetime(values, utc=True).astype("datetime64[ms, UTC]")
        elif (
            name in NUMBERS
            or name.endswith(("_mw", "_ha", "_musd", "_share", "_mwh", "_tonnes"))
            or name.startswith("it_mw_")
        ):
            frame[name] = values.astype("float64")
        elif values.isna().all():
            frame[name] = values.astype("string")
    # the key `id` repeats `site_id` for GeoJSON; here it would be taken for the feature's own number
    return frame.drop(columns=["id"], errors="ignore")


def _layers(bundle: Bundle) -> dict[str, gpd.GeoDataFrame]:
    """The three map layers."""
    plan = bundle.plan
    ids = [s.id for s in plan.sites]
    shape = right_handed([bundle.geometries.geometry.loc[i] for i in ids])
    point = shapely.points([s.lon for s in plan.sites], [s.lat for s in plan.sites])
    polygonal = [g.geom_type != "Point" for g in shape]
    properties = typed(site_properties(bundle))
    multi = [shapely.multipolygons([g]) if g.geom_type == "Polygon" else g for g, yes in zip(shape, polygonal) if yes]
    points = gpd.GeoDataFrame(properties, geometry=point, crs=WGS84)
    parcels = gpd.GeoDataFrame(properties[polygonal], geometry=multi, crs=WGS84) if multi else points

    periods = typed(period_properties(bundle))
    as_points = not all(polygonal) or len(ids) > MAX_SHAPES_IN_TIME
    by_id = dict(zip(ids, point if as_points else multi))
    timeline = gpd.GeoDataFrame(periods, geometry=[by_id[i] for i in periods["site_id"]], crs=WGS84)
    return {"sites": parcels, "site_points": points, "timeline": timeline}


def _tables(bundle: Bundle) -> dict[str, pd.DataFrame]:
    """The attribute tables."""
    plan = bundle.plan
    totals = []
    for t in plan.totals:
        row = t.model_dump()
        vendors = row.pop("it_mw_by_vendor")
        totals.append({**row, **{f"it_mw_{v}": mw for v, mw in vendors.items()}})
    assumptions = [
        {**a.model_dump(), "value": a.value if isinstance(a.value, str) else dumps(a.value)} for a in plan.assumptions
    ]
    return {
        "orders": typed(tables.orders(bundle), tables.COLUMNS["orders"]),
        "openings": typed(tables.openings(bundle), tables.COLUMNS["openings"]),
        "shells": typed(tables.shells(bundle), tables.columns(bundle, "shells")),
        "cash": typed(tables.cash(bundle)),
        "cash_lines": typed([c.model_dump() for c in plan.cash], ("month", "line", "kind", "musd")),
        "balances": typed(
            [b.model_dump() for b in plan.balances],
            ("month", "before_musd", "budget_musd", "income_musd", "covered_musd", "cash_musd"),
        ),
        "totals": typed(totals, ("month", "it_mw", "facility_mw")),
        "assumptions": typed(assumptions, ("subject", "field", "value", "unit", "origin", "source")),
        **(_deal_tables(bundle) if bundle.has_deals else {}),
    }


def _deal_tables(bundle: Bundle) -> dict[str, pd.DataFrame]:
    """The tables that only a request with deals has."""
    return {
        "deals": typed(deal_tables.summary(bundle), deal_tables.SUMMARY_COLUMNS),
        "deal_periods": typed(deal_tables.deal_periods(bundle), deal_tables.PERIOD_COLUMNS),
        "tranches": typed(deal_tables.tranches(bundle), deal_tables.TRANCHE_COLUMNS),
        "draws": typed(deal_tables.draws(bundle), deal_tables.DRAW_COLUMNS),
        "sales": typed(deal_tables.sales(bundle), deal_tables.SALE_COLUMNS),
        "years": typed(deal_tables.years(bundle), deal_tables.YEAR_COLUMNS),
        "circularity": typed(deal_tables.circularity(bundle), deal_tables.CIRCULARITY_COLUMNS),
        "concentration": typed(deal_tables.concentration(bundle), deal_tables.CONCENTRATION_COLUMNS),
        "tariff_exposure": typed(deal_tables.exposure(bundle), deal_tables.EXPOSURE_COLUMNS),
    }


def _add_styles(path: Path, points: set[str]) -> None:
    """``layer_styles`` is the table in which QGIS looks for a layer's default style."""
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), "
            "f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), "
            "styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
            "update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
        )
        for layer, style in STYLES.items():
            db.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')",
                (layer, layer, style(layer in points), f"default style of {layer}"),
            )
        db.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '')"
        )
    db.close()


def write(bundle: Bundle, path: Path) -> None:
    """Write ``plan.gpkg``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyogrio's remark that a table has no geometry is what is meant here
        append = False
        layers = _layers(bundle)
        for name, layer in layers.items():
            pyogrio.write_dataframe(
                layer, path, layer=name, driver="GPKG", append=append, dataset_options={"VERSION": "1.3"},
                layer_options={"GEOMETRY_NAME": "geom"},
            )  # fmt: skip
            append = True
        for name, table in _tables(bundle).items():
            pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=True)
    _add_styles(path, {name for name, layer in layers.items() if (layer.geom_type == "Point").all()})
