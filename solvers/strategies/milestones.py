"""What belongs to no site and is whole (tranches reached, deals signed, who holds a demand) is decided before the sites are.

With all sites relaxed and their openings held, these columns are settled one after the other: both neighbours of a broken
value are tried, the better one stays, and simplex goes on from the last basis. On 100 sites with deals this takes sixteen
programs and four seconds, and ends where branch and bound ends after a minute.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Array
from solvers.engines.highs import Result
from solvers.strategies.common import Search
from solvers.strategies.dive import Dive

BROKEN = 1e-6
SHARE = 0.25
"""The part of the time left that this may take; what is broken then goes where it is nearest."""
SLOW_S = 3.0
"""Work for a relaxation from which only the nearer neighbour of a broken value is tried, unless it is a dead end."""


@dataclass(frozen=True)
class Decided:
    """``values`` are those of :func:`milestone_columns`; ``raised`` is by how much, per unit, the objective rose where one of them (by
    its place among them) went down or up."""

    values: Array
    raised: dict[tuple[int, bool], float]


def milestone_columns(search: Search) -> NDArray[np.int64]:
    """Whole columns that belong to no site and are not settled by their bounds."""
    form = search.form
    return np.flatnonzero(form.whole & (search.task.site < 0) & (form.lower < form.upper))


def reach(search: Search, d: Dive) -> Decided | None:
    """Settle all milestones of a dive in whole numbers. None where that met a dead end.

    What is given up stays given up; what is reached is the aim, and :func:`hold` makes it a must.
    """
    mine = np.flatnonzero(np.isin(d.columns, milestone_columns(search)))
    raised: dict[tuple[int, bool], float] = {}
    if not len(mine):
        return Decided(np.zeros(0), raised)
    lower = d.form.lower[mine].copy()
    until = search.left_s * (1.0 - SHARE)
    while not search.cancelled():
        broken = mine[np.abs(d.point[mine] - np.round(d.point[mine])) > BROKEN]
        if not len(broken):
            break
        # the least broken above: what the relaxation almost reaches is the cheapest to settle, and settles others
        j = int(broken[np.argmax(d.point[broken] - np.floor(d.point[broken]))])
        each = _settle(search, d, j, both=search.left_s > until and d.work_s < SLOW_S)
        if each is None:
            return None
        raised |= {(int(np.searchsorted(mine, j)), up): gain for up, gain in each.items()}
    d.form.lower[mine], d.form.upper[mine] = lower, np.round(d.point[mine])
    d.highs.change_bounds(mine, d.form.lower[mine], d.form.upper[mine])
    return Decided(d.form.upper[mine], raised)


def hold(search: Search, d: Dive) -> None:
    """All milestones must be reached as far as they may be."""
    mine = np.flatnonzero(np.isin(d.columns, milestone_columns(search)))
    d.form.lower[mine] = d.form.upper[mine]
    d.highs.change_bounds(mine, d.form.lower[mine], d.form.upper[mine])


def _settle(search: Search, d: Dive, j: int, both: bool) -> dict[bool, float] | None:
    """One column to the better of its two neighbours; the nearer one alone where time is short.

    By how much, per unit, the objective rose on the way down or up; None where both are dead ends.
    """
    lower, upper, value, before = d.form.lower[j], d.form.upper[j], d.point[j], d.form.value(d.point)
    sides = [(math.ceil(value), upper), (lower, math.floor(value))]
    if value - math.floor(value) < 0.5:
        sides.reverse()
    found: list[tuple[float, tuple[float, float], Result]] = []
    raised: dict[bool, float] = {}
    for side in sides:
        d.highs.change_bounds(np.array([j]), np.array([float(side[0])]), np.array([float(side[1])]))
        result = search.relax(d.highs)
        d.highs.set("presolve", "off")
        if result.x is not None and result.row_dual is not None:
            found.append((result.objective, side, result))
            up = bool(side[0] > value)
            raised[up] = max(result.objective - before, 0.0) / abs(side[0 if up else 1] - value)
            if not both:
                break
    if not found:
        return None
    _, side, result = min(found, key=lambda f: f[0])
    assert result.x is not None and result.row_dual is not None
    d.form.lower[j], d.form.upper[j] = side
    d.highs.change_bounds(np.array([j]), np.array([float(side[0])]), np.array([float(side[1])]))
    d.point, d.prices = result.x, result.row_dual
    return raised
