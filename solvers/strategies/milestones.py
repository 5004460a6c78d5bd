"""What belongs to no site and is whole (tranches reached, deals signed, who holds a demand) is decided before the sites are.

With all sites relaxed but these columns whole, branch and bound is short: a hundred columns rather than thousands. Its bound
holds for the request, and with the sites' cuts it joins both improvements; its point says which milestones to steer for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array
from solvers.engines.highs import Highs
from solvers.strategies.common import Search
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.site_by_site import SitePlans, strengthened

SHARE = 0.3
"""The part of the time left that this may take."""


def milestone_columns(search: Search) -> NDArray[np.int64]:
    """Whole columns that belong to no site and are not settled by their bounds."""
    form = search.form
    return np.flatnonzero(form.whole & (search.task.site < 0) & (form.lower < form.upper))


def milestones(search: Search, relaxed: Relaxed, plans: SitePlans) -> Array:
    """Values of :func:`milestone_columns` to steer for; the bound is raised on the way."""
    columns = milestone_columns(search)
    inc = search.increments
    # What the relaxation reaches in full can be had; it is the fallback where nothing better is found in time.
    wanted: Array = np.floor(relaxed.x[columns] + 1e-6)
    if not len(columns):
        return wanted
    whole = np.zeros(len(search.form.cost), dtype=bool)
    whole[columns] = True
    program = strengthened(inc.rewrite(search.form), replace(plans, cuts=sparse.csr_matrix(plans.cuts @ inc.T)))
    try:
        highs = Highs(replace(program, whole=whole), integer=True, seed=search.task.options.seed)
        result = highs.run(
            time_limit_s=search.left_s * SHARE,
            relative_gap=search.task.options.relative_gap / 2,
            on_pulse=lambda *_: search.cancelled(),
        )
    except SolverError:
        return wanted
    if np.isfinite(result.bound) and result.outcome in ("optimal", "limit", "interrupted"):
        search.raise_bound(result.bound, "milestones whole, sites by their own programs")
    if result.x is not None:
        wanted = np.round(inc.states(result.x)[columns])
    return wanted
