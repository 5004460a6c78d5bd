"""Land: standing units within the buildable hectares, every site and period (M3.5)."""

from __future__ import annotations

import numpy as np

from planner.verify.findings import Array, Findings, num
from planner.verify.world import World

FAMILY = "land"


def standing_ha(world: World) -> Array:
    """Hectares under standing units."""
    return world.units.by_site(world.units.standing * world.units.per_block(lambda block: block.footprint_ha))


def check(world: World, found: Findings) -> None:
    """``sum(footprint_ha * standing) <= buildable_ha``."""
    taken = standing_ha(world)
    buildable = np.repeat(np.array([[g.buildable_ha] for g in world.ground]), world.periods, axis=1)

    def tell(at: tuple[int, ...], excess: float) -> None:
        site, month = world.sites[at[0]].id, world.months[at[1]]
        say = f"{site} covers {num(taken[at])} ha in {month}; buildable {num(buildable[at])}; short {num(excess)}"
        found.add("M3.5", FAMILY, site, month, say, excess)

    found.at_most(taken, buildable, tell)
