"""The report's sections on what the plan does: sites, years, next steps, what binds, what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.outputs import views
from api.outputs.bundle import Bundle
from api.outputs.report_table import MAX_ROWS, Lines, table
from api.outputs.text import markdown, money, number, share


def sites(bundle: Bundle) -> Lines:
    """What opens where and when, and what stops it from holding more."""
    sites = views.open_sites(bundle.plan)
    if not sites:
        return ["## What opens where and when", "", "No site opens.", ""]
    rows = [
        (
            markdown(s.name or s.id),
            s.opening_month or "already open",
            number(s.it_mw),
            number(s.facility_mw),
            share(s.power_used_share),
            number(s.pflops),
            money(s.spend_musd),
            markdown(views.blocks_text(s)),
            markdown(s.main_limit),
        )
        for s in sites
    ]
    head = ("site", "opens", "IT MW", "facility MW", "grid used", "PFLOPS", "spent", "blocks at the end", "limited by")
    return ["## What opens where and when", "", *table(head, rows, (0, 1, 7, 8)), *_rent(bundle), *_reasons(sites)]


def _rent(bundle: Bundle) -> Lines:
    rent = sum(c.musd for c in bundle.plan.cash if c.line == "lease")
    return (
        [f"Rent of leases ({money(rent)}) is the plan's, not a site's: it is not in what a site has spent.", ""]
        if rent
        else []
    )


def _reasons(sites: Iterable[Any]) -> Lines:
    said = [f"- **{markdown(s.name or s.id)}**: {markdown(s.why)}" for s in sites if s.why]
    return ["What stops each of them from holding more:", "", *said[:MAX_ROWS], ""] if said else []


def by_year(bundle: Bundle) -> Lines:
    """Capacity and spending by year."""
    rows = views.years(bundle.plan)
    vendors = list(dict.fromkeys(v for y in rows for v in y.by_vendor))
    capacity = [
        (
            y.year,
            number(y.it_mw),
            *(number(y.by_vendor.get(v, 0.0)) for v in vendors),
            number(y.facility_mw),
            number(y.gpus),
            number(y.pflops),
        )
        for y in rows
    ]
    spend = [(y.year, money(y.capex_musd), money(y.opex_musd), money(y.spend_musd), money(y.income_musd)) for y in rows]
    total = (
        "**all**",
        money(sum(y.capex_musd for y in rows)),
        money(sum(y.opex_musd for y in rows)),
        f"**{money(sum(y.spend_musd for y in rows))}**",
        money(sum(y.income_musd for y in rows)),
    )
    head = ("year", "IT MW", *(f"of it {markdown(v)}" for v in vendors), "facility MW", "GPUs", "PFLOPS (dense FP8)")
    return [
        "## Capacity by year",
        "",
        "At the end of the year. IT MW is what the servers draw; facility MW is the same at peak PUE, at the meter.",
        "",
        *table(head, capacity),
        "## Spending by year",
        "",
        *table(
            (
                "year",
                "capex",
                "opex",
                "together",
                "revenue, resale and deals" if bundle.has_deals else "revenue and resale",
            ),
            [*spend, total],
        ),
        *_after(bundle),
    ]


def _after(bundle: Bundle) -> Lines:
    due = views.due_after(bundle.plan)
    dates = views.dates_after(bundle.plan)
    lines = [f"Falls due after the last period: {money(due)}.", ""] if due > 0.005 else []
    if dates:
        lines += ["Dates of the request beyond the horizon, without effect inside it:", ""]
        lines += [f"- {markdown(d.note or d.month)}" for d in dates[:MAX_ROWS]] + [""]
    return lines


def next_quarters(bundle: Bundle) -> Lines:
    """What must be signed and ordered first."""
    steps = views.next_steps(bundle)
    rows = [(s.month, markdown(s.site), markdown("; ".join(s.acts)), money(s.musd)) for s in steps]
    lines = ["## To sign and order in the next four quarters", ""]
    if not rows:
        return [*lines, "Nothing.", ""]
    return [
        *lines,
        *table(("period", "site", "what", "price"), rows, (0, 1, 2)),
        f"Together {money(sum(s.musd for s in steps))}, at whole prices; payments may fall due later.",
        "",
    ]


def binds(bundle: Bundle) -> Lines:
    """The limits that are used up."""
    if not bundle.plan.bindings:
        return ["## What binds", "", "No limit of the whole plan is used up.", ""]
    return [
        "## What binds",
        "",
        *(f"- **{markdown(b.family)}** {markdown(b.message)}" for b in bundle.plan.bindings[:MAX_ROWS]),
        "",
    ]


def unused(bundle: Bundle) -> Lines:
    """The sites left out, each with its reason."""
    sites = [s for s in bundle.plan.sites if not s.opened]
    if not sites:
        return []
    rows = [
        (markdown(s.name or s.id), number(s.grid_mw), number(s.buildable_ha), markdown(s.main_limit), markdown(s.why))
        for s in sites
    ]
    head = ("site", "grid MW at the end", "buildable ha", "reason", "in words")
    return ["## Sites not used", "", *table(head, rows, (0, 3, 4))]
