"""Multipliers of a request's rows, from wherever a relaxation was solved, for the bound of :mod:`solvers.rigorous`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array, Form
from solvers.engines.highs import solve
from solvers.engines.increments import Increments
from solvers.strategies.common import Search, dual_bound

SHARE = 0.1
"""The part of the time left that a relaxation solved for its multipliers alone may take."""
MANY = 2000
"""Implied rows up to which all of them are simply kept. Beyond, they are brought in on demand, by a relaxation that has multipliers
of its own; one of everything would not end."""


def prove_by_relaxation(search: Search) -> None:
    """Solve the relaxation for its multipliers, where they are asked for and nobody has offered any."""
    if search.tell_multipliers is None or search.multipliers is not None or search.task.implied.sum() > MANY:
        return
    result = None
    until = search.left_s * (1.0 - SHARE)
    ways: tuple[dict[str, Any], ...] = ({"solver": "ipx", "run_crossover": "off"}, {})
    for options in ways:
        try:
            result = solve(search.form, integer=False, time_limit_s=search.patience_s(search.left_s - until), **options)
            search.spend(result)
        except SolverError:  # an interior point may give up; simplex then has what is left of the time
            continue
        if result.row_dual is not None:
            break
    if result is not None and result.row_dual is not None:
        search.offer_multipliers(result.row_dual)
        search.raise_bound(dual_bound(search.form, result.row_dual), "multipliers of the relaxation")


def of_states(inc: Increments, form: Form, rows: NDArray[np.int64], duals: Array, reduced: Array) -> Array:
    """Multipliers of the form's own rows from those of its program over increments.

    ``duals`` are those of ``rows`` of the form; a chain row's multiplier is the ``reduced`` cost of the increment that it keeps
    from being negative. What the program's other rows say are bounds of the form's columns.
    """
    y = np.zeros(form.A.shape[0])
    y[rows] = duals
    chains = np.flatnonzero(inc.chain_row)
    links = sparse.csr_matrix(form.A)[chains].tocoo()
    falling = links.data < 0
    y[chains[links.row[falling]]] = -np.maximum(reduced[links.col[falling]], 0.0)
    return y
