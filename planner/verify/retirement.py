"""Early retirement: only blocks that allow it, only units that were online the period before (M2.7, A6)."""

from __future__ import annotations

from planner.verify.findings import Findings
from planner.verify.world import World

FAMILY = "retirement"


def check(world: World, found: Findings) -> None:
    """Retired units were there to retire."""
    for (s, k), asked in world.rows.retired.items():
        block, subject = world.blocks[k], f"{world.sites[s].id} {world.blocks[k].id}"
        for p, units in asked:
            found.checked += 2
            if units and not block.early_retirement:
                say = f"{subject}: {units} retire in {world.months[p]}, but {block.id} has no early_retirement"
                found.add("M2.7", FAMILY, subject, world.months[p], say, units)
    for over in world.units.overdrawn:
        subject, month = f"{world.sites[over.site].id} {world.blocks[over.block].id}", world.months[over.period]
        say = f"{subject}: {over.asked} retire in {month}; only {over.there} were online before and would stay"
        found.add("M2.7", FAMILY, subject, month, say, over.asked - over.there)
