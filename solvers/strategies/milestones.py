"""What belongs to no site and is whole (tranches reached, deals signed, who holds a demand) is decided before the sites are.

With all sites relaxed, their openings as their own plans want them, and these columns whole, branch and bound is short: a hundred
columns rather than thousands. Its point says which milestones to steer for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import Highs, Result
from solvers.strategies.common import Search
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.site_by_site import SitePlans, held_open

SHARE = 0.1
"""The part of the time left that this may take."""


def milestone_columns(search: Search) -> NDArray[np.int64]:
    """Whole columns that belong to no site and are not settled by their bounds."""
    form = search.form
    return np.flatnonzero(form.whole & (search.task.site < 0) & (form.lower < form.upper))


def milestones(search: Search, relaxed: Relaxed, plans: SitePlans) -> Array:
    """Values of :func:`milestone_columns` to steer for with the openings of the sites' own plans."""
    columns = milestone_columns(search)
    inc = search.increments
    # What the relaxation reaches in full can be had; it is the fallback where nothing better is found in time.
    wanted: Array = np.floor(relaxed.x[columns] + 1e-6)
    if not len(columns):
        return wanted
    whole = np.zeros(len(search.form.cost), dtype=bool)
    whole[columns] = True
    rewritten = replace(inc.rewrite(search.form), whole=whole)
    opens = held_open(search, plans)
    lower, upper = rewritten.lower.copy(), rewritten.upper.copy()
    lower[opens] = upper[opens] = plans.point[opens]
    aim = _search(search, replace(rewritten, lower=lower, upper=upper))
    return wanted if aim is None or aim.x is None else np.round(inc.states(aim.x)[columns])


def _search(search: Search, program: Form) -> Result | None:
    """Branch and bound over milestones; None where HiGHS failed."""
    try:
        highs = Highs(program, integer=True, seed=search.task.options.seed)
        return highs.run(
            time_limit_s=search.left_s * SHARE,
            relative_gap=search.task.options.relative_gap / 2,
            on_pulse=lambda *_: search.cancelled(),
        )
    except SolverError:
        return None
