r"""A better bound, and openings, from one whole-number program per site at the relaxation's prices.

Rows that tie sites together (supply, money, policies, deals) are priced at the relaxation's multipliers :math:`\lambda`;
what is left falls apart into sites. For any :math:`\lambda`

.. math:: \min cx \ge \lambda b + \sum_s \min \{(c - \lambda A)_s x_s : x_s \text{ whole, rows of site } s\}

(Geoffrion 1974), and each minimum over whole numbers is at least the relaxation's share of the same site. Most of a planning
request's gap comes from sites that the relaxation opens in part: on 100 sites x 6 blocks x 16 quarters this closes 0.6 % of it,
as much as all further rounds of prices together could to within 0.1 %.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form
from solvers.engines.highs import Result
from solvers.engines.job import Job, solve_job
from solvers.executors import Work
from solvers.strategies.common import Search, dual_bound
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.site_relaxations import by_site
from solvers.task import OPEN

SHARE = 0.25
"""The part of the time left that the sites may take."""
GAP, NODES, EACH_S = 3e-4, 1000, 10.0
"""When one site's program stops: relative gap, nodes, seconds of work. Its own bound counts, not its plan."""

DUST = 1e-9
"""Coefficients of a cut that are so small beside its largest are left out; HiGHS would take them for none."""


@dataclass(frozen=True)
class SitePlans:
    """What each site would do at the relaxation's prices, over increments; ``known`` marks columns of sites looked at."""

    point: Array
    known: NDArray[np.bool_]
    cuts: sparse.csr_matrix
    """Rows over states that every whole plan honours: a site's priced cost is at least its minimum."""
    at_least: Array
    raised: Array
    """By how much its whole-number program says more than its share of the relaxation, shape (sites,)."""

    def of(self, columns: NDArray[np.int64]) -> SitePlans:
        """Some columns' plans, without cuts."""
        return replace(
            self,
            point=self.point[columns],
            known=self.known[columns],
            cuts=self.cuts[:0][:, columns],
            at_least=self.at_least[:0],
        )


def site_by_site(search: Search, relaxed: Relaxed, share: float = SHARE) -> SitePlans:
    """Raise the bound site by site, the heaviest first, within a share of the time left."""
    form = search.form
    until, together = search.left_s * (1.0 - share), search.task.options.threads
    owner = row_sites(form, search.task.site)
    prices = np.where(owner < 0, _valid(form, relaxed.row_dual), 0.0)
    shares = site_shares(form, search.task.site, relaxed.row_dual, owner)
    priced = form.cost - form.A.T @ prices
    bound = dual_bound(form, relaxed.row_dual)
    parts = site_programs(search, priced, _heaviest(shares, bound))
    states, known = np.zeros(len(form.cost)), np.zeros(len(form.cost), dtype=bool)
    cuts: list[sparse.csr_matrix] = []
    at_least: list[float] = []
    raised = np.zeros(len(shares))
    go_on = lambda: search.clock_s > 0 and not search.cancelled()  # noqa: E731
    work: Work[SitePart, Job, Result | None]
    ended = threading.Event()
    work = Work(lambda part: _job(search, part.program), solve_job, lambda: ended.is_set() or search.cancelled())
    parts, handed = itertools.tee(parts)
    for part, result in zip(handed, search.crew.map(work, parts, go_on)):
        if search.left_s < until:
            ended.set()  # counted in the order of the sites: what was begun meanwhile must not matter
            break
        search.spend(result, together)
        if result is None:
            continue
        known[part.columns] = True
        if result.x is not None:
            states[part.columns] = np.where(part.program.whole, np.round(result.x), result.x)
        if np.isfinite(result.bound) and result.bound > shares[part.site]:
            raised[part.site] = result.bound - shares[part.site]
            bound += raised[part.site]
            cuts.append(_row(priced, part.columns))
            at_least.append(result.bound - 1e-7 * max(1.0, abs(result.bound)))
    search.raise_bound(bound, "site by site at the relaxation's prices")
    stacked = sparse.csr_matrix(sparse.vstack(cuts) if cuts else (0, len(form.cost)))
    return SitePlans(search.increments.increments(states), known, stacked, np.array(at_least), raised)


def _row(values: Array, columns: NDArray[np.int64]) -> sparse.csr_matrix:
    """Some of the values as a row over all columns."""
    return sparse.csr_matrix((values[columns], columns, [0, len(columns)]), shape=(1, len(values)))


def _heaviest(shares: Array, bound: float) -> list[int]:
    """Sites with a share of the bound worth speaking of, the heaviest first."""
    return [int(s) for s in np.argsort(shares, kind="stable") if shares[s] < -1e-9 * max(1.0, abs(bound))]


@dataclass(frozen=True)
class SitePart:
    """One site's program over states, at some prices."""

    site: int
    columns: NDArray[np.int64]
    program: Form


def site_programs(search: Search, priced: Array, sites: list[int]) -> Iterator[SitePart]:
    """The programs of some sites; ``priced`` is the cost of states less what the rows between sites pay for them.

    Over states, not increments: a site's rows are a sixth as long, and branch and bound is three times as quick on them.
    """
    form = search.form
    rows = sparse.csr_matrix(form.A)
    own_rows, own_columns = by_site(row_sites(form, search.task.site), search.task.site)
    for s in sites:
        yield SitePart(s, own_columns[s], form.part(rows, own_rows[s], own_columns[s], priced))


def _job(search: Search, program: Form) -> Job:
    """A site's best plan at these prices, and a bound on it."""
    return Job(program, EACH_S, search.patience_s(EACH_S), NODES, GAP, seed=search.task.options.seed)


def row_sites(form: Form, site: NDArray[np.int64]) -> NDArray[np.int64]:
    """The site whose columns alone make up a row; -1 where it ties several, or anything that belongs to no site."""
    A = sparse.csr_matrix(form.A)
    owner = np.full(A.shape[0], -1)
    filled = np.flatnonzero(np.diff(A.indptr))
    if len(filled):
        at = site[A.indices]
        low = np.minimum.reduceat(at, A.indptr[filled])
        high = np.maximum.reduceat(at, A.indptr[filled])
        owner[filled] = np.where(low == high, low, -1)
    return owner


def site_shares(form: Form, site: NDArray[np.int64], row_dual: Array, owner: NDArray[np.int64]) -> Array:
    """Each site's part of :func:`~solvers.strategies.common.dual_bound`. Shape (sites,)."""
    y = _valid(form, row_dual)
    reduced = form.cost - form.A.T @ y
    row = np.where(y > 0, form.row_lower, np.where(y < 0, form.row_upper, 0.0))
    column = np.where(reduced > 0, form.lower, np.where(reduced < 0, form.upper, 0.0))
    column = np.where(np.isfinite(column), column, 0.0)
    shares = np.zeros(int(site.max(initial=-1)) + 1)
    np.add.at(shares, owner[owner >= 0], (y * row)[owner >= 0])
    np.add.at(shares, site[site >= 0], (reduced * column)[site >= 0])
    return shares


def _valid(form: Form, y: Array) -> Array:
    """Multipliers of the sign that the rows' sides allow."""
    y = np.where((y > 0) & ~np.isfinite(form.row_lower), 0.0, y)
    return np.where((y < 0) & ~np.isfinite(form.row_upper), 0.0, y)


def strengthened(form: Form, plans: SitePlans) -> Form:
    """The program with the sites' cuts."""
    if not plans.cuts.shape[0]:
        return form
    scale = np.asarray(abs(plans.cuts).max(axis=1).todense()).ravel()
    cuts, at_least = sparse.csr_matrix(sparse.diags(1.0 / scale) @ plans.cuts), plans.at_least / scale
    # What is dust beside the largest leaves its row, and the row is loosened by the most that it could make; where that knows no
    # limit, the row goes.
    reach = np.maximum(np.abs(form.lower), np.abs(form.upper))[cuts.indices]
    dust = np.abs(cuts.data) <= DUST
    rows = np.repeat(np.arange(len(scale)), np.diff(cuts.indptr))
    np.subtract.at(at_least, rows[dust], np.abs(cuts.data[dust]) * reach[dust])
    cuts.data[dust] = 0.0
    cuts.eliminate_zeros()
    sound = np.isfinite(at_least)
    cuts, at_least = cuts[sound], at_least[sound]
    return Form(
        form.cost,
        form.offset,
        sparse.csc_matrix(sparse.vstack([form.A, cuts])),
        np.concatenate([form.row_lower, at_least]),
        np.concatenate([form.row_upper, np.full(len(at_least), np.inf)]),
        form.lower,
        form.upper,
        form.whole,
    )


def held_open(search: Search, plans: SitePlans) -> NDArray[np.int64]:
    """Columns of openings that the sites' own plans settle."""
    return np.flatnonzero((search.task.kind == OPEN) & plans.known)
