"""A program next to its relaxation: what the relaxation settles stays settled, the rest has few values to choose from.

On 100 sites x 6 blocks x 16 quarters 160 of 3,600 whole columns are left, and three seconds find a plan 0.5 % from the bound. With
nothing but the two neighbours of a broken value it is 4 %: one unit more at what the relaxation uses at all makes the difference
(relaxation enforced neighbourhood search, Berthold 2014; from a plan in hand relaxation induced, Danna et al. 2005).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvers.engines.form import Array, Form

BEYOND = 1
"""Units beyond the two neighbours of a relaxed value, where the relaxation does something else than the plan in hand."""
TINY = 1e-6


def near(program: Form, relaxed: Array, start: Array | None = None, beyond: int = BEYOND) -> Form:
    """Whole columns between their values in ``start`` and the relaxed ones, and ``beyond`` units further where both differ.

    Without a start, next to the relaxed values, and further where these are not their lower bounds.
    """
    low, high = np.floor(relaxed + TINY), np.ceil(relaxed - TINY)
    idle = program.lower if start is None else start
    moved = np.abs(relaxed - idle) > TINY
    if start is not None:
        low, high = np.minimum(low, start), np.maximum(high, start)
    low, high = low - beyond * moved, high + beyond * moved
    return replace(
        program,
        lower=np.where(program.whole, np.maximum(program.lower, low), program.lower),
        upper=np.where(program.whole, np.minimum(program.upper, high), program.upper),
    )
