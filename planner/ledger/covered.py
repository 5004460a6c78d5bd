"""Capex that a loan may be drawn against (M5.5, M5.15)."""

from __future__ import annotations

import numpy as np

from planner.ledger.figures import Floats
from planner.ledger.money import capex
from planner.ledger.state import State
from planner.plan import CAPEX_LINES
from planner.problem.deals import Loan
from planner.problem.problem import covers


def covered_capex(state: State, loan: Loan) -> Floats:
    """Our capex on the loan's lines as it falls due; what belongs to no block counts where the sites match. Shape (P,)."""
    figures = state.figures
    sites = np.array([covers(loan, site, None) for site in figures.sites], dtype=bool)
    blocks = np.array([covers(loan, None, block) for block in figures.blocks], dtype=bool)
    return capex(state, sites, sites[:, None] & blocks).kind(CAPEX_LINES if loan.lines is None else loan.lines)
