"""Demand and markets against all power together (M7.1, M7.2, M3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from planner.errors import Fault
from planner.problem.block import Block
from planner.problem.checks.scope import UNITS, Scope, amount_of, error, listed, warning
from planner.problem.common import Filter, Metric
from planner.problem.demand import Demand, Market
from planner.problem.policies import SurviveAnySiteLoss
from planner.problem.problem import allowed, matches
from planner.problem.site import Site

SLACK = 1 + 1e-6


def carried(scope: Scope, sites: Iterable[Site], blocks: Sequence[Block], metric: Metric) -> dict[str, list[float]]:
    """The most that each site's grid carries in every period, IT MW times the densest block's metric per MW.

    A block that draws no power makes it endless.
    """
    out: dict[str, list[float]] = {}
    for site in sites:
        there = {e.block for e in site.existing}
        ratios = [_per_mw(b, metric) for b in blocks if b.id in there or allowed(b, site)]
        best = max(ratios, default=0.0)
        out[site.id] = [mw * best if mw > 0 else (best if best == float("inf") else 0.0) for mw in scope.it_mw[site.id]]
    return out


def _per_mw(block: Block, metric: Metric) -> float:
    amount = amount_of(block, metric)
    if amount == 0:
        return 0.0
    return amount / block.it_mw if block.it_mw > 0 else float("inf")


def _inside(scope: Scope, filter: Filter) -> tuple[list[Site], list[Block]]:
    sites = [s for s in scope.sites if s.status != "excluded" and matches(filter, s, None)]
    return sites, [b for b in scope.request.blocks if matches(filter, None, b)]


def demand_within_power(scope: Scope) -> Iterator[Fault]:
    """A demand larger than what all its sites' power carries from its date on."""
    for i, demand in enumerate(scope.request.demand):
        first = max(0, scope.contains(demand.by))
        if first >= scope.periods or demand.amount <= 0:
            continue
        sites, blocks = _inside(scope, demand.filter)
        say = error if demand.shortfall_musd_per_unit_year is None else warning
        after = "" if say is error else "; the missing part will pay"
        if not sites or not blocks:
            what = "site" if not sites else "block"
            yield say(("demand", i, "filter"), f"demand {demand.id}: no {what} lies inside its filter{after}")
            continue
        most = _most(scope, demand, sites, blocks)
        p = next((p for p in range(first, scope.periods) if demand.amount > most[p] * SLACK), None)
        if p is not None:
            yield say(("demand", i, "amount"), _short(scope, demand, sites, p, most[p]) + after, _ways(demand))


def _most(scope: Scope, demand: Demand, sites: list[Site], blocks: list[Block]) -> list[float]:
    vendors = list(dict.fromkeys(b.vendor for b in blocks)) if demand.single_vendor else [None]
    best = [0.0] * scope.periods
    for vendor in vendors:
        chosen = [b for b in blocks if vendor is None or b.vendor == vendor]
        table = carried(scope, sites, chosen, demand.metric).values()
        total = max if demand.single_site else sum
        best = [max(b, total(column)) for b, column in zip(best, zip(*table, strict=True), strict=True)]
    return best


def _short(scope: Scope, demand: Demand, sites: list[Site], p: int, most: float) -> str:
    unit = UNITS[demand.metric]
    if demand.single_site:
        who = "the largest of its sites carries"
    else:
        who = f"its {len(sites)} sites together carry" if len(sites) > 1 else f"its only site {sites[0].id} carries"
    mw = sum(scope.it_mw[s.id][p] for s in sites)
    power = "" if demand.metric == "it_mw" or demand.single_site else f" ({mw:,.6g} IT MW of the densest block)"
    return (
        f"demand {demand.id} asks {demand.amount:,.6g} {unit} by {demand.by}; in {scope.month(p)} {who} at most "
        f"{most:,.6g} {unit}{power}, grid over peak PUE; short {demand.amount - most:,.6g}"
    )


def _ways(demand: Demand) -> str:
    if demand.shortfall_musd_per_unit_year is not None:
        return ""
    return "lower the amount, add sites or grid, or price the missing part with shortfall_musd_per_unit_year"


def one_metric(scope: Scope) -> Iterator[Fault]:
    """All markets are served in one metric."""
    markets = scope.request.markets
    for i, market in enumerate(markets):
        if market.metric != markets[0].metric:
            message = f"market {market.id} counts {market.metric}, {markets[0].id} counts {markets[0].metric}"
            yield error(("markets", i, "metric"), message, "all markets share one metric")


def markets_within_power(scope: Scope) -> Iterator[Fault]:
    """Markets, together and each, larger than what the sites that may serve them carry."""
    markets = scope.request.markets
    if not markets or len({m.metric for m in markets}) > 1:
        return
    metric, unit = markets[0].metric, UNITS[markets[0].metric]
    sites = [s for s in scope.sites if s.status != "excluded"]
    table = carried(scope, sites, scope.request.blocks, metric)
    amounts = [scope.values(m.amount) for m in markets]
    short = False
    for i, (market, amount) in enumerate(zip(markets, amounts, strict=True)):
        reach = [s for s in sites if not _barred(scope, s, market)]
        if not reach and max(amount) > 0:
            short = True
            message = f"market {market.id} can be served from no site{_nearest(scope, sites, market)}"
            yield error(("markets", i), message)
            continue
        total = max if market.single_source else sum
        most = [total(column) for column in zip(*(table[s.id] for s in reach), strict=True)] if reach else []
        p = next((p for p, m in enumerate(most) if amount[p] > m * SLACK), None)
        if p is not None:
            short = True
            who = "the largest of" if market.single_source and len(reach) > 1 else "all"
            yield error(
                ("markets", i, "amount"),
                f"market {market.id} asks {amount[p]:,.6g} {unit} in {scope.month(p)}; {who} the {len(reach)} sites "
                f"that may serve it carry at most {most[p]:,.6g} {unit}, grid over peak PUE; "
                f"short {amount[p] - most[p]:,.6g}",
            )
    asked = [sum(column) for column in zip(*amounts, strict=True)]
    have = [sum(column) for column in zip(*table.values(), strict=True)] or [0.0] * scope.periods
    p = next((p for p in range(scope.periods) if asked[p] > have[p] * SLACK), None)
    if p is not None and not short:
        yield error(
            ("markets",),
            f"markets ask {asked[p]:,.6g} {unit} together in {scope.month(p)}; all {len(sites)} sites carry at most "
            f"{have[p]:,.6g} {unit}, grid over peak PUE; short {asked[p] - have[p]:,.6g}",
        )


def _barred(scope: Scope, site: Site, market: Market) -> bool:
    if market.costs is not None and site.id not in market.costs:
        return True
    km = _km(scope).get((site.id, market.id))
    return market.max_km is not None and km is not None and km > market.max_km


def _km(scope: Scope) -> dict[tuple[str, str], float]:
    return {} if scope.ground is None else {(d.a, d.b): d.km for d in scope.ground.markets}


def _nearest(scope: Scope, sites: list[Site], market: Market) -> str:
    if market.costs is not None and not set(market.costs) & {s.id for s in sites}:
        return ": costs lists none that can open"
    km = {s.id: _km(scope).get((s.id, market.id), float("inf")) for s in sites}
    if not km or market.max_km is None:
        return ""
    near = min(km, key=lambda s: km[s])
    return f" within {market.max_km:,.6g} km: the nearest is {near} at {km[near]:,.6g} km"


def survivable(scope: Scope) -> Iterator[Fault]:
    """What must survive the loss of any one site is carried by the others."""
    for i, policy in enumerate(scope.request.policies):
        if not isinstance(policy, SurviveAnySiteLoss) or policy.amount <= 0:
            continue
        first = 0 if policy.from_ is None else max(0, scope.starts(policy.from_))
        sites = [s for s in scope.sites if s.status != "excluded"]
        table = carried(scope, sites, scope.request.blocks, policy.metric)
        for p in range(first, scope.periods):
            column = sorted((values[p] for values in table.values()), reverse=True)
            most = sum(column[1:])
            if policy.amount > most * SLACK:
                unit = UNITS[policy.metric]
                yield error(
                    ("policies", i, "amount"),
                    f"{policy.amount:,.6g} {unit} must survive the loss of any site in {scope.month(p)}; without the "
                    f"largest of {listed([s.id for s in sites])} the others carry at most {most:,.6g} {unit}",
                )
                break
