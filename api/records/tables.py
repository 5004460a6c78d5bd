"""Files of a plan of record as rows: which table each row belongs to, and its number as a spreadsheet shows it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.errors import Fault, RequestError
from planner.problem.document import read_json
from planner.problem.faults import suggestion

TABLES: dict[str, tuple[str, ...]] = {
    "openings": ("site", "month"),
    "orders": ("site", "block", "month", "units"),
    "shells": ("site", "month", "mw"),
    "retirements": ("site", "block", "month", "units"),
    "idle": ("site", "block", "month", "units"),
    "signed": ("deal",),
    "draws": ("deal", "month", "musd"),
    "sales": ("deal", "site", "block", "month", "amount"),
    "served": ("site", "market", "month", "amount"),
}
"""The tables of decisions and the columns each one needs; other columns are ignored."""

WITH_TERMS = frozenset({"orders", "shells"})
"""Tables that may have a column ``terms``: ``own`` (what is left empty) or the id of a lease."""

MOST_BYTES = 50_000_000
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
Row = tuple[int, Mapping[str, Any]]
NOTHING = "a table of orders without rows, but with its columns, says that nothing is ordered"


def fault(message: str, hint: str = "", path: tuple[str | int, ...] = ("orders",)) -> RequestError:
    """One thing wrong with the whole file."""
    return RequestError([Fault(path, message, hint)])


def load_tables(path: Path) -> tuple[dict[str, list[Row]], bool]:
    """Rows by table with their row numbers; True with them for a whole ``plan.json``, where nothing is to be filled."""
    try:
        if path.is_dir():
            parts = {t: path / f"{t}.csv" for t in TABLES if (path / f"{t}.csv").is_file()}
            if not parts:
                raise fault(f"{path} holds none of {', '.join(f'{t}.csv' for t in TABLES)}")
            return {t: list(_csv_rows(part)) for t, part in parts.items()}, False
        if path.stat().st_size > MOST_BYTES:
            raise fault(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB")
        suffix = path.suffix.lower()
        if suffix in WORKBOOKS:
            return _workbook(path), False
        if suffix == ".json":
            return _json(path)
        return _sorted_out(_csv_rows(path), path.name, None), False
    except FileNotFoundError:
        raise fault(f"there is no file {path}") from None
    except (OSError, ValueError) as error:
        raise fault(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fault(f"{path.name}: not UTF-8 text (byte {error.start})", "save the file as CSV UTF-8") from None


def _csv_rows(path: Path) -> Iterable[Row]:
    """Rows as mappings by lower-case header, numbered as a spreadsheet shows them. Comma, semicolon or tab."""
    text = _text(path)
    head = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = _header(next((cells for cells in reader if any(c.strip() for c in cells)), []), path.name)
        for cells in reader:
            if any(c.strip() for c in cells):
                yield reader.line_num, dict(zip(header, cells))
    except csv.Error as error:
        raise fault(f"{path.name}, line {reader.line_num}: not a table: {error}") from None


def _header(cells: Sequence[Any], name: str) -> list[str]:
    """The columns in lower case; ``name`` is what the table is called in a fault."""
    header = [re.sub(r"[\s-]+", "_", str(c).strip().casefold()) for c in cells]
    if not any(header):
        raise fault(f"{name} {'has an empty first row' if cells else 'is empty'}", f"it names the columns; {NOTHING}")
    twice = sorted({c for c in header if c and header.count(c) > 1})
    if twice:
        raise fault(f"{name}: its header names {', '.join(twice)} twice", "keep one of them")
    return header


def _sorted_out(rows: Iterable[Row], name: str, table: str | None) -> dict[str, list[Row]]:
    """Rows to tables: by a ``table`` column, by the sheet's name, else by which columns there are."""
    found: dict[str, list[Row]] = {}
    faults: list[Fault] = []
    for number, row in rows:
        stated = str(row.get("table") or row.get("kind") or "").strip().casefold()
        stated = stated if stated in TABLES else next((t for t in TABLES if t.rstrip("s") == stated), stated)
        target = stated or table or _guess(row)
        if target not in TABLES:
            what = f"{stated!r} is no table" if stated else f"columns {', '.join(c for c in row if c)} make no table"
            hint = suggestion(stated, TABLES) if stated else "orders need site, block, month, units"
            faults.append(Fault((name, number), f"row {number}: {what}", hint))
            if not stated:
                break
            continue
        found.setdefault(target, []).append((number, row))
    if faults:
        raise RequestError(faults)
    return found or {table or "orders": []}


def _guess(row: Mapping[str, Any]) -> str:
    """The table that a row without a name belongs to, by its columns."""
    if "market" in row and "amount" in row:
        return "served"
    if "deal" in row:
        return "draws" if "musd" in row else "sales" if "amount" in row else "signed"
    if "units" in row or "block" in row:
        return "orders"
    if "mw" in row:
        return "shells"
    return "openings" if {"site", "month"} <= set(row) else ""


def _workbook(path: Path) -> dict[str, list[Row]]:
    """One sheet a table; with a single sheet its name does not matter."""
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        filled = {name: cells for name, cells in sheets.items() if cells}
    except (KeyboardInterrupt, SystemExit, MemoryError, FileNotFoundError):
        raise
    except BaseException as error:  # a panic of the reading library is no Exception
        raise fault(f"{path.name} is no workbook that can be read: {str(error)[:200]}") from None
    if not filled:
        raise fault(f"{path.name} is empty", NOTHING)
    tables: dict[str, list[Row]] = {}
    for name, cells in filled.items():
        key = name.strip().casefold()
        if key not in TABLES and len(sheets) > 1:
            continue
        header = _header(cells[0], f"{path.name}, sheet {name}")
        rows = [(i, dict(zip(header, row))) for i, row in enumerate(cells[1:], start=2) if any(c != "" for c in row)]
        for table, part in _sorted_out(rows, name, key if key in TABLES else None).items():
            tables.setdefault(table, []).extend(part)
    if not tables:
        raise fault(f"{path.name} has no sheet called {', '.join(TABLES)}", f"its sheets: {', '.join(sheets)}")
    return tables


def _json(path: Path) -> tuple[dict[str, list[Row]], bool]:
    """Tables of a JSON object, or a list of orders. A plan.json brings its own openings and shells."""
    document = read_json(_text(path), path.name)
    if isinstance(document, list):
        document = {"orders": document}
    if document == {}:
        raise fault(f"{path.name} is empty", NOTHING)
    if not isinstance(document, dict):
        raise fault(f"{path.name} holds a single value", 'write {"orders": [{"site": ..., "block": ..., ...}]}')
    whole = str(document.get("format", "")).startswith("gigasite-plan/")
    faults = [
        Fault((key,), f"{key!r} is no table of decisions", suggestion(key, TABLES))
        for key in document
        if key not in TABLES and not whole
    ]
    tables: dict[str, list[Row]] = {}
    for table in TABLES:
        rows = document.get(table, [])
        if table == "signed" and isinstance(rows, list):
            rows = [{"deal": r} if isinstance(r, str) else r for r in rows]
        if not isinstance(rows, list) or any(not isinstance(r, dict) for r in rows):
            wanted = "a list of ids" if table == "signed" else "a list of objects"
            faults.append(Fault((table,), f"must be {wanted}", f"each with {', '.join(TABLES[table])}"))
        else:
            tables[table] = list(enumerate(rows))
    if faults:
        raise RequestError(faults)
    return tables, whole
