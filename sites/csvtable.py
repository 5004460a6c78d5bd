"""CSV with lon/lat columns, or with WKT, in WGS 84."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from sites.geojson import GeometryError
from sites.values import NUMBER

LON = ("lon", "lng", "long", "longitude", "x")
LAT = ("lat", "latitude", "y")
WKT = ("wkt", "geometry", "geom", "the_geom")
csv.field_size_limit(2_000_000)


def read(path: Path, property_names: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[BaseGeometry | None]]:
    """Rows as text (blank cells as None) and their geometries. GeometryError names what the table lacks."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GeometryError(f"it is not UTF-8 text (byte {error.start})") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count) if any(d in head for d in ",;\t") else ","
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise GeometryError(f"it is no CSV table: {error}") from None
    table = [row for row in table if any(cell.strip() for cell in row)]
    if not table:
        raise GeometryError("it is empty")
    header = [name.strip() for name in table[0]]
    twice = sorted({name for name in header if header.count(name) > 1 and name})
    if twice:
        raise GeometryError(f"its header names {', '.join(twice)} twice")
    rows = []
    for number, cells in enumerate(table[1:], 2):
        if len(cells) > len(header):
            raise GeometryError(
                f"row {number} has {len(cells)} cells, the header {len(header)}; quote cells that hold a {delimiter!r}"
            )
        rows.append({n: (c if c.strip() else None) for n, c in zip(header, cells, strict=False) if n})
    return _shaped(rows, header, property_names)


def _shaped(
    rows: list[dict[str, Any]], header: list[str], property_names: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[BaseGeometry | None]]:
    lon, lat = _find(header, LON, property_names.get("lon")), _find(header, LAT, property_names.get("lat"))
    wkt = _find(header, WKT, None)
    if wkt is None and (lon is None or lat is None):
        raise GeometryError(
            f"it has no columns lon and lat and no wkt (it has: {', '.join(header[:30])}); "
            "name them: property_names: {lon: COLUMN, lat: COLUMN}"
        )
    shapes: list[BaseGeometry | None] = []
    if lon is not None and lat is not None:
        _refuse_words(rows, (lon, lat), wkt)
    for row in rows:
        text = row.get(wkt) if wkt else None
        if text is not None:
            shapes.append(_from_wkt(text))
        elif lon is not None and lat is not None:
            x, y = (_number(row.get(lon)), _number(row.get(lat)))
            shapes.append(None if x is None or y is None else shapely.Point(x, y))
        else:
            shapes.append(None)
    places = {c for c in (wkt, lon, lat) if c is not None}
    return [{n: v for n, v in row.items() if n not in places} for row in rows], shapes


def _refuse_words(rows: list[dict[str, Any]], columns: tuple[str, ...], wkt: str | None) -> None:
    """What stands where a coordinate should, and is no number, must not pass for a place that was left out."""
    placed = [(i, row) for i, row in enumerate(rows, 2) if wkt is None or row.get(wkt) is None]
    wrong = [(i, c, row[c]) for i, row in placed for c in columns if row.get(c) and _number(row[c]) is None]
    if wrong:
        i, column, text = wrong[0]
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise GeometryError(
            f"{column} in row {i} is {text!r}, not a number{more}; write degrees with a point, as in -99.5"
        )


def _from_wkt(text: str) -> BaseGeometry | None:
    """None for what is no WKT; collections inside collections are none either (their reader recurses without end)."""
    return None if text.upper().count("COLLECTION") > 1 else shapely.from_wkt(text, on_invalid="ignore")


def _find(header: list[str], usual: tuple[str, ...], named: Any) -> str | None:
    if isinstance(named, str):
        if named not in header:
            raise GeometryError(f"it has no column {named!r} for coordinates (it has: {', '.join(header[:30])})")
        return named
    return next((h for name in usual for h in header if h.casefold() == name), None)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and NUMBER.fullmatch(text.strip()) else None
