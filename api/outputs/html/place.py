"""The sections on places: map and build-out, what opens where and when, why not the others."""

from __future__ import annotations

from api.outputs import views
from api.outputs.html.chart import Chart, Series
from api.outputs.html.map import SiteMap
from api.outputs.html.site_figures import pflops_by_vendor
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, esc, folded, joined, paragraph, table, vendor
from api.outputs.text import money, number, share


def build_out(subject: Subject, drawn: SiteMap) -> Html:
    """The map, year by year, and MW and PFLOPS by vendor."""
    totals = subject.plan.totals
    mw = [
        Series(vendor(v), f"v{i}", [t.it_mw_by_vendor.get(v, 0.0) for t in totals])
        for i, v in enumerate(subject.vendors)
    ]
    compute = pflops_by_vendor(subject)
    size, unit = _unit(max((t.pflops for t in totals), default=0.0))
    pflops = (
        [Series(vendor(v), f"v{subject.vendors.index(v)}", [x / size for x in values]) for v, values in compute.items()]
        if compute is not None
        else [Series("all vendors", "drawn", [t.pflops / size for t in totals])]
    )
    word = subject.period_word
    charts = [
        Chart("IT power online by vendor", f"MW by {word}", subject.months, mw),
        Chart("Compute online by vendor", f"{unit} (dense FP8) by {word}", subject.months, pflops),
    ]
    return joined(
        [
            '<section id="map"><h2>Where and when</h2>',
            drawn.html(),
            drawn.years(),
            '<div class="pair">',
            *(c.html() for c in charts),
            "</div></section>",
        ]
    )


def _unit(most: float) -> tuple[float, str]:
    """What an axis counts PFLOPS in, so that its figures are neither long nor all nought."""
    return (1e6, "million PFLOPS") if most >= 1e6 else (1e3, "thousand PFLOPS") if most >= 1e4 else (1.0, "PFLOPS")


def sites(subject: Subject) -> Html:
    """What opens where and when, and what stops each site from holding more."""
    found = subject.open_sites
    if not found:
        return Html('<section id="sites"><h2>Sites in use</h2><p>No site opens.</p></section>')
    rows = [
        (
            f"{i}. {s.name or s.id}",
            s.opening_month or "open already",
            number(s.it_mw),
            number(s.facility_mw),
            share(s.power_used_share),
            share(s.land_used_share),
            number(s.pflops),
            money(s.spend_musd),
            ", ".join(f"{vendor(v)}\u00a0{number(mw)}" for v, mw in s.it_mw_by_vendor.items() if mw > 0) or "–",
            s.main_limit,
        )
        for i, s in enumerate(found, 1)
    ]
    head = (
        "site", "opens", "IT MW", "facility MW", "grid used", "land used", "PFLOPS", "spent", "IT MW by vendor", "limited by",
    )  # fmt: skip
    why = [(s.name or s.id, s.main_limit, s.why, views.blocks_text(s)) for s in found]
    return joined(
        [
            '<section id="sites"><h2>Sites in use</h2>',
            paragraph(
                "As they stand at the end of the plan. IT MW is what servers draw, facility MW the same at peak PUE.",
                "note",
            ),
            table(head, rows, (0, 1, 8, 9)),
            folded(
                "What stops each of them from holding more, and what stands there",
                table(("site", "limit", "in words", "blocks at the end"), why, (0, 1, 2, 3)),
            ),
            "</section>",
        ]
    )


def left_out(subject: Subject) -> Html:
    """The sites that stay closed, each with its reason."""
    if not subject.left_out:
        return Html("")
    rows = [
        (
            s.name or s.id,
            s.status if s.status == "excluded" else s.main_limit,
            s.why or "–",
            number(s.grid_mw),
            number(s.buildable_ha),
        )
        for s in subject.left_out
    ]
    return joined(
        [
            f'<section id="others"><h2>Why not the {esc("others" if len(rows) > 1 else "other one")}</h2>',
            table(("site", "limit", "in words", "grid MW at the end", "buildable ha"), rows, (0, 1, 2)),
            "</section>",
        ]
    )
