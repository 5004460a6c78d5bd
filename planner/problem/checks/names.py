"""No two things of one sort share a name, however it is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from planner.errors import Fault
from planner.problem.checks.scope import Path, Scope, error, warning


def folded(name: str) -> str:
    """A name as a reader takes it: one Unicode form, no difference of case, no blanks around it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


def repeated(sort: str, names: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    """A fault for every name that stands there already."""
    seen: dict[str, tuple[Path, str]] = {}
    for path, name in names:
        key = folded(name)
        if key in seen:
            where = Fault(seen[key][0], "").where
            how = "the same" if name == seen[key][1] else f"read as the same as {seen[key][1]!r}"
            yield error(path, f"{sort} id {name!r} is {how} at {where}", "give each its own id")
        else:
            seen[key] = (path, name)


def request_names(scope: Scope) -> Iterator[Fault]:
    """Ids of blocks, demands, markets, exclusions, pools, deals and policies are unique."""
    r = scope.request
    yield from repeated("block", [(("blocks", i, "id"), b.id) for i, b in enumerate(r.blocks)])
    yield from repeated("supply pool", [(("supply_pools", i, "id"), p.id) for i, p in enumerate(r.supply_pools)])
    yield from repeated("demand", [(("demand", i, "id"), d.id) for i, d in enumerate(r.demand)])
    yield from repeated("market", [(("markets", i, "id"), m.id) for i, m in enumerate(r.markets)])
    yield from repeated("deal", [(("deals", i, "id"), d.id) for i, d in enumerate(r.deals)])
    yield from repeated("policy", [(("policies", i, "id"), p.id) for i, p in enumerate(r.policies) if p.id])
    yield from repeated("exclusion", [(("land", "exclusions", i, "id"), e.id) for i, e in enumerate(r.land.exclusions)])


def vendor_names(scope: Scope) -> Iterator[Fault]:
    """One vendor is written one way: shares and filters tell ``Nvidia`` from ``nvidia``."""
    seen: dict[str, str] = {}
    for i, block in enumerate(scope.request.blocks):
        first = seen.setdefault(folded(block.vendor), block.vendor)
        if first != block.vendor:
            yield warning(("blocks", i, "vendor"), f"vendor {block.vendor!r} is taken for another than {first!r}")


def site_names(scope: Scope) -> Iterator[Fault]:
    """Site ids are unique."""
    yield from repeated("site", [(scope.at(s, "id"), s.id) for s in scope.sites])
