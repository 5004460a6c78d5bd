"""Orders: where, when and how many of a block may be ordered (M2.2, M2.3, M2.5)."""

from __future__ import annotations

from collections import Counter

from planner.problem.block import Block
from planner.problem.site import Site
from planner.verify.findings import Findings
from planner.verify.world import World

FAMILY = "orders"


def check(world: World, found: Findings) -> None:
    """Every order lies in its window; every site holds none, or between the least and the most of a block."""
    total: Counter[tuple[int, int]] = Counter()
    lead = [world.calendar.lag(b.lead_months) for b in world.blocks]
    first = [world.calendar.effective(b.available_from) for b in world.blocks]
    for s, k, p, units, _ in world.rows.orders:
        site, block, month = world.sites[s], world.blocks[k], world.months[p]
        total[s, k] += units
        found.checked += 4
        if not units:
            continue
        subject = f"{site.id} {block.id}"
        if p < first[k]:
            say = f"{subject}: {units} ordered in {month}; {block.id} is available from {block.available_from}"
            found.add("M2.3", FAMILY, subject, month, say, first[k] - p)
        if p < world.opens[s]:
            when = "never opens" if world.opens[s] >= world.periods else f"opens in {world.months[world.opens[s]]}"
            found.add("M2.3", FAMILY, subject, month, f"{subject}: {units} ordered in {month}; {site.id} {when}", units)
        if not block_allowed(block, site):
            say = f"{subject}: {units} ordered in {month}, but {block.id} is not allowed in {_places(site)}"
            found.add("M2.3", FAMILY, subject, month, say, units)
        if p + lead[k] > world.periods - 1:
            arrives, last = world.calendar.label(p + lead[k]), world.months[-1]
            say = f"{subject}: {units} ordered in {month} come online in {arrives}, after the last period {last}"
            found.add("M2.2", FAMILY, subject, month, say, p + lead[k] - world.periods + 1)
    for (s, k), units in total.items():
        block, subject = world.blocks[k], f"{world.sites[s].id} {world.blocks[k].id}"
        found.checked += 2
        if block.max_per_site is not None and units > block.max_per_site:
            over = units - block.max_per_site
            say = f"{subject}: {units} units ordered; max_per_site {block.max_per_site}; {over} too many"
            found.add("M2.5", FAMILY, subject, None, say, over)
        if block.min_per_site is not None and 0 < units < block.min_per_site:
            short = block.min_per_site - units
            say = f"{subject}: {units} units ordered; min_per_site {block.min_per_site}; short {short}"
            found.add("M2.5", FAMILY, subject, None, say, short)


def block_allowed(block: Block, site: Site) -> bool:
    """Regions of a block match the site's region, country or any of its tags; an empty name matches nothing (M2.3)."""
    names = {name for name in (site.region, site.country, *site.tags) if name}
    if any(name in names for name in block.forbidden_regions):
        return False
    return block.allowed_regions is None or any(name in names for name in block.allowed_regions)


def _places(site: Site) -> str:
    return ", ".join(n for n in (site.region, site.country, *site.tags) if n) or "a place without region or tags"
