"""Which blocks a vendor could still deliver one more unit of, whatever site asks for it."""

from __future__ import annotations

import numpy as np

from planner.ledger.figures import Bools, Floats
from planner.ledger.probe import exceeds
from planner.ledger.state import State
from planner.problem.problem import matches


def orderable(state: State) -> Bools:
    """Blocks that are sold, arrive inside the horizon, and of which one unit more fits what their supply and its pools (M2.4)
    leave from that period on. Shape (K, P)."""
    figures, fleet = state.figures, state.fleet
    timeline, periods = figures.timeline, np.arange(figures.P)
    last = figures.P - 1 - figures.block.lead
    found: Bools = (periods >= figures.block.available[:, None]) & (periods <= last[:, None])
    ordered = fleet.ever_ordered().astype(float)
    for k, block in enumerate(figures.blocks):
        if block.supply is not None:
            used = ordered[fleet.pair_block == k].sum(axis=0) + np.zeros(figures.P)
            found[k] &= _room(timeline.values(block.supply), used, 1.0)
    for pool in figures.problem.supply_pools:
        if not state.sites_inside(pool.filter).all():
            continue  # sites outside it may still order
        metric = figures.block.metric(pool.metric)
        used = (metric[fleet.pair_block][:, None] * ordered)[state.inside(pool.filter)].sum(axis=0) + np.zeros(
            figures.P
        )
        for k, block in enumerate(figures.blocks):
            if matches(pool.filter, None, block):
                found[k] &= _room(timeline.values(pool.amount), used, float(metric[k]))
    return found


def _room(amount: Floats, used: Floats, need: float) -> Bools:
    """Periods from which on an order of ``need`` would fit in every later one, too. Shape (P,)."""
    fits = ~exceeds(np.full(len(amount), need), amount - used, amount)
    found: Bools = np.logical_and.accumulate(fits[::-1])[::-1]
    return found
