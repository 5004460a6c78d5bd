"""``plan.xlsx``: the plan's tables as a workbook, one sheet each; numbers are numbers, months dates, and no text is ever a formula.

``gigasite evaluate`` reads the sheets of decisions (orders, openings, shells, ...) back.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import xlsxwriter

from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps
from api.outputs.xlsx_sheets import Row, sheets

SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True}
MOST_TEXT = 32_000
"""A cell holds 32,767 signs."""

LONG_AGO = datetime.datetime(1980, 1, 1)
"""The workbook's date: the same plan gives the same bytes."""

LIST = ("what", "is")

MONTH = re.compile(r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$")
MONTHS = ("month", "from", "reached_month", "arrives_month", "online_month", "ready_month", "opening_month")
UNITS = (
    ("_musd_per_year", "million US dollars a year"), ("_musd", "million US dollars, nominal"), ("_mwh", "MWh"),
    ("_mw", "MW: IT power unless the name says facility or grid"), ("_ha", "hectares"), ("_share", "fraction, shown in per cent"),
    ("_tonnes", "tonnes of CO2"), ("pflops", "PFLOP/s, dense FP8"), ("hhi", "sum of squared shares"), ("_usd", "US dollars"),
    ("_million", "millions"), ("lon", "degrees, WGS 84"), ("lat", "degrees, WGS 84"), ("month", "the period's first month"),
)  # fmt: skip
"""How a column's name ends, and the unit that its header's note tells."""


HEAD = {"bold": True, "bg_color": "#E7EEF5", "bottom": 1}
LEFT = {"align": "left", "indent": 1}
NUMBERS = {
    "money": "#,##0.00", "size": "#,##0.0", "share": "0.0%", "gap": "0.00%", "place": "0.00000", "figure": "#,##0.###", "year": "0",
}  # fmt: skip
"""How the kinds of figures are shown; the cells hold them whole."""


def write(bundle: Bundle, path: Path) -> None:
    """Write ``plan.xlsx``."""
    with xlsxwriter.Workbook(str(path), SAFE) as book:
        book.set_properties({"title": str(bundle.plan.name)[:200], "author": "Gigasite", "created": LONG_AGO})
        looks = {
            "text head": book.add_format({**HEAD, "indent": 1}),
            "number head": book.add_format({**HEAD, "align": "right"}),
            "text": book.add_format({"indent": 1}),
            "month": book.add_format({"num_format": "yyyy-mm", "align": "left", "indent": 1}),
            **{name: book.add_format({"num_format": code}) for name, code in NUMBERS.items()},
            **{f"left {name}": book.add_format({"num_format": code, **LEFT}) for name, code in NUMBERS.items()},
        }
        for name, (rows, columns) in sheets(bundle).items():
            header = tuple(dict.fromkeys(c for row in rows for c in row)) if rows else columns
            _sheet(book.add_worksheet(name), rows, header, looks)


def _sheet(sheet: Any, rows: list[Row], columns: tuple[str, ...], looks: dict[str, Any]) -> None:
    is_list = columns == LIST  # names and values under each other, not a table
    for c, column in enumerate(columns):
        is_number = any(isinstance(row.get(column), int | float) for row in rows[:200])
        sheet.write_string(0, c, column, looks["number head" if is_number and not is_list else "text head"])
        unit = next((words for end, words in UNITS if column == end.lstrip("_") or column.endswith(end)), None)
        if unit is not None:
            sheet.write_comment(0, c, unit)
        widest = max([len(column), *(_width(row.get(column)) for row in rows[:200])])
        sheet.set_column(c, c, min(widest + 3, 60))
    for r, row in enumerate(rows, 1):
        for c, column in enumerate(columns):
            look = f"left {_look(str(row['what']))}" if is_list else _look(column)
            _cell(sheet, r, c, column, row.get(column), looks, look)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()  # on paper: as wide as the page, with the header on each
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header("&L&A&R&P / &N")
    if rows and columns:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _width(value: Any) -> int:
    if isinstance(value, float):
        return len(f"{value:,.2f}")
    return len(f"{value:,}") if isinstance(value, int) else len(str(value if value is not None else ""))


def _cell(sheet: Any, r: int, c: int, column: str, value: Any, looks: dict[str, Any], look: str) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(r, c, value)
    elif isinstance(value, int | float):
        sheet.write_number(r, c, value + 0.0 if isinstance(value, float) else value, looks[look])
    elif isinstance(value, str) and column in MONTHS and MONTH.match(value):
        sheet.write_datetime(r, c, datetime.datetime(int(value[:4]), int(value[5:]), 1), looks["month"])
    elif value is not None:
        sheet.write_string(r, c, (value if isinstance(value, str) else dumps(value))[:MOST_TEXT], looks["text"])


def _look(column: str) -> str:
    if column == "year":
        return "year"
    if column in ("lon", "lat"):
        return "place"
    kinds = (("share", "share"), ("gap", "gap"), ("musd", "money"), ("mw", "size"), ("_ha", "size"))
    return next((look for end, look in kinds if column.endswith(end)), "money" if "MUSD" in column else "figure")
