"""Leases: what may stand on whose terms, and what is paid per leased MW and year (M5.4, M5.13, M5.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.problem.deals import Lease
from planner.verify.account import Account
from planner.verify.decisions import OWN
from planner.verify.findings import Findings, num
from planner.verify.lots import NEVER
from planner.verify.world import World

if TYPE_CHECKING:
    from planner.verify.money import Money

FAMILY = "leases"


def account(world: World, position: int, deal: Lease, account: Account) -> None:
    """Every period pays for the leased MW online, at least for the minimum; then to the end of terms and minimum."""
    calendar = world.calendar
    mine = [lot for lot in world.units.lots if lot.terms == position]
    first, until = _minimum(world, deal)
    # a unit without any stated end is paid for inside the horizon only
    ends = max([until, *(lot.leaves for lot in mine if lot.leaves < NEVER)], default=0)
    for p in range(max(world.periods, ends)):
        inside = p < world.periods
        there = [lot for lot in mine if lot.online <= p < lot.leaves and (inside or lot.leaves < NEVER)]
        mw = sum(lot.units * world.blocks[lot.block].it_mw for lot in there)
        least = calendar.at(deal.minimum_mw, p) if inside or first <= p < until else 0.0
        due = calendar.at(deal.musd_per_mw_year, p) * calendar.years * max(least, mw)
        if inside:
            account.leased_mw[p] = mw
            account.cash_out[p] = due
        elif due:
            account.after[p] += due


def _minimum(world: World, deal: Lease) -> tuple[int, int]:
    """The first period of a positive minimum and the period in which ``term_years`` from there are over.

    Without ``term_years`` the minimum ends with the horizon; without a minimum nothing is due.
    """
    schedule = deal.minimum_mw
    if deal.term_years is None:
        return 0, 0
    starts = [0]
    if isinstance(schedule, tuple):
        starts += [max(0, world.calendar.effective(step.from_)) for step in schedule]
    positive = [p for p in starts if world.calendar.at(schedule, p) > 0]
    if not positive:
        return 0, 0
    return min(positive), min(positive) + world.calendar.life(deal.term_years)


def check(world: World, money: Money, found: Findings) -> None:
    """Only what a lease covers is leased; what must be leased is; partners build only what they pay for."""
    deals = world.problem.deals
    must = [(i, deals[i]) for i in sorted(set(world.rows.signed)) if not getattr(deals[i], "own_allowed", True)]
    for s, k, p, units, terms in world.rows.orders:
        site, block, month = world.sites[s].id, world.blocks[k].id, world.months[p]
        subject, lease = f"{site} {block}", world.lease(terms)
        found.checked += 1 + len(must)
        if units and lease is not None and not world.covered(lease, s, k):
            say = f"{subject}: {units} leased from {lease.id} in {month}, which does not cover {block} at {site}"
            found.add("M5.4", FAMILY, subject, month, say, units)
        for _, deal in must:
            if units and terms == OWN and world.covered(deal, s, k):
                say = f"{subject}: {units} bought in {month}, but {deal.id} is signed and has own_allowed: false"
                found.add("M5.4", FAMILY, subject, month, say, units)
    for s, p, mw, terms in world.rows.shells:
        site, month, lease = world.sites[s].id, world.months[p], world.lease(terms)
        found.checked += 1
        if not mw or lease is None:
            continue
        if lease.covers == "chips" or not world.covered(lease, s, None):
            why = "pays for chips alone" if lease.covers == "chips" else f"does not cover {site}"
            say = f"{site}: {num(mw)} MW of shell started in {month} on {lease.id}, which {why}"
            found.add("M5.13", FAMILY, site, month, say, mw)
