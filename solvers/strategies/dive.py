"""The dive: sites settled in whole units, batch by batch, while the rest stays relaxed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form
from solvers.engines.highs import Highs
from solvers.strategies.common import Search
from solvers.strategies.parts import quick, restrict
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.site_by_site import SitePlans, held_open
from solvers.task import ORDERED

BATCH = 0.03
"""Share of the unsettled sites settled in one round."""
FIRST = 0.25
"""The same in the first round, which goes by the interior point: with these settled, simplex starts on a smaller program."""
LEND = 0.2
"""What a settled site may take beyond its own relaxed share: this much of what unsettled sites hold in the relaxation."""
RESERVE = 0.12
"""The share of the dive's time kept for closing it early with what is settled."""
HASTE = 0.7
"""The share of the time left that the dive plans with."""
HASTIEST = 0.34
"""Even then no more than this share at once: what many sites miss together the others may not be able to make up."""
TOGETHER = 6
"""The last sites are settled in one program."""
LAST_S, LAST_NODES = 10.0, 200
"""Seconds and nodes for them."""
MOST = 0.25
"""No program of a site or of the last ones gets more than this part of the time left."""
SHORT_S = 2.0
"""Time left that is not divided any more: a first plan in it is worth more than a second way to find one."""
PROMISING = 0.03
"""Columns whose reduced cost is below this share of their objective coefficient stay in the dive."""
ATTRACTIVE = 0.01
"""Sites join the dive by such a column, or because the relaxation uses them."""


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
    work_s: float = 0.0
    """What relaxing it afresh cost; 0 where that was not done yet."""


def dive(search: Search, d: Dive, first: float = FIRST) -> bool:
    """Settle all sites in whole units and offer the point. ``first`` is the share settled in the first round.

    False where no plan came of it.
    """
    todo = [int(s) for s in np.unique(d.site) if s >= 0]
    total = len(todo)
    rows = sparse.csr_matrix(d.form.A)
    settled = np.zeros(int(search.task.site.max()) + 2, dtype=bool)
    settled_s = 0.3
    reserve = RESERVE * search.left_s
    while todo and not search.over:
        before_s = search.spent_s
        live = _rank(search, d, todo)
        if not live:
            break
        share = first if len(todo) == total else BATCH
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
        kept = resettle(search, d, groups, touched, settled)
        if not kept:
            search.notes.append("the dive met a dead end")
            finish_by_search(search, d, settled)
            return search.x is not None
        todo = [s for s in todo if not settled[s]]
        settled_s = (search.spent_s - before_s) / kept
        search.tell_phase(f"settling sites: {total - len(todo)} of {total}")
        if search.left_s < reserve:
            break
    if search.cancelled():
        return True
    if _rank(search, d, todo):
        stop_here(d, settled, search)
    complete(search, d)
    return search.x is not None


def hold_openings(search: Search, d: Dive, plans: SitePlans) -> bool:
    """Hold openings as the sites' own plans want them. False where nothing fits them."""
    columns = np.flatnonzero(np.isin(d.columns, held_open(search, plans)))
    if not len(columns):
        return True
    values = plans.point[d.columns][columns]
    d.form.lower[columns] = d.form.upper[columns] = values
    d.highs.change_bounds(columns, values, values)
    result = search.relax(d.highs, 0.3)
    if result.x is None or result.row_dual is None:
        return False
    d.highs.set("presolve", "off")
    d.point, d.prices, d.work_s = result.x, result.row_dual, result.work_s
    return True


def resettle(
    search: Search, d: Dive, groups: list[list[int]], touched: list[NDArray[np.int64]], settled: NDArray[np.bool_]
) -> int:
    """Hold a batch and solve the relaxation of all other sites again; where that is impossible, hold only its first half,
    and so on. Returns how many sites are held."""
    while touched:
        columns = np.concatenate(touched)
        columns = np.sort(columns[d.form.whole[columns]])
        d.highs.change_bounds(columns, d.point[columns], d.point[columns])
        result = search.relax(d.highs)
        if result.x is not None and result.row_dual is not None:
            d.highs.set("presolve", "off")
            d.point, d.prices = result.x, result.row_dual
            return sum(len(g) for g in groups[: len(touched)])
        half = len(touched) // 2
        for group in groups[half : len(touched)]:
            settled[group] = False
        freed = np.concatenate(touched[half:])
        freed = np.sort(freed[d.form.whole[freed]])
        d.highs.change_bounds(freed, d.form.lower[freed], d.form.upper[freed])
        touched = touched[:half]
        if search.over:
            return 0
    return 0


def finish_by_search(search: Search, d: Dive, settled: NDArray[np.bool_]) -> None:
    """What is settled stays; branch and bound looks for the rest in half of the time left, or in all of it where that is short."""
    columns = np.flatnonzero(d.form.whole & (d.site >= 0) & settled[d.site])
    lower, upper = d.form.lower.copy(), d.form.upper.copy()
    lower[columns] = upper[columns] = np.round(d.point[columns])
    program = replace(d.form, lower=lower, upper=upper)
    result = quick(search, program, work_s=max(search.left_s / 2, min(search.left_s, SHORT_S)), nodes=10_000)
    if result is not None and result.x is not None:
        d.point = result.x
        complete(search, d)


def stop_here(d: Dive, settled: NDArray[np.bool_], search: Search) -> None:
    """Out of time: what is settled stays, all other sites stay empty."""
    search.notes.append("the clock ended the dive before every site was settled")
    empty = (d.site >= 0) & ~settled[d.site]
    d.point[empty] = d.form.lower[empty]
    columns = np.flatnonzero(d.form.whole)
    held = np.round(d.point[columns])
    d.highs.set("presolve", "on")
    d.highs.change_bounds(columns, held, held)
    result = search.relax(d.highs)
    if result.x is not None:
        d.point = result.x


def _batch(live: int, share: float, left_s: float, settled_s: float) -> int:
    """How many sites to settle at once: a share, or more where the clock would run out before the last is settled."""
    affordable = max(left_s * HASTE / max(settled_s, 1e-3), 1.0)
    hasty = min(math.ceil(live * live / affordable * share), int(live * HASTIEST))
    return min(live, max(1, int(live * share), hasty))


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
    small = restrict(whole, columns, np.zeros(len(form.lower)))
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
    # As long as others are unsettled they may make up what these sites miss; the last ones have to meet every row.
    others_live = bool((np.abs(others[lending]) > 1e-9).any())
    loose = d.coupling if others_live else np.zeros_like(d.coupling)
    lower = np.where(loose, -np.inf, d.form.row_lower - held) - 1e-7
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
    # The last ones share out all that is left over: worth more trouble.
    work_s, nodes = (3.0, 50) if others_live else (LAST_S, LAST_NODES)
    work_s = min(work_s, MOST * search.left_s)
    result = quick(search, program, work_s=work_s, nodes=nodes)
    if result is None or result.x is None:
        return np.maximum(np.floor(d.point[columns] * d.form.whole[columns]), d.form.lower[columns])
    x = result.x[: len(columns)]
    out: Array = np.where(d.form.whole[columns], np.round(x), x)
    return out


def complete(search: Search, d: Dive) -> None:
    """The dive's point over all columns, offered as a plan."""
    y = np.zeros(len(search.form.lower))
    y[d.columns] = np.where(d.form.whole, np.round(d.point), d.point)
    search.offer(search.increments.states(y))
