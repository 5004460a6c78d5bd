"""The section on deals: who signs, tranches, circular money, revenue against obligations, concentration, tariffs."""

from __future__ import annotations

from api.outputs import deal_views as seen
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, bar, folded, joined, listed, paragraph, table, vendor
from api.outputs.text import money
from planner.plan import DealResult

MOST_LEADERS = 4


def section(subject: Subject) -> Html:
    """The section; without deals only concentration."""
    parts = [_concentration(subject)]
    if subject.has_deals:
        parts = [_terms(subject), _tranches(subject), _circularity(subject), _years(subject), *parts, _tariffs(subject)]
    if not any(parts):
        return Html("")
    title = "Deals and dependence" if subject.has_deals else "Dependence on single names"
    return joined([f'<section id="deals"><h2>{title}</h2>', *parts, "</section>"])


def _terms(subject: Subject) -> Html:
    """Each deal in a row."""
    rows = [
        (
            d.id,
            d.kind.replace("_", " "),
            vendor(d.counterparty) or "–",
            _signed(subject, d),
            seen.reached_text(subject.bundle, d) if subject.bundle is not None else _reached(d),
            money(d.cash_in_musd),
            money(d.cash_out_musd),
            money(d.holding_musd),
        )
        for d in subject.plan.deals
    ]
    head = ("deal", "kind", "with", "signed", "how far it gets", "brings", "costs", "held at the end")
    notes = [f"{d.id}: {note}" for d in subject.plan.deals for note in _notes(subject, d)]
    words = "Money inside the horizon. What is held is not cash: shares at the last period's price, less the haircut."
    return joined([paragraph(words, "note"), table(head, rows, (0, 1, 2, 3, 4)), folded("Deal by deal", listed(notes))])


def _signed(subject: Subject, deal: DealResult) -> str:
    return seen.signed_text(subject.bundle, deal) if subject.bundle is not None else "yes" if deal.signed else "no"


def _reached(deal: DealResult) -> str:
    if not deal.signed or not deal.periods:
        return "–"
    done = sum(t.month is not None for t in deal.tranches)
    tranches = f", {done} of {len(deal.tranches)} tranches" if deal.tranches else ""
    return f"{seen.amount(deal.periods[-1].progress, deal.metric)}{tranches}"


def _notes(subject: Subject, deal: DealResult) -> list[str]:
    return [n for n in seen.notes(subject.bundle, deal) if not deal.tranches] if subject.bundle is not None else []


def _tranches(subject: Subject) -> Html:
    """Deals reaching their tranches."""
    rows = [
        (
            f"{d.id}, {i} of {len(d.tranches)}",
            seen.amount(t.at, d.metric),
            f"✓ {t.month}" if t.month is not None else "not reached",
            t.arrives or "–",
            money(t.musd) if t.month else "–",
            f"{seen.figure(t.shares_million)} million" if t.shares_million else "–",
            money(t.held_musd) if t.held_musd else "–",
        )
        for d in subject.plan.deals
        if d.signed
        for i, t in enumerate(d.tranches, 1)
    ]
    head = ("tranche", "at", "reached", "arrives", "cash", "shares", "of it held")
    return joined(["<h3>Tranches</h3>", table(head, rows, (0, 1, 2, 3))]) if rows else Html("")


def _circularity(subject: Subject) -> Html:
    """How much of what a vendor is paid came from the vendor."""
    rows = [
        (
            vendor(c.counterparty) or "–",
            money(c.inflow_musd),
            money(c.spending_musd),
            bar(c.share, seen.percent(c.share)) if c.share is not None else "–",
        )
        for c in subject.plan.circularity
        if c.inflow_musd or c.spending_musd
    ]
    words = "What a counterparty brings against what it is paid for its blocks, without duties, inside the horizon."
    head = ("counterparty", "brings", "is paid for its blocks", "share")
    return joined(["<h3>Circular money</h3>", paragraph(words, "note"), table(head, rows)]) if rows else Html("")


def _years(subject: Subject) -> Html:
    """Revenue against what is due, those years after the horizon included."""
    if not subject.plan.years or not subject.months:
        return Html("")
    last = int(subject.months[-1][:4])
    rows = [
        (
            str(y.year),
            money(y.revenue_musd) if y.year <= last else "not counted",
            money(y.capex_musd),
            money(y.opex_musd),
            money(y.lease_musd),
            money(y.repayments_musd),
            money(y.obligations_musd),
            f"{y.cover:.2f}" if y.cover is not None and y.year <= last else "–",
        )
        for y in subject.plan.years
    ]
    head = ("year", "revenue and sales", "capex", "opex", "of it rent", "of it repayments", "obligations", "cover")
    words = "Cover is revenue over all capex and opex due in the year. After the horizon only what is signed by then is due."
    return joined(["<h3>Revenue against obligations</h3>", paragraph(words, "note"), table(head, rows)])


def _concentration(subject: Subject) -> Html:
    rows = [
        (c.by, seen.MEASURES[c.measure], _leaders(_named(subject, c.by, c.shares)), f"{c.hhi:.2f}")
        for c in subject.plan.concentration
        if c.shares
    ]
    words = "The index (HHI) is the sum of squared shares: 1 is a single name, 0.25 is as good as four equal ones."
    head = ("by", "of", "largest shares", "HHI")
    return (
        joined(["<h3>Concentration</h3>", paragraph(words, "note"), table(head, rows, (0, 1, 2))]) if rows else Html("")
    )


def _named(subject: Subject, by: str, shares: dict[str, float]) -> dict[str, float]:
    """Sites by their names for readers, where these are distinct."""
    if by == "vendor":
        return {vendor(name): share for name, share in shares.items()}
    names = subject.site_names
    if by != "site" or len(set(names.values())) < len(names):
        return shares
    return {names.get(name, name): share for name, share in shares.items()}


def _leaders(shares: dict[str, float]) -> str:
    ranked = [(n, s) for n, s in sorted(shares.items(), key=lambda i: (-i[1], i[0])) if s > 0]
    more = len(ranked) - MOST_LEADERS
    return ", ".join(f"{n} {seen.percent(s)}" for n, s in ranked[:MOST_LEADERS]) + (
        f" and {more} more" if more > 0 else ""
    )


def _tariffs(subject: Subject) -> Html:
    found = subject.plan.tariff_exposure
    rows = [
        (t.country or "–", money(t.block_capex_musd), money(t.tariffs_musd), money(t.per_point_musd)) for t in found
    ]
    head = ("country", "blocks bought, without duties", "duties paid", "one more point would cost")
    return joined(["<h3>Exposure to tariffs</h3>", table(head, rows)]) if rows else Html("")
