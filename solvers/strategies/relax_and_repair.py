"""Large requests: relax everything, settle what is whole stretch by stretch while the rest stays relaxed, then repair.

1. The relaxation by interior point, without crossover. Its multipliers prove the bound (:func:`common.dual_bound`).
2. Each site's own whole-number program at the relaxation's prices (:mod:`site_by_site`): a better bound, and openings.
3. On the side, where there is a second thread, the bound is raised further (:mod:`prove`).
4. Only sites that the relaxation uses or prices well stay; openings are held, and milestones, which belong to no site, are
   reached or given up (:mod:`milestones`).
5. Stretches of periods are settled in whole units (:mod:`relax_and_fix`), roughly first, so that there is a plan, then
   well; where there are too many sites for the clock, site after site instead (:mod:`dive`).
6. Neighbourhoods of a few sites, or of all sites in a few periods, are solved exactly, all else held (:mod:`repair`).
"""

from __future__ import annotations

from solvers.strategies.common import Found, Search
from solvers.strategies.dive import BATCH, FIRST, Dive, begin, dive, hold_openings
from solvers.strategies.milestones import hold, reach
from solvers.strategies.monolithic import monolithic
from solvers.strategies.prove import can_prove, prove
from solvers.strategies.relax_and_fix import SPAN, lengths, relax_and_fix
from solvers.strategies.relaxation import Relaxed, relaxation
from solvers.strategies.repair import repair
from solvers.strategies.site_by_site import SitePlans, site_by_site

QUICK = 0.2
"""The part of the time left for the first plan, which is there so that stopping early loses nothing."""

GOOD = 0.012
"""A plan in hand this close to the bound (from an earlier plan) is worth more repaired than found anew."""


def relax_and_repair(search: Search) -> Found:
    """See the module. Falls back to branch and bound where the relaxation cannot be had."""
    search.tell_phase("relaxing")
    relaxed = relaxation(search)
    if relaxed is None:
        return monolithic(search)
    if search.over:
        return search.found()
    search.tell_phase("bounding site by site")
    plans = site_by_site(search, relaxed)
    side = search.crew.aside(lambda: beside(search, relaxed, plans))
    if search.gap > GOOD:
        settle_all(search, relaxed, plans)
    if search.x is not None and not search.over:
        search.tell_phase("repairing")
        repair(search, relaxed, lambda: side is not None and side.is_running)
    if side is not None:
        side.wait()
    # Where no plan was found, or neighbourhoods are used up and there is time left: find it, or prove the rest.
    return search.found() if search.over else monolithic(search, plans)


def beside(search: Search, relaxed: Relaxed, plans: SitePlans) -> None:
    """What a second thread does: raise the bound where that can be done, else look for another first plan."""
    if can_prove(search):
        prove(search, plans)
    else:
        settle_all(search, relaxed, plans, seed=1)


def settle_all(search: Search, relaxed: Relaxed, plans: SitePlans, seed: int = 0) -> None:
    """The first plans: with openings held, else without."""
    for held in (plans, None):
        if search.over:
            return
        d = begin(search, relaxed)
        if held is not None and not hold_openings(search, d, held):
            continue
        search.tell_phase("deciding milestones")
        if not reach(search, d):
            continue
        search.tell_phase("settling periods")
        if settle_periods(search, d, seed):
            return
        hold(search, d)
        if dive(search, d, FIRST if held is None else BATCH):
            return


def settle_periods(search: Search, d: Dive, seed: int) -> bool:
    """Stretches of periods, first in a hurry, then well. False where the clock does not allow it or it met a dead end."""
    length = lengths(search, d)
    if not length:
        return False
    if search.x is None and not seed:
        relax_and_fix(search, d, length, share=QUICK, span=0)
    return relax_and_fix(search, d, length, span=SPAN - seed, seed=seed)
