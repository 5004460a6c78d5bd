"""What a reader wants to know of deals, in words and rows: the terminal's summary and the report say the same things."""

from __future__ import annotations

from api.outputs import tables
from api.outputs.bundle import Bundle
from api.outputs.text import money, number, short
from planner.plan import Circularity, DealPeriod, DealResult, TrancheResult
from planner.problem.deals import Deal, Lease, Loan, Offtake, PurchaseCommitment, Warrants

MEASURES = {"it_mw": "IT MW", "spend_musd": "spending", "pflops": "PFLOPS"}
UNITS = {"it_mw": "MW", "gpus": "GPUs", "units": "blocks", "pflops": "PFLOPS", "capex_musd": "MUSD of blocks"}
INCOME_OF_DEALS = {"equity": "equity", "warrants": "shares sold", "loan_draws": "loans", "offtake": "sales"}
MOST_COLUMNS = 6
"""With more deals that pay than this, the money table has a column per kind instead of one per deal."""

TINY = 5e-7


def terms(bundle: Bundle, deal: DealResult) -> Deal:
    """The request's words on a deal."""
    return next(d for d in bundle.problem.deals if d.id == deal.id)


def percent(share: float | None) -> str:
    """A fraction as per cent, one digit where it is small."""
    if share is None:
        return "–"
    return f"{100 * share:.0f} %" if share >= 0.0995 or share == 0 else f"{100 * share:.1f} %"


def figure(value: float) -> str:
    """A figure in at most five digits; whole ones without a decimal point."""
    return number(value) if abs(value - round(value)) < TINY * max(1.0, abs(value)) else short(value)


def amount(value: float, metric: str) -> str:
    """``1,000 MW``, ``1 block``."""
    return "1 block" if (value, metric) == (1, "units") else f"{figure(value)} {UNITS[metric]}"


def signed_text(bundle: Bundle, deal: DealResult) -> str:
    """``yes``, ``chosen``, ``declined``: whether it is signed, and whether that was a decision."""
    if not terms(bundle, deal).optional:
        return "yes"
    return "chosen" if deal.signed else "declined"


def reached_text(bundle: Bundle, deal: DealResult) -> str:
    """How far a deal gets, in a few words."""
    asked = terms(bundle, deal)
    if not deal.signed:
        return "–"
    if isinstance(asked, Lease):
        most = max(deal.periods, key=lambda p: p.leased_mw)
        return f"{number(deal.periods[-1].leased_mw)} MW leased at the end" + (
            f", {number(most.leased_mw)} at most" if most.leased_mw > deal.periods[-1].leased_mw + TINY else ""
        )
    if isinstance(asked, Loan):
        drawn = sum(d.musd for d in bundle.plan.draws if d.deal == deal.id)
        return f"{money(drawn)} drawn, {money(deal.periods[-1].balance_musd)} owed at the end"
    if isinstance(asked, Offtake):
        return f"{figure(deal.periods[-1].sold)} {_sold_unit(asked)} sold at the end"
    progress = f"{amount(deal.periods[-1].progress, deal.metric)}"
    if isinstance(asked, PurchaseCommitment):
        missing = sum(p.missing for p in deal.periods)
        return f"{progress} {asked.counts}" + (f", {figure(missing)} missed" if missing > TINY else ", kept")
    done = sum(t.month is not None for t in deal.tranches)
    return f"{progress} {asked.counts}, {done} of {len(deal.tranches)} tranches"


def _sold_unit(deal: Offtake) -> str:
    return "MW" if deal.sold_metric == "it_mw" else "PFLOPS"


def notes(bundle: Bundle, deal: DealResult) -> list[str]:
    """What is worth a line of its own: tranches with their dates, the next one, rent, missed promises."""
    if not deal.signed:
        return []
    asked, found = terms(bundle, deal), []
    if deal.tranches:
        found += [tranche_text(deal, t, isinstance(asked, Warrants)) for t in deal.tranches if t.month is not None]
        waiting = [t for t in deal.tranches if t.month is None]
        if waiting:
            found.append(_waiting(deal, waiting[0], len(waiting), asked))
    if isinstance(asked, Lease):
        paid = sum(p.cash_out_musd for p in deal.periods)
        found.append(f"rent {money(paid)} inside the horizon; {_leased_path(bundle, deal.periods)}")
    if isinstance(asked, PurchaseCommitment | Offtake):
        found += [
            f"{p.month}: {figure(p.missing)} missing, {money(p.cash_out_musd)} to pay"
            for p in deal.periods
            if p.missing > TINY
        ]
    return found


def tranche_text(deal: DealResult, tranche: TrancheResult, shares: bool) -> str:
    """``1,000 MW reached 2028-04: $10.0 bn, arrives 2028-07``."""
    text = f"{amount(tranche.at, deal.metric)} {'vests' if shares else 'reached'} {tranche.month}: "
    if shares:
        sold = f", {money(tranche.musd)} from shares sold" if tranche.musd else ""
        held = f", {money(tranche.held_musd)} held" if tranche.held_musd else ""
        return f"{text}{figure(tranche.shares_million)} million shares{sold}{held}"
    late = "" if tranche.arrives == tranche.month else f", arrives {tranche.arrives}"
    return f"{text}{money(tranche.musd)}{late}"


def _waiting(deal: DealResult, tranche: TrancheResult, left: int, asked: Deal) -> str:
    """Why the next tranche stays out: progress, or else the price or the date."""
    progress = deal.periods[-1].progress
    more = f" and {left - 1} after it" if left > 1 else ""
    text = f"not reached: {amount(tranche.at, deal.metric)}{more}"
    if progress < tranche.at - 1e-6 * max(1.0, tranche.at):
        return f"{text}; {figure(tranche.at - progress)} short at the end"
    return f"{text}; the share price or the last date stands in the way" if isinstance(asked, Warrants) else text


def _leased_path(bundle: Bundle, periods: list[DealPeriod]) -> str:
    """Leased MW at the end of each year."""
    ends = {p.month[:4]: p.leased_mw for p in periods}
    return "leased MW " + ", ".join(f"{number(mw)} at the end of {year}" for year, mw in ends.items())


def money_by_period(bundle: Bundle) -> tuple[list[str], list[tuple[str, ...]]]:
    """Header and rows of the board's money table; columns that are zero throughout are left out."""
    rows = tables.cash(bundle)
    inflows = [c for c in rows[0] if c.startswith("inflow_")]
    incoming = list(zip(inflows, (f"in: {d.id}" for d in tables.paying(bundle)), strict=True))
    if len(incoming) > MOST_COLUMNS:
        incoming = [(f"{line}_musd", f"in: {name}") for line, name in INCOME_OF_DEALS.items()]
    columns = [
        ("budget_musd", "budget"),
        *incoming,
        ("revenue_musd", "revenue"),
        ("resale_musd", "resale"),
        ("capex_musd", "capex"),
        ("opex_musd", "opex"),
        ("lease_musd", "of it rent"),
        ("repayments_musd", "of it repayments"),
        ("debt_musd", "debt at the end"),
        ("cash_after_musd", "cash at the end"),
    ]
    kept = [(c, name) for c, name in columns if any(r[c] for r in rows)]
    body = [(r["month"], *(money(r[c]) if r[c] is not None else "–" for c, _ in kept)) for r in rows]
    return ["period", *(name for _, name in kept)], body


def dependence(bundle: Bundle) -> list[str]:
    """Circularity, cover and concentration in a line each, where there is something to say."""
    plan, found = bundle.plan, []
    circular = [c for c in plan.circularity if c.inflow_musd > 0]
    if circular:
        found.append("circular money: " + "; ".join(_circle(c) for c in circular))
    years = [y for y in plan.years if y.year <= int(bundle.timeline.months[-1][:4])]
    if any(y.revenue_musd for y in years):
        covers = ", ".join(f"{y.year} {y.cover:.2f}" for y in years if y.cover is not None)
        found.append(f"revenue / obligations: {covers}")
    largest = [
        f"{name} holds {percent(share)} of {MEASURES[c.measure]} (HHI {c.hhi:.2f})"
        for c in plan.concentration
        if (c.by, c.measure) in {("vendor", "it_mw"), ("site", "it_mw")} and c.shares
        for name, share in [max(c.shares.items(), key=lambda item: item[1])]
    ]
    return [*found, *(["concentration: " + "; ".join(largest)] if largest else [])]


def _circle(c: Circularity) -> str:
    paid = f" = {percent(c.share)} of {money(c.spending_musd)} paid for its blocks" if c.share is not None else ""
    return f"{c.counterparty or 'no counterparty'} brings {money(c.inflow_musd)}{paid}"
