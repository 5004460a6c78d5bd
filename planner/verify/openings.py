"""Openings: once, for good, not before the site is available, never an excluded one (M3.2)."""

from __future__ import annotations

from planner.verify.findings import Findings
from planner.verify.world import World

FAMILY = "openings"


def check(world: World, found: Findings) -> None:
    """Every listed opening is allowed."""
    for s, p in world.rows.opened.items():
        site, month = world.sites[s], world.months[p]
        found.checked += 1
        earliest = world.calendar.effective(site.available_from)
        if site.status == "excluded":
            found.add("M3.1", FAMILY, site.id, month, f"{site.id} opens in {month}, but it is excluded")
        elif site.status == "committed":
            if p != 0:
                say = f"{site.id} opens in {month}, but it is committed and open from {world.months[0]}"
                found.add("M3.2", FAMILY, site.id, month, say)
        elif p < earliest:
            say = f"{site.id} opens in {month}; available from {site.available_from}, {earliest - p} periods later"
            found.add("M3.2", FAMILY, site.id, month, say, earliest - p)
