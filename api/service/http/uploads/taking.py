"""From any file of the closed list to plain GeoJSON in WGS 84, within limits. Runs in the sandbox only."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from pathlib import Path
from typing import Any

MOST_FEATURES = 50_000
MOST_VERTICES = 1_000_000
MOST_COLUMNS = 300
MOST_TEXT = 10_000
MOST_CSV_BYTES = 32 * 2**20
ZIP_MEMBERS, ZIP_BYTES, ZIP_RATIO = 50, 100 * 2**20, 100
WORKBOOK_MEMBERS = 250
"""A workbook of ours has 80: a few for each sheet."""


class Refused(Exception):
    """The file cannot be taken; the text is for its owner and names no path."""


def take(file: Path, room: Path) -> dict[str, Any]:
    """Read a vector file, write ``prepared.geojson``, tell what it holds. Raises Refused."""
    import shapely

    from sites.faults import Faults
    from sites.geojson import GeometryError
    from sites.read import read

    if file.suffix == ".zip":
        look_into(file)
    faults = Faults()
    table = read(file.name, room, {}, faults)
    if table is None:
        raise Refused("; ".join(f.message for f in faults.errors[:5]).replace(file.name, "the file"))
    if len(table) > MOST_FEATURES:
        raise Refused(f"it has {len(table):,} features; at most {MOST_FEATURES:,} are taken")
    wrong = [(i, s) for i, s in enumerate(table.shapes) if isinstance(s, GeometryError)]
    if wrong or faults.errors:
        told = [f.message for f in faults.errors[:5]] + [f"feature #{i + 1}: {s}" for i, s in wrong[:5]]
        raise Refused("; ".join(told).replace(file.name, "the file"))
    shapes = [None if s is None else shapely.force_2d(s) for s in table.shapes]
    extent = _extent([s for s in shapes if s is not None])
    columns = list(dict.fromkeys(name for row in table.rows for name in row))
    if len(columns) > MOST_COLUMNS:
        raise Refused(f"it has {len(columns)} columns; at most {MOST_COLUMNS} are taken")
    with (room / "prepared.geojson").open("w", encoding="utf-8", newline="\n") as out:
        out.write('{"type": "FeatureCollection", "features": [')
        for i, (row, shape) in enumerate(zip(table.rows, shapes, strict=True)):
            geometry = "null" if shape is None else shapely.to_geojson(shape)
            properties = json.dumps({k: plain(v) for k, v in row.items()}, ensure_ascii=False, allow_nan=False)
            out.write(f'{"," if i else ""}\n{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}')
        out.write("\n]}\n")
    return {
        "file": "prepared.geojson",
        "told": {
            "format": file.suffix[1:],
            "features": len(table),
            "columns": columns,
            **extent,
            "crs": "OGC:CRS84",
            "notes": [w.message.replace(file.name, "the file") for w in faults.warnings[:20]],
        },
    }


def plain(value: Any, depth: int = 0) -> Any:
    """A cell as JSON: no NaN, no endless text, no half characters."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict) and depth < 4:
        return {str(k)[:200]: plain(v, depth + 1) for k, v in list(value.items())[:1000]}
    if isinstance(value, list | tuple) and depth < 4:
        return [plain(v, depth + 1) for v in value[:1000]]
    return str(value)[:MOST_TEXT].encode("utf-8", "replace").decode()


def look_into(file: Path, most_members: int = ZIP_MEMBERS) -> None:
    """A zip's own table of contents, before anything is unpacked. Raises Refused for bombs and folders."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except Exception:
        raise Refused("it is no readable zip file") from None
    total = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    if len(members) > most_members:
        raise Refused(f"it holds {len(members)} files; at most {most_members} are unpacked")
    if total > ZIP_BYTES:
        raise Refused(f"it unpacks to {total / 1e6:,.0f} MB; at most {ZIP_BYTES / 1e6:,.0f} MB are taken")
    if total > 10**6 and total / packed > ZIP_RATIO:
        raise Refused(f"it unpacks to {total / packed:,.0f} times its size; at most {ZIP_RATIO} are taken")
    for member in members:
        if ".." in member.filename.split("/") or member.filename.startswith(("/", "\\")) or "\\" in member.filename:
            raise Refused("a file in it has a path that leads elsewhere")


def take_csv(file: Path, room: Path) -> dict[str, Any]:
    """A CSV stays as it is (which of its columns mean what stands in the request); its shape is checked. Raises Refused."""
    if file.stat().st_size > MOST_CSV_BYTES:
        raise Refused(f"a CSV has at most {MOST_CSV_BYTES / 2**20:.0f} MB")
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"byte {error.start} is not UTF-8 text; save the CSV as UTF-8") from None
    if "\x00" in text:
        raise Refused("it holds NUL characters")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)  # as the reader of a request's sites finds it
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        header = next(rows, [])
        count = sum(1 for row in rows if row)
    except csv.Error as error:
        raise Refused(f"it is no readable CSV: {error}") from None
    if not header or len(header) > MOST_COLUMNS or count > MOST_FEATURES or count == 0:
        raise Refused(f"a CSV has a header, 1 to {MOST_FEATURES:,} rows and at most {MOST_COLUMNS} columns")
    told = {
        "format": "csv",
        "features": count,
        "columns": [plain(name.strip())[:200] for name in header],
        **_places(file),
    }
    file.rename(room / "prepared.csv")
    return {"file": "prepared.csv", "told": told}


def _places(file: Path) -> dict[str, Any]:
    """What a CSV says about places by itself: nothing where only a request's ``property_names`` could tell its columns."""
    from sites.csvtable import read
    from sites.geojson import GeometryError

    found: list[Any] = []
    notes = []
    try:
        _, found = read(file, {})
    except GeometryError as error:
        notes.append(plain(str(error))[:1000])
    if blank := sum(s is None for s in found):
        notes.append(f"{blank:,} of {len(found):,} rows have no coordinates that can be read")
    shapes = [s for s in found if s is not None and not s.is_empty]
    return {**_extent(shapes), "crs": "OGC:CRS84", "notes": notes}


def _extent(shapes: list[Any]) -> dict[str, Any]:
    """How many vertices there are, where, and of what. Raises Refused for too many."""
    import shapely

    vertices = int(sum(shapely.get_num_coordinates(s) for s in shapes))
    if vertices > MOST_VERTICES:
        raise Refused(f"it has {vertices:,} vertices; at most {MOST_VERTICES:,} are taken: simplify or clip it")
    box = shapely.total_bounds(shapes).tolist() if shapes else None
    return {
        "vertices": vertices,
        "bbox": box if box is not None and all(math.isfinite(v) for v in box) else None,
        "geometry_types": sorted({s.geom_type for s in shapes}),
    }


def take_request(file: Path, room: Path) -> dict[str, Any]:
    """A workbook as a planning request, or the faults of its cells, as JSON. Raises Refused."""
    from api.records.request_xlsx import read_request
    from planner.errors import RequestError

    look_into(file, WORKBOOK_MEMBERS)
    try:
        found: dict[str, Any] = {"document": read_request(file).document}
    except RequestError as error:
        found = {"faults": [f.as_dict() for f in error.faults[:500]]}
    try:
        text = json.dumps(found, ensure_ascii=True, allow_nan=False, default=str)
    except ValueError:
        raise Refused("a cell holds a number that is none") from None
    (room / "prepared.json").write_text(text.replace(file.name, "the workbook"), encoding="ascii")
    return {"file": "prepared.json", "told": {}}
