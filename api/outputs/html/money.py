"""The section on money: cash flow, funding, what is committed, what a MW costs where."""

from __future__ import annotations

from itertools import accumulate

from api.outputs import views
from api.outputs.html import money_figures as figures
from api.outputs.html.chart import Chart, Series
from api.outputs.html.site_figures import unit_costs
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, bar, joined, paragraph, table
from api.outputs.text import money, number

DEAL_INCOME = ("equity", "warrants", "loan_draws", "resale")


def section(subject: Subject) -> Html:
    """The section."""
    return joined(
        [
            '<section id="money"><h2>Money</h2>',
            paragraph("Nominal US dollars, undiscounted.", "note"),
            '<div class="pair">',
            _cash_flow(subject),
            _funding(subject),
            "</div>",
            _committed(subject),
            _years(subject),
            _by_site(subject),
            "</section>",
        ]
    )


def _bn(values: list[float]) -> list[float]:
    return [v / 1000 for v in values]


def _cash_flow(subject: Subject) -> Html:
    inflow = figures.by_month(subject, ("income",), DEAL_INCOME)
    revenue = figures.by_month(subject, ("income",), ("revenue", "offtake"))
    up = [
        Series("revenue", "revenue", _bn(revenue)),
        Series("deals and resale" if subject.has_deals else "resale", "income", _bn(inflow)),
    ]
    down = [
        Series("capex", "capex", _bn(figures.by_month(subject, ("capex",)))),
        Series("opex", "opex", _bn(figures.by_month(subject, ("opex",)))),
    ]
    cash = [Series("cash at the end", "line0", _bn([b.cash_musd for b in subject.plan.balances]))]
    return Chart(
        "Cash flow: income up, spending down",
        f"billion USD by {subject.period_word}",
        subject.months,
        [s for s in up if any(s.values)],
        down,
        cash if len(subject.plan.balances) == len(subject.months) else (),
    ).html()


def _funding(subject: Subject) -> Html:
    """How far spending runs ahead of income, period by period."""
    spent = figures.spending(subject)

    def ahead(income: list[float]) -> list[float]:
        return _bn(list(accumulate(s - i for s, i in zip(spent, income, strict=True))))

    counted, every = figures.counted_income(subject), figures.by_month(subject, ("income",))
    words = "beside counted income" if subject.plan.balances else "beside all income"
    lines = [Series(words, "line0", ahead(counted))]
    if any(abs(a - b) > 0.005 for a, b in zip(counted, every, strict=True)):
        lines.append(Series("if all revenue came in", "line1", ahead(every)))
    return Chart("Funding needed so far", "billion USD, from the start", subject.months, (), (), lines).html()


def _committed(subject: Subject) -> Html:
    """Committed against reversible cash."""
    split = figures.committed(subject)
    if split is None:
        return paragraph(
            "What is committed and what can still be stopped is shown where the request is at hand.", "note"
        )
    series = [
        Series("due in any case", "standing", _bn(split.standing)),
        Series("signed in the first year", "first", _bn(split.first_year)),
        Series("decided later, can be stopped", "later", _bn(split.later)),
    ]
    parts = [
        f"{money(sum(split.standing))} falls due although nothing more is decided (units in place, open "
        "sites, signed deals and their minimums), "
        f"{money(sum(split.first_year))} follows from decisions of the first {figures.FIRST_MONTHS} "
        f"months, and {money(split.reversible_musd)} from later "
        "ones, which can still be stopped or changed."
    ]
    if split.after_standing > 0.005 or abs(split.after_later) > 0.005:
        parts.append(
            f"After the horizon {money(split.after_standing)} is due from what is signed by the end of the "
            "first year, and "
            f"{money(split.after_later)} from later decisions."
        )
    if min((*split.first_year, *split.later), default=0.0) < -0.005:
        parts.append(
            "A part below zero: these decisions save what would fall due without them, such as a shortfall payment."
        )
    chart = Chart(
        "Committed against reversible spending", f"billion USD by {subject.period_word}", subject.months, series
    )
    return joined(
        [
            "<h3>What is committed, and when</h3>",
            '<div class="pair">',
            chart.html(),
            "<div>",
            *(paragraph(p) for p in parts),
            "</div></div>",
        ]
    )


def _years(subject: Subject) -> Html:
    found = views.years(subject.plan)
    rows = [
        (
            y.year,
            number(y.it_mw),
            number(y.pflops),
            money(y.capex_musd),
            money(y.opex_musd),
            money(y.spend_musd),
            money(y.income_musd),
        )
        for y in found
    ]
    total = (
        "all", "", "", money(sum(y.capex_musd for y in found)), money(sum(y.opex_musd for y in found)),
        money(sum(y.spend_musd for y in found)), money(sum(y.income_musd for y in found)),
    )  # fmt: skip
    income = "revenue, resale and deals" if subject.has_deals else "revenue and resale"
    head = ("year", "IT MW at its end", "PFLOPS at its end", "capex", "opex", "together", income)
    due = views.due_after(subject.plan)
    after = paragraph(f"After the last period {money(due)} more falls due.", "note") if due > 0.005 else ""
    return joined(["<h3>Year by year</h3>", table(head, [*rows, total], total=True), after])


def _by_site(subject: Subject) -> Html:
    """$ per IT MW and per PFLOPS-year."""
    found = unit_costs(subject)
    if not found:
        return Html("")
    build = max((c.build_musd_per_mw or 0.0 for c in found), default=0.0) or 1.0
    run = max((c.musd_per_kpflops_year or 0.0 for c in found), default=0.0) or 1.0
    rows = [
        (
            c.site.name or c.site.id,
            number(c.own_mw) if subject.bundle else "–",
            number(c.leased_mw) if subject.bundle else "–",
            bar(c.build_musd_per_mw / build, f"{c.build_musd_per_mw:.1f}") if c.build_musd_per_mw is not None else "–",
            money(c.spend_musd),
            money(c.rent_musd),
            number(c.pflops_years) if c.pflops_years is not None else "–",
            bar(c.musd_per_kpflops_year / run, f"{c.musd_per_kpflops_year:.2f}")
            if c.musd_per_kpflops_year is not None
            else "–",
        )
        for c in found
    ]
    columns = [0, 1, 2, 3, 4, 5, 6, 7]
    if not any(c.leased_mw or c.rent_musd for c in found):
        columns = [0, 1, 3, 4, 6, 7]
    head = (
        "site", "new IT MW, own", "new IT MW, leased", "MUSD per IT MW built", "spent", "its share of "
        "rent", "PFLOPS-years",
        "MUSD per 1,000 PFLOPS-years",
    )  # fmt: skip
    words = (
        "Built: whole price of chips with duties, shell, opening and land per IT MW that is newly "
        "bought for ourselves. PFLOPS-years: all "
        "spending inside the horizon, energy and rent included, over the compute that was online inside "
        "the horizon; late sites look dear because "
        "their years of use lie after it."
    )
    picked = [tuple(r[i] for i in columns) for r in rows]
    return joined(
        [
            "<h3>What a MW and a PFLOPS-year cost, site by site</h3>",
            paragraph(words, "note"),
            table([head[i] for i in columns], picked),
        ]
    )
