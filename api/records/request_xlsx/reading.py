"""From a workbook to a request's document, and where in the workbook each part of it stood."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.records.request_xlsx import joining, layout
from api.records.request_xlsx.book import Book, Entry, Place, Rows
from api.records.request_xlsx.cells import Sheet, fault, letter, sheets, value
from api.records.request_xlsx.layout import BASIS, BUDGET, CHILDREN, PARCELS, RECORDS, SCHEDULES, SETTINGS, SITES
from api.records.request_xlsx.parcels import Row, drawn
from planner.errors import RequestError
from planner.problem.faults import suggestion


def read_request(path: Path) -> Book:
    """The document in a workbook. RequestError with every cell that makes no sense by itself."""
    book = read_book(path)
    if book.faults:
        raise RequestError(book.faults)
    return book


def read_book(path: Path) -> Book:
    """The same, with such cells among the book's faults. RequestError where there is nothing to go on with."""
    found = sheets(Path(path))
    book, tables = Book(), {}
    for sheet in found:
        name = sheet.name.strip().casefold().replace(" ", "_")
        if name in layout.UNREAD or not sheet.header:
            continue
        if name not in layout.ORDER:
            book.wrong(
                sheet.name, "A1", f"there is no table {sheet.name!r} in a request", suggestion(name, layout.ORDER)
            )
            continue
        for cell in sheet.broken:
            book.wrong(sheet.name, cell, "holds an error value", "mend its formula or type the value")
        tables[name] = (sheet.name, list(_entries(sheet, book)))
    if not tables and not book.faults:
        raise fault(
            f"{path.name} has none of the sheets {', '.join(layout.ORDER[:6])}, ...",
            "gigasite xlsx writes such a workbook",
        )
    _settings(book, *tables.get(SETTINGS, (SETTINGS, [])))
    rows: dict[str, Rows] = {}
    for name, where in RECORDS.items():
        rows[name] = _records(book, where, *tables.get(name, (name, [])))
    rows[SITES] = _sites(book, tables)
    joining.budget(book, *tables.get(BUDGET, (BUDGET, [])))
    for name, (parent, column, key) in CHILDREN.items():
        joining.children(book, rows[parent], column, key, *tables.get(name, (name, [])))
    joining.basis(book, rows["blocks"], *tables.get(BASIS, (BASIS, [])))
    joining.schedules(book, rows, *tables.get(SCHEDULES, (SCHEDULES, [])))
    return book


def _entries(sheet: Sheet, book: Book) -> Iterator[Entry]:
    names = [h for h in sheet.header if h]
    for name in {n for n in names if names.count(n) > 1}:
        second = [i for i, h in enumerate(sheet.header) if h == name][1]
        book.wrong(sheet.name, f"{letter(second)}1", f"column {name!r} stands there twice", "keep one of them")
    for number, row in sheet.rows:
        cells = {h: f"{letter(i)}{number}" for i, h in enumerate(sheet.header) if h}
        held = {h: c for h, c in zip(sheet.header, row) if h and c != ""}
        meant = {"value": str(held.get("setting", "value"))}  # a setting's value is read as what it sets
        values = {h: v for h, c in held.items() if (v := value(c, meant.get(h, h))) is not None}
        stray = next(
            (i for i, c in enumerate(row) if c != "" and (i >= len(sheet.header) or not sheet.header[i])), None
        )
        if stray is not None:
            book.wrong(
                sheet.name, f"{letter(stray)}{number}", "stands under no column", "name the column in the first row"
            )
        yield Entry(number, values, cells)


def _settings(book: Book, name: str, entries: list[Entry]) -> None:
    for entry in entries:
        key = str(entry.values.get("setting", ""))
        if not key or "value" not in entry.values:
            continue
        layout.nest(book.document, key, entry.values["value"])
        book.places[tuple(key.split("."))] = (name, entry.cells["value"])


def _records(book: Book, where: Place, name: str, entries: list[Entry]) -> Rows:
    """Entries of one sheet, put at their place in the document."""
    found: Rows = []
    for i, entry in enumerate(entries):
        record: dict[str, Any] = {}
        for column, held in entry.values.items():
            layout.nest(record, column, held)
        if "lon" in record or "lat" in record:
            record["location"] = [record.pop("lon", None), record.pop("lat", None)]
        path = (*where, i)
        found.append((entry.number, record, path))
        book.places[path] = (name, f"A{entry.number}")
        book.places |= {(*path, *column.split(".")): (name, cell) for column, cell in entry.cells.items()}
    if found:
        *parents, last = where
        target = book.document
        for key in parents:
            target = book.part(target, str(key), {}, name, "A1")
        if str(last) in target:
            book.wrong(name, "A1", f"{last} stands in the sheet settings, too", "keep one of the two")
        target[str(last)] = [record for _, record, _ in found]
    return found


def _sites(book: Book, tables: dict[str, tuple[str, list[Entry]]]) -> Rows:
    """Sites as an inline FeatureCollection: points from lon and lat, polygons from the sheet of parcels."""
    name, entries = tables.get(SITES, (SITES, []))
    parcels = _corners(book, *tables.get(PARCELS, (PARCELS, [])))
    named = book.document.get("property_names", {})
    key = named.get("id", "id") if isinstance(named, dict) and isinstance(named.get("id", "id"), str) else "id"
    found: Rows = []
    features = []
    for i, entry in enumerate(entries):
        properties = {c: v for c, v in entry.values.items() if c not in ("lon", "lat")}
        id = str(properties.get(key, ""))
        geometry: dict[str, Any] | None = drawn(parcels.pop(id)) if id in parcels else None
        if geometry is None and "lon" in entry.values and "lat" in entry.values:
            geometry = {"type": "Point", "coordinates": [entry.values["lon"], entry.values["lat"]]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
        path: Place = ("sites", "features", i)
        found.append((entry.number, properties, (*path, "properties")))
        book.places[path] = (name, f"A{entry.number}")
        for column, cell in entry.cells.items():
            book.places[(*path, "properties", column)] = book.places[(*path, column)] = (name, cell)
        if "lon" in entry.cells:
            book.places[(*path, "geometry")] = (name, entry.cells["lon"])
    for id in parcels:
        where = book.places.pop((PARCELS, id), (PARCELS, "A1"))
        book.wrong(*where, f"no site is called {id!r}", suggestion(id, [str(p.get(key, "")) for _, p, _ in found]))
    if features and "sites" in book.document:
        book.wrong(
            *book.places[("sites",)], "sites are named as a file and listed in the sheet sites", "keep one of the two"
        )
    elif features:
        book.document["sites"] = {"type": "FeatureCollection", "features": features}
    return found


def _corners(book: Book, name: str, entries: list[Entry]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for entry in entries:
        v = entry.values
        numbers = (v.get("part", 1), v.get("ring", 1), v.get("lon"), v.get("lat"))
        if any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
            book.wrong(name, f"A{entry.number}", "a corner needs numbers in lon and lat", "one row for each corner")
            continue
        part, ring, x, y = numbers
        site = str(v.get("site", ""))
        book.places.setdefault((PARCELS, site), (name, f"A{entry.number}"))
        found.setdefault(site, []).append((int(part), int(ring), float(x), float(y)))  # type: ignore[arg-type]
    return found
