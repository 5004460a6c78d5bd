"""Circularity: what comes in from a counterparty against what is spent on that vendor's blocks (M5.8)."""

from __future__ import annotations

import math

from planner.verify.findings import Findings
from planner.verify.money import Money
from planner.verify.world import World

FAMILY = "circularity"


def check(world: World, money: Money, found: Findings) -> None:
    """One row for each counterparty, in the order in which the deals name them; duties are no vendor's money."""
    deals = world.problem.deals
    wanted = list(dict.fromkeys(deal.counterparty for deal in deals if deal.counterparty))
    stated = [row.counterparty for row in world.plan.circularity]
    found.checked += 1
    if stated != wanted:
        say = f"circularity: {stated} are stated; the counterparties of the request are {wanted}, in this order"
        found.add("M5.8", FAMILY, "circularity", None, say)
        return
    for row in world.plan.circularity:
        who = row.counterparty
        came = math.fsum(float(a.cash_in.sum()) for d, a in zip(deals, money.accounts) if d.counterparty == who)
        spent = math.fsum(
            due.musd
            for due in money.block_dues
            if due.line in {"blocks", "unpaid"} and world.blocks[due.block].vendor == who
        )
        for name, true in (("inflow_musd", came), ("spending_musd", spent), ("share", came / spent if spent else None)):
            found.figure("M5.8", FAMILY, who, None, f"circularity of {who}: {name}", getattr(row, name), true)
