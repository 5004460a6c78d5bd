"""What one deal brings and takes, period by period."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from planner.ledger.figures import Floats, Ints
from planner.plan import TrancheResult
from planner.problem.deals import Deal

INCOME_LINE = {"equity_tranches": "equity", "warrants": "warrants", "loan": "loan_draws", "offtake": "offtake"}
"""The cash line of a deal's inflow, by kind."""
SPENDING_LINE = {"purchase_commitment": "penalties", "lease": "lease", "loan": "repayments", "offtake": "penalties"}
"""The cash line of a deal's outflow, by kind."""


@dataclass(frozen=True)
class Flow:
    """One deal: arrays (P,), money in nominal MUSD. A deal that is not signed has progress and nothing else."""

    deal: Deal
    signed: bool
    progress: Floats
    tranches: list[TrancheResult]
    reached: Ints
    inflow: Floats
    outflow: Floats
    leased_mw: Floats
    sold: Floats
    missing: Floats
    balance: Floats
    holding_musd: float = 0.0
    after: dict[int, float] = field(default_factory=dict)
    """Period after the horizon -> MUSD still due, on the line of the outflow."""


@dataclass
class Draft:
    """A flow while its kind's module fills it in."""

    P: int
    tranches: list[TrancheResult] = field(default_factory=list)
    holding_musd: float = 0.0
    after: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reached: Ints = np.zeros(self.P, dtype=np.int64)
        self.inflow: Floats = np.zeros(self.P)
        self.outflow: Floats = np.zeros(self.P)
        self.leased_mw: Floats = np.zeros(self.P)
        self.sold: Floats = np.zeros(self.P)
        self.missing: Floats = np.zeros(self.P)
        self.balance: Floats = np.zeros(self.P)

    def later(self, p: int, musd: float) -> None:
        """Add to what is due in a period after the horizon."""
        self.after[p] = self.after.get(p, 0.0) + musd

    def flow(self, deal: Deal, signed: bool, progress: Floats) -> Flow:
        """The finished flow."""
        return Flow(
            deal=deal,
            signed=signed,
            progress=progress,
            tranches=self.tranches,
            reached=self.reached,
            inflow=self.inflow,
            outflow=self.outflow,
            leased_mw=self.leased_mw,
            sold=self.sold,
            missing=self.missing,
            balance=self.balance,
            holding_musd=self.holding_musd,
            after=self.after,
        )
