"""The most that a deal's progress, or what is energised of its units, can ever be: by supply, and by the grid."""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.problem.block import Block
from planner.problem.checks.scope import Scope
from planner.problem.deals import Deal, DealMetric, Lease
from planner.problem.problem import allowed, covers
from planner.problem.site import Site


@dataclass(frozen=True)
class Most:
    """Bounds on progress in every period, in the deal's metric; ``inf``: none."""

    supply: list[float]
    grid: list[float]

    def at(self, p: int) -> tuple[float, str]:
        """The smaller one, and what sets it."""
        if self.supply[p] <= self.grid[p]:
            return self.supply[p], "supply"
        return self.grid[p], "the grid of its sites"


def most(scope: Scope, deal: Deal, metric: DealMetric | None = None, ordered: bool | None = None) -> Most:
    """Bounds from supply (and ``max_per_site``) and from power; both allow more than any plan can reach, never less.

    ``ordered`` and ``metric`` default to what the deal counts.
    """
    metric = deal.metric if metric is None else metric
    ordered = deal.counts == "ordered" if ordered is None else ordered
    sites = [s for s in scope.sites if s.status != "excluded" and covers(deal, s, None)]
    blocks = [b for b in scope.request.blocks if covers(deal, None, b)]
    supply = [0.0] * scope.periods
    grid = [0.0] * scope.periods
    for block in blocks:
        value = worth(scope, block, metric)
        places = [s for s in sites if allowed(block, s)]
        if places and value > 0:
            units = [_delivered(scope, block, places, p, ordered) for p in range(scope.periods)]
            supply = [a + n * value for a, n in zip(supply, units, strict=True)]
    for site in sites:
        there = [b for b in blocks if allowed(b, site)]
        grid = [a + _carried(scope, site, there, metric, p, ordered) for p, a in enumerate(grid)]
    if deal.counts_existing:
        placed = _existing(scope, deal, sites, metric, ordered)
        supply = [a + b for a, b in zip(supply, placed, strict=True)]
        grid = [a + b for a, b in zip(grid, placed, strict=True)]
    return Most(supply, grid)


def worth(scope: Scope, block: Block, metric: DealMetric) -> float:
    """The most that one unit counts; a price that changes is taken at its highest."""
    if metric == "capex_musd":
        return max(scope.values(block.capex_musd))
    return 1.0 if metric == "units" else float(getattr(block, metric))


def _delivered(scope: Scope, block: Block, places: list[Site], p: int, ordered: bool) -> float:
    """Units that supply and ``max_per_site`` allow to be ordered (or online) by p."""
    lead = scope.up(block.lead_months)
    q = min(p, scope.periods - 1 - lead) if ordered else p - lead
    first = 0 if block.available_from is None else max(0, scope.starts(block.available_from))
    if q < first or not any(scope.usable_from(s) <= q for s in places):
        return 0.0
    total = math.inf if block.supply is None else math.floor(scope.values(block.supply)[q] + 1e-9)
    return total if block.max_per_site is None else min(total, block.max_per_site * len(places))


def _carried(scope: Scope, site: Site, blocks: list[Block], metric: DealMetric, p: int, ordered: bool) -> float:
    """What a site's grid carries of units that have come online by p: full once in every life, since retired ones stay
    counted (section 5)."""
    values = [(worth(scope, b, metric), b.it_mw) for b in blocks]
    if not any(value > 0 for value, _ in values):
        return 0.0
    if any(mw <= 0 < value for value, mw in values):
        return math.inf
    density = max(value / mw for value, mw in values if value > 0)
    life = min(_life(scope, b) for b in blocks)
    last = p + max(scope.up(b.lead_months) for b in blocks) if ordered else p
    last = min(last, scope.periods - 1)
    return density * sum(max(scope.it_mw[site.id][max(0, e - life + 1) : e + 1]) for e in range(last, -1, -life))


def _life(scope: Scope, block: Block) -> int:
    """The shortest that a unit may stay online, periods: its life, a lease's term, or one where it may retire early."""
    if block.early_retirement:
        return 1
    years = [d.term_years for d in scope.request.deals if isinstance(d, Lease) and covers(d, None, block)]
    ends = [max(1, int(y * 12 / scope.length + 0.5)) for y in (*years, block.life_years) if y is not None]
    return min(ends, default=scope.periods)


def _existing(scope: Scope, deal: Deal, sites: list[Site], metric: DealMetric, ordered: bool) -> list[float]:
    out = [0.0] * scope.periods
    for site in sites:
        for there in site.existing:
            block = scope.blocks.get(there.block)
            if block is None or not covers(deal, site, block):
                continue
            first = 0 if ordered else max(0, scope.starts(there.online_from))
            for p in range(first, scope.periods):
                out[p] += there.units * worth(scope, block, metric)
    return out
