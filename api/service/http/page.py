"""A plan as one HTML page that needs nothing but itself: no script, no address, every word of a user escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from api.outputs import tables, views
from api.outputs.bundle import Bundle
from api.outputs.features import site_properties
from api.outputs.text import number

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
table { border-collapse: collapse; margin: .6rem 0 1.6rem; } td, th { padding: .2rem .8rem; border-bottom: 1px solid #dde4ea; }
th { text-align: left; background: #f3f6f9; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.lead { font-size: 1.15rem; } svg { background: #f3f6f9; max-width: 100%; }
"""
CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
MOST_ROWS = 500


def html(bundle: Bundle) -> str:
    """The page."""
    return "\n".join(_parts(bundle)) + "\n"


def write(bundle: Bundle, path: Path) -> None:
    """Write the page."""
    path.write_text(html(bundle), encoding="utf-8", newline="\n")


def _parts(bundle: Bundle) -> Iterator[str]:
    plan = bundle.plan
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{CSP}"><title>{escape(plan.name)}</title>'
    yield f"<style>{STYLE}</style></head><body><h1>{escape(plan.name)}</h1>"
    yield f'<p class="lead">{escape(views.headline(bundle))}</p><ul>'
    yield f"<li>Search: {escape(views.status_text(plan))}</li>"
    if bundle.holds_plan:
        yield f"<li>Objective: {escape(views.proof(plan))}</li>"
        yield f"<li>Independent check: {escape(views.check_text(plan))}</li>"
    yield "</ul>"
    for title, rows, columns in _tables(bundle):
        if rows:
            yield f"<h2>{escape(title)}</h2>"
            yield from _table(rows, columns)
    yield "</body></html>"


def _tables(bundle: Bundle) -> Iterator[tuple[str, list[dict[str, Any]], Sequence[str]]]:
    plan = bundle.plan
    yield (
        "What clashes",
        [c.model_dump() for c in plan.clashes],
        ("family", "subject", "month", "amount", "unit", "message"),
    )
    broken = [v.model_dump() for v in plan.check.violations]
    yield "Limits that the plan breaks", broken, ("rule", "family", "subject", "message")
    if bundle.holds_plan:
        columns = (
            "name",
            "status",
            "opening_month",
            "it_mw",
            "facility_mw",
            "grid_mw",
            "gpus",
            "pflops",
            "spend_musd",
            "why",
        )
        yield "Sites", site_properties(bundle), columns
        yield (
            "Orders",
            tables.orders(bundle),
            ("month", "site_name", "block_name", "units", "it_mw", "online_month", "capex_musd"),
        )
        yield "Cash, million US dollars", tables.cash(bundle), ("month", "capex_musd", "opex_musd", "spending_musd")
    listed = [a.model_dump() for a in plan.assumptions]
    yield "Assumptions", listed, ("subject", "field", "value", "unit", "origin", "source")
    yield "Warnings", [{"warning": w} for w in plan.warnings], ("warning",)


def _table(rows: list[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    yield "<table><tr>" + "".join(f"<th>{escape(c.replace('_', ' '))}</th>" for c in columns) + "</tr>"
    for row in rows[:MOST_ROWS]:
        yield "<tr>" + "".join(_cell(row.get(column)) for column in columns) + "</tr>"
    yield "</table>"
    if len(rows) > MOST_ROWS:
        yield f"<p>and {len(rows) - MOST_ROWS:,} more rows in the tables</p>"


def _cell(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="n">{number(value, 1 if isinstance(value, float) else 0)}</td>'
    return f"<td>{'' if value is None else escape(str(value))}</td>"
