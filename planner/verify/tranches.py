"""Tranches of equity and warrants: reached exactly in the first period whose conditions hold (M5.1, M5.2, M5.9-M5.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.problem.deals import EquityTranches, Warrants
from planner.verify.account import Account, Reached, enough
from planner.verify.findings import Findings
from planner.verify.world import World

if TYPE_CHECKING:
    from planner.verify.money import Money

FAMILY = "deals"


def unreached(deal: EquityTranches | Warrants) -> list[Reached]:
    """The tranches of a deal that is not signed."""
    return [Reached(float(tranche.at)) for tranche in deal.tranches]


def equity(world: World, deal: EquityTranches, account: Account) -> None:
    """A tranche's money arrives ``lag_months`` after progress reached ``at``; after the horizon it is not counted."""
    lag = 1 if deal.lag_months is None else world.calendar.lag(deal.lag_months)
    for tranche in deal.tranches:
        result = Reached(float(tranche.at))
        for p in range(world.periods):
            if enough(float(account.progress[p]), tranche.at):
                result.reached, result.arrives, result.musd = p, p + lag, tranche.musd
                if p + lag < world.periods:
                    account.cash_in[p + lag] += tranche.musd
                break
        account.tranches.append(result)


def warrants(world: World, deal: Warrants, account: Account) -> None:
    """Shares vest while nothing has expired, progress is there and the price meets the hurdle; part of them is sold."""
    prices = world.calendar.values(deal.share_price_usd)
    last = world.periods - 1
    if deal.expires is not None:
        last = min(last, world.calendar.within(deal.expires))

    def worth(p: int) -> float:
        return (1 - deal.haircut) * max(0.0, prices[p] - deal.exercise_usd)

    for tranche in deal.tranches:
        result = Reached(float(tranche.at))
        for p in range(last + 1):
            if enough(float(account.progress[p]), tranche.at) and prices[p] >= tranche.price_hurdle_usd:
                result.reached = result.arrives = p
                result.shares_million = tranche.shares_million
                result.musd = deal.monetise * worth(p) * tranche.shares_million
                result.held_musd = (1 - deal.monetise) * worth(world.periods - 1) * tranche.shares_million
                account.cash_in[p] += result.musd
                break
        account.tranches.append(result)


def check(world: World, money: Money, found: Findings) -> None:
    """Every tranche the plan states was reached when it says, and brought what it says."""
    for deal, account in zip(world.problem.deals, money.accounts):
        for stated in (row for row in world.plan.deals if row.id == deal.id):
            found.checked += 1
            if len(stated.tranches) != len(account.tranches):
                say = f"{deal.id}: {len(stated.tranches)} tranches are stated; it has {len(account.tranches)}"
                found.add("M5.8", FAMILY, deal.id, None, say)
                continue
            for given, true in zip(stated.tranches, account.tranches):
                what = f"{deal.id}: tranche at {true.at:g}: "
                for name in ("at", "musd", "shares_million", "held_musd"):
                    value = getattr(true, name)
                    found.figure("M5.8", FAMILY, deal.id, None, what + name, getattr(given, name), value)
                for name, period, month in (
                    ("month", true.reached, given.month),
                    ("arrives", true.arrives, given.arrives),
                ):
                    label = None if period is None else world.calendar.label(period)
                    found.same("M5.8", FAMILY, deal.id, label, what + name, month, label)
