"""First plans, and their repair: what finds plans without proving anything."""

from __future__ import annotations

from planner.errors import SolverError
from solvers.strategies.common import Search
from solvers.strategies.dive import BATCH, FIRST, Dive, begin, dive, hold_openings
from solvers.strategies.milestones import hold, reach
from solvers.strategies.relax_and_fix import SPAN, lengths, relax_and_fix
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.repair import repair
from solvers.strategies.site_by_site import SitePlans

QUICK = 0.2
"""The part of the time left for the first plan, which is there so that stopping early loses nothing."""


def find_plans(search: Search, relaxed: Relaxed, plans: SitePlans) -> None:
    """First plans, and their repair until the clock ends it."""
    settle_all(search, relaxed, plans)
    if search.x is not None and not search.over:
        repair(search, relaxed, lambda: not search.over)


def settle_all(search: Search, relaxed: Relaxed, plans: SitePlans, seed: int = 0) -> None:
    """The first plans: with openings held, else without."""
    for held in (plans, None):
        if search.over:
            return
        try:
            if settle_with(search, relaxed, held, seed):
                return
        except SolverError as error:
            search.notes.append(f"a first plan was given up: {error}")


def settle_with(search: Search, relaxed: Relaxed, held: SitePlans | None, seed: int) -> bool:
    """One attempt, with openings as the sites' own plans want them, or free. False where no plan came of it."""
    d = begin(search, relaxed)
    if held is not None and not hold_openings(search, d, held):
        return False
    search.tell_phase("deciding milestones")
    if not reach(search, d):
        return False
    search.tell_phase("settling periods")
    if settle_periods(search, d, seed):
        return True
    hold(search, d)
    return dive(search, d, FIRST if held is None else BATCH)


def settle_periods(search: Search, d: Dive, seed: int) -> bool:
    """Stretches of periods, first in a hurry, then well. False where the clock does not allow it or it met a dead end."""
    length = lengths(search, d)
    if not length:
        return False
    if search.x is None and not seed:
        relax_and_fix(search, d, length, share=QUICK, span=0)
    return relax_and_fix(search, d, length, span=SPAN - seed, seed=seed)
