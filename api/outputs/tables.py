"""The plan's tables, as rows: the CSV files and the GeoPackage are written from the same ones."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.outputs.bundle import Bundle
from api.outputs.text import cell, slugs
from planner.plan import CAPEX_LINES, INCOME_LINES, OPEX_LINES, DealResult

Row = dict[str, Any]
PAYING = frozenset({"equity_tranches", "warrants", "loan", "offtake"})
DEAL_LINES = ("lease", "repayments", "offtake", "equity", "warrants", "loan_draws")
"""Lines of the cash table that only deals fill: without deals they are not written."""


def lines_of(bundle: Bundle) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The lines of capex, opex and income that this plan can have."""
    if bundle.has_deals:
        return CAPEX_LINES, OPEX_LINES, INCOME_LINES
    return CAPEX_LINES, _without_deals(OPEX_LINES), _without_deals(INCOME_LINES)


def _without_deals(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(x for x in lines if x not in DEAL_LINES)


def cash(bundle: Bundle) -> list[Row]:
    """One row per period: every line of M4.2, their sums, and the budget's account (M4.1). Million US dollars.

    Spending and income are both positive. Without a budget the account's columns are empty. With deals: each signed
    deal's inflow by itself (``inflow_ID_musd``; together they are the income lines of deals) and what is owed.
    """
    plan, timeline = bundle.plan, bundle.timeline
    capex_lines, opex_lines, income_lines = lines_of(bundle)
    lines = (*capex_lines, *opex_lines, *income_lines)
    amounts: dict[str, dict[str, float]] = {m: dict.fromkeys(lines, 0.0) for m in timeline.months}
    for row in plan.cash:
        amounts[row.month][row.line] += row.musd
    accounts = {b.month: b for b in plan.balances}
    inflows = _inflows(bundle)
    rows = []
    for month, line in amounts.items():
        account = accounts.get(month)
        capex, opex = sum(line[x] for x in capex_lines), sum(line[x] for x in opex_lines)
        rows.append(
            {
                "month": month,
                **{f"{x}_musd": line[x] for x in capex_lines},
                "capex_musd": capex,
                **{f"{x}_musd": line[x] for x in opex_lines},
                "opex_musd": opex,
                "spending_musd": capex + opex,
                **{f"{x}_musd": line[x] for x in income_lines},
                **inflows[month],
                "cash_before_musd": account and account.before_musd,
                "budget_musd": account and account.budget_musd,
                "income_counted_musd": account and account.income_musd,
                "covered_spending_musd": account and account.covered_musd,
                "cash_after_musd": account and account.cash_musd,
            }
        )
    return rows


def paying(bundle: Bundle) -> list[DealResult]:
    """The signed deals of kinds that bring money, in the request's order: each has a column in the cash table."""
    return [d for d in bundle.plan.deals if d.signed and d.kind in PAYING]


def _inflows(bundle: Bundle) -> dict[str, dict[str, float]]:
    """By month: a column for each deal that brings money, and the principal owed at the period's end."""
    found: dict[str, dict[str, float]] = {m: {} for m in bundle.timeline.months}
    deals = [d for d in bundle.plan.deals if d.signed]
    names = slugs(tuple(d.id for d in paying(bundle)))
    for d in paying(bundle):
        for p in d.periods:
            found[p.month][f"inflow_{names[d.id]}_musd"] = p.cash_in_musd
    if bundle.has_deals:
        for month, row in found.items():
            row["debt_musd"] = sum(p.balance_musd for d in deals for p in d.periods if p.month == month)
    return found


def orders(bundle: Bundle) -> list[Row]:
    """One row per order, by month, site and block; ``capex_musd`` is our price with tariff and sales tax (A2), 0 where a
    lease brings the chips.
    """
    timeline = bundle.timeline
    blocks = {b.id: b for b in bundle.problem.blocks}
    sites = {s.id: s for s in bundle.problem.sites}
    duty = {s.id: timeline.values(s.tariff) + timeline.values(s.sales_tax) for s in bundle.problem.sites}
    price = {b.id: timeline.values(b.capex_musd) for b in bundle.problem.blocks}
    rows = []
    for o in sorted(bundle.plan.orders, key=lambda o: (o.month, o.site, o.block, o.terms)):
        block, p = blocks[o.block], timeline.contains(o.month)
        rows.append(
            {
                "site": o.site,
                "site_name": sites[o.site].name or o.site,
                "block": o.block,
                "block_name": block.name or block.id,
                "vendor": block.vendor,
                "month": o.month,
                "online_month": timeline.month(p + timeline.up(block.lead_months)),
                "units": o.units,
                "it_mw": o.units * block.it_mw,
                "gpus": o.units * block.gpus,
                "pflops": o.units * block.pflops,
                "capex_musd": float(o.units * price[o.block][p] * (1 + duty[o.site][p]) * bundle.pays_chips(o.terms)),
                "terms": o.terms,
            }
        )
    return rows


def openings(bundle: Bundle) -> list[Row]:
    """One row per site that opens: what is paid for it in that period (M3.2), 0 where a lease's partner pays (M5.13)."""
    timeline = bundle.timeline
    sites = {s.id: s for s in bundle.problem.sites}
    ground = {s.id: s for s in bundle.plan.sites}
    rows = []
    for o in sorted(bundle.plan.openings, key=lambda o: (o.month, o.site)):
        site, p = sites[o.site], timeline.contains(o.month)
        partner = bundle.partner_includes(o.site)
        opening = timeline.value(site.opening_musd, p) * ("opening" not in partner)
        land = timeline.value(site.land_usd_per_ha, p) / 1e6 * ground[o.site].parcel_ha * ("land" not in partner)
        rows.append(
            {
                "site": o.site,
                "site_name": site.name or o.site,
                "month": o.month,
                "parcel_ha": ground[o.site].parcel_ha,
                "opening_musd": opening,
                "land_musd": land,
            }
        )
    return rows


def shells(bundle: Bundle) -> list[Row]:
    """One row per start of shell construction: IT MW, when it is ready, and its whole cost (M3.6), 0 for a partner's.

    With deals a column ``terms`` says who pays: ``own`` or a lease.
    """
    timeline = bundle.timeline
    sites = {s.id: s for s in bundle.problem.sites}
    rows = []
    for s in sorted(bundle.plan.shells, key=lambda s: (s.month, s.site, s.terms)):
        site, p = sites[s.site], timeline.contains(s.month)
        rows.append(
            {
                "site": s.site,
                "site_name": site.name or s.site,
                "month": s.month,
                "ready_month": timeline.month(p + timeline.up(site.build_months)),
                "mw": s.mw,
                "construction_musd": s.mw
                * timeline.value(site.construction_musd_per_mw, p)
                * bundle.pays_shell(s.terms),
                **({"terms": s.terms} if bundle.has_deals else {}),
            }
        )
    return rows


COLUMNS: dict[str, tuple[str, ...]] = {
    "orders": (
        "site", "site_name", "block", "block_name", "vendor", "month", "online_month",
        "units", "it_mw", "gpus", "pflops", "capex_musd", "terms",
    ),
    "openings": ("site", "site_name", "month", "parcel_ha", "opening_musd", "land_musd"),
    "shells": ("site", "site_name", "month", "ready_month", "mw", "construction_musd"),
    "retirements": ("site", "block", "month", "units"),
    "idle": ("site", "block", "month", "units"),
    "served": ("site", "market", "month", "amount"),
}  # fmt: skip
"""Headers of tables that may have no rows."""


def columns(bundle: Bundle, table: str) -> tuple[str, ...]:
    """A table's header; shells say on whose terms they are built where there are deals."""
    return (*COLUMNS[table], *(("terms",) if table == "shells" and bundle.has_deals else ()))


def write_csv(rows: Sequence[Row], path: Path, columns: Sequence[str] | None = None) -> None:
    """UTF-8, comma separated, a header always; floats in full, empty cells for what does not exist."""
    header = list(columns or rows[0])
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow([cell(h) for h in header])
        for row in rows:
            writer.writerow(["" if row[h] is None else cell(_plain(row[h])) for h in header])


def _plain(value: Any) -> Any:
    return value + 0.0 if isinstance(value, float) else value
