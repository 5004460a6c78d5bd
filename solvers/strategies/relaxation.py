"""The relaxation of everything: a bound, prices, and where the orders would go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import Result, solve
from solvers.strategies.common import Search, dual_bound


@dataclass(frozen=True)
class Relaxed:
    """The relaxation's point over states, its multipliers, and reduced costs of increments."""

    x: Array
    row_dual: Array
    reduced: Array
    value: float


def relaxation(search: Search) -> Relaxed | None:
    """None where there is no relaxed point."""
    form, inc = search.form, search.increments
    result = relax_program(search, form)
    if result is None or result.x is None or result.row_dual is None:
        return None
    search.offer_multipliers(result.row_dual)
    search.raise_bound(dual_bound(form, result.row_dual), "multipliers of the relaxation")
    prices = np.where(inc.chain_row, 0.0, result.row_dual)
    reduced = inc.T.T @ (form.cost - form.A.T @ prices)
    return Relaxed(np.clip(result.x, form.lower, form.upper), result.row_dual, reduced, result.objective)


def relax_program(search: Search, form: Form) -> Result | None:
    """By interior point without crossover, which is good enough for bounds and prices; by simplex where that fails."""
    try:
        result = solve(form, integer=False, solver="ipx", run_crossover="off", time_limit_s=search.clock_s)
        search.spend(result)
        if result.x is not None and result.row_dual is not None:
            return result
    except SolverError:
        search.notes.append("interior point failed; simplex took over")
    result = solve(form, integer=False, time_limit_s=search.clock_s)
    search.spend(result)
    return result
