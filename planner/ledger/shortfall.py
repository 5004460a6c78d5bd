"""What a priced demand misses and what that costs (M7.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.ledger.figures import Floats
from planner.ledger.state import State
from planner.problem.demand import Demand


@dataclass(frozen=True)
class Shortfall:
    """One demand over the horizon: what it holds, what is missing of ``amount`` from ``by`` on, and the penalty.

    For ``single_site`` and ``single_vendor`` the one holder is the site, vendor or (site, vendor) that pays least.
    """

    demand: Demand
    held: Floats
    missing: Floats
    penalty_musd: Floats


def shortfalls(state: State) -> list[Shortfall]:
    """Every demand of the request; a demand without a price pays nothing, whatever it misses."""
    return [_shortfall(state, demand) for demand in state.figures.problem.demand]


def _shortfall(state: State, demand: Demand) -> Shortfall:
    figures = state.figures
    due = np.arange(figures.P) >= figures.timeline.contains(demand.by)
    held = _candidates(state, demand)
    missing = np.where(due, np.maximum(0.0, demand.amount - held), 0.0)
    rate = np.zeros(figures.P)
    if demand.shortfall_musd_per_unit_year is not None:
        rate = figures.timeline.values(demand.shortfall_musd_per_unit_year)
    penalties = missing * rate * figures.L
    burden = np.round((penalties * figures.discount).sum(axis=1), 9)
    # Least penalty; between equals (a hard demand pays nothing) the one that misses least.
    best = int(np.lexsort((missing.sum(axis=1), burden))[0])
    return Shortfall(demand, held[best], missing[best], penalties[best])


def _candidates(state: State, demand: Demand) -> Floats:
    """The energised metric of everything inside the filter, per possible single holder. Shape (holders, P)."""
    figures, fleet = state.figures, state.fleet
    inside = state.inside(demand.filter)
    amounts = state.metric_by_pair(demand.metric)[inside]
    if not len(amounts):
        return np.zeros((1, figures.P))
    holder = np.zeros(len(amounts), dtype=np.int64)
    if demand.single_site:
        holder = fleet.pair_site[inside] * len(figures.vendors)
    if demand.single_vendor:
        holder = holder + figures.vendor_of_block[fleet.pair_block[inside]]
    names, place = np.unique(holder, return_inverse=True)
    held = np.zeros((len(names), figures.P))
    np.add.at(held, place, amounts)
    return held
