"""Power: facility MW at the peak within the grid's MW, every site and period (M3.4)."""

from __future__ import annotations

from planner.verify.findings import Findings, num
from planner.verify.world import World

FAMILY = "power"


def check(world: World, found: Findings) -> None:
    """``pue_peak * sum(it_mw * energised) <= grid_mw``."""
    asked, grid = world.facility_mw, world.of_sites("grid_mw")

    def tell(at: tuple[int, ...], excess: float) -> None:
        site, month = world.sites[at[0]].id, world.months[at[1]]
        say = f"{site} asks {num(asked[at])} MW in {month}; grid {num(grid[at])}; short {num(excess)}"
        found.add("M3.4", FAMILY, site, month, say, excess)

    found.at_most(asked, grid, tell)
