"""First plans, and their repair: what finds plans without proving anything."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planner.errors import SolverError
from solvers.engines.form import Form
from solvers.engines.highs import solve
from solvers.engines.near import BEYOND, near
from solvers.strategies.common import Search
from solvers.strategies.dive import BATCH, FIRST, Dive, begin, complete, dive, hold_openings
from solvers.strategies.losses import losses_of_plan
from solvers.strategies.marks import milestones_of, with_margins
from solvers.strategies.milestones import Decided, hold, reach
from solvers.strategies.parts import quick
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.repair import repair
from solvers.strategies.site_by_site import SitePlans

NEAR_SHARE = 0.2
"""The part of the time left for the first plan near the relaxation."""
LEAST_S = 2e-5
"""Seconds for it per coefficient, at least: without them branch and bound does not get beyond its root."""
FAR = 4
"""Units beyond the neighbours of the relaxed values where no plan lies next to them: what shares cut off must be made up elsewhere."""
NODES = 500
POOR = 0.03
"""A gap to its own bound with which the first plan is not good enough to end."""
FEW, DIRECT_S, DIRECT_SHARE, DIRECT_GAP = 1000, 5.0, 0.1, 5e-3
"""Whole columns up to which all of them are settled at once where no plan lies near the relaxation: on the Stargate example that ends
1 % from the bound after six seconds, settled site by site 4 %."""
LEAST_DIRECT_S = 0.65
"""And work that must be left for it; else site by site is all that there is time for."""

Tell = Callable[[Decided], None]


def find_plans(search: Search, relaxed: Relaxed, plans: SitePlans) -> None:
    """First plans, and their repair until the clock ends it."""
    settle_all(search, relaxed, plans)
    if search.x is not None and not search.over:
        repair(search, relaxed, losses_of_plan(search, relaxed, plans), lambda: not search.over)


def settle_all(
    search: Search, relaxed: Relaxed, plans: SitePlans, near_s: float = math.inf, tell: Tell = lambda _: None
) -> None:
    """The first plans: with openings held, else without. ``near_s`` limits the program near the relaxation; ``tell`` is told when
    milestones are decided."""
    for held in (plans, None):
        if search.over:
            return
        try:
            if settle_with(search, begin(search, relaxed), held, near_s, tell):
                return
        except SolverError as error:
            search.notes.append(f"a first plan was given up: {error}")


def settle_with(
    search: Search,
    d: Dive,
    held: SitePlans | None,
    near_s: float = math.inf,
    tell: Tell = lambda _: None,
    near_only: bool = False,
) -> bool:
    """One attempt, with openings as the sites' own plans want them, or free; ``near_only`` next to the relaxation. False where no plan
    came of it."""
    if held is not None and not hold_openings(search, d, held):
        return False
    search.tell_phase("deciding milestones")
    decided = reach(search, d)
    if decided is None:
        return False
    tell(decided)
    search.tell_phase("settling near the relaxation")
    if settle_near(search, d, near_s):
        return True
    if near_only:
        return False
    if settle_directly(search, d):
        return True
    search.tell_phase("settling sites")
    hold(search, d)
    return dive(search, d, FIRST if held is None else BATCH)


def settle_near(search: Search, d: Dive, most_s: float = math.inf) -> bool:
    """All whole columns at once, next to their relaxed values (:mod:`solvers.engines.near`). False where there is no such plan.

    First with every milestone that was decided for as a must, and with a hall to spare at its mark; then without the spare hall; then
    milestones may be given up; then farther from the relaxed values.
    """
    must = _milestones_met(d)
    ways = [(must, with_margins(d, must), BEYOND), (must, must, BEYOND)] if milestones_of(d).any() else []
    if not ways or (must.lower > d.form.lower).any():
        ways.append((d.form, d.form, BEYOND))
    until = search.left_s - min(NEAR_SHARE * search.left_s, most_s)
    for program, aim, beyond in (*ways, (d.form, d.form, FAR)):
        if search.over:
            return False
        point = d.point
        if aim is not d.form:
            relaxed = solve(aim, integer=False, time_limit_s=search.clock_s)
            search.spend(relaxed)
            if relaxed.x is None:
                continue
            point = relaxed.x
        work_s = max(search.left_s - until, LEAST_S * program.A.nnz)
        beside = near(program, point, beyond=beyond)
        result = quick(search, beside, work_s=work_s, nodes=NODES, relative_gap=1e-4, effort=0.05, poor_gap=POOR)
        if result is not None and result.x is not None:
            d.point = result.x
            complete(search, d)
            return search.x is not None
    return False


def settle_directly(search: Search, d: Dive) -> bool:
    """All whole columns of a small dive at once, every milestone that was decided for as a must. False where it is not small,
    where time is short, or where there is no such plan."""
    work_s = min(DIRECT_S, DIRECT_SHARE * search.left_s)
    few = int((d.form.whole & (d.form.upper > d.form.lower)).sum()) <= FEW
    if search.over or not few or work_s < LEAST_DIRECT_S:
        return False
    must = _milestones_met(d)
    result = quick(search, must, work_s=work_s, nodes=NODES, relative_gap=DIRECT_GAP, effort=0.05, poor_gap=POOR)
    if result is None or result.x is None:
        return False
    d.point = result.x
    complete(search, d)
    return search.x is not None


def _milestones_met(d: Dive) -> Form:
    """A dive's program with all milestones reached as far as they may be."""
    lower = np.where(milestones_of(d), d.form.upper, d.form.lower)
    return replace(d.form, lower=lower)
