"""Every name that one part of a request uses exists in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.errors import Fault
from planner.problem.checks.names import folded
from planner.problem.checks.scope import Path, Scope, error, listed, warning
from planner.problem.faults import suggestion
from planner.problem.policies import Lock, VendorShare


def unknown(sort: str, path: Path, name: str, known: Iterable[str], hard: bool = True) -> Fault:
    """A name that nothing has, with the nearest one that something has."""
    names = list(known)
    twin = next((k for k in names if folded(k) == folded(name)), None)
    hint = f"did you mean {twin}? It is written differently" if twin else suggestion(name, names)
    return (error if hard else warning)(path, f"no {sort} is called {name!r}", hint)


def block_references(scope: Scope) -> Iterator[Fault]:
    """Blocks and vendors named by filters, deals, shares and locks."""
    blocks, vendors = scope.blocks, scope.vendors
    for path, _, found in scope.filters():
        for j, name in enumerate(found.blocks or ()):
            if name not in blocks:
                yield unknown("block", (*path, "blocks", j), name, blocks)
        for j, name in enumerate(found.vendors or ()):
            if name not in vendors:
                yield unknown("vendor", (*path, "vendors", j), name, vendors)
    for i, deal in enumerate(scope.request.deals):
        if deal.vendor is not None and deal.vendor not in vendors:
            yield unknown("vendor", ("deals", i, "vendor"), deal.vendor, vendors)
    for i, policy in enumerate(scope.request.policies):
        if isinstance(policy, VendorShare) and policy.vendor not in vendors:
            yield unknown("vendor", ("policies", i, "vendor"), policy.vendor, vendors)
        if isinstance(policy, Lock) and policy.order is not None and policy.order.block not in blocks:
            yield unknown("block", ("policies", i, "order", "block"), policy.order.block, blocks)


def empty_filters(scope: Scope) -> Iterator[Fault]:
    """A filter with an empty list lets nothing through."""
    for path, owner, found in scope.filters():
        for key, value in found:
            if value == ():
                message = f"an empty list: {owner} concerns nothing"
                yield warning((*path, key), message, "leave the key out to not restrict")


def site_references(scope: Scope) -> Iterator[Fault]:
    """Sites named by filters, locks and serving costs; blocks named by existing units."""
    sites = scope.by_id
    for path, _, found in scope.filters():
        for j, name in enumerate(found.sites or ()):
            if name not in sites:
                yield unknown("site", (*path, "sites", j), name, sites)
    for i, policy in enumerate(scope.request.policies):
        if isinstance(policy, Lock):
            name = policy.site or (policy.order.site if policy.order else "")
            place: Path = ("site",) if policy.site is not None else ("order", "site")
            if name not in sites:
                yield unknown("site", ("policies", i, *place), name, sites)
    for i, market in enumerate(scope.request.markets):
        for name in market.costs or ():
            if name not in sites:
                yield unknown("site", ("markets", i, "costs", name), name, sites)
    for site in scope.sites:
        for j, existing in enumerate(site.existing):
            if existing.block not in scope.blocks:
                fault = unknown("block", scope.at(site, "existing", j, "block"), existing.block, scope.blocks)
                yield Fault(fault.path, f"{site.id}: {fault.message}", fault.hint)


def place_references(scope: Scope) -> Iterator[Fault]:
    """Regions, countries and tags that no site has restrict to nothing: probably a slip of spelling."""
    known = {
        "regions": ("region", list(dict.fromkeys(s.region for s in scope.sites if s.region))),
        "countries": ("country", list(dict.fromkeys(s.country for s in scope.sites if s.country))),
        "tags": ("tag", list(dict.fromkeys(t for s in scope.sites for t in s.tags))),
    }
    for path, _, found in scope.filters():
        for key, (sort, names) in known.items():
            for j, name in enumerate(getattr(found, key) or ()):
                if name not in names:
                    yield unknown(f"site's {sort}", (*path, key, j), name, names, hard=False)
    places = list(dict.fromkeys(n for _, names in known.values() for n in names))
    for i, block in enumerate(scope.request.blocks):
        for key in ("allowed_regions", "forbidden_regions"):
            for j, name in enumerate(getattr(block, key) or ()):
                if name not in places:
                    place: Path = ("blocks", i, key, j)
                    yield unknown("site's region, country or tag", place, name, places, hard=False)


def resource_references(scope: Scope) -> Iterator[Fault]:
    """M3.7: a resource that no site states does not limit; one that no block uses limits nothing."""
    stated = list(dict.fromkeys(r for s in scope.sites for r in s.resources))
    used = list(dict.fromkeys(r for b in scope.request.blocks for r in b.uses))
    for i, block in enumerate(scope.request.blocks):
        for name in block.uses:
            if name not in stated:
                hint = suggestion(name, stated) if stated else "state resources at the sites"
                message = f"no site states {name!r}, so it does not limit {block.id}"
                yield warning(("blocks", i, "uses", name), message, hint)
    for name in stated:
        if name not in used:
            owners = [s for s in scope.sites if name in s.resources]
            message = f"no block uses {name!r}, stated by {listed([s.id for s in owners])}"
            hint = suggestion(name, used) if used else "state uses at the blocks"
            yield warning(scope.at(owners[0], "resources", name), message, hint)
