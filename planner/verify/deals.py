"""What the plan says of every deal, in all and by period (M5.8): each figure follows from the decisions."""

from __future__ import annotations

from planner.plan import DealResult
from planner.problem.deals import Deal
from planner.verify.account import Account
from planner.verify.findings import Findings
from planner.verify.money import Money
from planner.verify.world import World

FAMILY = "deals"


def check(world: World, money: Money, found: Findings) -> None:
    """One row for every deal of the request, in its order, signed or not."""
    stated, wanted = [row.id for row in world.plan.deals], [deal.id for deal in world.problem.deals]
    found.checked += 1
    if stated != wanted:
        missing = [i for i in wanted if i not in stated]
        say = f"deals: {len(stated)} rows; wanted the {len(wanted)} deals of the request, each once and in its order"
        found.add("M5.8", FAMILY, "deals", None, say + (f"; missing {', '.join(missing[:5])}" if missing else ""))
        return
    for i, (row, deal, account) in enumerate(zip(world.plan.deals, world.problem.deals, money.accounts)):
        _whole(found, row, deal, account, i in world.rows.signed)
        _periods(world, found, row, account)


def _whole(found: Findings, row: DealResult, deal: Deal, account: Account, signed: bool) -> None:
    """Names are the request's; money is that of the periods inside the horizon."""
    for name in ("kind", "counterparty", "metric"):
        found.same("M5.8", FAMILY, deal.id, None, f"{deal.id}: {name}", getattr(row, name), getattr(deal, name))
    found.same("M5.8", FAMILY, deal.id, None, f"{deal.id}: signed", row.signed, signed)
    for name, true in (
        ("cash_in_musd", float(account.cash_in.sum())),
        ("cash_out_musd", float(account.cash_out.sum())),
        ("holding_musd", account.held_musd),
    ):
        found.figure("M5.8", FAMILY, deal.id, None, f"{deal.id}: {name}", getattr(row, name), true)


def _periods(world: World, found: Findings, row: DealResult, account: Account) -> None:
    found.checked += 1
    if [p.month for p in row.periods] != world.months:
        say = f"{row.id}: {len(row.periods)} periods; wanted the {world.periods} of the horizon, in order"
        found.add("M5.8", FAMILY, row.id, None, say)
        return
    true = {
        "progress": account.progress,
        "tranches_reached": account.reached,
        "cash_in_musd": account.cash_in,
        "cash_out_musd": account.cash_out,
        "leased_mw": account.leased_mw,
        "sold": account.sold,
        "missing": account.missing,
        "balance_musd": account.balance,
    }
    for p, stated in enumerate(row.periods):
        for name, values in true.items():
            what = f"{row.id}: {name}"
            found.figure("M5.8", FAMILY, row.id, stated.month, what, getattr(stated, name), float(values[p]))
