"""Large requests: relax everything, settle site after site while the rest stays relaxed, then repair (no plan is lost on the way).

1. The relaxation by interior point, without crossover. Its multipliers prove the bound (:func:`common.dual_bound`).
2. Only sites that the relaxation uses or prices well stay in the dive; all others are shut.
3. The dive: a batch of sites is settled in whole units, each by its own small program at the relaxation's prices; then the
   relaxation of all other sites is solved again from the last basis, so what a site leaves over is shared out anew.
4. The last sites are settled together, then neighbourhoods of a few sites are solved exactly, all others held.

Measured on 300 sites x 8 blocks x 24 quarters: after step 3 the plan is within 2 % of the bound; one program for
everything holds nothing usable after two minutes.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import Highs, Result, solve
from solvers.strategies.common import Found, Search, dual_bound
from solvers.strategies.monolithic import branch_and_bound, monolithic
from solvers.task import ORDERED

BATCH = 0.1
"""Share of the unsettled sites settled in one round."""
FIRST = 0.25
"""The same in the first round, which goes by the interior point: with these settled, simplex starts on a smaller program."""
LEND = 0.2
"""What a settled site may take beyond its own relaxed share: this much of what unsettled sites hold in the relaxation."""
RESERVE = 0.12
"""The share of the dive's time kept for closing it early with what is settled."""
HASTE = 0.7
"""The share of the time left that the dive plans with."""
TOGETHER = 6
"""The last sites are settled in one program."""
PROMISING = 0.03
"""Columns whose reduced cost is below this share of their objective coefficient stay in the dive."""
ATTRACTIVE = 0.01
"""Sites join the dive by such a column, or because the relaxation uses them."""
MEDIUM = 9000
"""Whole columns up to which branch and bound on everything may still improve plan and bound after the dive."""


def relax_and_repair(search: Search) -> Found:
    """See the module. Falls back to branch and bound where the relaxation cannot be had."""
    search.tell_phase("relaxing")
    relaxed = relaxation(search)
    if relaxed is None:
        return monolithic(search)
    if search.over:
        return search.found()
    search.tell_phase("settling sites")
    dive(search, relaxed)
    if not search.over and int(search.form.whole.sum()) <= MEDIUM and search.x is None:
        return monolithic(search)
    if not search.over:
        search.tell_phase("repairing")
        repair(search, relaxed)
    if not search.over:  # neighbourhoods are used up and there is time left: prove the rest, or find it
        branch_and_bound(search)
    return search.found()


@dataclass(frozen=True)
class Relaxed:
    """The relaxation's point over states, its multipliers, and reduced costs of increments."""

    x: Array
    row_dual: Array
    reduced: Array
    value: float


def relaxation(search: Search) -> Relaxed | None:
    """Interior point first; simplex where it fails. None where there is no relaxed point."""
    form, inc = search.form, search.increments
    result: Result | None = None
    try:
        result = solve(form, integer=False, solver="ipx", run_crossover="off", time_limit_s=search.left_s)
    except SolverError:
        search.notes.append("interior point failed; simplex took over")
    if result is None or result.x is None or result.row_dual is None:
        result = solve(form, integer=False, time_limit_s=search.left_s)
    if result.x is None or result.row_dual is None:
        return None
    search.raise_bound(dual_bound(form, result.row_dual), "multipliers of the relaxation")
    prices = np.where(inc.chain_row, 0.0, result.row_dual)
    reduced = inc.T.T @ (form.cost - form.A.T @ prices)
    return Relaxed(np.clip(result.x, form.lower, form.upper), result.row_dual, reduced, result.objective)


@dataclass
class Dive:
    """The restricted program over increments, kept warm in HiGHS between rounds."""

    form: Form
    columns: NDArray[np.int64]
    site: NDArray[np.int64]
    coupling: NDArray[np.bool_]
    highs: Highs
    point: Array
    prices: Array


def dive(search: Search, relaxed: Relaxed) -> None:
    """Settle all sites in whole units and offer the point."""
    d = begin(search, relaxed)
    todo = [int(s) for s in np.unique(d.site) if s >= 0]
    total = len(todo)
    rows = sparse.csr_matrix(d.form.A)
    settled = np.zeros(int(search.task.site.max()) + 2, dtype=bool)
    settled_s = 0.3
    reserve = RESERVE * search.left_s
    while todo and not search.over:
        began = time.monotonic()
        live = _rank(search, d, todo)
        if not live:
            break
        share = BATCH if len(todo) < total else FIRST
        batch = live if len(live) <= TOGETHER else live[: _batch(len(live), share, search.left_s, settled_s)]
        groups = [batch] if len(live) <= TOGETHER else [[s] for s in batch]
        touched = []
        for group in groups:
            if search.left_s < reserve or search.cancelled():
                break
            columns = np.flatnonzero(np.isin(d.site, group))
            d.point[columns] = settle(search, d, rows, columns, settled)
            settled[group] = True
            touched.append(columns)
        if len(touched) < len(groups):
            break
        todo = [s for s in todo if s not in set(batch)]
        columns = np.concatenate(touched)
        columns = np.sort(columns[d.form.whole[columns]])
        d.highs.change_bounds(columns, d.point[columns], d.point[columns])
        result = d.highs.run(time_limit_s=search.left_s)
        if result.x is None or result.row_dual is None:
            search.notes.append("the dive met a dead end")
            return
        d.highs.set("presolve", "off")
        d.point, d.prices = result.x, result.row_dual
        settled_s = (time.monotonic() - began) / len(batch)
        search.tell_phase(f"settling sites: {total - len(todo)} of {total}")
        if search.left_s < reserve:
            break
    if search.cancelled():
        return
    if _rank(search, d, todo):
        stop_here(d, settled, search)
    _complete(search, d)


def stop_here(d: Dive, settled: NDArray[np.bool_], search: Search) -> None:
    """Out of time: what is settled stays, all other sites stay empty."""
    search.notes.append("the clock ended the dive before every site was settled")
    empty = (d.site >= 0) & ~settled[d.site]
    d.point[empty] = d.form.lower[empty]
    columns = np.flatnonzero(d.form.whole)
    held = np.round(d.point[columns])
    d.highs.set("presolve", "on")
    d.highs.change_bounds(columns, held, held)
    result = d.highs.run(time_limit_s=max(search.left_s, 1.0))
    if result.x is not None:
        d.point = result.x


def _batch(live: int, share: float, left_s: float, settled_s: float) -> int:
    """How many sites to settle at once: a share, or more where the clock would run out before the last is settled."""
    affordable = max(left_s * HASTE / max(settled_s, 1e-3), 1.0)
    return min(live, max(1, int(live * share), math.ceil(live * live / affordable * share)))


def begin(search: Search, relaxed: Relaxed) -> Dive:
    """Choose the columns of the dive; the first round still goes by the interior point and its prices."""
    task, form, inc = search.task, search.form, search.increments
    cost = np.abs(inc.T.T @ form.cost)
    steps = inc.increments(relaxed.x)
    scale = max(float(cost.max(initial=0.0)), 1e-12)
    base = np.maximum(cost, 1e-3 * scale)
    promising = (relaxed.reduced < PROMISING * base) | (np.abs(steps) > 1e-4)
    used = np.zeros(int(task.site.max()) + 2, dtype=bool)
    used[np.unique(task.site[(task.kind == ORDERED) & (relaxed.reduced < ATTRACTIVE * base)])] = True
    used[_sites_in_use(search, steps)] = True
    keep = (task.site < 0) | used[task.site] & (promising | (task.kind != ORDERED)) | (form.lower > 0)
    columns = np.flatnonzero(keep)
    whole = inc.rewrite(form)
    small = _restrict(whole, columns, np.zeros(len(form.lower)))
    kept_rows = np.diff(sparse.csr_matrix(whole.A[:, columns]).indptr) > 0
    prices = np.zeros(whole.A.shape[0])
    prices[: int((~inc.chain_row).sum())] = relaxed.row_dual[~inc.chain_row]
    site = task.site[columns]
    highs = Highs(small, integer=False, seed=task.options.seed)
    return Dive(small, columns, site, _coupling(small.A, site), highs, steps[columns], prices[kept_rows])


def _sites_in_use(search: Search, steps: Array) -> NDArray[np.int64]:
    """Sites that hold a real part of the relaxation's orders; an interior point leaves dust everywhere."""
    task = search.task
    held = np.zeros(int(task.site.max()) + 2)
    orders = task.kind == ORDERED
    np.add.at(held, task.site[orders], np.abs(steps[orders]) / np.maximum(search.form.upper[orders], 1.0))
    return np.flatnonzero(held > 1e-2)


def _coupling(A: sparse.csc_matrix, site: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows that speak of more than one site, or of none."""
    coo = A.tocoo()
    low, high = np.full(A.shape[0], np.iinfo(np.int64).max), np.full(A.shape[0], -2)
    np.minimum.at(low, coo.row, site[coo.col])
    np.maximum.at(high, coo.row, site[coo.col])
    out: NDArray[np.bool_] = (low != high) | (low < 0)
    return out


def _rank(search: Search, d: Dive, todo: list[int]) -> list[int]:
    """Unsettled sites that the relaxation uses, whole ones first, then by what they bring."""
    size = np.zeros(int(search.task.site.max()) + 2)
    part = np.zeros_like(size)
    weight = np.abs(d.form.cost) + 1e-9
    whole = d.form.whole & (d.site >= 0)
    np.add.at(size, d.site[whole], (weight * np.abs(d.point))[whole])
    np.add.at(part, d.site[whole], (weight * np.abs(d.point - np.round(d.point)))[whole])
    live = [s for s in todo if size[s] > 1e-9]
    return sorted(live, key=lambda s: (part[s] > 1e-6 * size[s], -size[s], s))


def settle(
    search: Search, d: Dive, rows: sparse.csr_matrix, columns: NDArray[np.int64], settled: NDArray[np.bool_]
) -> Array:
    """A few sites' best whole increments at the relaxation's prices, inside what the others leave them."""
    others = d.point.copy()
    others[columns] = 0.0
    lending = (d.site >= 0) & ~settled[d.site]
    lending[columns] = False
    others[lending] *= 1.0 - LEND
    free = d.site < 0
    others[free] = 0.0
    held = rows @ others
    picked = np.concatenate([columns, np.flatnonzero(free)])
    part = d.form.A[:, picked].tocsr()
    used = np.diff(part.indptr) > 0
    price = d.form.cost[columns] - d.form.A[:, columns].T @ np.where(d.coupling, d.prices, 0.0)
    lower = np.where(d.coupling, -np.inf, d.form.row_lower - held) - 1e-7
    program = Form(
        np.concatenate([price, np.zeros(int(free.sum()))]),
        0.0,
        sparse.csc_matrix(part[used]),
        lower[used],
        (d.form.row_upper - held + 1e-7)[used],
        d.form.lower[picked],
        d.form.upper[picked],
        d.form.whole[picked],
    )
    result = _quick(search, program, limit_s=3.0, nodes=50)
    if result is None or result.x is None:
        return np.maximum(np.floor(d.point[columns] * d.form.whole[columns]), d.form.lower[columns])
    x = result.x[: len(columns)]
    out: Array = np.where(d.form.whole[columns], np.round(x), x)
    return out


def _quick(search: Search, program: Form, *, limit_s: float, nodes: int, start: Array | None = None) -> Result | None:
    try:
        return solve(
            program,
            start=start,
            seed=search.task.options.seed,
            time_limit_s=min(limit_s, search.left_s),
            relative_gap=1e-3,
            absolute_gap=5e-6 * max(1.0, abs(search.bound)),
            max_nodes=nodes,
            mip_heuristic_effort=0.01,
        )
    except SolverError:
        return None


def _complete(search: Search, d: Dive) -> None:
    """The dive's point over all columns, offered as a plan."""
    y = np.zeros(len(search.form.lower))
    y[d.columns] = np.where(d.form.whole, np.round(d.point), d.point)
    search.offer(search.increments.states(y))


def _restrict(form: Form, columns: NDArray[np.int64], held: Array) -> Form:
    """The program over some columns, all others held at their values. Rows without a free column leave."""
    fixed = held.copy()
    fixed[columns] = 0.0
    activity = form.A @ fixed
    part = form.A[:, columns].tocsr()
    used = np.diff(part.indptr) > 0
    return Form(
        form.cost[columns],
        float(form.cost @ fixed) + form.offset,
        sparse.csc_matrix(part[used]),
        (form.row_lower - activity)[used],
        (form.row_upper - activity)[used],
        form.lower[columns],
        form.upper[columns],
        form.whole[columns],
    )


def repair(search: Search, relaxed: Relaxed) -> None:
    """Neighbourhoods of a few sites solved exactly, all others held, until the clock or the gap ends it.

    First every promising site alone, then random groups, larger where they pay. The order is drawn from the seed and each
    program is limited by nodes, so an undisturbed search repeats itself.
    """
    if search.x is None:
        return
    task, inc = search.task, search.increments
    rewritten = inc.rewrite(search.form)
    sites = np.unique(task.site[(task.kind == ORDERED) & (task.site >= 0)])
    steps = inc.increments(relaxed.x)
    weight = np.zeros(int(task.site.max()) + 2)
    orders = task.kind == ORDERED
    np.add.at(weight, task.site[orders], np.abs(rewritten.cost * steps)[orders])
    best = np.full(len(weight), np.inf)
    np.minimum.at(best, task.site[orders], relaxed.reduced[orders])
    draw = np.random.default_rng(task.options.seed)
    order = sorted((int(s) for s in sites), key=lambda s: (best[s], -weight[s], s))
    for s in order:
        if search.over:
            return
        if best[s] <= 0 or weight[s] > 0:
            improve(search, rewritten, [s], nodes=50)
    share = weight[sites] + 0.3 * max(float(weight[sites].mean()), 1e-12)
    size, misses = 2, 0
    while not search.over:
        group = draw.choice(sites, size=min(size, len(sites)), replace=False, p=share / share.sum())
        if improve(search, rewritten, [int(s) for s in group], nodes=200):
            misses = 0
        else:
            misses += 1
        if misses >= 10:
            size, misses = size + 1, 0
        if size > len(sites):
            return


def improve(search: Search, rewritten: Form, sites: list[int], nodes: int) -> bool:
    """One neighbourhood; True where the plan got better."""
    assert search.x is not None
    y = search.increments.increments(search.x)
    free = np.flatnonzero((search.task.site < 0) | np.isin(search.task.site, sites))
    program = _restrict(rewritten, free, y)
    room = 1e-7
    program = Form(
        program.cost,
        program.offset,
        program.A,
        program.row_lower - room,
        program.row_upper + room,
        program.lower,
        program.upper,
        program.whole,
    )
    result = _quick(search, program, limit_s=5.0, nodes=nodes, start=y[free])
    if result is None or result.x is None or not math.isfinite(result.objective):
        return False
    y[free] = np.where(program.whole, np.round(result.x), result.x)
    return search.offer(search.increments.states(y))
