"""Deals against sites, supply and power: what they cover, and whether what they ask can ever be there (section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from planner.errors import Fault
from planner.problem.block import Block
from planner.problem.checks.amounts import SLACK, carried
from planner.problem.checks.progress import most
from planner.problem.checks.scope import UNITS, Scope, error, listed, warning
from planner.problem.deals import Deal, EquityTranches, Lease, Loan, Offtake, PurchaseCommitment, Warrants
from planner.problem.faults import suggestion
from planner.problem.problem import allowed, covers, matches
from planner.problem.site import Site

DEAL_UNITS = {**UNITS, "capex_musd": "MUSD"}
BLOCK_LINES = frozenset({"blocks", "tariffs", "sales_tax", "unpaid"})
PLACES = {"regions": "region", "countries": "country", "tags": "tags"}


def coverage(scope: Scope) -> Iterator[Fault]:
    """A deal that covers nothing; for a lease on sites that do not exist this is an error (M5.4)."""
    for i, deal in enumerate(scope.request.deals):
        if _misnamed(scope, deal):
            continue  # told where names are
        anywhere = [s for s in scope.sites if matches(deal.filter, s, None)]
        if isinstance(deal, Lease) and scope.sites and not anywhere:
            yield error(("deals", i, "filter"), *_no_such_sites(scope, deal))
            continue
        why = _covers_nothing(scope, deal, [s for s in anywhere if s.status != "excluded"])
        if why:
            yield warning(("deals", i), f"{deal.kind} {deal.id} covers nothing: {why}", "see its vendor and filter")


def _misnamed(scope: Scope, deal: Deal) -> bool:
    f = deal.filter
    known = set(f.sites or ()) <= set(scope.by_id) and set(f.blocks or ()) <= set(scope.blocks)
    known = known and set(f.vendors or ()) <= set(scope.vendors) and deal.vendor in {None, *scope.vendors}
    return not known or any(value == () for _, value in f)


def _no_such_sites(scope: Scope, deal: Deal) -> tuple[str, str]:
    asked = [(sort, n) for key, sort in PLACES.items() for n in getattr(deal.filter, key) or ()]
    known = {sort: {v for s in scope.sites for v in _values(s, sort)} for _, sort in PLACES.items()}
    wrong = next(((sort, n) for sort, n in asked if n not in known[sort]), None)
    message = f"lease {deal.id} is on sites that do not exist: none of {len(scope.sites)} lies inside its filter"
    if wrong is None:
        return message, "its sites, regions, countries and tags never meet at one site"
    sort, name = wrong
    return f"{message}; no site has {sort} {name!r}", suggestion(name, sorted(known[sort]))


def _values(site: Site, sort: str) -> tuple[str, ...]:
    value = getattr(site, sort)
    return tuple(value) if isinstance(value, tuple) else (value,) if value else ()


def _covers_nothing(scope: Scope, deal: Deal, sites: list[Site]) -> str:
    blocks = [b for b in scope.request.blocks if covers(deal, None, b)]
    if not sites:
        return "no site that can open lies inside its filter"
    if isinstance(deal, Loan) and not (deal.lines and set(deal.lines) <= BLOCK_LINES):
        return ""  # openings and construction belong to no block (M5.15)
    if not blocks:
        return "no block lies inside its filter and vendor"
    if any(allowed(b, s) or any(e.block == b.id for e in s.existing) for s in sites for b in blocks):
        return ""
    return f"none of {listed([b.id for b in blocks])} is allowed at {listed([s.id for s in sites])}"


def promises_within_reach(scope: Scope) -> Iterator[Fault]:
    """M5.3: promises above what supply delivers and the grid carries by their date."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, PurchaseCommitment) or _misnamed(scope, deal):
            continue
        bounds = most(scope, deal)
        for promise in deal.commitments:
            p = max(0, scope.contains(promise.by))
            if p >= scope.periods:
                continue
            highest, what = bounds.at(p)
            if promise.at <= highest * SLACK:
                continue
            unit = DEAL_UNITS[deal.metric]
            message = (
                f"{deal.id} promises {promise.at:,.6g} {unit} {deal.counts} by {promise.by}; {what} allows at most "
                f"{highest:,.6g} {unit}; short {promise.at - highest:,.6g}"
            )
            if promise.shortfall_musd_per_unit is not None:
                yield warning(("deals", i), f"{message}; the missing part will pay")
            elif deal.optional:
                yield warning(("deals", i), f"{message}: it can never be signed")
            else:
                ways = "lower `at`, add supply, sites or grid, or state shortfall_musd_per_unit"
                yield error(("deals", i), message, ways)


def tranches_within_reach(scope: Scope) -> Iterator[Fault]:
    """M5.1, M5.2: tranches that no plan inside the horizon can reach; one warning a deal."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, EquityTranches | Warrants) or _misnamed(scope, deal):
            continue
        highest, what = most(scope, deal).at(scope.periods - 1)
        marks = [t.at for t in deal.tranches]
        far = [j for j, at in enumerate(marks) if at > highest * SLACK]
        if far and highest > 0:
            unit = DEAL_UNITS[deal.metric]
            which = f"tranche {far[0] + 1}" if len(far) == 1 else f"{len(far)} tranches from number {far[0] + 1} on"
            message = (
                f"{which} of {deal.id} cannot be reached: {marks[far[0]]:,.6g} {unit} are asked, "
                f"{what} allows at most {highest:,.6g} by {scope.month(scope.periods - 1)}"
            )
            yield warning(("deals", i, "tranches", far[0], "at"), message, "nothing is counted of them")


def offtake_within_reach(scope: Scope) -> Iterator[Fault]:
    """M5.6: a minimum above what the grids of all covered sites carry."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, Offtake) or _misnamed(scope, deal):
            continue
        asked, have = scope.values(deal.minimum), _energised(scope, deal)
        p = next((p for p in range(scope.periods) if asked[p] > have[p] * SLACK), None)
        if p is None:
            continue
        unit = UNITS[deal.sold_metric]
        message = (
            f"{deal.id} asks at least {asked[p]:,.6g} {unit} in {scope.month(p)}; the sites that it covers carry at most "
            f"{have[p]:,.6g} {unit}, grid over peak PUE and supply; short {asked[p] - have[p]:,.6g}"
        )
        if deal.shortfall_musd_per_unit_year is not None:
            yield warning(("deals", i, "minimum"), f"{message}; the missing part will pay")
        elif deal.optional:
            yield warning(("deals", i, "minimum"), f"{message}: it can never be signed")
        else:
            ways = "lower the minimum, let it start later, or state shortfall_musd_per_unit_year"
            yield error(("deals", i, "minimum"), message, ways)


def lease_minimum_used(scope: Scope) -> Iterator[Fault]:
    """M5.4: a minimum that even full sites could not use in the last period is paid for nothing."""
    for i, deal in enumerate(scope.request.deals):
        if not isinstance(deal, Lease) or _misnamed(scope, deal):
            continue
        asked = scope.values(deal.minimum_mw)[-1]
        sites, blocks = _covered(scope, deal)
        have = sum(column[-1] for column in carried(scope, sites, blocks, "it_mw").values())
        if asked > have * SLACK and sites:
            message = (
                f"{deal.id} pays for at least {asked:,.6g} IT MW; its sites carry at most {have:,.6g} IT MW in "
                f"{scope.month(scope.periods - 1)}, grid over peak PUE"
            )
            yield warning(("deals", i, "minimum_mw"), message, "facility MW, or kW, for IT MW?")


def _covered(scope: Scope, deal: Deal) -> tuple[list[Site], list[Block]]:
    sites = [s for s in scope.sites if s.status != "excluded" and covers(deal, s, None)]
    return sites, [b for b in scope.request.blocks if covers(deal, None, b)]


def _energised(scope: Scope, deal: Offtake) -> list[float]:
    """The most that can be energised of covered units, existing ones included, in every period."""
    sites, blocks = _covered(scope, deal)
    table = carried(scope, sites, blocks, deal.sold_metric).values()
    power = [sum(column) for column in zip(*table, strict=True)] or [0.0] * scope.periods
    counted = deal.model_copy(update={"counts_existing": True})
    bought = most(scope, counted, metric=deal.sold_metric, ordered=False)
    return [min(a, b) for a, b in zip(power, bought.supply, strict=True)]
