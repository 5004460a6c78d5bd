"""The report's sections on deals: who signs, what arrives when, revenue against dues, dependence on single names."""

from __future__ import annotations

from api.outputs import deal_views as seen
from api.outputs.bundle import Bundle
from api.outputs.report_table import MAX_ROWS, Lines, table
from api.outputs.text import markdown, money

MAX_NAMES = 5
"""So many names of a share are listed; the rest are in the tables."""


def deals(bundle: Bundle) -> Lines:
    """Each deal in a row, then what it reached and when."""
    if not bundle.has_deals:
        return []
    rows = [
        (
            markdown(d.id),
            d.kind.replace("_", " "),
            markdown(d.counterparty) or "–",
            seen.signed_text(bundle, d),
            markdown(seen.reached_text(bundle, d)),
            money(d.cash_in_musd),
            money(d.cash_out_musd),
            money(d.holding_musd),
        )
        for d in bundle.plan.deals
    ]
    head = ("deal", "kind", "with", "signed", "how far it gets", "brings", "costs", "held at the end")
    notes = [f"- **{markdown(d.id)}**: {markdown(note)}" for d in bundle.plan.deals for note in seen.notes(bundle, d)]
    sources = [f"- **{markdown(d.id)}**: {markdown(d.source)}" for d in bundle.problem.deals if d.source]
    return [
        "## Deals",
        "",
        "Money inside the horizon, nominal. What is held is not cash: shares at the last period's price, less the haircut.",
        "",
        *table(head, rows, (0, 1, 2, 3, 4)),
        *([*notes[:MAX_ROWS], ""] if notes else []),
        *(["Where the terms come from:", "", *sources[:MAX_ROWS], ""] if sources else []),
    ]


def by_period(bundle: Bundle) -> Lines:
    """Budget, inflows per deal, spending per kind, debt and balance, period by period."""
    if not bundle.has_deals:
        return []
    head, rows = seen.money_by_period(bundle)
    return [
        "## Money by period",
        "",
        "Spending and income are both positive. Every line by itself is in `cash.csv`, each deal by period in `deals.csv`.",
        "",
        *table([markdown(h) for h in head], rows),
    ]


def obligations(bundle: Bundle) -> Lines:
    """Revenue against what is due, those years after the horizon included."""
    if not bundle.has_deals or not bundle.plan.years:
        return []
    last = int(bundle.timeline.months[-1][:4])
    rows = [
        (
            str(y.year),
            money(y.revenue_musd),
            money(y.capex_musd),
            money(y.opex_musd),
            money(y.lease_musd),
            money(y.repayments_musd),
            money(y.obligations_musd),
            "–" if y.cover is None or y.year > last else f"{y.cover:.2f}",
        )
        for y in bundle.plan.years
    ]
    later = [y for y in bundle.plan.years if y.year > last]
    after = (
        [f"From {later[0].year} on only what is signed by then is due; revenue after the horizon is not counted.", ""]
        if later
        else []
    )
    head = ("year", "revenue and sales", "capex", "opex", "of it rent", "of it repayments", "obligations", "cover")
    return [
        "## Revenue against obligations",
        "",
        "Cover is revenue (of blocks and of sales to customers) divided by all capex and opex due in the year.",
        "",
        *table(head, rows),
        *after,
    ]


def circularity(bundle: Bundle) -> Lines:
    """How much of what a vendor is paid came from the vendor."""
    if not bundle.has_deals or not bundle.plan.circularity:
        return []
    rows = [
        (markdown(c.counterparty) or "–", money(c.inflow_musd), money(c.spending_musd), seen.percent(c.share))
        for c in bundle.plan.circularity
        if c.inflow_musd or c.spending_musd
    ]
    if not rows:
        return []
    return [
        "## Circular money",
        "",
        "What a counterparty brings (equity, shares sold, loans, purchases) against what is spent on its blocks, without duties, "
        "inside the horizon. Blocks on lease are bought by the partner, not by us.",
        "",
        *table(("counterparty", "brings", "is paid for its blocks", "share"), rows),
    ]


def concentration(bundle: Bundle) -> Lines:
    """Shares and the index of each measure by vendor, site and region."""
    if not bundle.has_deals or not bundle.plan.concentration:
        return []
    rows = [
        (
            c.by,
            seen.MEASURES[c.measure],
            markdown(_leaders(c.shares)),
            f"{c.hhi:.2f}",
            f"{1 / c.hhi:.1f}" if c.hhi else "–",
        )
        for c in bundle.plan.concentration
    ]
    return [
        "## Concentration",
        "",
        "MW and PFLOPS of the last period; spending over the horizon (of vendors: block prices). The index (HHI) is the sum of "
        "squared shares: 1 is a single name; 1 / index is as many equal names.",
        "",
        *table(("by", "of", "largest shares", "HHI", "equal names"), rows, (0, 1, 2)),
    ]


def _leaders(shares: dict[str, float]) -> str:
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    ranked = [(name, share) for name, share in ranked if share > 0]
    more = len(ranked) - MAX_NAMES
    words = [f"{name} {seen.percent(share)}" for name, share in ranked[:MAX_NAMES]]
    return ", ".join(words) + (f" and {more} more" if more > 0 else "")


def tariffs(bundle: Bundle) -> Lines:
    """Duties by country."""
    if not bundle.has_deals or not bundle.plan.tariff_exposure:
        return []
    rows = [
        (markdown(t.country) or "–", money(t.block_capex_musd), money(t.tariffs_musd), money(t.per_point_musd))
        for t in bundle.plan.tariff_exposure
    ]
    free = all(t.tariffs_musd == 0 for t in bundle.plan.tariff_exposure)
    return [
        "## Exposure to tariffs",
        "",
        *table(("country", "blocks bought, without duties", "duties paid", "one more point would cost"), rows),
        *(["The request states no tariff.", ""] if free else []),
    ]
