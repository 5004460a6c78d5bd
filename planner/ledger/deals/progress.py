"""How far a deal has come (section 5, *progress*)."""

from __future__ import annotations

import numpy as np

from planner.ledger.figures import Bools, Floats
from planner.ledger.state import State
from planner.problem.deals import Deal

TOLERANCE = 1e-6


def progress(state: State, deal: Deal) -> Floats:
    """The metric of covered units that have ever come online (or ever been ordered) by each period. Shape (P,).

    Retirement and idleness do not subtract; existing units count from their online period (ordered: from the first one)
    where the deal says so, leased ones unless it says not. ``capex_musd`` is the catalogue price in the period of the
    order, existing units' that of the first period.
    """
    figures, units = state.figures, state.fleet.cohorts
    new = units.ordered >= 0
    counts = covered(state, deal)[units.pair] & (new | deal.counts_existing) & ((units.lease < 0) | deal.counts_leased)
    first = np.maximum(0, units.online if deal.counts == "online" else units.ordered)
    counts &= first < figures.P
    block = units.block[counts]
    if deal.metric == "capex_musd":
        worth = figures.block.capex_musd[block, np.maximum(0, units.ordered[counts])]
    else:
        worth = figures.block.metric(deal.metric)[block]
    steps = np.zeros(figures.P)
    np.add.at(steps, first[counts], worth * units.units[counts])
    total: Floats = steps.cumsum()
    return total


def covered(state: State, deal: Deal) -> Bools:
    """Which (site, block) pairs a deal covers. Shape (pairs,)."""
    vendor = np.array([deal.vendor in (None, block.vendor) for block in state.figures.blocks], dtype=bool)
    found: Bools = state.inside(deal.filter) & vendor[state.fleet.pair_block]
    return found


def reaches(progress: Floats, at: float) -> Bools:
    """M5.9: ``at`` is reached within ``1e-6 * max(1, at)``."""
    found: Bools = progress >= at - TOLERANCE * max(1.0, at)
    return found


def missing(held: float, asked: float) -> float:
    """What is missing of ``asked``; nothing within the tolerance of M5.9."""
    short = asked - held
    return short if short > TOLERANCE * max(1.0, asked) else 0.0
