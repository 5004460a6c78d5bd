"""Everything in one program, for requests that HiGHS may close by itself.

Where the program is not quite small, the sites' own programs go first, and milestones before all other columns
(:mod:`milestone_tree`): their bound and their cuts cost a second and close what branch and bound would need minutes for. And where
there is a second thread, plans are also looked for the other way (:mod:`heuristics`); the best of them counts when branch and bound
has not closed the gap in time.
"""

from __future__ import annotations

from solvers.strategies.aside import Aside
from solvers.strategies.branch_and_bound import to_the_end
from solvers.strategies.common import Found, Search
from solvers.strategies.heuristics import find_plans
from solvers.strategies.milestone_tree import MilestoneTree
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.multipliers import prove_by_relaxation
from solvers.strategies.relaxation import relaxation
from solvers.strategies.site_by_site import site_by_site

SMALL = 500
"""Whole columns up to which branch and bound needs no help."""

TREE = 0.1
"""The part of the time left for branch and bound over milestones alone."""


def monolithic(search: Search) -> Found:
    """See the module."""
    if int(search.form.whole.sum()) <= SMALL or int(search.task.implied.sum()):
        prove_by_relaxation(search)
        return to_the_end(search)
    search.tell_phase("relaxing")
    relaxed = relaxation(search)
    if relaxed is None:
        return to_the_end(search)
    search.tell_phase("bounding site by site")
    plans = site_by_site(search, relaxed)
    aside = Aside(search, lambda other: find_plans(other, relaxed, plans))
    if len(milestone_columns(search)):
        search.tell_phase("bounding over milestones")
        MilestoneTree(search, relaxed, plans).grow(search, search.left_s * (1.0 - TREE))
    found = to_the_end(search, plans)
    if found.stopped == "infeasible" or search.close_enough:
        aside.end(take=False)
        return found
    aside.end(take=True)
    return search.found()
