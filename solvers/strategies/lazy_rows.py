"""Rows that only tighten the relaxation, brought in when it breaks them.

Facility location has a row for every market and site (a site serves only when open). They make the relaxation tight and
there are too many of them: 100 sites x 1,000 markets is 100,000 rows, whose relaxation simplex does not finish in
90 s. A few thousand of them give the same bound.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import Highs, solve
from solvers.strategies.common import Search
from solvers.strategies.multipliers import MANY, of_states
from solvers.task import OPEN

ROUNDS = 60
SHARE = 0.45
"""The part of the time left that finding them may take."""
THRESHOLDS = (0.5, 0.25, 0.1, 0.02, 1e-4)
"""A first plan opens the sites that the relaxation opens at least so far: the first of these that holds a plan."""


def tightened(search: Search) -> Form:
    """The program over increments with the implied rows that its relaxation needs, all others left out."""
    inc, form = search.increments, search.form
    implied = np.zeros(form.A.shape[0], dtype=bool)
    implied[: len(search.task.implied)] = search.task.implied
    if implied.sum() <= MANY:
        return inc.rewrite(form)
    search.tell_phase("tightening the relaxation")
    base = inc.rewrite_rows(form, ~implied)
    rows = sparse.csr_matrix(sparse.csr_matrix(form.A)[implied] @ inc.T)
    upper = form.row_upper[implied]
    size = np.maximum(1.0, np.asarray(abs(rows).max(axis=1).todense()).ravel())
    active = np.zeros(rows.shape[0], dtype=bool)
    added = np.zeros(0, dtype=np.int64)
    highs = Highs(base, integer=False, seed=search.task.options.seed)
    until = search.left_s * (1.0 - SHARE)
    point: Array | None = None
    for _ in range(ROUNDS):
        result = highs.run(time_limit_s=search.patience_s(search.left_s - until))
        search.spend(result)
        if result.x is None or result.outcome != "optimal":
            break
        search.raise_bound(result.objective, "relaxation")
        point = result.x
        if result.row_dual is not None:
            search.offer_multipliers(_multipliers(search, base, rows, ~implied, added, result.row_dual))
        broken = ((rows @ result.x - upper) / size > 1e-5) & ~active
        if not broken.any() or search.left_s <= until or search.cancelled():
            break
        active |= broken
        added = np.concatenate([added, np.flatnonzero(broken)])
        highs.add_rows(rows[broken], upper[broken])
        highs.set("presolve", "off")
    tight = Form(
        base.cost,
        base.offset,
        sparse.csc_matrix(sparse.vstack([base.A, rows[active]])),
        np.concatenate([base.row_lower, np.full(int(active.sum()), -np.inf)]),
        np.concatenate([base.row_upper, upper[active]]),
        base.lower,
        base.upper,
        base.whole,
    )
    if point is not None and search.x is None:
        open_as_relaxed(search, base, point)
    return tight


def _multipliers(
    search: Search, base: Form, rows: sparse.csr_matrix, kept: NDArray[np.bool_], added: NDArray[np.int64], duals: Array
) -> Array:
    """Of the request's own rows; ``duals`` are those of ``base`` and of the implied rows added to it, in their order."""
    inc, count = search.increments, base.A.shape[0]
    own = kept.copy()
    own[: len(inc.chain_row)] &= ~inc.chain_row
    here = np.concatenate([np.flatnonzero(own), np.flatnonzero(~kept)[added]])
    reduced = base.cost - base.A.T @ duals[:count] - rows[added].T @ duals[count:]
    return of_states(inc, search.form, here, np.concatenate([duals[: own.sum()], duals[count:]]), reduced)


def open_as_relaxed(search: Search, program: Form, point: Array) -> None:
    """A first plan: sites open as far as the relaxation opens them, everything else as is best for that."""
    search.tell_phase("opening sites as relaxed")
    opens = search.task.kind == OPEN
    opened = np.zeros(int(search.task.site.max()) + 2)
    np.add.at(opened, search.task.site[opens], point[opens])
    heads = opens & (search.increments.before < 0)
    for threshold in THRESHOLDS:
        shut = opens & (opened[search.task.site] < threshold)
        lower = np.where(heads & ~shut, np.minimum(1.0, program.upper), program.lower)
        upper = np.where(shut, 0.0, program.upper)
        try:
            result = solve(
                replace(program, lower=lower, upper=upper),
                seed=search.task.options.seed,
                time_limit_s=search.patience_s(search.left_s * 0.2),
                work_limit_s=search.left_s * 0.2,
                relative_gap=1e-3,
            )
        except SolverError:
            return
        search.spend(result)
        if result.x is not None and search.offer(search.increments.states(result.x)):
            return
