"""Large requests: relax everything, settle what is whole stretch by stretch while the rest stays relaxed, then repair.

1. The relaxation by interior point, without crossover. Its multipliers prove the bound (:func:`common.dual_bound`).
2. Each site's own whole-number program at the relaxation's prices (:mod:`site_by_site`): a better bound, and openings.
3. Branch and bound over milestones alone raises the bound further (:mod:`milestone_tree`): for a moment before anything else, then
   on the side, where there is a second thread.
4. Only sites that the relaxation uses or prices well stay; openings are held, and milestones, which belong to no site, are
   reached or given up (:mod:`milestones`).
5. Stretches of periods are settled in whole units (:mod:`relax_and_fix`), roughly first, so that there is a plan, then
   well; where there are too many sites for the clock, site after site instead (:mod:`dive`).
6. Neighbourhoods of a few sites, or of all sites in a few periods, are solved exactly, all else held (:mod:`repair`).
"""

from __future__ import annotations

from solvers.strategies.aside import Aside
from solvers.strategies.branch_and_bound import to_the_end
from solvers.strategies.common import LARGE, Found, Search
from solvers.strategies.heuristics import settle_all
from solvers.strategies.milestone_tree import MilestoneTree
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relaxation import Relaxed, relaxation
from solvers.strategies.repair import repair
from solvers.strategies.site_by_site import SitePlans, site_by_site

TREE = 0.05
"""The part of the time left for milestones before plans are looked for."""
GOOD = 0.012
"""A plan in hand this close to the bound (from an earlier plan) is worth more repaired than found anew."""


def relax_and_repair(search: Search) -> Found:
    """See the module. Falls back to branch and bound where the relaxation cannot be had."""
    search.tell_phase("relaxing")
    relaxed = relaxation(search)
    if relaxed is None:
        return to_the_end(search)
    if search.over:
        return search.found()
    search.tell_phase("bounding site by site")
    plans = site_by_site(search, relaxed)
    tree = milestones_first(search, plans)
    if tree is not None and not tree.finished:
        aside = Aside(search, tree.grow)
    else:
        aside = Aside(search, lambda other: settle_all(other, relaxed, plans, seed=1))
    find(search, relaxed, plans, aside, bounding=tree is not None and not tree.finished)
    # The bound of the side counts where the clock ended the search; a search that ended by itself did without.
    aside.end(take=not search.close_enough)
    # Where no plan was found, or neighbourhoods are used up and there is time left: find it, or prove the rest.
    return search.found() if search.over else to_the_end(search, plans)


def milestones_first(search: Search, plans: SitePlans) -> MilestoneTree | None:
    """A better bound from milestones in whole numbers, as far as a small share of the time left allows."""
    if search.over or not len(milestone_columns(search)):
        return None
    search.tell_phase("bounding over milestones")
    tree = MilestoneTree(search, plans)
    tree.grow(search, search.left_s * (1.0 - TREE))
    return tree


def find(search: Search, relaxed: Relaxed, plans: SitePlans, aside: Aside, bounding: bool) -> None:
    """A plan, the other way's where it is better, and its repair. ``bounding``: the side is at work on the bound."""
    if search.gap > GOOD:
        settle_all(search, relaxed, plans)
    if not bounding:
        aside.join()
    # Whether the side is at work still depends on the clock, and the plan must not: with a side at work on the bound, a large
    # request is repaired until the clock ends it.
    large = int(search.form.whole.sum()) > LARGE
    if search.x is not None and not search.over:
        search.tell_phase("repairing")
        repair(search, relaxed, lambda: bounding and aside.exists and large)
