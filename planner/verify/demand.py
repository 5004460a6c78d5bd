"""Demand: from its month on the energised metric is there, or the missing part pays (M7.1, A12)."""

from __future__ import annotations

import numpy as np

from planner.problem.demand import Demand
from planner.verify.findings import LIMIT, Array, Findings, num
from planner.verify.units import METRICS, UNIT
from planner.verify.world import World

FAMILY = "demand"


def first_period(world: World, demand: Demand) -> int:
    """The period that contains ``by``; a promise older than the horizon holds from its first period (M1.3)."""
    return max(0, world.calendar.within(demand.by))


def holders(world: World, demand: Demand) -> tuple[list[str], Array]:
    """Who may hold the demand (all together, or one site, vendor or vendor at a site alone), and what each holds."""
    units = world.units
    inside = world.rows_inside(demand.filter)
    amounts = (units.energised * units.per_block(METRICS[demand.metric]))[inside]
    names: dict[tuple[str, ...], int] = {}
    group = np.zeros(len(amounts), dtype=np.int64)
    for i, row in enumerate(np.flatnonzero(inside)):
        key: tuple[str, ...] = ()
        if demand.single_site:
            key += (world.sites[units.site[row]].id,)
        if demand.single_vendor:
            key += (world.blocks[units.block[row]].vendor,)
        group[i] = names.setdefault(key, len(names))
    if not names:
        return ["nothing"], np.zeros((1, world.periods))
    held = np.zeros((len(names), world.periods))
    np.add.at(held, group, amounts)
    return [" ".join(key) or "all" for key in names], held


def missing(world: World, demand: Demand) -> tuple[str, Array]:
    """The best holder and what is missing there in every period, 0 before the demand begins: shape (periods,).

    With a price the best holder is the one whose missing units cost least, discounted; without one it is the one
    whose largest gap is smallest.
    """
    names, held = holders(world, demand)
    gap = np.maximum(0.0, demand.amount - held)
    gap[:, : min(first_period(world, demand), world.periods)] = 0.0
    weight = np.zeros(world.periods)
    if demand.shortfall_musd_per_unit_year is not None:
        weight = np.array(world.calendar.values(demand.shortfall_musd_per_unit_year)) * world.discount
    badness = list(zip((gap * weight).sum(axis=1), gap.max(axis=1, initial=0.0), gap.sum(axis=1)))
    best = min(range(len(names)), key=badness.__getitem__)
    return names[best], gap[best]


def penalties(world: World) -> Array:
    """MUSD paid for missing units in every period: ``rate * L * missing``."""
    paid = np.zeros(world.periods)
    for demand in world.problem.demand:
        if demand.shortfall_musd_per_unit_year is not None:
            rate = np.array(world.calendar.values(demand.shortfall_musd_per_unit_year))
            paid += rate * world.calendar.years * missing(world, demand)[1]
    return paid


def check(world: World, found: Findings) -> None:
    """A demand without a price is met in every period from ``by`` on."""
    for demand in world.problem.demand:
        if demand.shortfall_musd_per_unit_year is not None:
            continue
        holder, gap = missing(world, demand)
        room = np.full(world.periods, LIMIT * max(1.0, demand.amount))

        def tell(at: tuple[int, ...], excess: float, demand: Demand = demand, holder: str = holder) -> None:
            month, unit = world.months[at[0]], UNIT[demand.metric]
            alone = f" ({holder} alone)" if demand.single_site or demand.single_vendor else ""
            say = (
                f"{demand.id} wants {num(demand.amount)} {unit} in {month}; "
                f"energised{alone} {num(demand.amount - excess)}; short {num(excess)}"
            )
            found.add("M7.1", FAMILY, demand.id, month, say, excess)

        found.at_most(gap, np.zeros(world.periods), tell, room)
