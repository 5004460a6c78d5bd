"""From a request's document to a workbook: every table a sheet, every known column there with its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.records.request_xlsx import layout
from api.records.request_xlsx.cells import fault
from api.records.request_xlsx.rows import Tables

MOST_TEXT = 32_767
"""A cell holds no more signs."""

HELP = (
    "This workbook is a planning request: edit it and run  gigasite plan FILE.xlsx -o DIR",
    "Each sheet is one table; the note on a column's header says what it means. Units stand in the "
    "names (_mw, _ha, _musd).",
    "Columns in grey are not used yet; empty cells state nothing. Rows and columns may be added, moved and removed.",
    "Months are written 2027-04. What changes over time stands in the sheet schedules: table, id, field, from, value.",
    "Lists are written with commas. Cells that begin with [ or { hold JSON.",
    "Formulas are not evaluated: the value that the spreadsheet saved is read. This sheet, and "
    "sheets called notes, are not read.",
)


def write_request(document: Mapping[str, Any], base_dir: Path, path: Path) -> None:
    """Write a request as a workbook; sites that it names as a file are written into it.

    RequestError: what no cell can hold.
    """
    import copy

    import xlsxwriter

    from api.outputs.xlsx import LONG_AGO, SAFE

    rows = Tables(copy.deepcopy(dict(document)), base_dir).rows
    known = layout.known_columns()
    with xlsxwriter.Workbook(str(path), SAFE) as book:
        book.set_properties(
            {
                "title": str(document.get("name", "plan"))[:200],
                "author": "Gigasite",
                "created": LONG_AGO,
            }
        )
        look = {
            "head": book.add_format({"bold": True, "bg_color": "#E7EEF5", "bottom": 1}),
            "unused": book.add_format({"font_color": "#8A8A8A", "bottom": 1, "italic": True}),
            "text": book.add_format({"num_format": "@"}),
            "figure": book.add_format({"num_format": "#,##0.######"}),
            "place": book.add_format({"num_format": "0.000000"}),
        }
        help = book.add_worksheet("help")
        help.set_column(0, 0, 130)
        for i, line in enumerate(HELP):
            help.write_string(i, 0, line)
        for name in layout.ORDER:
            _sheet(book.add_worksheet(name), name, rows[name], known[name], look)


def _sheet(sheet: Any, name: str, rows: list[dict[str, Any]], known: dict[str, str], look: dict[str, Any]) -> None:
    used = list(dict.fromkeys(c for row in rows for c in row))
    columns = (
        [c for c in known if c in used or not rows]
        + [c for c in used if c not in known]
        + [c for c in known if c not in used and rows]
    )
    for c, column in enumerate(columns):
        sheet.write_string(0, c, column, look["head" if column in used or not rows else "unused"])
        if known.get(column):
            sheet.write_comment(0, c, known[column], {"x_scale": 2})
        widest = max([len(column), *(len(str(r.get(column, ""))) for r in rows[:300])])
        month = column in ("from", "by", "online_from", "available_from", "expires") or column.endswith(".month")
        sheet.set_column(c, c, min(widest + 2, 48), look["text"] if month else None)
    for r, row in enumerate(rows, 1):
        for c, column in enumerate(columns):
            held = row.get(column)
            if isinstance(held, bool):
                sheet.write_boolean(r, c, held)
            elif isinstance(held, int | float):
                sheet.write_number(r, c, held, look["place" if column in ("lon", "lat") else "figure"])
            elif held is not None:
                if len(held) > MOST_TEXT:
                    words = (
                        f"{column} of row {r + 1} in sheet {name} has {len(held):,} signs; a cell holds {MOST_TEXT:,}"
                    )
                    raise fault(words, "put it into a file of its own and name its path")
                sheet.write_string(r, c, held, look["text"])
    sheet.freeze_panes(1, 1)
    if rows and columns:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
