"""``plan.xlsx``: the plan's tables as a workbook, one sheet each; numbers are numbers, and no text is ever a formula."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from api.outputs import deal_tables, tables, views
from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps
from api.outputs.features import site_properties

Row = dict[str, Any]
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True}
MOST_TEXT = 32_000
"""A cell holds 32,767 signs."""


def sheets(bundle: Bundle) -> dict[str, tuple[list[Row], tuple[str, ...]]]:
    """Name of each sheet, its rows, and its columns where there may be no rows."""
    plan = bundle.plan
    found: dict[str, tuple[list[Row], tuple[str, ...]]] = {
        "summary": (_summary(bundle), ()),
        "sites": ([{k: v for k, v in row.items() if k != "id"} for row in site_properties(bundle)], ()),
        "orders": (tables.orders(bundle), tables.columns(bundle, "orders")),
        "openings": (tables.openings(bundle), tables.columns(bundle, "openings")),
        "shells": (tables.shells(bundle), tables.columns(bundle, "shells")),
        "cash": (tables.cash(bundle), ()),
    }
    if bundle.has_deals:
        found["deals"] = (deal_tables.deal_periods(bundle), deal_tables.PERIOD_COLUMNS)
        found["tranches"] = (deal_tables.tranches(bundle), deal_tables.TRANCHE_COLUMNS)
        found["years"] = (deal_tables.years(bundle), deal_tables.YEAR_COLUMNS)
    found["totals"] = ([_flat(t.model_dump()) for t in plan.totals], ("month",))
    found["binding"] = ([b.model_dump() for b in plan.bindings], ("family", "subject"))
    found["assumptions"] = ([a.model_dump() for a in plan.assumptions], ("subject", "field", "value"))
    found["warnings"] = ([{"warning": w} for w in plan.warnings], ("warning",))
    return found


def write(bundle: Bundle, path: Path) -> None:
    """Write ``plan.xlsx``."""
    with xlsxwriter.Workbook(str(path), SAFE) as book:
        book.set_properties({"title": str(bundle.plan.name)[:200], "author": "Gigasite"})
        head = book.add_format({"bold": True, "bg_color": "#E7EEF5", "bottom": 1})
        figure = book.add_format({"num_format": "#,##0.###"})
        for name, (rows, columns) in sheets(bundle).items():
            _sheet(book.add_worksheet(name), rows, tuple(rows[0]) if rows else columns, head, figure)


def _sheet(sheet: Any, rows: list[Row], columns: tuple[str, ...], head: Any, figure: Any) -> None:
    for c, column in enumerate(columns):
        sheet.write_string(0, c, column, head)
        widest = max([len(column), *(len(str(row.get(column) or "")) for row in rows[:200])])
        sheet.set_column(c, c, min(widest + 2, 60))
    for r, row in enumerate(rows, 1):
        for c, column in enumerate(columns):
            value = row.get(column)
            if isinstance(value, bool):
                sheet.write_boolean(r, c, value)
            elif isinstance(value, int | float):
                sheet.write_number(r, c, value + 0.0 if isinstance(value, float) else value, figure)
            elif value is not None:
                sheet.write_string(r, c, (value if isinstance(value, str) else dumps(value))[:MOST_TEXT])
    sheet.freeze_panes(1, 0)
    if rows and columns:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _flat(row: Row) -> Row:
    vendors = row.pop("it_mw_by_vendor", {})
    return {**row, **{f"it_mw {vendor}": mw for vendor, mw in vendors.items()}}


def _summary(bundle: Bundle) -> list[Row]:
    plan = bundle.plan
    facts = {
        "plan": plan.name,
        "in short": views.headline(bundle),
        "search": views.status_text(plan),
        "objective": plan.objective_name,
        "unit": plan.objective_unit,
        "value": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "check": views.check_text(plan),
        **{f"split, MUSD: {name}": musd for name, musd in plan.cost_split.items()},
        **{str(name): str(value) for name, value in plan.provenance.items() if isinstance(value, str)},
    }
    return [{"what": name, "is": value} for name, value in facts.items()]
