"""Sheets that belong to entries of other sheets: steps, tranches, promises, units in place, where figures come from."""

from __future__ import annotations

from typing import Any

from api.records.request_xlsx import layout
from api.records.request_xlsx.book import Book, Entry, Index, Place, Rows
from api.records.request_xlsx.layout import SETTINGS, SITES
from planner.problem.faults import suggestion


def budget(book: Book, name: str, entries: list[Entry]) -> None:
    """Steps of money; one row without a date is an amount for always."""
    if not entries:
        return
    target = book.part(book.document, "budget", {}, name, f"A{entries[0].number}")
    if "per_year_musd" in target:
        book.wrong(name, "A1", "budget.per_year_musd stands in the sheet settings, too", "keep one of the two")
    if len(entries) == 1 and "from" not in entries[0].values:
        target["per_year_musd"] = entries[0].values.get("per_year_musd")
    else:
        target["per_year_musd"] = [
            {
                k: v
                for k, v in (("from", e.values.get("from")), ("value", e.values.get("per_year_musd")))
                if v is not None
            }
            for e in entries
        ]
    _steps_placed(book, ("budget", "per_year_musd"), name, entries, "per_year_musd")
    for entry in entries:
        for column in set(entry.values) - {"from", "per_year_musd"}:
            book.wrong(
                name, entry.cells[column], f"unknown column {column!r}", "other settings of the budget: sheet settings"
            )


def _steps_placed(book: Book, path: Place, name: str, entries: list[Entry], column: str) -> None:
    book.places[path] = (name, f"A{entries[0].number}")
    for i, entry in enumerate(entries):
        book.places[(*path, i)] = (name, f"A{entry.number}")
        for key, cell in (("from", entry.cells.get("from")), ("value", entry.cells.get(column))):
            if cell is not None:
                book.places[(*path, i, key)] = (name, cell)


def _index(rows: Rows) -> Index:
    """Entries by what rows of other sheets may call them: their id, or # and their row number. The first of a name wins."""
    found: Index = {}
    for number, record, path in rows:
        for name in (layout.identity(record), f"#{number}"):
            if name:
                found.setdefault(name, (record, path))
    return found


def _owner(book: Book, index: Index, name: str, entry: Entry, column: str) -> tuple[dict[str, Any], Place] | None:
    """The entry that a row of another sheet is about."""
    wanted = str(entry.values.get(column, ""))
    if wanted not in index:
        known = [k for k in index if not k.startswith("#")]
        book.wrong(
            name,
            entry.cells.get(column, f"A{entry.number}"),
            f"no entry is called {wanted!r}",
            suggestion(wanted, known),
        )
    return index.get(wanted)


def children(book: Book, rows: Rows, column: str, key: str, name: str, entries: list[Entry]) -> None:
    """Entries of a list (``key``) inside the entries of another sheet, which ``column`` names."""
    index = _index(rows)
    for entry in entries:
        owner = _owner(book, index, name, entry, column)
        if owner is None:
            continue
        record, path = owner
        listed = book.part(record, key, [], name, f"A{entry.number}")
        place = (*path, key, len(listed))
        listed.append({c: v for c, v in entry.values.items() if c != column})
        book.places[place] = (name, f"A{entry.number}")
        book.places |= {(*place, c): (name, cell) for c, cell in entry.cells.items() if c != column}


def basis(book: Book, rows: Rows, name: str, entries: list[Entry]) -> None:
    """Where blocks' figures come from."""
    index = _index(rows)
    for entry in entries:
        owner = _owner(book, index, name, entry, "block")
        if owner is not None:
            record, path = owner
            figure = str(entry.values.get("figure", ""))
            figures = book.part(record, "basis", {}, name, f"A{entry.number}")
            figures[figure] = {c: v for c, v in entry.values.items() if c not in ("block", "figure")}
            book.places |= {(*path, "basis", figure, c): (name, cell) for c, cell in entry.cells.items()}


def schedules(book: Book, rows: dict[str, Rows], name: str, entries: list[Entry]) -> None:
    """Steps of any field, put into their entries."""
    grouped: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        table, field_ = str(entry.values.get("table", "")), str(entry.values.get("field", ""))
        if table != SETTINGS and table not in rows:
            book.wrong(
                name,
                entry.cells.get("table", f"A{entry.number}"),
                f"no table {table!r}",
                suggestion(table, [*rows, SETTINGS]),
            )
        elif not field_:
            book.wrong(name, entry.cells.get("field", f"A{entry.number}"), "names no field")
        else:
            grouped.setdefault((table, str(entry.values.get("id", "")), field_), []).append(entry)
    indexes = {table: _index(rows[table]) for table, _, _ in grouped if table != SETTINGS}
    for (table, _, field_), steps in grouped.items():
        owner = (book.document, ()) if table == SETTINGS else _owner(book, indexes[table], name, steps[0], "id")
        if owner is None:
            continue
        record, path = owner
        listed = [{c: e.values[c] for c in ("from", "value") if c in e.values} for e in steps]
        whole = table == SITES and not field_.startswith("resources.")
        if whole:
            record[field_] = listed
        else:
            layout.nest(record, field_, listed)
        place = (*path, field_) if whole else (*path, *field_.split("."))
        _steps_placed(book, place, name, steps, "value")
        if table == SITES:
            _steps_placed(book, (*path[:-1], *place[len(path) :]), name, steps, "value")
