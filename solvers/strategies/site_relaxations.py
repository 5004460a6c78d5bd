"""Every site's own relaxation at given prices: together a point, and multipliers for all rows, of the whole request."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array
from solvers.engines.highs import Result, solve
from solvers.strategies.common import Search, dual_bound
from solvers.strategies.relaxation import Relaxed


def relax_sites(search: Search, owner: NDArray[np.int64], prices: Array) -> Relaxed:
    """Four milliseconds a site. ``prices`` are multipliers of the rows between sites, zero elsewhere.

    The point honours every site's own rows, but only by chance those between sites; the value is what the multipliers prove.
    """
    form, inc, site = search.form, search.increments, search.task.site
    priced = form.cost - form.A.T @ prices
    rows = sparse.csr_matrix(form.A)
    own_rows, own_columns = by_site(owner, site)

    def one(s: int) -> Result | None:
        program = form.part(rows, own_rows[s], own_columns[s], priced)
        try:
            return solve(program, integer=False, time_limit_s=max(search.clock_s, 0.1))
        except SolverError:
            return None

    x, y = np.clip(0.0, form.lower, form.upper), prices.copy()
    for s, result in enumerate(search.crew.map(one, range(len(own_rows)), lambda: not search.over)):
        search.spend(result, search.task.options.threads)
        if result is not None and result.x is not None and result.row_dual is not None:
            x[own_columns[s]] = np.clip(result.x, form.lower[own_columns[s]], form.upper[own_columns[s]])
            y[own_rows[s]] = result.row_dual
    search.offer_multipliers(y)
    bound = dual_bound(form, y)
    search.raise_bound(bound, "multipliers of a sample's relaxation, and of every site's")
    reduced = inc.T.T @ (form.cost - form.A.T @ np.where(inc.chain_row, 0.0, y))
    return Relaxed(x, y, reduced, bound)


def by_site(
    owner: NDArray[np.int64], site: NDArray[np.int64]
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Each site's own rows and columns, ascending; ``owner`` is each row's site, ``site`` each column's (-1: none's)."""
    sites = np.arange(int(site.max(initial=-1)) + 1)

    def split(of: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        order = np.argsort(of, kind="stable")
        edges = np.searchsorted(of[order], np.append(sites, len(sites)))
        return [order[a:b] for a, b in itertools.pairwise(edges)]

    return split(owner), split(site)
