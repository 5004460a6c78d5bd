"""What must be signed and ordered in the first year of the plan."""

from __future__ import annotations

from dataclasses import dataclass

from api.outputs import views
from api.outputs.deal_views import signed_text, terms
from api.outputs.html.money_figures import FIRST_MONTHS
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, esc, folded, joined, listed, paragraph, table, vendor
from api.outputs.text import money, number
from planner.plan import DealResult
from planner.problem.schedule import month_number


@dataclass(frozen=True)
class Steps:
    """Rows (period, site, what, price) and their whole price; None without the request's prices."""

    rows: list[tuple[str, str, str, str]]
    count: int
    musd: float | None


def first_steps(subject: Subject) -> Steps:
    """Openings, shells and orders of the first year, by period and site."""
    if subject.bundle is not None:
        found = views.next_steps(subject.bundle, FIRST_MONTHS)
        rows = [(s.month, s.site, "; ".join(s.acts), money(s.musd)) for s in found]
        return Steps(rows, sum(len(s.acts) for s in found), sum(s.musd for s in found))
    plan, start = subject.plan, month_number(subject.months[0]) if subject.months else 0
    acts: dict[tuple[str, str], list[str]] = {}

    def add(month: str, site: str, act: str) -> None:
        if month_number(month) < start + FIRST_MONTHS:
            acts.setdefault((month, site), []).append(act)

    for opening in plan.openings:
        add(opening.month, opening.site, "open")
    for shell in plan.shells:
        add(shell.month, shell.site, f"shell {number(shell.mw, 1)} MW")
    for order in plan.orders:
        add(order.month, order.site, f"{order.units}×{order.block}")
    rows = [(month, subject.site_names.get(site, site), "; ".join(a), "–") for (month, site), a in sorted(acts.items())]
    return Steps(rows, sum(len(a) for a in acts.values()), None)


def section(subject: Subject) -> Html:
    """The section: period by period, then deals, then every step."""
    steps = first_steps(subject)
    parts: list[str] = ['<section id="sign"><h2>To be signed now</h2>']
    if steps.rows:
        parts.append(
            paragraph(f"What the first {FIRST_MONTHS} months of the plan ask for, each period by its first month:")
        )
        parts.append(_periods(subject))
        if steps.musd is not None:
            words = f"Together {money(steps.musd)} at whole prices; payments may fall due later."
            words += (
                " What a lease's partner pays is not in it."
                if any(o.terms != "own" for o in subject.plan.orders)
                else ""
            )
            parts.append(paragraph(words, "note"))
        head = ("period", "site", "what", "price")
        parts.append(folded(f"All {steps.count} steps, site by site", table(head, steps.rows, (0, 1, 2))))
    else:
        parts.append(paragraph("Nothing is opened, built or ordered in the first year."))
    deals = [d for d in subject.plan.deals if d.signed]
    if deals:
        parts.append("<h3>Deals that the plan counts on</h3>")
        rows = [(d.id, d.kind.replace("_", " "), vendor(d.counterparty) or "–", _given(subject, d)) for d in deals]
        parts.append(table(("deal", "kind", "with", "who says so"), rows, (0, 1, 2, 3)))
        sources = [
            joined([f"<b>{esc(d.id)}</b>: ", esc(terms(subject.bundle, d).source)]) for d in deals if subject.bundle
        ]
        parts.append(folded("Where their terms come from", listed([s for s in sources if not s.endswith(": ")])))
    return joined([*parts, "</section>"])


def _periods(subject: Subject) -> Html:
    """One row a period: sites that open, MW of shell that start, units by block, and the price of all that."""
    plan, start = subject.plan, month_number(subject.months[0])
    months = [m for m in subject.months if month_number(m) < start + FIRST_MONTHS]
    priced = views.next_steps(subject.bundle, FIRST_MONTHS) if subject.bundle is not None else None
    rows = []
    for month in months:
        opened = [subject.site_names.get(o.site, o.site) for o in plan.openings if o.month == month]
        shell = sum(s.mw for s in plan.shells if s.month == month)
        units: dict[str, int] = {}
        for order in plan.orders:
            if order.month == month and order.units:
                units[order.block] = units.get(order.block, 0) + order.units
        price = money(sum(s.musd for s in priced if s.month == month)) if priced is not None else "–"
        ordered = ", ".join(f"{n}×{block}" for block, n in sorted(units.items()))
        rows.append((month, ", ".join(opened) or "–", number(shell, 1) if shell else "–", ordered or "–", price))
    return table(("period", "sites to open", "IT MW of shell to start", "blocks to order", "price"), rows, (0, 1, 3))


def _given(subject: Subject, deal: DealResult) -> str:
    if subject.bundle is None:
        return "the plan"
    return "chosen by the plan" if signed_text(subject.bundle, deal) == "chosen" else "given by the request"
