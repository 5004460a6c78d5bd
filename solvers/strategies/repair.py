"""Repair: neighbourhoods of the plan in hand solved exactly, all else held."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Array, Form
from solvers.strategies.common import Search
from solvers.strategies.families import LITTLE, Families
from solvers.strategies.losses import Losses
from solvers.strategies.neighbourhoods import Batch, Part
from solvers.strategies.relaxation import Relaxed
from solvers.task import ORDERED

TOGETHER = 4
"""Single sites tried from the same plan."""
ALONE_S, ALONE_NODES = 5.0, 50
"""Work and nodes for one of them."""
PAIR = 2
"""Neighbourhoods of a family tried from the same plan."""
NODES = 200
COLUMNS, WORK_S = 700, 2.0
"""Whole columns of a neighbourhood, and the seconds of work that it is worth."""
GROWS, LARGEST = 1.5, 2500
"""How much larger neighbourhoods become, in both, when none pays any more, and up to where that goes on; then the bound gains more
from the time than the plan."""


def repair(search: Search, relaxed: Relaxed, losses: Losses, go_on: Callable[[], bool] = lambda: False) -> None:
    """Neighbourhoods solved exactly, all else held, until the clock or the gap ends it, or until they no longer pay and
    ``go_on`` says no.

    First every promising site alone, then whichever family pays (:mod:`families`), beginning where the plan loses most. The order is
    drawn from the seed, each program is limited by nodes and counted work, and a batch starts from one plan: a search repeats
    itself, whatever the number of threads.
    """
    if search.x is None:
        return
    task, inc = search.task, search.increments
    batch = Batch(search, inc.rewrite(search.form))
    sites = np.unique(task.site[(task.kind == ORDERED) & (task.site >= 0)])
    weight, order = _by_promise(search, relaxed, batch.rewritten, sites)
    lost = losses.of(search.x)
    order = [s for s in order if lost[s] > LITTLE * abs(search.objective)]
    for i in range(0, len(order), TOGETHER):
        if search.over:
            return
        alone = [(task.site < 0) | (task.site == s) for s in order[i : i + TOGETHER]]
        batch.improve([Part(free, ALONE_NODES, ALONE_S) for free in alone])
    families = Families(search, np.random.default_rng(task.options.seed), weight, losses)
    columns, work_s = COLUMNS, WORK_S
    while not search.over:
        family, before, spent_s = families.best(), search.objective, search.spent_s
        batch.improve([Part(family.deal(columns), NODES, work_s, family.near) for _ in range(PAIR)])
        family.learn((before - search.objective) / max(abs(before), 1e-9), search.spent_s - spent_s)
        if families.exhausted:
            if columns >= LARGEST and not go_on():
                return
            columns, work_s = int(columns * GROWS), work_s * GROWS
            families.afresh()


def _by_promise(search: Search, relaxed: Relaxed, rewritten: Form, sites: NDArray[np.int64]) -> tuple[Array, list[int]]:
    """What the relaxation does at each site (by index), and the sites that could pay, the likeliest first."""
    task, orders = search.task, search.task.kind == ORDERED
    weight = np.zeros(int(task.site.max()) + 2)
    np.add.at(weight, task.site[orders], np.abs(rewritten.cost * search.increments.increments(relaxed.x))[orders])
    best = np.full(len(weight), np.inf)
    np.minimum.at(best, task.site[orders], relaxed.reduced[orders])
    order = sorted((int(s) for s in sites), key=lambda s: (best[s], -weight[s], s))
    return weight, [s for s in order if best[s] <= 0 or weight[s] > 0]
