"""Deals that contradict themselves or each other (section 5); :mod:`deal_reach` holds them against sites and supply."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from planner.errors import Fault
from planner.problem.checks.names import folded
from planner.problem.checks.references import unknown
from planner.problem.checks.scope import Path, Scope, error, warning
from planner.problem.deals import EquityTranches, Loan, Offtake, PurchaseCommitment, Warrants
from planner.problem.schedule import month_number


def deal_names(scope: Scope) -> Iterator[Fault]:
    """``own`` stands for no lease in an order's ``terms``."""
    for i, deal in enumerate(scope.request.deals):
        if folded(deal.id) == "own":
            yield error(("deals", i, "id"), f"{deal.id!r} means bought, not leased", "give the deal another id")


def exclusions(scope: Scope) -> Iterator[Fault]:
    """M5.7: of two deals that exclude each other at least one is optional; both exist and are two."""
    deals = {d.id: d for d in scope.request.deals}
    told: set[frozenset[str]] = set()
    for i, deal in enumerate(scope.request.deals):
        for j, name in enumerate(deal.exclusive_with):
            path: Path = ("deals", i, "exclusive_with", j)
            pair = frozenset({deal.id, name})
            if name == deal.id:
                yield error(path, f"{deal.id} excludes itself", "name the other deal")
                continue
            if name not in deals:
                yield unknown("deal", path, name, [d for d in deals if d != deal.id])
                continue
            if pair in told:
                continue
            told.add(pair)
            other = deals[name]
            if not deal.optional and not other.optional:
                message = f"{deal.id} and {name} exclude each other and neither is optional: both would be signed"
                yield error(path, message, "write optional: true on at least one of them")
            elif deal.optional != other.optional:
                never, always = (deal, other) if deal.optional else (other, deal)
                message = f"{never.id} can never be signed: it excludes {always.id}, which is signed"
                yield warning(path, message, f"write optional: true on {always.id} too")


def tranche_order(scope: Scope) -> Iterator[Fault]:
    """M5.1, M5.2: tranches rise strictly in ``at``."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, EquityTranches | Warrants):
            continue
        for j, (a, b) in enumerate(pairwise(t.at for t in deal.tranches), start=1):
            if b <= a:
                message = f"tranche {j + 1} of {deal.id} is at {b:,.10g}, tranche {j} before it at {a:,.10g}"
                hint = "list tranches in rising order of `at`, each `at` once; `at` is progress in total"
                yield error(("deals", i, "tranches", j, "at"), message, hint)


def promise_order(scope: Scope) -> Iterator[Fault]:
    """M5.3: promises rise in ``by``, and what is promised in total does not fall."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, PurchaseCommitment):
            continue
        for j, (a, b) in enumerate(pairwise(deal.commitments), start=1):
            path: Path = ("deals", i, "commitments", j)
            if month_number(b.by) <= month_number(a.by):
                message = f"promise {j + 1} of {deal.id} is due by {b.by}, promise {j} before it by {a.by}"
                yield error((*path, "by"), message, "list promises in rising order of `by`, each month once")
            elif b.at < a.at:
                message = f"{deal.id} promises {a.at:,.10g} by {a.by} and only {b.at:,.10g} by {b.by}"
                yield error((*path, "at"), message, "`at` is progress in total, it cannot fall")


def hurdles(scope: Scope) -> Iterator[Fault]:
    """M5.2: hurdles that the assumed price never meets, and warrants that are worth nothing at it."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, Warrants):
            continue
        prices = scope.values(deal.share_price_usd)
        last = scope.periods - 1 if deal.expires is None else min(scope.contains(deal.expires), scope.periods - 1)
        if last < 0:
            continue  # told where dates are
        best = max(prices[: last + 1])
        path: Path = ("deals", i)
        if best <= 0 and any(t.price_hurdle_usd > 0 for t in deal.tranches):
            yield error(
                (*path, "share_price_usd"),
                f"{deal.id} has price hurdles and a share price of 0 up to {scope.month(last)}",
                "state share_price_usd, a number or steps from the start of the horizon",
            )
            continue
        for j, tranche in enumerate(deal.tranches):
            if tranche.price_hurdle_usd > best:
                yield warning(
                    (*path, "tranches", j, "price_hurdle_usd"),
                    f"tranche {j + 1} of {deal.id} never vests: its hurdle is {tranche.price_hurdle_usd:,.10g} USD, the "
                    f"highest assumed price up to {scope.month(last)} is {best:,.10g} USD",
                )
        if max(prices) <= deal.exercise_usd or deal.haircut == 1:
            why = (
                "the haircut is 1" if deal.haircut == 1 else f"the assumed price never exceeds {max(prices):,.10g} USD"
            )
            yield warning(path, f"{deal.id} is worth nothing: {why}, exercise_usd is {deal.exercise_usd:,.10g}")


def loan_terms(scope: Scope) -> Iterator[Fault]:
    """M5.5: the limit is cumulative; covered lines matter only with ``max_share``."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, Loan):
            continue
        path: Path = ("deals", i)
        if isinstance(deal.limit_musd, tuple):
            for a, b in pairwise(deal.limit_musd):
                if b.value < a.value:
                    yield error(
                        (*path, "limit_musd"),
                        f"limit of {deal.id} is cumulative and cannot fall: {a.value:,.10g} from {a.from_}, then "
                        f"{b.value:,.10g} from {b.from_}",
                        "state draws in total; what is paid back does not come off it",
                    )
        never = "its limit_musd is 0 throughout" if max(scope.values(deal.limit_musd)) <= 0 else ""
        never = "its max_share is 0" if deal.max_share == 0 else never
        if deal.lines is not None and not deal.lines and deal.max_share is not None:
            never = "it covers no lines"
        if never:
            yield warning(path, f"nothing can be drawn of loan {deal.id}: {never}")
        if deal.max_share is None:
            stated = [name for name in ("lines", "filter", "vendor") if name in deal.model_fields_set]
            if stated:
                message = f"{' and '.join(stated)} of {deal.id} have no effect without max_share"
                yield warning((*path, stated[0]), message, "state max_share, the share of covered capex that it lends")
        if len(set(deal.lines or ())) < len(deal.lines or ()):
            yield warning((*path, "lines"), f"loan {deal.id} names a line twice")


def offtake_bounds(scope: Scope) -> Iterator[Fault]:
    """M5.6: ``minimum`` within ``maximum``; a maximum that starts late is 0 before."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, Offtake) or deal.maximum is None:
            continue
        low, high = scope.values(deal.minimum), scope.values(deal.maximum)
        p = next((p for p in range(scope.periods) if low[p] > high[p]), None)
        if p is not None:
            message = f"{deal.id}: minimum {low[p]:,.10g} is above maximum {high[p]:,.10g} in {scope.month(p)}"
            yield error(("deals", i, "minimum"), message)
        elif isinstance(deal.maximum, tuple) and scope.starts(deal.maximum[0].from_) > 0:
            message = f"before {deal.maximum[0].from_} this maximum is 0: nothing can be sold to {deal.id} until then"
            hint = f'state a step from "{scope.request.horizon.start}" if that is not meant'
            yield warning(("deals", i, "maximum"), message, hint)
