"""Sites planned in groups, each with its share of what all must share; what one group leaves, the next may use.

A group of mixed sites is a fair picture of the whole, so shares by size are nearly what the whole would give it: on 1,000 sites the
relaxations of eight groups, one after the other, end 0.2 % from the relaxation of all. A thousand sites become a handful of
requests of a size that is settled at once (:mod:`heuristics`), with openings as the sites' own plans want them; what shares keep
apart, the repair of the whole puts together (:mod:`repair`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import solve
from solvers.strategies.common import Search
from solvers.strategies.dive import Dive, begin
from solvers.strategies.heuristics import settle_with
from solvers.strategies.milestones import Decided, milestone_columns
from solvers.strategies.relaxation import Relaxed, relaxation
from solvers.strategies.shares import Share, Shares, search_of
from solvers.strategies.site_by_site import SitePlans
from solvers.task import ORDERED

SITES = ((100, 28.0), (60, 12.5), (30, 0.0))
"""Sites in use per group, the most that there are so many seconds for: on 1,000 sites groups of 115 end 1.1 % from the bound after
50 s, groups of 60 1.5 % from it after 35 s."""
CHUNK = 2
"""Groups planned from the same leftovers: side by side where there are threads, and the same plan where there are not."""
SHARE = 0.75
"""The part of the time left that the first plan of all groups may take."""
NEAR_S = 4.0
"""Seconds of work for a group's plan near its relaxation; what it misses, the repair of the whole finds sooner."""
HAND_BACK_S = 10.0
"""Seconds for the continuous rest of all sites, even where the clock has ended the search."""
IDLE_S = 5.0
"""Seconds for the continuous rest of a group that does nothing."""


def settle_groups(
    search: Search,
    owner: NDArray[np.int64],
    relaxed: Relaxed,
    plans: SitePlans,
    milestones: Callable[[], Array],
) -> bool:
    """Plan all sites in use and offer the plan. False where that failed.

    ``milestones`` gives the values of :func:`~solvers.strategies.milestones.milestone_columns`: no group can decide them alone.
    """
    inc, site = search.increments, search.task.site
    wished = np.where(plans.known, inc.states(np.where(plans.known, plans.point, 0.0)), relaxed.x)
    size = _sizes(search, wished)
    used = np.flatnonzero(size > 0.01)
    if not len(used):
        return False
    ranked = used[np.argsort(-size[used], kind="stable")]
    count = _count(search, len(ranked))
    # Dealt out by size, so that every group has large and small ones.
    groups = [np.sort(ranked[k::count]) for k in range(count)]
    shares = Shares(search, _with_milestones(search, milestones()), owner, groups, size)
    in_use = np.isin(site, used)
    # Sites out of use stay as they are; what belongs to no site will be the sum of the groups' parts.
    x = np.where((site >= 0) & ~in_use, wished, 0.0)
    until = search.left_s * (1.0 - SHARE)
    waiting, failed = list(range(count)), np.zeros(count, dtype=bool)
    while waiting and not search.over:
        chunk = waiting[:CHUNK]
        seconds = _seconds(search, max(search.left_s - until, 1.0), len(waiting))
        parts = [shares.of_the_rest(k, waiting, x) for k in chunk]
        plan = partial(_plan, search, replace(relaxed, x=wished), plans, seconds, count == 1)
        tries = [(part, bool(failed[k]) or count == 1) for k, part in zip(chunk, parts, strict=True)]
        waiting = waiting[CHUNK:]
        for k, part, (found, here) in zip(chunk, parts, search.crew.map(lambda it: plan(*it), tries), strict=True):  # noqa: B023
            search.spend_of(here, min(search.task.options.threads, len(chunk)))
            if found is not None:
                x = part.into(x, found)
            elif not failed[k]:
                waiting.append(k)  # it gets what others leave
            failed[k] = found is None
        search.tell_phase(f"planning groups of sites: {count - len(waiting)} of {count}")
    # Groups that found nothing twice, or still waited when the clock ended it, do nothing; where nobody does, repair begins there.
    nothing = np.where(site >= 0, search.form.lower, np.where(search.form.whole, x, 0.0))
    return search.offer(x) or any(
        _offer_with(search, point, decided) for point, decided in ((x, True), (x, False), (nothing, True))
    )


def _offer_with(search: Search, x: Array, decided: bool) -> bool:
    """Offer a point's whole columns with the best continuous ones: shares of many groups do not add up to the last digit. Milestones
    are as ``decided``, or as the sites' orders have them."""
    form, site = search.form, search.task.site
    held = form.whole & ((site >= 0) | decided)
    values = np.clip(np.round(x), form.lower, form.upper)
    lower, upper = np.where(held, values, form.lower), np.where(held, values, form.upper)
    limit_s = max(search.clock_s, HAND_BACK_S)
    result = solve(form.with_bounds(lower, upper), integer=not decided, time_limit_s=limit_s, relative_gap=1e-4)
    search.spend(result)
    return result.x is not None and search.offer(result.x)


def _with_milestones(search: Search, values: Array) -> Form:
    lower, upper = search.form.lower.copy(), search.form.upper.copy()
    columns = milestone_columns(search)
    lower[columns] = upper[columns] = values
    return search.form.with_bounds(lower, upper)


def _count(search: Search, sites: int) -> int:
    """How many groups; none is planned alone at the end."""
    for each, enough_s in SITES:
        count = max(1, round(sites / each))
        count += count % CHUNK if count > 1 else 0
        if _seconds(search, SHARE * search.left_s, count) >= enough_s:
            break
    return count


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


def _plan(
    search: Search, relaxed: Relaxed, plans: SitePlans, seconds: float, alone: bool, part: Share, last: bool
) -> tuple[Array | None, Search]:
    """A group's plan, None where there is none; next to its relaxation alone, unless this is the ``last`` try."""
    here = search_of(search, part, seconds)
    known = plans.of(part.columns)
    loose = here.form.with_bounds(search.form.lower[part.columns], here.form.upper)
    forms = [here.form, loose] if alone and (loose.lower < here.form.lower).any() else [here.form]
    try:
        for here.form in forms:
            if not here.over and _settle(here, begin(here, _of(relaxed, part)), known, near_only=not last):
                break
        if here.x is None and last and not here.over:
            whole = relaxation(here)
            if whole is not None:
                _settle(here, begin(here, whole), None)
        if here.x is None and last:
            _stay_idle(here)
    except SolverError as error:
        search.notes.append(f"a group of sites was given up: {error}")
    return here.x, here


def _settle(search: Search, d: Dive, held: SitePlans | None, near_only: bool = False) -> bool:
    """One attempt. Nobody is told of a group's relaxation, but limits of its programs go by it."""

    def limit(_: Decided) -> None:
        search.raise_bound(d.form.value(d.point), "the group's relaxation")

    return settle_with(search, d, held, NEAR_S, limit, near_only)


def _of(relaxed: Relaxed, part: Share) -> Relaxed:
    """A part of the relaxation of all sites."""
    return Relaxed(relaxed.x[part.columns], relaxed.row_dual[part.rows], relaxed.reduced[part.columns], relaxed.value)


def _stay_idle(search: Search) -> None:
    """Offer that nothing is done at a group's sites; where that is allowed, the repair that follows may use them yet."""
    form = search.form
    result = solve(form.with_bounds(form.lower, np.where(form.whole, form.lower, form.upper)), time_limit_s=IDLE_S)
    if result.x is not None:
        search.offer(result.x)
