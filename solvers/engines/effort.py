"""Seconds of solver work that are counted, not timed: what they limit ends at the same point in every run.

HiGHS has no such limit of its own, but it asks at fixed points of its search whether to go on, and a pulse costs in proportion to
the coefficients of the columns that are free. Measured on 150 programs of 30 and 100 sites on two cores at work at once: nine in
ten take between half and twice as long as counted.
"""

from __future__ import annotations

import numpy as np

from solvers.engines.form import Form

ROOT_S, NODE_S = 1.9e-6, 0.4e-6
"""For a pulse at the root (cuts, heuristics) and below it, per free coefficient."""
STEP_S, STEP_EACH_S = 0.7e-9, 5e-5
"""For a step of simplex: per free coefficient, and at least."""
INTERIOR_S = 0.6e-6
"""For a step of an interior point, per free coefficient."""
LOAD_S = 0.5e-6
"""For any program at all, per coefficient: presolve, and what is passed back and forth."""


class Effort:
    """What one run of HiGHS has cost so far."""

    def __init__(self, form: Form) -> None:
        free = form.upper > form.lower
        self.size = int(np.diff(form.A.indptr)[free].sum())
        self.seconds = LOAD_S * form.A.nnz

    def pulse(self, nodes: int) -> None:
        """HiGHS asked whether to go on, after so many nodes."""
        self.seconds += self.size * (NODE_S if nodes > 0 else ROOT_S)

    def steps(self, simplex: int, interior: int) -> None:
        """A linear program took so many steps."""
        self.seconds += max(simplex, 0) * (STEP_EACH_S + STEP_S * self.size) + max(interior, 0) * INTERIOR_S * self.size
