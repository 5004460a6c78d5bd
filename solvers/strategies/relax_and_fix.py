"""Periods settled one stretch after the other: a stretch in whole units, all that follows relaxed, all before it held.

Each stretch overlaps the next, so that what is held was decided with a view of what comes (relax-and-fix; Dillenberger et
al. 1994, Pochet and Wolsey 2006). Openings and milestones are held from the start: they are decided at the relaxation's
prices, and left open they would turn every stretch into the whole problem again.

Measured on 100 sites x 6 blocks x 16 quarters: 0.4 % from the bound when the last stretch is settled; settling site after
site ends 2 % from it, in a quarter of the time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Array, Form
from solvers.strategies.common import Search
from solvers.strategies.dive import Dive, complete
from solvers.strategies.marks import NEVER, marks_of
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.parts import quick

LENGTHS = (4, 3, 2)
"""Periods in a stretch; half of them are held when it is solved."""
SHARE = 0.65
"""The part of the time left that all stretches may take."""
PACE = 400.0
"""Whole columns of a stretch that are worth starting on for every second that it has."""
ENOUGH = 120.0
"""Whole columns of a stretch per second after which neighbourhoods of the whole plan gain more."""
LEAST_S = 1e-5
"""Seconds per coefficient that any stretch has: the relaxation of all that follows costs as much for few columns as for many."""
SPAN = 3
"""A column may leave the relaxed point by so many units beyond its two neighbours."""
NODES = 500
PROGRAMS = 2
"""Programs per stretch that the work is divided among: one beside the relaxed point, one further from it."""
ANY, LONGER = 10**9, 1.5
NEAREST, WIDER = (0,), (0, 1, ANY)
"""How far from the relaxed point a stretch is tried, one after the other, and how much longer anywhere."""


def lengths(search: Search, d: Dive, share: float = SHARE) -> int:
    """Periods in a stretch that the clock allows; 0 where this way would not end in time."""
    period, whole = search.task.period[d.columns], d.form.whole
    periods = int(period.max(initial=-1)) + 1
    for length in LENGTHS:
        if length <= periods:
            stretches = -(-periods // (length // 2))
            inside = [whole & (period >= p) & (period < p + length) for p in range(periods)]
            most = max(int(w.sum()) for w in inside)
            if most <= PACE * share * search.left_s / stretches:
                return length
    return 0


def relax_and_fix(search: Search, d: Dive, length: int, share: float = SHARE, span: int = SPAN, seed: int = 0) -> bool:
    """Settle all periods and offer the point. False where a stretch has no answer (in its time). Leaves ``d`` as it was."""
    columns, point = np.flatnonzero(d.form.whole), d.point
    try:
        return _stretch_by_stretch(search, d, length, share, span, seed)
    finally:
        d.highs.change_bounds(columns, d.form.lower[columns], d.form.upper[columns])
        d.point = point


def _stretch_by_stretch(search: Search, d: Dive, length: int, share: float, span: int, seed: int) -> bool:
    # What is whole and has no period (a deal's signature) is whole in every stretch and held with the last.
    dated = search.task.period[d.columns]
    period = np.where(d.form.whole & (dated >= 0), dated, NEVER)
    undated = d.form.whole & (dated < 0)
    periods, step = int(dated.max(initial=-1)) + 1, max(1, length // 2)
    until = search.left_s * (1.0 - share)
    lower, upper = d.form.lower.copy(), d.form.upper.copy()
    aims = np.isin(d.columns, milestone_columns(search))
    lower[aims] = upper[aims]
    _set_bounds(d, aims, lower, upper)
    marks = marks_of(d, aims, dated)
    if len(marks.rows):
        result = marks.resolve(search, 0, step)
        if result.x is None:
            return False
        d.point = result.x
    try:
        for start in range(0, periods, step):
            if search.over:
                return False
            left = max(search.left_s - until, 0.5) / -(-(periods - start) // step) / PROGRAMS
            stretch = (period >= start) & (period < start + length)
            left = max(min(left, float(stretch.sum()) / ENOUGH), LEAST_S * d.form.A.nnz)
            program = replace(d.form, lower=lower, upper=upper, whole=stretch | undated)
            answer = None
            for late in (start, start + length, NEVER + 1):
                # Milestones are aims; what orders of this stretch decide may be given up; then everything that is still open.
                given_up = aims & (marks.decided >= start) & (marks.decided < late) & (d.form.lower < lower)
                still = aims & (marks.decided >= start) & (d.form.lower < lower) & ~given_up
                if given_up.any():
                    lower[given_up] = d.form.lower[given_up]
                    _set_bounds(d, given_up, lower, upper)
                    result = marks.resolve(search, start, step)
                    d.point = d.point if result.x is None else result.x
                    program = replace(program, lower=lower)
                elif late > start:
                    continue
                widths = NEAREST if still.any() and late == start else WIDER
                answer = settle_stretch(search, program, d.point, work_s=left, widths=widths, span=span, seed=seed)
                if answer is not None:
                    break
            if answer is None:
                return False
            last = undated if start + step >= periods else False
            now = stretch & (period < start + step) | last
            lower[now] = upper[now] = np.round(answer[now])
            _set_bounds(d, now, lower, upper)
            result = marks.resolve(search, start + step, step)
            if result.x is None:
                return False
            d.point = result.x
            search.tell_phase(f"settling periods: {min(start + step, periods)} of {periods}")
    finally:
        marks.drop()
    complete(search, d)
    return True


def _set_bounds(d: Dive, which: NDArray[np.bool_], lower: Array, upper: Array) -> None:
    columns = np.flatnonzero(which)
    d.highs.change_bounds(columns, lower[columns], upper[columns])


def settle_stretch(
    search: Search, program: Form, relaxed: Array, work_s: float, widths: tuple[int, ...], span: int, seed: int
) -> Array | None:
    """The stretch near its relaxed point, so many units beyond the two neighbours of every value; from the first answer,
    ``span`` units."""
    for wide in widths:
        first = _near(search, program, relaxed, work_s * (LONGER if wide == ANY else 1.0), wide, None, seed)
        if first is not None:
            second = _near(search, program, relaxed, work_s, span, first, seed) if wide < span else None
            return first if second is None else second
    return None


def _near(
    search: Search, program: Form, relaxed: Array, work_s: float, span: int, start: Array | None, seed: int
) -> Array | None:
    whole: NDArray[np.bool_] = program.whole
    low, high = np.floor(relaxed + 1e-6) - span, np.ceil(relaxed - 1e-6) + span
    near = replace(
        program,
        lower=np.where(whole, np.maximum(program.lower, low), program.lower),
        upper=np.where(whole, np.minimum(program.upper, high), program.upper),
    )
    result = quick(search, near, work_s=work_s, nodes=NODES, start=start, relative_gap=1e-4, effort=0.05, seed=seed)
    return None if result is None else result.x
