"""Where a plan loses: each site's distance from the best it could do at given prices.

At the prices of what sites share, the distance of a plan from the bound falls apart: what is left unused between sites, and what each
site does less well than it could. On 100 sites x 6 blocks x 16 quarters nine tenths of it are the sites', and half of that
stands at eight of them: opened too early, or opened for too little. Neighbourhoods look there first (:mod:`families`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Array
from solvers.strategies.common import Search
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relaxation import Relaxed, relax_program
from solvers.strategies.site_by_site import SitePlans, row_sites, site_shares


@dataclass(frozen=True)
class Losses:
    """``priced`` is the cost of states less what the rows between sites pay for them, ``site`` their sites, ``least`` how little each
    site's own could be, shape (sites,)."""

    priced: Array
    site: NDArray[np.int64]
    least: Array

    def of(self, x: Array) -> Array:
        """What a point loses at each site. Shape (sites,)."""
        spent, mine = np.zeros(len(self.least)), self.site >= 0
        np.add.at(spent, self.site[mine], (self.priced * x)[mine])
        out: Array = np.maximum(spent - self.least, 0.0)
        return out


def losses_at_relaxation(search: Search, row_dual: Array, plans: SitePlans) -> Losses:
    """At a relaxation's prices: what each site is worth there, and what whole units add to that."""
    form, site = search.form, search.task.site
    owner = row_sites(form, site)
    least = site_shares(form, site, row_dual, owner)
    least += plans.raised[: len(least)]
    return Losses(form.cost - form.A.T @ np.where(owner < 0, row_dual, 0.0), site, least)


def losses_of_plan(search: Search, relaxed: Relaxed, plans: SitePlans) -> Losses:
    """What measures where the plan in hand loses: prices at its own milestones, for a tranche reached in part makes others."""
    columns = milestone_columns(search)
    if search.x is None or not len(columns):
        return losses_at_relaxation(search, relaxed.row_dual, plans)
    lower, upper = search.form.lower.copy(), search.form.upper.copy()
    lower[columns] = upper[columns] = search.x[columns]
    held = relax_program(search, search.form.with_bounds(lower, upper))
    found = None if held is None else held.row_dual
    return losses_at_relaxation(search, relaxed.row_dual if found is None else found, plans)
