"""A start from an earlier plan: what of it still fits becomes the first plan in hand.

First everything it decided is held and the rest solved. Where that cannot be (a smaller budget, a later grid), sites whose own rows
or bounds it breaks are free and all others may do less, or the same later, but not more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import Result, solve
from solvers.strategies.common import Search
from solvers.strategies.site_by_site import row_sites
from solvers.task import OPEN, ORDERED

HOLD, LOOSEN = 0.1, 0.15
"""The part of the time left for holding everything, and for doing no more anywhere."""
NODES, GAP = 200, 5e-3
"""This is a start, not a search: neighbourhoods find the rest sooner."""


def warm_start(search: Search, start: Array) -> bool:
    """Offer what fits of a start (NaN: not known). True where a plan came of it."""
    form = search.form
    known = np.isfinite(start)
    if not known.any():
        return False
    search.tell_phase("starting from the earlier plan")
    held = np.where(known, np.clip(np.round(start), form.lower, form.upper), 0.0)
    columns = np.flatnonzero(known)
    lower, upper = form.lower.copy(), form.upper.copy()
    lower[columns] = upper[columns] = held[columns]
    if _offer(search, form.with_bounds(lower, upper), HOLD):
        return True
    if search.over:
        return False
    for loosened in (_no_more(search, start, held, known), _where_it_was(search, held, known)):
        if _near_relaxed(search, loosened) or (not search.over and _offer(search, loosened, LOOSEN)):
            return True
        if search.over:
            break
    search.notes.append("nothing of the earlier plan fits")
    return False


def _offer(search: Search, program: Form, share: float) -> bool:
    """Solve over increments and offer; True where a plan came of it."""
    before = search.objective
    result = _solve(search, search.increments.rewrite(program), share)
    if result is not None and result.x is not None:
        search.offer(search.increments.states(result.x))
    return search.objective < before


def _near_relaxed(search: Search, program: Form) -> bool:
    """Relax, hold what comes out whole, and search only beside what does not: a relaxation close to a plan is mostly whole."""
    inc = search.increments
    try:
        relaxed = solve(inc.rewrite(program), integer=False, time_limit_s=search.patience_s(LOOSEN * search.left_s))
    except SolverError:
        return False
    search.spend(relaxed)
    if relaxed.x is None:
        return False
    x = inc.states(relaxed.x)
    split = program.whole & (np.abs(x - np.round(x)) > 1e-6)
    near = np.clip(np.round(x), program.lower, program.upper)
    lower = np.where(split, np.floor(x) - 1, near)
    upper = np.where(split, np.ceil(x), near)
    free = ~program.whole
    lower = np.where(free, program.lower, np.maximum(lower, program.lower))
    upper = np.where(free, program.upper, np.minimum(upper, program.upper))
    return _offer(search, program.with_bounds(lower, upper), LOOSEN)


def _solve(search: Search, program: Form, share: float) -> Result | None:
    try:
        result = solve(
            program,
            seed=search.task.options.seed,
            time_limit_s=search.patience_s(share * search.left_s),
            work_limit_s=share * search.left_s,
            relative_gap=max(search.task.options.relative_gap, GAP),
            max_nodes=NODES,
            on_point=lambda y, *_: search.offer(search.increments.states(y)) and None,
            on_pulse=lambda *_: search.cancelled(),
        )
    except SolverError:
        return None
    search.spend(result)
    return result


def _no_more(search: Search, start: Array, held: Array, known: NDArray[np.bool_]) -> Form:
    """Openings as they were and orders at most so; sites that cannot stay as they were are free.

    Openings are held because a relaxation opens every site by a sliver, and pays for slivers only.
    """
    form, task = search.form, search.task
    stays = known & ~_broken_sites(search, start, held, known)
    lower = np.where(stays & (task.kind == OPEN), held, form.lower)
    upper = np.where(stays & np.isin(task.kind, (ORDERED, OPEN)), held, form.upper)
    return form.with_bounds(lower, upper)


def _where_it_was(search: Search, held: Array, known: NDArray[np.bool_]) -> Form:
    """Only sites that the plan used, but anything there."""
    form, task = search.form, search.task
    used = np.zeros(int(task.site.max(initial=-1)) + 2, dtype=bool)
    used[task.site[(task.kind == ORDERED) & (held > 0.5)]] = True
    unused = known & (task.site >= 0) & ~used[task.site] & np.isin(task.kind, (ORDERED, OPEN))
    return form.with_bounds(form.lower, np.where(unused, np.maximum(0.0, form.lower), form.upper))


def _broken_sites(search: Search, start: Array, held: Array, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Columns of sites whose own bounds or rows the plan breaks, whatever is left open."""
    form, task = search.form, search.task
    bad = np.zeros(int(task.site.max(initial=-1)) + 2, dtype=bool)
    bad[task.site[known & (np.abs(held - start) > 0.5)]] = True
    owner = row_sites(form, task.site)
    own = np.flatnonzero(owner >= 0)
    A = sparse.csr_matrix(form.A)[own]
    low = np.where(known, held, form.lower)
    high = np.where(known, held, form.upper)
    up, down = A.maximum(0.0), A.minimum(0.0)
    least, most = _times(up, low) + _times(down, high), _times(up, high) + _times(down, low)
    room = 1e-6 * np.maximum(1.0, np.abs(np.where(np.isfinite(form.row_upper), form.row_upper, 0.0)))[own]
    broken = (least > form.row_upper[own] + room) | (most < form.row_lower[own] - room)
    bad[owner[own[broken]]] = True
    bad[-1] = False
    out: NDArray[np.bool_] = bad[task.site]
    return out


def _times(A: sparse.csr_matrix, x: Array) -> Array:
    """``A @ x`` where an infinite x counts only where the row speaks of it."""
    finite = np.isfinite(x)
    out: Array = A @ np.where(finite, x, 0.0)
    infinite = np.where(finite, 0.0, np.sign(x))
    reach = A @ infinite
    return np.where(reach == 0, out, np.copysign(np.inf, reach))
