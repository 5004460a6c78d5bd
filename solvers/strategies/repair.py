"""Repair: neighbourhoods of a few sites, or of a few periods, solved exactly, all else held."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Array, Form
from solvers.strategies.common import Search
from solvers.strategies.neighbourhoods import Batch, Part, Windows
from solvers.strategies.relaxation import Relaxed
from solvers.task import ORDERED

TOGETHER = 4
"""Single sites tried from the same plan."""
GROUPS, STRETCHES = 6, 2
"""Groups of sites, and stretches of periods, tried in turn."""
LARGEST = 6
"""Sites in a neighbourhood up to which trying goes on; then the bound gains more from the time than the plan."""


def repair(search: Search, relaxed: Relaxed, go_on: Callable[[], bool] = lambda: False) -> None:
    """Neighbourhoods solved exactly, all else held, until the clock or the gap ends it, or until they no longer pay and
    ``go_on`` says no.

    First every promising site alone, then random groups and stretches of periods, larger where they pay. The order is drawn
    from the seed, each program is limited by nodes and counted work, and a batch starts from one plan: a search repeats itself,
    whatever the number of threads.
    """
    if search.x is None:
        return
    task, inc = search.task, search.increments
    batch = Batch(search, inc.rewrite(search.form))
    sites = np.unique(task.site[(task.kind == ORDERED) & (task.site >= 0)])
    draw = np.random.default_rng(task.options.seed)
    weight, order = _by_promise(search, relaxed, batch.rewritten, sites)
    for i in range(0, len(order), TOGETHER):
        if search.over:
            return
        batch.improve([Part(batch.of_sites([s]), 50, 5.0) for s in order[i : i + TOGETHER]])
    share = weight[sites] + 0.3 * max(float(weight[sites].mean()), 1e-12)
    share = share / share.sum()
    size, misses = 2, 0
    windows = Windows(search)
    while not search.over:
        groups = [draw.choice(sites, size=min(size, len(sites)), replace=False, p=share) for _ in range(GROUPS)]
        paid = batch.improve([Part(batch.of_sites([int(s) for s in g]), 200, 5.0) for g in groups])
        if search.over:
            return
        stretches = [Part(windows.next(draw), 200, 8.0) for _ in range(STRETCHES)]
        gained = batch.improve(stretches)
        windows.learn(gained)
        misses = 0 if paid or gained else misses + 1
        if misses >= 3:
            size, misses = size + 1, 0
        if size > min(LARGEST, len(sites)) and not go_on():
            return


def _by_promise(search: Search, relaxed: Relaxed, rewritten: Form, sites: NDArray[np.int64]) -> tuple[Array, list[int]]:
    """What the relaxation does at each site (by index), and the sites that could pay, the likeliest first."""
    task, orders = search.task, search.task.kind == ORDERED
    weight = np.zeros(int(task.site.max()) + 2)
    np.add.at(weight, task.site[orders], np.abs(rewritten.cost * search.increments.increments(relaxed.x))[orders])
    best = np.full(len(weight), np.inf)
    np.minimum.at(best, task.site[orders], relaxed.reduced[orders])
    order = sorted((int(s) for s in sites), key=lambda s: (best[s], -weight[s], s))
    return weight, [s for s in order if best[s] <= 0 or weight[s] > 0]
