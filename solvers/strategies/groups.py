"""Sites planned in groups, each with its share of what all must share; what one group leaves, the next may use.

A group of mixed sites is a fair picture of the whole, so shares by size are nearly what the whole would give it: on 1,000 sites the
relaxations of eight groups, one after the other, end 0.2 % from the relaxation of all. A thousand sites become eight requests of a
size that is settled well at once (:mod:`heuristics`); afterwards other groups are drawn, again and again, and repaired alike.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import solve
from solvers.strategies.common import Search
from solvers.strategies.heuristics import settle_all
from solvers.strategies.losses import Losses, losses_at_relaxation
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relaxation import Relaxed, relaxation
from solvers.strategies.repair import repair
from solvers.strategies.shares import Share, Shares, search_of
from solvers.strategies.site_by_site import SitePlans
from solvers.task import ORDERED

SITES = 60
"""Sites in use per group."""
CHUNK = 2
"""Groups planned from the same leftovers: side by side where there are threads, and the same plan where there are not."""
SHARE = 0.75
"""The part of the time left that the first plan of all groups may take."""
NEAR_S = 4.0
"""Seconds of work for a group's plan near its relaxation; what it misses, the repair of the whole finds sooner."""
AGAIN_S = 8.0
"""Seconds of work for the repair of one group."""
IDLE_S = 5.0
"""Seconds for the continuous rest of a group that does nothing."""
ROUNDS = 3
"""Rounds of all groups without a better plan after which it ends."""


def settle_groups(
    search: Search, owner: NDArray[np.int64], relaxed: Relaxed, plans: SitePlans, milestones: Array
) -> bool:
    """Plan all sites in use and offer the plan. False where that failed.

    ``milestones`` are the values of :func:`~solvers.strategies.milestones.milestone_columns`: no group can decide them alone.
    """
    inc, site = search.increments, search.task.site
    wished = np.where(plans.known, inc.states(np.where(plans.known, plans.point, 0.0)), relaxed.x)
    size = _sizes(search, wished)
    used = np.flatnonzero(size > 0.01)
    if not len(used):
        return False
    ranked = used[np.argsort(-size[used], kind="stable")]
    count = max(1, round(len(ranked) / SITES))
    count += count % CHUNK if count > 1 else 0
    # Dealt out by size, so that every group has large and small ones.
    groups = [np.sort(ranked[k::count]) for k in range(count)]
    shares = Shares(search, _with_milestones(search, milestones), owner, groups, size)
    in_use = np.isin(site, used)
    # Sites out of use stay as they are; what belongs to no site will be the sum of the groups' parts.
    x = np.where((site >= 0) & ~in_use, wished, 0.0)
    until = search.left_s * (1.0 - SHARE)
    waiting, failed = list(range(count)), 0
    while waiting and not search.over:
        chunk = waiting[:CHUNK]
        seconds = _seconds(search, max(search.left_s - until, 1.0), len(waiting))
        parts = [shares.of_the_rest(k, waiting, x) for k in chunk]
        plan = partial(_plan, search, plans, seconds)
        waiting = waiting[CHUNK:]
        for k, part, (found, here) in zip(chunk, parts, search.crew.map(plan, parts), strict=True):
            search.spend_of(here, min(search.task.options.threads, len(chunk)))
            if found is None:
                failed += 1
                if failed > CHUNK:
                    search.notes.append(f"groups of {len(groups[k])} sites found no plan within their shares")
                    return False
                waiting.append(k)  # it gets what others leave
            else:
                x = part.into(x, found)
        search.tell_phase(f"planning groups of sites: {count - len(waiting)} of {count}")
    return not waiting and search.offer(x)


def repair_groups(search: Search, owner: NDArray[np.int64], relaxed: Relaxed, plans: SitePlans) -> None:
    """Groups drawn anew, each repaired within what it uses and its share of what is left over.

    It ends with the clock, or when it no longer pays.
    """
    assert search.x is not None
    draw = np.random.default_rng(search.task.options.seed)
    promising = np.unique(search.task.site[(search.task.kind == ORDERED) & (relaxed.reduced <= 0)])
    form = _with_milestones(search, search.x[milestone_columns(search)])
    losses, idle = losses_at_relaxation(search, relaxed.row_dual, plans), 0
    while not search.over and idle < ROUNDS:
        size, before = _sizes(search, search.x), search.objective
        sites = draw.permutation(np.union1d(np.flatnonzero(size > 0.01), promising[promising >= 0]))
        groups = np.array_split(sites, max(1, math.ceil(len(sites) / SITES)))
        shares = Shares(search, form, owner, [np.sort(g) for g in groups], np.maximum(size, 0.1))
        for first in range(0, len(groups), CHUNK):
            if search.over:
                return
            chunk = list(range(first, min(first + CHUNK, len(groups))))
            x = search.x
            parts = [shares.of_what_is_left(k, chunk, x) for k in chunk]
            better_of = partial(_repair, search, relaxed, losses, search.x, AGAIN_S)
            for part, (better, here) in zip(parts, search.crew.map(better_of, parts), strict=True):
                search.spend_of(here, min(search.task.options.threads, len(chunk)))
                if better is not None:
                    x = part.into(x, better, part.out_of(search.x))
            search.offer(x)
        idle = 0 if search.objective < before else idle + 1


def _with_milestones(search: Search, values: Array) -> Form:
    lower, upper = search.form.lower.copy(), search.form.upper.copy()
    columns = milestone_columns(search)
    lower[columns] = upper[columns] = values
    return search.form.with_bounds(lower, upper)


def _seconds(search: Search, left_s: float, groups: int) -> float:
    """For each of so many groups, of which as many are planned at once as there are threads."""
    together = min(search.task.options.threads, CHUNK, groups)
    return left_s / math.ceil(groups / together)


def _sizes(search: Search, x: Array) -> Array:
    """Units ever ordered at each site, in all periods together; shape (sites,)."""
    task = search.task
    orders = (task.kind == ORDERED) & (task.site >= 0)
    size = np.zeros(int(task.site.max()) + 1)
    np.add.at(size, task.site[orders], np.abs(x[orders]))
    return size


def _plan(search: Search, plans: SitePlans, seconds: float, part: Share) -> tuple[Array | None, Search]:
    here = search_of(search, part, seconds)
    try:
        relaxed = relaxation(here)
        if relaxed is None:
            return None, here
        settle_all(here, relaxed, plans.of(part.columns), NEAR_S)
        if here.x is None:
            _stay_idle(here)
    except SolverError as error:
        search.notes.append(f"a group of sites was given up: {error}")
    return here.x, here


def _stay_idle(search: Search) -> None:
    """Offer that nothing is done at a group's sites; where that is allowed, the repair that follows may use them yet."""
    form = search.form
    result = solve(form.with_bounds(form.lower, np.where(form.whole, form.lower, form.upper)), time_limit_s=IDLE_S)
    if result.x is not None:
        search.offer(result.x)


def _repair(
    search: Search, relaxed: Relaxed, losses: Losses, x: Array, seconds: float, part: Share
) -> tuple[Array | None, Search]:
    here = search_of(search, part, seconds)
    start = part.out_of(x)
    if not here.offer(start):
        return None, here
    c = part.columns
    try:
        repair(here, Relaxed(relaxed.x[c], np.zeros(0), relaxed.reduced[c], 0.0), losses.within(c))
    except SolverError as error:
        search.notes.append(f"the repair of a group was given up: {error}")
    return here.x, here
