"""Large requests: relax everything, settle what is whole stretch by stretch while the rest stays relaxed, then repair.

1. The relaxation by interior point, without crossover. Its multipliers prove the bound (:func:`common.dual_bound`).
2. Each site's own whole-number program at the relaxation's prices (:mod:`site_by_site`): a better bound, and openings.
3. Only sites that the relaxation uses or prices well stay; openings are held, and milestones, which belong to no site, are
   reached or given up (:mod:`milestones`).
4. From then on, on the side where there is a second thread, branch and bound over milestones alone raises the bound further
   (:mod:`milestone_tree`).
5. Everything is settled in whole units next to its relaxed value (:mod:`solvers.engines.near`); where there is no such plan, site
   after site instead (:mod:`dive`).
6. Neighbourhoods of that plan are solved, all else held (:mod:`repair`).
"""

from __future__ import annotations

from solvers.strategies.aside import Aside
from solvers.strategies.branch_and_bound import to_the_end
from solvers.strategies.common import LARGE, Found, Search
from solvers.strategies.heuristics import settle_all
from solvers.strategies.losses import losses_of_plan
from solvers.strategies.milestone_tree import MilestoneTree
from solvers.strategies.milestones import Decided, milestone_columns
from solvers.strategies.relaxation import Relaxed, relaxation
from solvers.strategies.repair import repair
from solvers.strategies.site_by_site import SitePlans, site_by_site

TREE = 0.1
"""The part of the time left for milestones where nothing happens on the side."""
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
    milestones = BoundOverMilestones(search, relaxed, plans)
    if search.gap > GOOD:
        settle_all(search, relaxed, plans, tell=milestones.begin)
    milestones.begin(None)
    if search.x is not None and not search.over:
        search.tell_phase("repairing")
        # Whether the side is at work still depends on the clock, and the plan must not: with a side at work on the bound, a large
        # request is repaired until the clock ends it.
        large = int(search.form.whole.sum()) > LARGE
        repair(search, relaxed, losses_of_plan(search, relaxed, plans), lambda: milestones.aside and large)
    # The bound of the side counts where the clock ended the search; a search that ended by itself did without.
    milestones.end(take=not search.close_enough)
    # Where no plan was found, or neighbourhoods are used up and there is time left: find it, or prove the rest.
    return search.found() if search.over else to_the_end(search, plans)


class BoundOverMilestones:
    """On the side; where there is but one thread, within a share of the time. Begins once, and not at all without milestones."""

    def __init__(self, search: Search, relaxed: Relaxed, plans: SitePlans) -> None:
        self._search, self._relaxed, self._plans = search, relaxed, plans
        self._begun = not len(milestone_columns(search))
        self._aside: Aside | None = None

    @property
    def aside(self) -> bool:
        """It has a thread of its own."""
        return self._aside is not None and self._aside.exists

    def begin(self, decided: Decided | None) -> None:
        """``decided`` where they are, for plans."""
        if self._begun:
            return
        self._begun = True
        tree = MilestoneTree(self._search, self._relaxed, self._plans, decided)
        self._aside = Aside(self._search, lambda other: tree.grow(other, thorough=False))
        if not self._aside.exists:
            self._search.tell_phase("bounding over milestones")
            tree.grow(self._search, self._search.left_s * (1.0 - TREE), thorough=False)

    def end(self, take: bool) -> None:
        """Stop it; take over its bound, or leave it."""
        if self._aside is not None:
            self._aside.end(take)
