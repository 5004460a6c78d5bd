"""Where a plan loses: each site's distance from the best it could do at given prices.

At the prices of what sites share, the distance of a plan from the bound falls apart: what is left unused between sites, and what each
site does less well than it could. On 100 sites x 6 blocks x 16 quarters nine tenths of it are the sites', and half of that
stands at eight of them: opened too early, or opened for too little. Neighbourhoods look there first (:mod:`families`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.errors import SolverError
from solvers.engines.form import Array
from solvers.engines.highs import Result, solve
from solvers.strategies.common import Search
from solvers.strategies.site_by_site import SitePlans, row_sites, site_programs, site_shares


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

    def within(self, columns: NDArray[np.int64]) -> Losses:
        """The same over some columns; sites that have none lose nothing."""
        site = self.site[columns]
        least = np.full(len(self.least), np.inf)
        least[np.unique(site[site >= 0])] = self.least[np.unique(site[site >= 0])]
        return Losses(self.priced[columns], site, least)


def losses_at_relaxation(search: Search, row_dual: Array, plans: SitePlans) -> Losses:
    """At a relaxation's prices: what each site is worth there, and what whole units add to that."""
    form, site = search.form, search.task.site
    owner = row_sites(form, site)
    least = site_shares(form, site, row_dual, owner)
    least += plans.raised[: len(least)]
    return Losses(form.cost - form.A.T @ np.where(owner < 0, row_dual, 0.0), site, least)


def losses_at(search: Search, prices: Array, plans: SitePlans) -> Losses:
    """At any prices between sites, shape (rows,), without multipliers of the sites' own rows: what the sites' relaxations are worth
    there, and what whole units add to that."""
    prices = np.where(row_sites(search.form, search.task.site) < 0, prices, 0.0)
    priced = search.form.cost - search.form.A.T @ prices
    least = np.full(int(search.task.site.max()) + 1, np.inf)
    parts = list(site_programs(search, priced, list(range(len(least)))))

    def relax(i: int) -> Result | None:
        try:
            return solve(parts[i].program, integer=False, time_limit_s=max(search.clock_s, 0.1))
        except SolverError:
            return None

    for part, result in zip(parts, search.crew.map(relax, range(len(parts))), strict=True):
        search.spend(result, search.task.options.threads)
        if result is not None and result.x is not None:
            least[part.site] = result.objective + plans.raised[part.site]
    return Losses(priced, search.task.site, least)
