"""Suspicious magnitudes in deals: USD for million USD, single shares for millions, GW for MW, percent for fractions."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Fault
from planner.problem.checks.scope import Path, Scope
from planner.problem.deals import (
    Deal,
    EquityTranches,
    Lease,
    Loan,
    Offtake,
    PurchaseCommitment,
    Warrants,
)
from planner.problem.magnitudes import Doubt, extremes, told
from planner.problem.problem import covers

LEAST_SUSPICIOUS_MUSD = 1e7
LEAST_SUSPICIOUS_SHARES_MILLION = 1e5
LEAST_LAST_MARK_MW = 20.0
MOST_INTEREST = 0.5
MOST_MUSD_PER_MW_YEAR = 1000.0
MOST_MUSD_PER_PFLOPS_YEAR = 10.0
MOST_MW = 1e6


def deal_magnitudes(scope: Scope) -> Iterator[Fault]:
    """Every doubt about a deal's figures is a warning, or an error under ``strict``."""
    for i, deal in enumerate(scope.request.deals):
        yield from told(scope, _money(deal, ("deals", i)))
        yield from told(scope, _power(scope, deal, ("deals", i)))


def _money(deal: Deal, path: Path) -> Iterator[Doubt]:
    dollars = "USD for million USD?"
    if isinstance(deal, EquityTranches):
        for j, tranche in enumerate(deal.tranches):
            if tranche.musd >= LEAST_SUSPICIOUS_MUSD:
                message = f"tranche {j + 1} of {deal.id} brings {tranche.musd:,.6g} MUSD"
                yield (*path, "tranches", j, "musd"), message, f"{dollars} {tranche.musd / 1e6:,.6g} MUSD then"
    elif isinstance(deal, Warrants):
        for j, vesting in enumerate(deal.tranches):
            if vesting.shares_million >= LEAST_SUSPICIOUS_SHARES_MILLION:
                message = f"tranche {j + 1} of {deal.id} gives {vesting.shares_million:,.6g} million shares"
                hint = f"shares for millions of shares? {vesting.shares_million / 1e6:,.6g} then"
                yield (*path, "tranches", j, "shares_million"), message, hint
    elif isinstance(deal, Loan):
        if deal.rate > MOST_INTEREST:
            hint = f"percent for a fraction? {deal.rate / 100:g} then"
            yield (*path, "rate"), f"{deal.id} asks {deal.rate:.0%} interest a year", hint
        most = extremes(deal.limit_musd)[1]
        if most >= LEAST_SUSPICIOUS_MUSD:
            yield (*path, "limit_musd"), f"{deal.id} lends {most:,.6g} MUSD", f"{dollars} {most / 1e6:,.6g} MUSD then"
    elif isinstance(deal, Lease):
        most = extremes(deal.musd_per_mw_year)[1]
        if most > MOST_MUSD_PER_MW_YEAR:
            message = f"{deal.id} costs {most:,.6g} MUSD per IT MW and year"
            yield (*path, "musd_per_mw_year"), message, "USD or kUSD for million USD?"
    elif isinstance(deal, Offtake):
        bound = MOST_MUSD_PER_MW_YEAR if deal.sold_metric == "it_mw" else MOST_MUSD_PER_PFLOPS_YEAR
        most = extremes(deal.price)[1]
        if most > bound:
            key = "musd_per_mw_year" if deal.sold_metric == "it_mw" else "musd_per_pflops_year"
            unit = "IT MW" if deal.sold_metric == "it_mw" else "PFLOP/s"
            yield (*path, key), f"{deal.id} pays {most:,.6g} MUSD per {unit} and year", "USD or kUSD for million USD?"


def _power(scope: Scope, deal: Deal, path: Path) -> Iterator[Doubt]:
    marks: list[float] = []
    key = "tranches"
    if isinstance(deal, EquityTranches | Warrants):
        marks = [t.at for t in deal.tranches]
    elif isinstance(deal, PurchaseCommitment):
        key, marks = "commitments", [c.at for c in deal.commitments]
    sizes = [b.it_mw for b in scope.request.blocks if covers(deal, None, b)]
    if marks and deal.metric == "it_mw" and 0 < marks[-1] < LEAST_LAST_MARK_MW and min(sizes, default=0.0) > 1:
        message = (
            f"the last `at` of {deal.id} is {marks[-1]:,.6g} MW, a block of it draws {min(sizes):,.6g} MW and more"
        )
        hint = f"GW for MW? {marks[-1] * 1000:,.6g} MW then"
        yield (*path, key, len(marks) - 1, "at"), message, hint
    most = extremes(deal.minimum_mw)[1] if isinstance(deal, Lease) else 0.0
    if most > MOST_MW:
        yield (*path, "minimum_mw"), f"{deal.id} pays for {most:,.6g} MW", "kW for MW?"
