"""Deals whose money nothing counts, or that end nobody knows when (M4.1, M5.14, M8.1)."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Fault
from planner.problem.checks.scope import Scope, listed, warning
from planner.problem.deals import Deal, EquityTranches, Lease, Loan, Offtake, PurchaseCommitment, Warrants
from planner.problem.problem import covers


def endless_leases(scope: Scope) -> Iterator[Fault]:
    """M5.14: a leased unit ends with its term or its life; without either nothing says what is still due."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, Lease) or deal.term_years is not None:
            continue
        endless = [b.id for b in scope.request.blocks if b.life_years is None and covers(deal, None, b)]
        if endless:
            yield warning(
                ("deals", i, "term_years"),
                f"lease {deal.id} has no term_years and {listed(endless)} no life_years: what it costs after the "
                f"horizon ({scope.span}) is unknown and not counted",
                "state term_years",
            )


def money_without_effect(scope: Scope) -> Iterator[Fault]:
    """Money that neither an objective counts nor a budget takes in changes nothing."""
    for i, deal in enumerate(scope.request.deals):
        if isinstance(deal, PurchaseCommitment) or _counted(scope, deal):
            continue
        why = _unused(scope, deal)
        if not why:
            continue
        objectives = listed([o.name for o in scope.request.objective])
        if isinstance(deal, Loan | Lease):
            message = f"{deal.kind} {deal.id} relieves nothing: {why}, and {objectives} counts no money"
            yield warning(("deals", i), message, "state a budget, or an objective that counts money")
        elif not (isinstance(deal, Offtake) and max(scope.values(deal.minimum)) > 0):
            message = f"{deal.kind} {deal.id} changes nothing: {why}, and {objectives} does not count its money"
            yield warning(("deals", i), message, _remedy(deal, why))


def _counted(scope: Scope, deal: Deal) -> bool:
    """True where an objective counts the deal's money (M8.1)."""
    names = {o.name for o in scope.request.objective}
    if isinstance(deal, Loan | Lease):
        return any(o.counts_money for o in scope.request.objective)
    if isinstance(deal, Warrants):
        sold = deal.monetise > 0
        held = deal.monetise < 1
        return (sold and "net_cost" in names) or ("value" in names and (held or deal.value_share > 0))
    return "net_cost" in names or ("value" in names and deal.value_share > 0)


def _unused(scope: Scope, deal: Deal) -> str:
    """Why the budget takes none of the deal's money; empty where it does (M4.1)."""
    budget = scope.request.budget
    if budget is None or not budget.covers:
        return "there is no budget"
    if isinstance(deal, Offtake) and budget.revenue_share == 0:
        return "the budget takes in no revenue (revenue_share is 0)"
    if isinstance(deal, Warrants) and deal.monetise == 0:
        return "none of its shares is sold (monetise is 0)"
    return ""


def _remedy(deal: Deal, why: str) -> str:
    if "revenue_share" in why:
        return "state budget.revenue_share, or maximize value or minimize net_cost"
    if "monetise" in why:
        return "state monetise, or maximize value"
    if isinstance(deal, EquityTranches):
        return "state a budget, minimize net_cost, or maximize value with counts_in_value"
    return "state a budget, maximize value or minimize net_cost"
