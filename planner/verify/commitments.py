"""Purchase commitments: progress promised by a date, or the missing units pay once (M5.3, M5.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.problem.deals import PurchaseCommitment
from planner.verify.account import Account, enough
from planner.verify.findings import Findings, num
from planner.verify.units import UNIT
from planner.verify.world import World

if TYPE_CHECKING:
    from planner.verify.money import Money

FAMILY = "commitments"


def account(world: World, deal: PurchaseCommitment, account: Account) -> None:
    """What is missing in the period of ``by``, and what it costs; a ``by`` after the horizon has no effect."""
    for promise in deal.commitments:
        due = max(0, world.calendar.within(promise.by))
        if due >= world.periods or enough(float(account.progress[due]), promise.at):
            continue
        missing = promise.at - float(account.progress[due])
        account.missing[due] += missing
        if promise.shortfall_musd_per_unit is not None:
            account.cash_out[due] += world.calendar.values(promise.shortfall_musd_per_unit)[due] * missing


def check(world: World, money: Money, found: Findings) -> None:
    """A promise without a price is kept."""
    for i in world.rows.signed:
        deal = world.problem.deals[i]
        if not isinstance(deal, PurchaseCommitment):
            continue
        unit = UNIT.get(deal.metric, "MUSD at the catalogue price")
        for promise in deal.commitments:
            due = max(0, world.calendar.within(promise.by))
            found.checked += 1
            if promise.shortfall_musd_per_unit is not None or due >= world.periods:
                continue
            has = float(money.accounts[i].progress[due])
            if not enough(has, promise.at):
                month, short = world.months[due], promise.at - has
                say = f"{deal.id} promises {num(promise.at)} {unit} {deal.counts} by {month}; progress {num(has)}; "
                found.add("M5.3", FAMILY, deal.id, month, say + f"short {num(short)}", short)
