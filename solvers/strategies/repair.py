"""Repair: neighbourhoods of a few sites, or of a few periods, solved exactly, all else held."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Form
from solvers.strategies.common import Search
from solvers.strategies.parts import quick, restrict
from solvers.strategies.relaxation import Relaxed
from solvers.task import ORDERED

GROUPS = 6
"""Groups of sites tried for each stretch of periods."""
SHORTEST, COLUMNS = 4, 1500
"""Periods in the first stretches, and the most whole columns that are free in one."""
LARGEST = 6
"""Sites in a neighbourhood up to which trying goes on; then the bound gains more from the time than the plan."""


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
    windows = Windows(search)
    while not search.over:
        paid = False
        for _ in range(GROUPS):
            if search.over:
                return
            group = draw.choice(sites, size=min(size, len(sites)), replace=False, p=share / share.sum())
            paid |= improve(search, rewritten, [int(s) for s in group], nodes=200)
        if search.over:
            return
        gained = improve_columns(search, rewritten, windows.next(draw), nodes=200, limit_s=8.0)
        windows.learn(gained)
        misses = 0 if paid or gained else misses + 1
        if misses >= 3:
            size, misses = size + 1, 0
        if size > min(LARGEST, len(sites)):
            return


class Windows:
    """Neighbouring periods in which sites in use are free; longer stretches once short ones stop paying."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.periods = int(search.task.period.max(initial=0)) + 1
        self.length, self.misses = min(SHORTEST, self.periods), 0

    def next(self, draw: np.random.Generator) -> NDArray[np.bool_]:
        """Columns of the next neighbourhood: a stretch of periods at all sites in use, or at as many as ``COLUMNS`` allows."""
        task = self.search.task
        first = int(draw.integers(0, max(1, self.periods - self.length + 1)))
        inside = (task.period >= first) & (task.period < first + self.length)
        used = used_sites(self.search)
        columns = int((inside & used[task.site] & self.search.form.whole).sum())
        if columns > COLUMNS:
            sites = np.flatnonzero(used)
            few = draw.choice(sites, size=max(1, int(len(sites) * COLUMNS / columns)), replace=False)
            used = np.zeros_like(used)
            used[few] = True
        free: NDArray[np.bool_] = (task.site < 0) | (inside & used[task.site])
        return free

    def learn(self, gained: bool) -> None:
        """Longer after as many misses as there are such stretches without overlap."""
        self.misses = 0 if gained else self.misses + 1
        if self.misses > self.periods // self.length:
            self.length, self.misses = min(self.length + 1, self.periods), 0


def used_sites(search: Search) -> NDArray[np.bool_]:
    """Sites that order anything in the plan in hand; the last entry (index -1) stands for none."""
    assert search.x is not None
    task = search.task
    used = np.zeros(int(task.site.max()) + 2, dtype=bool)
    used[np.unique(task.site[(task.kind == ORDERED) & (search.x > 0.5)])] = True
    used[-1] = False
    return used


def improve(search: Search, rewritten: Form, sites: list[int], nodes: int) -> bool:
    """Some sites free, all others held; True where the plan got better."""
    free = (search.task.site < 0) | np.isin(search.task.site, sites)
    return improve_columns(search, rewritten, free, nodes, limit_s=5.0)


def improve_columns(search: Search, rewritten: Form, free: NDArray[np.bool_], nodes: int, limit_s: float) -> bool:
    """One neighbourhood; True where the plan got better."""
    assert search.x is not None
    y = search.increments.increments(search.x)
    columns = np.flatnonzero(free)
    program = restrict(rewritten, columns, y)
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
    result = quick(search, program, limit_s=limit_s, nodes=nodes, start=y[columns])
    if result is None or result.x is None or not math.isfinite(result.objective):
        return False
    y[columns] = np.where(program.whole, np.round(result.x), result.x)
    return search.offer(search.increments.states(y))
