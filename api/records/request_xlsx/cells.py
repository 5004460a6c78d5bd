"""The cells of a workbook, opened with care: size first, no formula evaluated, errors told with their cell."""

from __future__ import annotations

import datetime
import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from api.records.request_xlsx.layout import TEXTS, is_list
from planner.errors import Fault, RequestError

MOST_BYTES = 50_000_000
MOST_UNPACKED = 500_000_000
MOST_CELLS = 4_000_000
ERROR_CELL = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3}[0-9]{1,7})"')
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class Sheet:
    """One sheet: its name as written, header, rows with their numbers, and cells that hold an error."""

    name: str
    header: list[str]
    rows: list[tuple[int, list[Any]]]
    broken: list[str] = field(default_factory=list)


def letter(column: int) -> str:
    """``A``, ``B``, ..., ``AA`` of a column counted from 0."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def sheets(path: Path) -> list[Sheet]:
    """All sheets of a workbook. RequestError where it is none, or too large."""
    from python_calamine import CalamineWorkbook

    broken = _broken(path)
    try:
        book = CalamineWorkbook.from_path(path)
        found = []
        for name in book.sheet_names:
            part = book.get_sheet_by_name(name)
            if part.total_height * part.total_width > MOST_CELLS:
                raise fault(f"sheet {name} of {path.name} has more than {MOST_CELLS:,} cells")
            found.append((name, part.to_python(skip_empty_area=False)))
    except (KeyboardInterrupt, SystemExit, MemoryError, RequestError):
        raise
    except BaseException as error:  # a panic of the reading library is no Exception
        raise fault(f"{path.name} is no workbook that can be read: {str(error)[:200]}") from None
    return [_sheet(name, cells, broken.get(name, [])) for name, cells in found]


def _sheet(name: str, cells: list[list[Any]], broken: list[str]) -> Sheet:
    header = [str(c).strip() for c in cells[0]] if cells else []
    rows = [(n, row) for n, row in enumerate(cells[1:], 2) if any(c != "" for c in row)]
    return Sheet(name, header, rows, broken)


def _broken(path: Path) -> dict[str, list[str]]:
    """Cells that hold an error (#REF!, #DIV/0!) by sheet: the reading library takes them for empty ones."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise fault(f"{path.name} has {size / 1e6:,.0f} MB; a workbook has at most {MOST_BYTES / 1e6:,.0f} MB")
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise fault(f"{path.name} unpacks to more than {MOST_UNPACKED / 1e6:,.0f} MB")
            targets = _targets(archive)
            return {
                name: [m.decode() for m in ERROR_CELL.findall(archive.read(part))] for name, part in targets.items()
            }
    except FileNotFoundError:
        raise fault(f"there is no file {path}") from None
    except (
        OSError,
        KeyError,
        ValueError,
        zipfile.BadZipFile,
        ElementTree.ParseError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise fault(f"{path.name} is no .xlsx workbook: {getattr(error, 'strerror', None) or error}") from None


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet names and the parts of the archive that hold them."""
    texts = [archive.read(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
    if any(b"<!DOCTYPE" in t or b"<!ENTITY" in t for t in texts):
        raise ValueError("its workbook.xml declares entities")
    book, links = (ElementTree.fromstring(t) for t in texts)
    files = {link.get("Id"): str(link.get("Target")) for link in links}
    held = {s.get("name"): files.get(s.get(LINK), "") for s in book.iter(f"{MAIN}sheet")}
    names = set(archive.namelist())
    full = {name: t.lstrip("/") if t.startswith("/") else f"xl/{t}" for name, t in held.items()}
    return {str(name): part for name, part in full.items() if part in names}


def value(cell: Any, column: str) -> Any:
    """What a cell means in this column: a number, a month for a date, words, a list, JSON. None: empty."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, datetime.datetime | datetime.date):
        return f"{cell.year:04d}-{cell.month:02d}" + ("" if cell.day == 1 else f"-{cell.day:02d}")
    last = column.rsplit(".", 1)[-1]
    if isinstance(cell, float | int):
        number = int(cell) if float(cell).is_integer() and abs(cell) < 2**53 else cell
        if is_list(column):
            return [str(number)]
        return str(number) if last in TEXTS else number
    if not isinstance(cell, str):
        return str(cell)
    text = cell.strip()
    if text == "":
        return None
    if text[0] in '[{"':
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if is_list(column):
        return [part.strip() for part in text.split(",") if part.strip()]
    if last not in TEXTS and text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    return text


def fault(message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> RequestError:
    """One thing wrong with the whole workbook."""
    return RequestError([Fault(path, message, hint)])
