"""Everything in one program, for requests that HiGHS may close by itself.

Where there is a second thread and the program is not quite small, plans are also looked for the other way
(:mod:`heuristics`); the best of them counts when branch and bound has not closed the gap in time.
"""

from __future__ import annotations

from solvers.strategies.aside import Aside
from solvers.strategies.branch_and_bound import to_the_end
from solvers.strategies.common import Found, Search
from solvers.strategies.heuristics import heuristics_alone
from solvers.strategies.multipliers import prove_by_relaxation

SMALL = 500
"""Whole columns up to which branch and bound needs no help."""


def monolithic(search: Search) -> Found:
    """See the module."""
    prove_by_relaxation(search)
    if int(search.form.whole.sum()) <= SMALL or int(search.task.implied.sum()):
        return to_the_end(search)
    aside = Aside(search, heuristics_alone)
    found = to_the_end(search)
    if found.stopped == "infeasible" or search.close_enough:
        aside.end(take=False)
        return found
    aside.end(take=True)
    return search.found()
