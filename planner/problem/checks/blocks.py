"""Blocks that can never be bought, fit nowhere, or could be bought without end (section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Fault
from planner.problem.block import Block
from planner.problem.checks.scope import Scope, amount_of, error, listed, warning
from planner.problem.problem import allowed, matches
from planner.problem.site import Site


def never_online(scope: Scope) -> Iterator[Fault]:
    """M2.2: no order may come online after the last period."""
    for i, block in enumerate(scope.request.blocks):
        lead = scope.up(block.lead_months)
        first = 0 if block.available_from is None else max(0, scope.starts(block.available_from))
        if first + lead >= scope.periods:
            since = block.available_from or scope.request.horizon.start
            yield warning(
                ("blocks", i),
                f"{block.id} can never come online: ordered from {since} it needs {block.lead_months:g} months, "
                f"and the horizon is {scope.span}",
                "lengthen the horizon or leave the block out",
            )


def supply_enough(scope: Scope) -> Iterator[Fault]:
    """M2.4, M2.5: the vendor delivers at least the smallest order that a site takes. A supply of 0 throughout is meant:
    such a block is listed for its existing units."""
    for i, block in enumerate(scope.request.blocks):
        if block.supply is None:
            continue
        most = max(scope.values(block.supply))
        least = max(block.min_per_site or 0, 1)
        if 0 < most < least or (most <= 0 and isinstance(block.supply, tuple) and block.supply[-1].value > 0):
            needed = f"min_per_site is {least}" if least > 1 else "one whole unit is the least"
            message = f"{block.id} can never be bought: supply reaches {most:g} units in the horizon, {needed}"
            yield warning(("blocks", i, "supply"), message)


def finite_limit(scope: Scope) -> Iterator[Fault]:
    """Section 0: power, land, a resource, supply or ``max_per_site`` limits every block at every site."""
    for i, block in enumerate(scope.request.blocks):
        if block.it_mw > 0 or block.footprint_ha > 0 or block.supply is not None or block.max_per_site is not None:
            continue
        free = [
            s.id for s in scope.sites if s.status != "excluded" and allowed(block, s) and not _limited(scope, block, s)
        ]
        if free:
            yield error(
                ("blocks", i),
                f"nothing limits {block.id} at {listed(free)}: it draws no power, takes no land, uses no resource "
                "stated there and has neither supply nor max_per_site",
                "state it_mw, footprint_ha, supply or max_per_site",
            )


def _limited(scope: Scope, block: Block, site: Site) -> bool:
    if any(amount > 0 and name in site.resources for name, amount in block.uses.items()):
        return True
    pools = scope.request.supply_pools
    return any(amount_of(block, pool.metric) > 0 and matches(pool.filter, site, block) for pool in pools)


def fits_somewhere(scope: Scope) -> Iterator[Fault]:
    """M2.3, M3.4, M3.5: at least one site may take the block, and one unit of it fits there."""
    usable = [s for s in scope.sites if s.status != "excluded"]
    best = {s.id: max(scope.it_mw[s.id]) for s in usable}
    for i, block in enumerate(scope.request.blocks):
        places = [s for s in usable if allowed(block, s)]
        if usable and not places:
            hint = "see allowed_regions and forbidden_regions"
            yield warning(("blocks", i), f"{block.id} is allowed at no site", hint)
        if not places:
            continue
        most = max(places, key=lambda s: best[s.id])
        if block.it_mw > best[most.id] * (1 + 1e-9) and block.it_mw > 0:
            yield warning(
                ("blocks", i, "it_mw"),
                f"{block.id} fits at no site: it draws {block.it_mw:,.6g} IT MW, the most that a site carries is "
                f"{best[most.id]:,.6g} IT MW ({most.id}, grid over peak PUE)",
                "are kW written where MW is meant?" if block.it_mw > 50 * best[most.id] else "",
            )
        land = {} if scope.ground is None else {g.site: g.buildable_ha for g in scope.ground.sites}
        room = max((land.get(s.id, float("inf")) for s in places), default=0.0)
        if block.footprint_ha > room * (1 + 1e-9):
            yield warning(
                ("blocks", i, "footprint_ha"),
                f"{block.id} fits at no site: it takes {block.footprint_ha:,.6g} ha, the most buildable land is "
                f"{room:,.6g} ha",
            )


def regions_agree(scope: Scope) -> Iterator[Fault]:
    """A region is not both allowed and forbidden."""
    for i, block in enumerate(scope.request.blocks):
        both = [r for r in block.allowed_regions or () if r in block.forbidden_regions]
        if both:
            yield warning(("blocks", i, "forbidden_regions"), f"{listed(both)}: allowed and forbidden; forbidden wins")


def late_payments(scope: Scope) -> Iterator[Fault]:
    """M4.5: a payment so late that every order's falls due after the horizon."""
    for i, block in enumerate(scope.request.blocks):
        for j, payment in enumerate(block.payments or ()):
            if payment.share > 0 and scope.up(payment.months) >= scope.periods:
                message = f"{payment.share:.0%} of {block.id} always falls due after the horizon ({scope.span})"
                yield warning(("blocks", i, "payments", j, "months"), message, "it is reported as after_horizon")
