"""The sheets of ``plan.xlsx``: every table of a plan, in reading order."""

from __future__ import annotations

from typing import Any

from api.outputs import deal_tables, tables, views
from api.outputs.bundle import Bundle
from api.outputs.features import period_properties, site_properties

Row = dict[str, Any]
Sheets = dict[str, tuple[list[Row], tuple[str, ...]]]
"""Rows of each sheet, and its columns where there may be no rows."""

PERIOD_LEFT_OUT = frozenset({"id", "start", "end"})
MOST_ROWS = 1_000_000
"""A sheet holds 1,048,576 rows."""


def sheets(bundle: Bundle) -> Sheets:
    """Summary first, then decisions, money, sites in time, deals, and what it all rests on."""
    plan = bundle.plan
    found: Sheets = {
        "summary": (_summary(bundle), ()),
        "sites": ([{k: v for k, v in row.items() if k != "id"} for row in site_properties(bundle)], ("site_id",)),
        "orders": (tables.orders(bundle), tables.columns(bundle, "orders")),
        "openings": (tables.openings(bundle), tables.columns(bundle, "openings")),
        "shells": (tables.shells(bundle), tables.columns(bundle, "shells")),
        "cash": (tables.cash(bundle) if bundle.holds_plan else [], ("month",)),
        "totals": ([_flat(t.model_dump()) for t in plan.totals], ("month",)),
        "by_period": (_periods(bundle), ("site_id", "name", "month")),
    }
    for name, rows in (("retirements", plan.retirements), ("idle", plan.idle)):
        if rows:
            found[name] = ([r.model_dump() for r in rows], tables.COLUMNS[name])
    if plan.served:
        found["served"] = ([r.model_dump() for r in plan.served], tables.COLUMNS["served"])
    if bundle.has_deals:
        found |= _deals(bundle)
    found["concentration"] = (deal_tables.concentration(bundle), deal_tables.CONCENTRATION_COLUMNS)
    found["tariffs"] = (deal_tables.exposure(bundle), deal_tables.EXPOSURE_COLUMNS)
    found["after_horizon"] = ([a.model_dump() for a in plan.after_horizon], ("month", "line", "musd", "note"))
    found["binding"] = (
        [{**b.model_dump(), "months": ", ".join(b.months)} for b in plan.bindings],
        ("family", "subject", "months", "message"),
    )
    found["check"] = (
        [v.model_dump() for v in plan.check.violations],
        ("rule", "family", "subject", "month", "message"),
    )
    found["assumptions"] = ([a.model_dump() for a in plan.assumptions], ("subject", "field", "value"))
    found["warnings"] = ([{"warning": w} for w in plan.warnings], ("warning",))
    return found


def _deals(bundle: Bundle) -> Sheets:
    return {
        "deals": (deal_tables.summary(bundle), deal_tables.SUMMARY_COLUMNS),
        "deals_by_period": (deal_tables.deal_periods(bundle), deal_tables.PERIOD_COLUMNS),
        "tranches": (deal_tables.tranches(bundle), deal_tables.TRANCHE_COLUMNS),
        "years": (deal_tables.years(bundle), deal_tables.YEAR_COLUMNS),
        "circularity": (deal_tables.circularity(bundle), deal_tables.CIRCULARITY_COLUMNS),
        "signed": (deal_tables.signed(bundle), deal_tables.SIGNED_COLUMNS),
        "draws": (deal_tables.draws(bundle), deal_tables.DRAW_COLUMNS),
        "sales": (deal_tables.sales(bundle), deal_tables.SALE_COLUMNS),
    }


def _periods(bundle: Bundle) -> list[Row]:
    rows = [{k: v for k, v in row.items() if k not in PERIOD_LEFT_OUT} for row in period_properties(bundle)]
    return rows[:MOST_ROWS]


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
        "rigorous bound": plan.rigorous_bound,
        "rigorous gap": plan.rigorous_gap,
        "check": views.check_text(plan),
        **{f"split, MUSD: {name}": musd for name, musd in plan.cost_split.items()},
        **{str(name): str(value) for name, value in plan.provenance.items() if isinstance(value, str)},
    }
    return [{"what": name, "is": value} for name, value in facts.items()]
