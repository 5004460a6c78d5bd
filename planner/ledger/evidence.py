"""What the rules of :mod:`planner.ledger.bindings` look at, with the sums that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.ledger.deals.flow import Flow
from planner.ledger.figures import Bools, Floats
from planner.ledger.limits import SiteLimit
from planner.ledger.shortfall import Shortfall
from planner.ledger.state import State
from planner.plan import Balance
from planner.problem.common import Filter, Metric
from planner.problem.problem import matches


@dataclass(frozen=True)
class Evidence:
    """What the rules below look at."""

    state: State
    account: list[Balance]
    shortfalls: list[Shortfall]
    limits: list[SiteLimit]
    flows: list[Flow]
    after_musd: float
    """All that falls due after the horizon, nominal."""

    def months(self, where: Bools) -> list[str]:
        """Names of the periods where the flag is set."""
        return [month for month, flag in zip(self.state.figures.timeline.months, where.tolist()) if flag]

    def total(self, filter: Filter, metric: Metric, of: str = "energised") -> Floats:
        """The metric inside a filter. Shape (P,)."""
        figures, fleet = self.state.figures, self.state.fleet
        inside = self.state.inside(filter)
        units = {"online": fleet.online, "energised": fleet.energised}.get(of)
        if units is None:
            units = fleet.ever_ordered()
            old = fleet.cohorts.existing >= 0
            np.add.at(units, fleet.cohorts.pair[old], fleet.cohorts.units[old][:, None])
        weight = figures.block.metric(metric)[fleet.pair_block][:, None]
        found: Floats = (weight * units)[inside].sum(axis=0) + np.zeros(figures.P)
        return found

    def least_unit(self, filter: Filter, metric: Metric) -> float:
        """The metric of the smallest block inside the filter; infinite when there is none."""
        figures = self.state.figures
        amounts = figures.block.metric(metric)
        inside = [float(a) for a, b in zip(amounts, figures.blocks) if a > 0 and matches(filter, None, b)]
        return min(inside, default=float("inf"))


def last_period(where: Bools) -> int:
    """The last period with the flag, 0 when there is none."""
    found: Sequence[int] = np.flatnonzero(where).tolist()
    return found[-1] if found else 0
