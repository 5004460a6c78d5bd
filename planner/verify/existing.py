"""Existing units: they alone may stand idle, and only where the grid has no room for one more of them (M2.8, A5)."""

from __future__ import annotations

import numpy as np

from planner.verify.findings import Findings, num
from planner.verify.world import World

FAMILY = "existing"
TIE = 1e-9
"""An idle unit whose MW fill the grid to the last bit does fit."""


def check(world: World, found: Findings) -> None:
    """Idle units exist, are online, and would not fit: ``pue_peak * (energised IT + it_mw) > grid_mw``."""
    units, grid = world.units, world.of_sites("grid_mw")

    def tell(at: tuple[int, ...], excess: float) -> None:
        site, block = world.sites[units.site[at[0]]].id, world.blocks[units.block[at[0]]].id
        month, there = world.months[at[1]], num(units.old_online[at])
        say = f"{site} {block}: {num(units.idle[at])} units idle in {month}; existing units online {there}"
        found.add("M2.8", FAMILY, f"{site} {block}", month, say, excess)

    found.at_most(units.idle, units.old_online, tell)
    for row, p in np.argwhere(units.idle > 0):
        s, block, month = int(units.site[row]), world.blocks[units.block[row]], world.months[p]
        found.checked += 1
        with_one_more = float(world.facility_mw[s, p] + world.pue_peak[s, p] * block.it_mw)
        room = float(grid[s, p]) - with_one_more
        if room >= -TIE * max(1.0, float(grid[s, p])):
            site = world.sites[s].id
            say = (
                f"{site} {block.id}: {num(units.idle[row, p])} units idle in {month}, yet one more would ask "
                f"{num(with_one_more)} MW of grid {num(grid[s, p])}: it fits"
            )
            found.add("M2.8", FAMILY, f"{site} {block.id}", month, say, room)
