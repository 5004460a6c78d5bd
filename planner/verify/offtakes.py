"""Offtakes: capacity sold to a customer, at most once, between the contract's minimum and maximum (M5.6, M5.16)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from planner.problem.block import Block
from planner.problem.deals import Offtake
from planner.verify.account import Account
from planner.verify.findings import LIMIT, Array, Findings, num, slack
from planner.verify.world import World

if TYPE_CHECKING:
    from planner.verify.money import Money

FAMILY = "offtakes"


def unit_of(deal: Offtake) -> str:
    """What the price is a price of."""
    return "PFLOPS" if deal.musd_per_mw_year is None else "IT MW"


def capacity(deal: Offtake, block: Block) -> float:
    """What one unit of a block has of the thing that is sold."""
    return block.pflops if deal.musd_per_mw_year is None else block.it_mw


def prices(world: World, deal: Offtake) -> list[float]:
    """MUSD per unit and year, by period."""
    price = deal.musd_per_pflops_year if deal.musd_per_mw_year is None else deal.musd_per_mw_year
    return world.calendar.values(price or 0.0)


def sold_units(world: World) -> dict[tuple[int, int], Array]:
    """Units (fractions of them, too) whose capacity is sold: (site, block) -> by period."""
    units: dict[tuple[int, int], Array] = defaultdict(lambda: np.zeros(world.periods))
    for i, s, k, p, amount in world.rows.sales:
        deal = world.problem.deals[i]
        assert isinstance(deal, Offtake)
        per_unit = capacity(deal, world.blocks[k])
        units[s, k][p] += amount / per_unit if per_unit else 0.0
    return units


def account(world: World, position: int, deal: Offtake, account: Account) -> None:
    """Income from what is sold; what is missing of the minimum, and what it costs."""
    years = world.calendar.years
    for i, _, _, p, amount in world.rows.sales:
        if i == position:
            account.sold[p] += amount
    account.cash_in += np.array(prices(world, deal)) * account.sold * years
    least = np.array(world.calendar.values(deal.minimum))
    short = least - account.sold
    account.missing += np.where(short > LIMIT * np.maximum(1.0, least), short, 0.0)
    if deal.shortfall_musd_per_unit_year is not None:
        rate = np.array(world.calendar.values(deal.shortfall_musd_per_unit_year))
        account.cash_out += rate * years * account.missing


def check(world: World, money: Money, found: Findings) -> None:
    """Sales are covered, of capacity that is energised and sold once; minimum and maximum hold in every period."""
    for i, s, k, p, amount in world.rows.sales:
        deal, site, block, month = world.problem.deals[i], world.sites[s], world.blocks[k], world.months[p]
        assert isinstance(deal, Offtake)
        found.checked += 2
        subject = f"{deal.id} {site.id} {block.id}"
        if amount > 0 and not world.covered(deal, s, k):
            say = f"{deal.id} buys {num(amount)} {unit_of(deal)} of {block.id} at {site.id} in {month}: not covered"
            found.add("M5.6", FAMILY, subject, month, say, amount)
        if amount > 0 and not capacity(deal, block):
            say = f"{deal.id} buys {num(amount)} {unit_of(deal)} of {block.id} at {site.id} in {month}; it has none"
            found.add("M5.6", FAMILY, subject, month, say, amount)
    _once(world, found)
    for i in sorted(set(world.rows.signed)):
        deal = world.problem.deals[i]
        if isinstance(deal, Offtake):
            _between(world, found, deal, money.accounts[i])


def _once(world: World, found: Findings) -> None:
    """A unit's capacity is sold at most once, and only while it is energised."""
    units = world.units
    for (s, k), sold in sold_units(world).items():
        row = units.row_of.get((s, k))
        there = np.zeros(world.periods) if row is None else units.energised[row]
        site, block = world.sites[s].id, world.blocks[k].id

        def tell(at: tuple[int, ...], excess: float, sold: Array = sold, there: Array = there) -> None:
            month = world.months[at[0]]
            say = f"{site} {block}: capacity of {num(sold[at])} units sold in {month}; "  # noqa: B023
            say += f"energised {num(there[at])}; {num(excess)} too many"
            found.add("M5.6", FAMILY, f"{site} {block}", month, say, excess)  # noqa: B023

        found.at_most(sold, there, tell)


def _between(world: World, found: Findings, deal: Offtake, account: Account) -> None:
    unit = unit_of(deal)
    if deal.shortfall_musd_per_unit_year is None:
        for p, short in enumerate(account.missing.tolist()):
            found.checked += 1
            if short > 0:
                month, sold = world.months[p], num(account.sold[p])
                say = f"{deal.id} wants {num(account.sold[p] + short)} {unit} in {month}; sold {sold}; "
                found.add("M5.6", FAMILY, deal.id, month, say + f"short {num(short)}", short)
    if deal.maximum is not None:
        for p, most in enumerate(world.calendar.values(deal.maximum)):
            found.checked += 1
            over = float(account.sold[p]) - most
            if not over <= slack(most):
                say = f"{deal.id} takes {num(most)} {unit} in {world.months[p]}; sold {num(account.sold[p])}; "
                found.add("M5.6", FAMILY, deal.id, world.months[p], say + f"{num(over)} too much", over)
