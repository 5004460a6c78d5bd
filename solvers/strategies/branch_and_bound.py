"""HiGHS branch and bound on the increment form, from the best point in hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array
from solvers.engines.highs import Highs, Result
from solvers.strategies.common import Found, Search
from solvers.strategies.lazy_rows import tightened
from solvers.strategies.site_by_site import SitePlans, strengthened


def to_the_end(search: Search, plans: SitePlans | None = None) -> Found:
    """Until it is proven, or the clock ends it. "Infeasible" is only believed when a run without presolve agrees."""
    search.tell_phase("searching")
    result = branch_and_bound(search, plans)
    if result.outcome in ("infeasible", "unbounded_or_infeasible") and search.x is None:
        search.tell_phase("confirming that nothing is feasible")
        again = branch_and_bound(search, None, presolve="off")
        if again.outcome == "infeasible":
            return Found("infeasible", None, math.inf, math.inf, "HiGHS, with and without presolve")
    return search.found()


def branch_and_bound(
    search: Search, plans: SitePlans | None, whole: NDArray[np.bool_] | None = None, **options: Any
) -> Result:
    """One HiGHS run, with the cuts of the sites' own programs, that feeds incumbents and bounds to the search.

    Where ``whole`` says that fewer columns need be whole, only its bound counts.
    """
    inc = search.increments
    program = tightened(search)
    if plans is not None:
        program = strengthened(program, replace(plans, cuts=sparse.csr_matrix(plans.cuts @ inc.T)))
    if whole is not None:
        program = replace(program, whole=whole)
    highs = Highs(program, integer=True, seed=search.task.options.seed)
    if search.x is not None:
        highs.start(inc.increments(search.x))

    def on_point(y: Array, _objective: float, bound: float) -> None:
        if math.isfinite(bound) and abs(bound) < 1e25:
            search.raise_bound(bound, "HiGHS branch and bound")
        if whole is None:
            search.offer(inc.states(y))

    def on_pulse(_objective: float, bound: float) -> bool:
        if math.isfinite(bound) and abs(bound) < 1e25:
            search.raise_bound(bound, "HiGHS branch and bound")
        return search.cancelled() or search.close_enough

    result = highs.run(
        time_limit_s=search.clock_s,
        relative_gap=search.task.options.relative_gap,
        on_point=on_point,
        on_pulse=on_pulse,
        **options,
    )
    if result.x is not None and whole is None:
        search.offer(inc.states(result.x))
    if math.isfinite(result.bound) and result.outcome in ("optimal", "limit", "interrupted"):
        search.raise_bound(min(result.bound, search.objective), "HiGHS branch and bound")
    return result
