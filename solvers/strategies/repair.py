"""Repair: neighbourhoods of a few sites solved exactly, all others held."""

from __future__ import annotations

import math

import numpy as np

from solvers.engines.form import Form
from solvers.strategies.common import Search
from solvers.strategies.parts import quick, restrict
from solvers.strategies.relaxation import Relaxed
from solvers.task import ORDERED

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
    while not search.over:
        group = draw.choice(sites, size=min(size, len(sites)), replace=False, p=share / share.sum())
        if improve(search, rewritten, [int(s) for s in group], nodes=200):
            misses = 0
        else:
            misses += 1
        if misses >= 10:
            size, misses = size + 1, 0
        if size > min(LARGEST, len(sites)):
            return


def improve(search: Search, rewritten: Form, sites: list[int], nodes: int) -> bool:
    """One neighbourhood; True where the plan got better."""
    assert search.x is not None
    y = search.increments.increments(search.x)
    free = np.flatnonzero((search.task.site < 0) | np.isin(search.task.site, sites))
    program = restrict(rewritten, free, y)
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
    result = quick(search, program, limit_s=5.0, nodes=nodes, start=y[free])
    if result is None or result.x is None or not math.isfinite(result.objective):
        return False
    y[free] = np.where(program.whole, np.round(result.x), result.x)
    return search.offer(search.increments.states(y))
