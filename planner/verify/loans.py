"""Loans: draws within the limit and the share of covered capex; interest, grace and annuity (M5.5, M5.15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.problem.deals import Loan
from planner.verify.account import Account
from planner.verify.findings import Array, Findings, num
from planner.verify.lines import CAPEX
from planner.verify.world import World, site_inside

if TYPE_CHECKING:
    from planner.verify.money import Money

FAMILY = "loans"
OF_SITES = frozenset({"openings", "land", "construction"})
"""Capex that belongs to no block: it counts wherever the filter's sites match."""


def drawn(world: World, position: int) -> Array:
    """What is drawn of a loan in every period."""
    draws = np.zeros(world.periods)
    for i, p, musd in world.rows.draws:
        if i == position:
            draws[p] += musd
    return draws


def account(world: World, position: int, deal: Loan, account: Account) -> None:
    """Interest alone during the grace, then equal payments that leave nothing: each one interest and principal."""
    interest = (1 + deal.rate) ** world.calendar.years - 1
    grace, term = world.calendar.lag(deal.grace_months), world.calendar.life(deal.term_years)
    account.cash_in += drawn(world, position)
    for q, principal in enumerate(account.cash_in.tolist()):
        if not principal:
            continue
        level = principal * _level(interest, term)
        owed = principal
        for p in range(q, q + grace + term + 1):
            if p > q:
                due = owed * interest if p <= q + grace else level
                owed += owed * interest - due
                if p < world.periods:
                    account.cash_out[p] += due
                else:
                    account.after[p] += due
            if p < world.periods:
                account.balance[p] += owed if p < q + grace + term else 0.0


def _level(interest: float, term: int) -> float:
    """The payment per dollar that repays it in ``term`` periods: the inverse of what a dollar each period is worth."""
    present = sum((1 + interest) ** -n for n in range(1, term + 1))
    return 1.0 / present


def covered_capex(world: World, money: Money, deal: Loan) -> Array:
    """Covered capex of every period, inside the horizon and paid by us."""
    lines = CAPEX if deal.lines is None else deal.lines
    total = np.zeros(world.periods)
    for line in OF_SITES & set(lines):
        for s, site in enumerate(world.sites):
            if site_inside(deal.filter, site):
                total += money.line[line][s]
    for due in money.block_dues:
        if due.line in lines and world.covered(deal, due.site, due.block):
            total[due.period] += due.musd
    return total


def check(world: World, money: Money, found: Findings) -> None:
    """Draws up to every period stay within the limit, and within the share of covered capex up to then."""
    for i in sorted(set(world.rows.signed)):
        deal = world.problem.deals[i]
        if not isinstance(deal, Loan):
            continue
        draws = np.cumsum(drawn(world, i))
        _within(world, found, deal.id, draws, np.array(world.calendar.values(deal.limit_musd)), "limit")
        if deal.max_share is not None:
            capex = np.cumsum(covered_capex(world, money, deal))
            _within(world, found, deal.id, draws, deal.max_share * capex, f"{deal.max_share:g} of covered capex is")


def _within(world: World, found: Findings, subject: str, draws: Array, most: Array, what: str) -> None:
    def tell(at: tuple[int, ...], excess: float) -> None:
        month = world.months[at[0]]
        say = f"{subject}: {num(draws[at])} MUSD drawn by {month}; {what} {num(most[at])}; {num(excess)} too much"
        found.add("M5.5", FAMILY, subject, month, say, excess)

    found.at_most(draws, most, tell)
