"""Progress of a deal: its metric of covered units that have ever come online, or were ever ordered (section 5)."""

from __future__ import annotations

import numpy as np

from planner.problem.deals import Deal
from planner.verify.decisions import OWN
from planner.verify.findings import Array
from planner.verify.lots import Lot
from planner.verify.units import METRICS
from planner.verify.world import World


def progress(world: World, deal: Deal) -> Array:
    """The metric by period; units that left since still count. Shape (periods,)."""
    added = np.zeros(world.periods)
    for lot in world.units.lots:
        if not _counts(deal, lot) or not world.covered(deal, lot.site, lot.block):
            continue
        when = lot.online if deal.counts == "online" else (lot.ordered or 0)
        if when < world.periods:
            added[max(0, when)] += lot.units * _per_unit(world, deal, lot)
    total: Array = np.cumsum(added)
    return total


def _counts(deal: Deal, lot: Lot) -> bool:
    if lot.existing is not None:
        return deal.counts_existing
    return deal.counts_leased or lot.terms == OWN


def _per_unit(world: World, deal: Deal, lot: Lot) -> float:
    """One unit's metric; money at the catalogue price of the order, existing units at the first period's (M4.9)."""
    if deal.metric == "capex_musd":
        return float(world.of_blocks("capex_musd")[lot.block, lot.ordered or 0])
    return METRICS[deal.metric](world.blocks[lot.block])
