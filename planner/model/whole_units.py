"""What whole units can make of a limit: the largest sum that fits, and rounded rows that a relaxation has to respect."""

from __future__ import annotations

import math
from functools import lru_cache

from planner.model.data import SLACK

PARTS = 1_000_000
"""Sizes are counted in millionths; sizes that need more are left alone."""
LONGEST = 100_000
"""Steps of the greatest common divisor up to which every sum is tried."""
MOST_UNITS, WORTH = 12, 0.98
"""Rounded rows: of no more units than this, and only where they leave less than this share of the limit."""

Sizes = tuple[tuple[float, int], ...]
"""Size of a unit, and how many there can be at most."""


@lru_cache(maxsize=10_000)
def largest_sum(limit: float, sizes: Sizes) -> float:
    r"""The largest :math:`\sum_k w_k n_k \le L` over whole :math:`0 \le n_k \le N_k`; the limit itself where that is not known.

    Sums are the bits of a number: adding n units of size w is a shift by w, done for 1, 2, 4 ... units at a time.
    """
    total = math.fsum(w * n for w, n in sizes)
    if total <= limit:
        return total
    steps = [round(w * PARTS) for w, _ in sizes]
    if any(abs(step - w * PARTS) > SLACK * step for step, (w, _) in zip(steps, sizes, strict=True)):
        return limit
    unit = math.gcd(*steps)
    room = math.floor(max(limit, 0.0) * PARTS / unit * (1 + SLACK) + SLACK)
    if room > LONGEST:
        return min(limit, room * unit / PARTS)
    sums, within = 1, (1 << (room + 1)) - 1
    for step, (_, n) in zip((step // unit for step in steps), sizes, strict=True):
        left, some = min(n, room // step), 1
        while left > 0:
            now = min(some, left)
            sums |= (sums << (now * step)) & within
            left, some = left - now, 2 * some
    return (sums.bit_length() - 1) * unit / PARTS


def rounded(limit: float, sizes: Sizes) -> list[tuple[float, int]]:
    r"""Divisors :math:`\delta` and right-hand sides of :math:`\sum_k \lfloor w_k/\delta \rfloor n_k \le \lfloor L/\delta \rfloor`.

    Every size is tried, and kept where rounding takes a fiftieth of a limit of no more than twelve units (Chvátal 1973).
    """
    out = []
    for size in sorted({w for w, _ in sizes}):
        units = math.floor(max(limit, 0.0) / size * (1 + SLACK) + SLACK)
        if 0 < units <= MOST_UNITS and units * size < WORTH * limit:
            out.append((size, units))
    return out
