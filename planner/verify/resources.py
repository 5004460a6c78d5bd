"""Resources: what energised units use within what a site states; unstated means no limit (M3.7)."""

from __future__ import annotations

import numpy as np

from planner.problem.block import Block
from planner.verify.findings import Findings, num
from planner.verify.world import World

FAMILY = "resources"


def check(world: World, found: Findings) -> None:
    """``sum(uses[r] * energised) <= resources[r]`` where the site states r."""
    for resource in sorted({r for site in world.sites for r in site.resources}):
        stating = [s for s, site in enumerate(world.sites) if resource in site.resources]

        def amount(block: Block, resource: str = resource) -> float:
            return block.uses.get(resource, 0.0)

        used = world.units.by_site(world.units.energised * world.units.per_block(amount))[stating]
        limit = np.array([world.calendar.values(world.sites[s].resources[resource]) for s in stating])

        def tell(at: tuple[int, ...], excess: float, name: str = resource, stating: list[int] = stating) -> None:
            site, month = world.sites[stating[at[0]]].id, world.months[at[1]]
            say = f"{site} uses {num(used[at])} of {name} in {month}; states {num(limit[at])}; short {num(excess)}"  # noqa: B023
            found.add("M3.7", FAMILY, f"{site} {name}", month, say, excess)

        found.at_most(used, limit, tell)
