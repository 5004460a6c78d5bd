"""Supply: what vendors will have delivered in total, block by block and pool by pool (M2.4)."""

from __future__ import annotations

import numpy as np

from planner.verify.findings import Array, Findings, num
from planner.verify.units import METRICS, UNIT
from planner.verify.world import World

FAMILY = "supply"


def check(world: World, found: Findings) -> None:
    """Orders up to every period stay within the cumulative supply; existing units do not count (M3.3)."""
    by_block = world.units.by_block(world.units.ordered)
    for k, block in enumerate(world.blocks):
        if block.supply is not None:
            _cumulative(world, found, block.id, "units", by_block[k], np.array(world.calendar.values(block.supply)))
    for pool in world.problem.supply_pools:
        inside = world.rows_inside(pool.filter)
        taken = (world.units.ordered * world.units.per_block(METRICS[pool.metric]))[inside].sum(axis=0)
        limit = np.array(world.calendar.values(pool.amount))
        _cumulative(world, found, pool.id, UNIT[pool.metric], taken, limit)


def _cumulative(world: World, found: Findings, subject: str, unit: str, taken: Array, limit: Array) -> None:
    def tell(at: tuple[int, ...], excess: float) -> None:
        month = world.months[at[0]]
        say = f"{subject}: {num(taken[at])} {unit} ordered by {month}; supply {num(limit[at])}; {num(excess)} too many"
        found.add("M2.4", FAMILY, subject, month, say, excess)

    found.at_most(taken, limit, tell)
