"""What one deal does in every period, recomputed from the decisions (M5.8). Money is nominal, MUSD."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from planner.verify.findings import LIMIT, Array


@dataclass
class Reached:
    """One tranche: the periods in which it was reached and its money arrives; None where it was not."""

    at: float
    reached: int | None = None
    arrives: int | None = None
    musd: float = 0.0
    shares_million: float = 0.0
    held_musd: float = 0.0


@dataclass
class Account:
    """Arrays have one entry for each period; an unsigned deal has progress and nothing else."""

    progress: Array
    cash_in: Array
    cash_out: Array
    leased_mw: Array
    sold: Array
    missing: Array
    balance: Array
    tranches: list[Reached] = field(default_factory=list)
    after: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    """Period after the last one -> MUSD that we owe then."""

    @property
    def reached(self) -> Array:
        """How many tranches have been reached by each period."""
        periods = np.arange(len(self.progress))
        count = np.zeros(len(periods))
        for tranche in self.tranches:
            if tranche.reached is not None:
                count += periods >= tranche.reached
        return count

    @property
    def held_musd(self) -> float:
        """Shares held, at the last period's price."""
        return sum(tranche.held_musd for tranche in self.tranches)


def empty(progress: Array) -> Account:
    """The account of a deal that brings and costs nothing."""

    def nothing() -> Array:
        return np.zeros(len(progress))

    return Account(progress, nothing(), nothing(), nothing(), nothing(), nothing(), nothing())


def enough(progress: float, at: float) -> bool:
    """M5.9: ``at`` is reached within ``1e-6 * max(1, at)``."""
    return progress >= at - LIMIT * max(1.0, abs(at))
