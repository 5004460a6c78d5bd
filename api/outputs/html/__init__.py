"""The report as one HTML file for people who mail plans around: no script, no address, nothing outside the file.

Charts and the map are inline SVG, drawn here: they keep their letters' size on a phone, follow light and dark, carry patterns
beside colours, and are the same bytes for the same plan. Sections stand in reading order, one module each.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.outputs.bundle import Bundle
from api.outputs.html import deals, money, place, power, signing, summary, trust
from api.outputs.html.look import definitions
from api.outputs.html.map import SiteMap
from api.outputs.html.style import STYLE
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, esc
from planner.plan import Plan

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
NAVIGATION = (
    ("summary", "In short"), ("map", "Where and when"), ("sites", "Sites in use"), ("others", "Why not the others"),
    ("sign", "To be signed now"), ("money", "Money"), ("power", "Power"), ("deals", "Deals and dependence"),
    ("limits", "Limits and check"), ("assumptions", "Assumptions"),
)  # fmt: skip


def html(bundle: Bundle) -> str:
    """The report of a plan and its request."""
    return _page(Subject(bundle.plan, bundle))


def html_of_plan(plan: Plan) -> str:
    """The report of a plan alone: prices of single orders, committed cash and vendor ranges need the request and are left out."""
    return _page(Subject(plan))


def _page(subject: Subject) -> str:
    plan = subject.plan
    drawn = SiteMap(subject) if plan.sites and plan.status.holds == "plan" and plan.totals else None
    sections = list(_sections(subject, drawn))
    links = "".join(
        f'<li><a href="#{id}">{words}</a></li>' for id, words in NAVIGATION if any(f'id="{id}"' in s for s in sections)
    )
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">'
            f'<meta http-equiv="Content-Security-Policy" content="{CSP}"><meta name="generator" content="Gigasite">'
            f"<title>{esc(plan.name)}</title><style>{STYLE}</style></head><body>",
            definitions(subject.vendors, drawn.ground.paths if drawn is not None else ""),
            summary.head(subject),
            f'<nav aria-label="Sections"><ul>{links}</ul></nav><main>' if drawn is not None else "<main>",
            *sections,
            "</main>",
            trust.origin(subject),
            "</body></html>",
            "",
        ]
    )


def _sections(subject: Subject, drawn: SiteMap | None) -> Iterator[Html]:
    if drawn is None:
        yield summary.no_plan(subject)
    else:
        yield summary.points(subject)
        yield place.build_out(subject, drawn)
        yield place.sites(subject)
        yield place.left_out(subject)
        yield signing.section(subject)
        yield money.section(subject)
        yield power.section(subject)
        yield deals.section(subject)
        yield trust.limits(subject)
    yield trust.assumptions(subject)
