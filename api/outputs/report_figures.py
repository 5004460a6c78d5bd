"""The report's sections on the figures behind the plan: cost per GW, vendor preference, assumptions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from api.outputs import gigawatt, preference
from api.outputs.bundle import Bundle
from api.outputs.report_table import Lines, table
from api.outputs.text import markdown, money, number, short


def per_gw(bundle: Bundle) -> Lines:
    """What a GW of IT costs, with the arithmetic."""
    cost = gigawatt.per_gw(bundle)
    if cost is None:
        return []
    parts = [
        ("chips (blocks, tariffs, sales tax)", cost.chips_musd, cost.chips_gw),
        ("construction and openings", cost.construction_musd, cost.construction_gw),
        ("land", cost.land_musd, cost.construction_gw),
    ]
    rows: list[tuple[str, ...]] = [
        (what, money(musd), f"{gw:.2f}", f"{musd / gw / 1000:.1f}" if gw else "–") for what, musd, gw in parts
    ]
    if cost.build_busd is not None:
        together = money(sum(musd for _, musd, _ in parts))
        rows.append(("**to build**", f"**{together}**", "", f"**{cost.build_busd:.1f}**"))
    leased = cost.ordered_gw - min(cost.chips_gw, cost.construction_gw)
    head: tuple[str, ...] = ("part", "spending", "GW of IT", "bn USD per GW of IT")
    what = "the GW that it is paid for"
    if leased < TINY:  # one denominator: no column for it
        head, what = (*head[:2], head[3]), "those GW"
        rows = [(row[0], row[1], row[3]) for row in rows]
    power = cost.energy_musd / cost.energy_gw_years / 1000 if cost.energy_gw_years else 0.0
    return [
        "## What a gigawatt costs",
        "",
        f"{cost.ordered_gw:.2f} GW of IT are ordered{f', {leased:.2f} GW of them on lease' if leased >= TINY else ''}. "
        f"Each line is its spending, what falls due after the horizon included, divided by {what}.",
        "",
        *table(head, rows),
        f"Power: {money(cost.energy_musd)} over {cost.energy_gw_years:.2f} GW-years of IT online = "
        f"{power:.2f} bn USD per GW and year. Sites that bring a shell of their own lower the construction line.",
        "",
        *_rent(cost),
    ]


def _rent(cost: gigawatt.PerGw) -> Lines:
    if not cost.rent_musd:
        return []
    each = f"{cost.rent_musd / cost.rent_gw_years / 1000:.1f}" if cost.rent_gw_years else "–"
    return [
        f"Rent: {money(cost.rent_musd)} over {cost.rent_gw_years:.2f} GW-years of IT on lease = {each} bn USD per GW and "
        "year. What is paid for but not used raises it.",
        "",
    ]


def vendors(bundle: Bundle) -> Lines:
    """Whether the choice of vendor survives the figures' ranges."""
    found = preference.comparisons(bundle)
    if not found:
        return []
    terms = preference.terms(bundle)
    rows = [
        (
            f"{markdown(c.winner)} over {markdown(c.loser)}",
            c.measure,
            f"{short(c.winner_value.central)} ({short(c.winner_value.low)} to {short(c.winner_value.high)})",
            f"{short(c.loser_value.central)} ({short(c.loser_value.low)} to {short(c.loser_value.high)})",
            f"{100 * c.lead:.0f} %",
            "**flips**" if c.flips else "holds",
        )
        for c in found
    ]
    flips = [c for c in found if c.flips]
    notes = []
    for c in flips:
        alone = f" Enough by itself: {'; '.join(markdown(a) for a in c.alone)}." if c.alone else ""
        notes.append(
            f"- {c.measure}: **{markdown(c.winner)}** leads **{markdown(c.loser)}** by {100 * c.lead:.0f} %, but at "
            f"the ends of their ranges {markdown(c.loser)} reaches {short(c.loser_value.high)} and "
            f"{markdown(c.winner)} falls to {short(c.winner_value.low)}.{alone}"
        )
    if not flips:
        notes = ["No preference turns round within the ranges stated."]
    return [
        "## How sure is the choice of vendor?",
        "",
        "Rival blocks offered within a year of each other. Central value, and in brackets the low and high that the "
        "price and power ranges of the blocks' `basis` allow (a block without a range has none). All in: chips with "
        f"duties, construction at {terms.construction_musd_per_mw:.1f} MUSD per MW and energy at "
        f"{terms.usd_per_mwh:.0f} USD/MWh and PUE {terms.pue:.2f} over the block's life.",
        "",
        *table(("preference", "measure", "winner", "other", "lead", "within the ranges"), rows, (0, 1, 5)),
        *notes,
        "",
    ]


TINY = 5e-7
"""GW below this are rounding."""

ORIGINS = {
    "site_default": "the request's site defaults",
    "catalogue": "the shipped catalogue",
    "table": "shipped tables",
    "derived": "geometry and other figures",
    "default": "the program's defaults",
}
WEIGHTY = ("it_mw", "capex_musd", "pflops", "life_years", "construction_musd_per_mw", "electricity_usd_per_mwh", "pue")
"""Figures that move a plan most: these are listed, the others counted."""


def assumptions(bundle: Bundle) -> Lines:
    """How many figures the request left to others, and the weightiest of them."""
    ledger = bundle.plan.assumptions
    if not ledger:
        return ["## Assumptions", "", "The request states every figure itself.", ""]
    counts = Counter(a.origin for a in ledger)
    shared: dict[tuple[str, str, str, str], list[str]] = {}
    for a in ledger:
        if a.field in WEIGHTY:
            shared.setdefault((a.field, _value(a.value), a.unit, ORIGINS[a.origin]), []).append(a.subject)
    rows = [
        (
            field,
            markdown(", ".join(subjects) if len(subjects) <= 3 else f"{len(subjects)} subjects"),
            value,
            unit,
            origin,
        )
        for (field, value, unit, origin), subjects in sorted(
            shared.items(), key=lambda item: (WEIGHTY.index(item[0][0]), item[1][0])
        )
    ]
    credits = sorted({a.source.split(",")[0] for a in ledger if a.origin == "table"})
    escaped = [(markdown(a), b, markdown(c), markdown(d), e) for a, b, c, d, e in rows[:30]]
    return [
        "## Assumptions",
        "",
        f"{number(len(ledger))} figures were not stated in the request: "
        + ", ".join(f"{number(n)} from {ORIGINS[o]}" for o, n in counts.most_common())
        + ". All of them, with their sources, are in `plan.json` and in the table `assumptions` of `plan.gpkg`."
        + (" The weightiest:" if rows else ""),
        "",
        *([f"Credits for table figures: {markdown('; '.join(credits))}.", ""] if credits else []),
        *(table(("figure", "of", "value", "unit", "from"), escaped, (0, 1, 3, 4)) if rows else []),
    ]


def _value(value: Any) -> str:
    """A number for a reader; steps as their first and last value."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "value" in value[0]:
        ends = {_value(value[0]["value"]): None, _value(value[-1]["value"]): None}
        return " to ".join(ends)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return short(value)
