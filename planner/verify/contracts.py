"""The account of every deal of the request, in its order (M5.8); adding a kind is a line in ``_signed``."""

from __future__ import annotations

from planner.problem.deals import Deal, EquityTranches, Lease, Loan, Offtake, PurchaseCommitment, Warrants
from planner.verify import commitments, leases, loans, offtakes, tranches
from planner.verify.account import Account, empty
from planner.verify.progress import progress
from planner.verify.world import World


def accounts(world: World) -> list[Account]:
    """One for each deal; only signed ones bring or cost anything."""
    result: list[Account] = []
    for i, deal in enumerate(world.problem.deals):
        account = empty(progress(world, deal))
        if i in world.rows.signed:
            _signed(world, i, deal, account)
        elif isinstance(deal, EquityTranches | Warrants):
            account.tranches = tranches.unreached(deal)
        result.append(account)
    return result


def _signed(world: World, position: int, deal: Deal, account: Account) -> None:
    match deal:
        case EquityTranches():
            tranches.equity(world, deal, account)
        case Warrants():
            tranches.warrants(world, deal, account)
        case PurchaseCommitment():
            commitments.account(world, deal, account)
        case Lease():
            leases.account(world, position, deal, account)
        case Loan():
            loans.account(world, position, deal, account)
        case Offtake():
            offtakes.account(world, position, deal, account)
