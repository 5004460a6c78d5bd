r"""The relaxation over the sites in use alone, with a bound for all.

Half of the candidates hold nothing in the relaxation of everything, whatever is decided about milestones. Without them an interior
point takes a third of the time, and its multipliers :math:`y` of the rows between sites prove the bound for all sites as well: to the
bound of the sites in use comes, for each other site s, :math:`\min (c - yA)_s x_s` over its own relaxation, a few milliseconds each.
A site for which that is negative joins those in use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import Result, solve
from solvers.strategies.common import Search, dual_bound
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.parts import restrict
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.site_by_site import SitePlans, row_sites, strengthened
from solvers.strategies.site_relaxations import by_site
from solvers.task import ORDERED

HOLDS = 1e-3
"""Units from which a site counts as used; an interior point leaves dust everywhere."""
MISSED = 1e-6
"""What a site that is left out may promise, relative to the bound, before it joins those in use."""


@dataclass(frozen=True)
class Answer:
    """``at`` are the milestones' values, None where they contradict each other; ``missing`` sites were found to be of use."""

    bound: float
    at: Array | None
    missing: tuple[int, ...]
    work_s: float
    late: bool = False


class SitesInUse:
    """One program, solved with different bounds of its milestones."""

    def __init__(self, search: Search, relaxed: Relaxed, plans: SitePlans) -> None:
        task, form = search.task, search.form
        self.form, self.plans = strengthened(form, plans), plans
        self.milestones = milestone_columns(search)
        self.site = task.site
        self._scale = max(abs(relaxed.value), 1e-9)
        self._rows = sparse.csr_matrix(form.A)
        owner = row_sites(form, task.site)
        self._between = owner < 0
        self._own_rows, self._own_columns = by_site(owner, task.site)
        used = ((task.kind == ORDERED) & (relaxed.x > HOLDS)) | (form.lower > 0)
        self.used = np.zeros(len(self._own_columns) + 1, dtype=bool)
        self.used[task.site[used]] = True
        self.used[-1] = True
        """By site; the last entry stands for no site."""

    def use(self, sites: list[int]) -> None:
        """These join those in use."""
        self.used[sites] = True

    def solve(self, search: Search, lower: Array, upper: Array) -> Answer:
        """With these bounds of the milestones. Several threads may ask at once."""
        low, up = self.form.lower.copy(), self.form.upper.copy()
        low[self.milestones], up[self.milestones] = lower, upper
        form, used = self.form.with_bounds(low, up), self.used.copy()
        missing: list[int] = []
        work_s = 0.0
        while True:
            columns = np.flatnonzero(used[self.site])
            rows = np.flatnonzero(np.diff(form.A[:, columns].tocsr().indptr))
            program = restrict(form, columns, np.zeros(len(form.cost)))
            result = _interior(search, program)
            if result is None:
                return self._of_all(search, form, work_s)
            work_s += result.work_s
            assert result.row_dual is not None
            prices = np.zeros(form.A.shape[0])
            prices[rows] = result.row_dual
            least, others_s, promising = self._others(form, prices, used)
            bound = dual_bound(program, result.row_dual) + least
            work_s += others_s
            if not math.isfinite(bound):
                return self._of_all(search, form, work_s)
            if not promising or search.clock_s <= 0:
                assert result.x is not None
                at = np.clip(result.x[np.searchsorted(columns, self.milestones)], lower, upper)
                return Answer(bound, at, tuple(missing), work_s)
            used[promising] = True
            missing += promising

    def _others(self, form: Form, prices: Array, used: NDArray[np.bool_]) -> tuple[float, float, list[int]]:
        """The least that the other sites can cost, what it took to know, and which of them promise something."""
        count = self._rows.shape[0]
        priced = form.cost - self._rows.T @ np.where(self._between, prices[:count], 0.0)
        least, work_s, promising = 0.0, 0.0, []
        for s in np.flatnonzero(~used):
            own = solve(form.part(self._rows, self._own_rows[s], self._own_columns[s], priced), integer=False)
            work_s += own.work_s
            if own.outcome != "optimal":
                return -math.inf, work_s, []
            least += own.objective
            if own.objective < -MISSED * self._scale:
                promising.append(int(s))
        return least, work_s, promising

    def _of_all(self, search: Search, form: Form, work_s: float) -> Answer:
        """By simplex over everything: slower, but it knows what is infeasible."""
        inc = search.increments
        cuts = replace(self.plans, cuts=sparse.csr_matrix(self.plans.cuts @ inc.T))
        program = strengthened(inc.rewrite(search.form.with_bounds(form.lower, form.upper)), cuts)
        result = solve(program, integer=False, seed=search.task.options.seed, time_limit_s=max(search.clock_s, 0.1))
        late = result.outcome == "limit"
        at = None if result.x is None else result.x[self.milestones]
        return Answer(result.bound if at is not None else math.inf, at, (), work_s + result.work_s, late)


def _interior(search: Search, program: Form) -> Result | None:
    """By interior point without crossover; None where that does not end well."""
    try:
        result = solve(program, integer=False, solver="ipx", run_crossover="off", time_limit_s=max(search.clock_s, 0.1))
    except SolverError:
        return None
    return result if result.x is not None and result.row_dual is not None else None
