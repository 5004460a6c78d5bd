"""Vector files of users: what they hold, told apart by name and checked by their first bytes (M3.1).

GeoJSON and CSV are read by our own readers and GeoParquet by pyarrow. Only GeoPackage, FlatGeobuf and Shapefile reach
GDAL, and only when their first bytes say so: GDAL chooses its driver by content and has some that open addresses.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from planner.errors import RequestError
from planner.problem.document import read_document
from sites import csvtable
from sites.crs import WGS84, Geometries, bounds_in, crs_of
from sites.geojson import GeometryError, epsg_of, features
from sites.values import plain
from sites.zipped import unpack

FORMATS = ".geojson, .json, .gpkg, .parquet, .fgb, .zip (a Shapefile), .shp, .csv"
MAGIC = {
    ".gpkg": b"SQLite format 3\x00",
    ".fgb": b"fgb\x03fgb",
    ".shp": b"\x00\x00\x27\x0a",
    ".zip": b"PK",
    ".parquet": b"PAR1",
    ".geoparquet": b"PAR1",
}
ADDRESS = re.compile(r"^(/vsi|[a-z][a-z0-9+.-]+:)", re.IGNORECASE)
Bounds = tuple[float, float, float, float]


@dataclass
class Table:
    """A file's rows: properties in Python's own types, geometries in the file's CRS."""

    rows: list[dict[str, Any]]
    shapes: Geometries
    crs: pyproj.CRS | None
    notes: list[str] = field(default_factory=list)


def find(path: str, base_dir: Path) -> Path:
    """The file that a request names, relative to the request. GeometryError for addresses and what is not there."""
    if ADDRESS.match(path) or "\x00" in path:
        raise GeometryError(
            f"{path[:200]!r} is no file path; addresses are not fetched: save the file beside the request"
        )
    full = base_dir / path
    if full.is_dir():
        raise GeometryError(f"{path} is a directory; name a file: {FORMATS}")
    if not full.is_file():
        beside = sorted(p.name for p in full.parent.iterdir() if p.is_file())[:8] if full.parent.is_dir() else []
        raise GeometryError(f"there is no file {path}" + (f"; beside it: {', '.join(beside)}" if beside else ""))
    kind = full.suffix.lower()
    if kind in MAGIC:
        with full.open("rb") as file:
            if not file.read(16).startswith(MAGIC[kind]):
                raise GeometryError(f"{path} is no {kind} file: its first bytes say otherwise")
    return full


def geojson_document(path: Path) -> Any:
    """A GeoJSON file as JSON. GeometryError for what is no JSON."""
    try:
        return read_document(path.read_bytes(), path.name, json_text=True)
    except RequestError as error:
        raise GeometryError("; ".join(f.message for f in error.faults)) from None


def read(
    path: Path, layer: str | None = None, bounds: Bounds | None = None, property_names: Mapping[str, Any] | None = None
) -> Table:
    """Any vector file but GeoJSON. ``bounds`` (lon/lat) lets the reader skip what lies elsewhere.

    GeometryError says what is wrong with the file and what to do.
    """
    kind = path.suffix.lower()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # readers warn about what we check ourselves
            if kind == ".csv":
                rows, shapes = csvtable.read(path, property_names or {})
                return Table(rows, np.array([*shapes, None], dtype=object)[:-1], WGS84)
            if kind in {".parquet", ".geoparquet"}:
                return _parquet(path)
            if kind == ".zip":
                with tempfile.TemporaryDirectory() as room:
                    return _ogr(unpack(path, Path(room)), None, bounds)
            if kind in {".gpkg", ".fgb", ".shp"}:
                return _ogr(path, layer, bounds)
    except (GeometryError, MemoryError):
        raise
    except (DataSourceError, DataLayerError) as error:
        raise GeometryError(f"it cannot be read: {str(error)[:300]}") from None
    except Exception as error:  # the readers below raise whatever their libraries do on damaged files
        raise GeometryError(f"it cannot be read ({type(error).__name__}: {str(error)[:200]})") from None
    raise GeometryError(f"{path.name}: files of kind {kind or '(no ending)'} are not read; use one of {FORMATS}")


def _ogr(path: Path, layer: str | None, bounds: Bounds | None) -> Table:
    notes = []
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if not layers:
        raise GeometryError("it has no layer with geometries")
    if layer is not None and layer not in layers:
        raise GeometryError(f"it has no layer {layer!r}; it has: {', '.join(layers)}")
    if layer is None and len(layers) > 1:
        notes.append(f"it has {len(layers)} layers ({', '.join(layers[:6])}); {layers[0]} is read")
    chosen = layer or layers[0]
    crs = pyogrio.read_info(path, layer=chosen)["crs"]
    box = bounds_in(bounds, crs_of(crs)) if bounds is not None and crs is not None else None
    frame = pyogrio.read_dataframe(path, layer=chosen, bbox=box, use_arrow=False)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeometryError(f"its layer {chosen} has no geometries")
    return _table(frame, notes)


def _parquet(path: Path) -> Table:
    return _table(gpd.read_parquet(path), [])


def _table(frame: gpd.GeoDataFrame, notes: list[str]) -> Table:
    columns = {str(name): frame[name] for name in frame.columns if not isinstance(frame[name], gpd.GeoSeries)}
    cells = {name: [plain(v) for v in series.tolist()] for name, series in columns.items()}
    rows = (
        [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
        if cells
        else [{}] * len(frame)
    )
    crs = pyproj.CRS.from_user_input(frame.crs) if frame.crs is not None else None
    return Table([dict(r) for r in rows], np.asarray(frame.geometry.array, dtype=object), crs, notes)


def crs_or_guess(table: Table) -> pyproj.CRS:
    """The file's CRS; lon/lat where it names none and every coordinate could be lon/lat. GeometryError otherwise."""
    if table.crs is not None:
        return table.crs
    box = shapely.total_bounds(table.shapes)
    if len(table.shapes) and not (np.abs(box[[0, 2]]) <= 180).all() & (np.abs(box[[1, 3]]) <= 90).all():
        raise GeometryError(
            "it names no coordinate reference system and its coordinates are not lon/lat; add its .prj or EPSG code"
        )
    table.notes.append("it names no coordinate reference system; its coordinates are read as WGS 84 lon/lat")
    return WGS84


__all__ = ["Table", "find", "read", "geojson_document", "crs_or_guess", "epsg_of", "features", "FORMATS"]
