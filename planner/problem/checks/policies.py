"""Policies that contradict themselves, each other or the sites (M7.3)."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Fault
from planner.problem.block import Block
from planner.problem.checks.scope import Path, Scope, error, listed, warning
from planner.problem.deals import Lease
from planner.problem.faults import suggestion
from planner.problem.policies import (
    Forbid,
    Limit,
    Lock,
    LockOrder,
    Separation,
    SiteCount,
    SiteMinimum,
    VendorShare,
)
from planner.problem.problem import allowed, covers, matches
from planner.problem.site import Site


def least_and_most(scope: Scope) -> Iterator[Fault]:
    """A minimum is not above its maximum, and a policy states at least one of them."""
    for i, policy in enumerate(scope.request.policies):
        if not isinstance(policy, Limit | VendorShare | SiteCount):
            continue
        path: Path = ("policies", i)
        if policy.min is None and policy.max is None:
            yield error(path, f"{policy.kind} states neither min nor max", "state one of them")
        elif policy.min is not None and policy.max is not None:
            low, high = scope.values(policy.min), scope.values(policy.max)
            p = next((p for p in range(scope.periods) if low[p] > high[p]), None)
            if p is not None:
                when = f" in {scope.month(p)}" if isinstance(policy, Limit) else ""
                yield error((*path, "min"), f"{policy.kind}: min {low[p]:g} is above max {high[p]:g}{when}")


def limits_bite_early(scope: Scope) -> Iterator[Fault]:
    """A schedule of maxima is 0 before its first step (M1.2): most users mean no limit there."""
    for i, policy in enumerate(scope.request.policies):
        if isinstance(policy, Limit) and isinstance(policy.max, tuple):
            first = policy.max[0].from_
            if scope.starts(first) > 0:
                message = f"before {first} this maximum is 0: nothing is allowed until then"
                start = scope.request.horizon.start
                yield warning(("policies", i, "max"), message, f'state a step from "{start}" if that is not meant')


def shares_add_up(scope: Scope) -> Iterator[Fault]:
    """Minimum shares of several vendors in one metric stay within the whole, and maxima of all vendors reach it: else nothing may
    stand, which keeps them all. Shares that begin after the horizon have no effect (M1.3)."""
    shares = [(i, p) for i, p in enumerate(scope.request.policies) if isinstance(p, VendorShare)]
    shares = [(i, p) for i, p in shares if p.from_ is None or scope.starts(p.from_) < scope.periods]
    for metric in dict.fromkeys(p.metric for _, p in shares):
        low: dict[str, float] = {}
        high = dict.fromkeys(scope.vendors, 1.0)
        last = 0
        for i, policy in shares:
            if policy.metric == metric:
                last = i
                low[policy.vendor] = max(low.get(policy.vendor, 0.0), policy.min or 0.0)
                most = 1.0 if policy.max is None else policy.max
                high[policy.vendor] = min(high.get(policy.vendor, 1.0), most)
        if sum(low.values()) > 1 + 1e-9:
            message = f"minimum shares in {metric} sum to {sum(low.values()):g}, more than the whole: once all hold, nothing may stand"
            yield warning(("policies", last, "min"), message, f"vendors: {listed(list(low))}")
        if high and sum(high.values()) < 1 - 1e-9:
            message = f"maximum shares in {metric} sum to {sum(high.values()):g}: once all hold, nothing may stand"
            yield warning(("policies", last, "max"), message, f"vendors: {listed(list(high))}")


def site_counts(scope: Scope) -> Iterator[Fault]:
    """Enough sites for the least number, and not more committed or locked ones than the most."""
    locked = _locked(scope)
    for i, policy in enumerate(scope.request.policies):
        if not isinstance(policy, SiteCount):
            continue
        inside = [s for s in scope.sites if s.status != "excluded" and matches(policy.filter, s, None)]
        sure = [s.id for s in inside if s.status == "committed" or s.id in locked]
        if policy.min is not None and policy.min > len(inside):
            message = f"asks at least {policy.min} open sites; only {len(inside)} inside its filter can be open"
            yield error(("policies", i, "min"), message)
        if policy.max is not None and len(sure) > policy.max:
            message = f"allows {policy.max} open sites; {len(sure)} are committed or locked: {listed(sure)}"
            yield error(("policies", i, "max"), message)


def site_minima(scope: Scope) -> Iterator[Fault]:
    """A site too small for ``site_minimum`` cannot open; a committed one is open already."""
    for i, policy in enumerate(scope.request.policies):
        if not isinstance(policy, SiteMinimum):
            continue
        inside = [s for s in scope.sites if s.status != "excluded" and matches(policy.filter, s, None)]
        small = [s for s in inside if scope.it_mw[s.id][-1] * (1 + 1e-6) < policy.it_mw]
        for site in small:
            if site.status == "committed":
                message = (
                    f"{site.id} is committed but carries only {scope.it_mw[site.id][-1]:,.6g} IT MW in "
                    f"{scope.month(scope.periods - 1)}; {policy.it_mw:,.6g} are asked of every open site"
                )
                yield error(("policies", i, "it_mw"), message)
        names = [s.id for s in small if s.status == "candidate"]
        if names:
            message = f"{listed(names)} can never open: fewer than {policy.it_mw:,.6g} IT MW in the last period"
            yield warning(("policies", i, "it_mw"), message)


def _locked(scope: Scope) -> set[str]:
    """Sites that a lock opens."""
    locks = [p for p in scope.request.policies if isinstance(p, Lock)]
    return {p.site for p in locks if p.site} | {p.order.site for p in locks if p.order and _binds(scope, p.order)}


def _binds(scope: Scope, order: LockOrder) -> bool:
    """It orders anything, inside the horizon."""
    return order.units > 0 and scope.contains(order.month) < scope.periods


def site_locks(scope: Scope) -> Iterator[Fault]:
    """A locked site can open inside the horizon."""
    for i, policy in enumerate(scope.request.policies):
        if not isinstance(policy, Lock) or (policy.order is not None and not _binds(scope, policy.order)):
            continue
        site = scope.by_id.get(policy.site or (policy.order.site if policy.order else ""))
        if site is None:
            continue
        path: Path = ("policies", i, "site") if policy.site else ("policies", i, "order", "site")
        if site.status == "excluded":
            yield error(path, f"{site.id} is locked to open but its status is excluded", "remove one of the two")
        elif scope.usable_from(site) >= scope.periods:
            message = f"{site.id} is locked to open but is available from {site.available_from}, after the horizon"
            yield error(path, f"{message} ({scope.span})")
        elif _shut(scope, site) and site.status == "candidate":
            message = f"{site.id} is locked to open, and a forbid policy keeps it shut"
            yield error(path, message, "remove one of the two")


def _shut(scope: Scope, site: Site) -> bool:
    forbids = [p.filter for p in scope.request.policies if isinstance(p, Forbid)]
    return any(f.vendors is None and f.blocks is None and matches(f, site, None) for f in forbids)


def order_locks(scope: Scope) -> Iterator[Fault]:
    """A locked order is possible: its date, its block at its site, its supply and ``max_per_site``."""
    for i, policy in enumerate(scope.request.policies):
        if isinstance(policy, Lock) and policy.order is not None and policy.order.units > 0:
            for key, message, hint in _order_faults(scope, policy.order):
                yield error(("policies", i, "order", key), message, hint)


def _order_faults(scope: Scope, order: LockOrder) -> Iterator[tuple[str, str, str]]:
    p = scope.contains(order.month)
    if p < 0:
        hint = "what is ordered already belongs to `existing`"
        yield "month", f"{order.month} is before the horizon ({scope.span})", hint
        return
    block, site = scope.blocks.get(order.block), scope.by_id.get(order.site)
    if block is None or site is None or p >= scope.periods:
        return
    if p + scope.up(block.lead_months) >= scope.periods:
        yield "month", f"{block.id} ordered in {order.month} comes online after the horizon ({scope.span})", ""
    first = 0 if block.available_from is None else scope.starts(block.available_from)
    if p < first:
        yield "month", f"{block.id} is available from {block.available_from}, after {order.month}", ""
    if site.status != "excluded" and p < scope.usable_from(site) < scope.periods:
        yield "month", f"{site.id} is available from {site.available_from}, after {order.month}", ""
    yield from _terms_faults(scope, order, block, site)
    if not allowed(block, site):
        yield "block", f"{block.id} is not allowed at {site.id}", "see allowed_regions and forbidden_regions"
    if any(isinstance(f, Forbid) and matches(f.filter, site, block) for f in scope.request.policies):
        yield "block", f"a forbid policy bars {block.id} at {site.id}", "remove one of the two"
    if block.max_per_site is not None and order.units > block.max_per_site:
        yield "units", f"{order.units} units are more than max_per_site {block.max_per_site} of {block.id}", ""
    if block.supply is not None and order.units > scope.values(block.supply)[p] * (1 + 1e-9):
        have = scope.values(block.supply)[p]
        yield "units", f"{order.units} units are more than the supply of {block.id} by {order.month}: {have:g}", ""


def _terms_faults(scope: Scope, order: LockOrder, block: Block, site: Site) -> Iterator[tuple[str, str, str]]:
    """``own`` or a lease that covers the order; not ``own`` where a signed lease leaves no choice."""
    deals = {d.id: d for d in scope.request.deals}
    leases = [d for d in deals.values() if isinstance(d, Lease)]
    deal = deals.get(order.terms)
    if order.terms == "own":
        for lease in leases:
            if not lease.own_allowed and not lease.optional and covers(lease, site, block):
                message = f"{block.id} at {site.id} cannot be owned: lease {lease.id} is signed with own_allowed: false"
                yield "terms", message, f"write terms: {lease.id}"
    elif deal is None:
        yield "terms", f"no lease is called {order.terms!r}", suggestion(order.terms, ["own", *(x.id for x in leases)])
    elif not isinstance(deal, Lease):
        yield "terms", f"{deal.id} is a deal of kind {deal.kind}, not a lease", "write terms: own, or a lease's id"
    elif not covers(deal, site, block):
        yield "terms", f"lease {deal.id} does not cover {block.id} at {site.id}", "see its vendor and filter"


def separated_locks(scope: Scope) -> Iterator[Fault]:
    """Two sites that must open are not closer than a separation asks (two committed ones may be)."""
    if scope.ground is None:
        return
    must = _locked(scope)
    fixed = {s.id for s in scope.sites if s.status == "committed"}
    for i, policy in enumerate(scope.request.policies):
        if not isinstance(policy, Separation):
            continue
        for pair in scope.ground.close_pairs:
            both = {pair.a, pair.b}
            if pair.km < policy.km and both <= must | fixed and not both <= fixed:
                message = f"{pair.a} and {pair.b} must both be open and are only {pair.km:,.6g} km apart"
                yield error(("policies", i, "km"), message, f"{policy.km:g} km are asked")


def matching_filters(scope: Scope) -> Iterator[Fault]:
    """A policy whose filter lets no site or no block through does nothing."""
    for path, owner, found in scope.filters():
        if path[0] in {"demand", "deals"} or any(v == () for _, v in found):
            continue
        sites = [s for s in scope.sites if s.status != "excluded" and matches(found, s, None)]
        blocks = [b for b in scope.request.blocks if matches(found, None, b)]
        if not sites or not blocks:
            yield warning(path, f"no {'site' if not sites else 'block'} lies inside the filter of {owner}")
