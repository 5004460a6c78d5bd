"""How near a relaxation comes to the marks of its milestones, and how much nearer it should come.

A relaxation reaches a mark to the last megawatt, in parts of halls; hardly a whole plan near it does. So it is asked for one hall
more at every mark.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form
from solvers.strategies.dive import Dive


def milestones_of(d: Dive) -> NDArray[np.bool_]:
    """Which of a dive's columns are milestones, decided or not."""
    found: NDArray[np.bool_] = d.form.whole & (d.site < 0)
    return found


def with_margins(d: Dive, program: Form) -> Form:
    """A dive's program with one hall more at every mark.

    The marks are rows ``progress >= sum of steps of the milestones reached``, found by their shape; a milestone that is given up
    (upper bound 0) needs none.
    """
    aims = milestones_of(d)
    by_row, by_column = sparse.csr_matrix(program.A), sparse.csc_matrix(program.A)
    lower = program.row_lower.copy()
    for i in _marks(program, d.site, aims):
        columns, values = _row(by_row, i)
        progress = ~program.whole[columns]
        if -float(values[~progress] @ program.upper[columns[~progress]]) > 0:
            hall = _hall(program, d.site, by_row, by_column, int(columns[progress][0]))
            lower[i] += hall * float(values[progress][0])
    return replace(program, row_lower=lower)


def farther(program: Form, site: NDArray[np.int64], aims: NDArray[np.bool_], share: float, halls: float = 0.0) -> Form:
    """A program whose marks are all farther away by a share, and by so many halls from the first one on; ``aims`` are milestones."""
    A, by_column = sparse.csr_matrix(program.A, copy=True), sparse.csc_matrix(program.A)
    for i in _marks(program, site, aims):
        part = slice(A.indptr[i], A.indptr[i + 1])
        columns, values = A.indices[part].astype(np.int64), A.data[part]
        steps = program.whole[columns]
        progress = int(np.flatnonzero(~steps)[0])
        hall = _hall(program, site, A, by_column, int(columns[progress])) * float(values[progress])
        first = int(np.flatnonzero(steps)[0])
        values[steps] *= 1.0 + share
        values[first] -= halls * hall
    return replace(program, A=sparse.csc_matrix(A))


def _marks(program: Form, site: NDArray[np.int64], aims: NDArray[np.bool_]) -> list[int]:
    """Rows in which milestones need one progress."""
    by_row, by_column = sparse.csr_matrix(program.A), sparse.csc_matrix(program.A)
    found = []
    for i in np.unique(by_column[:, np.flatnonzero(aims)].indices):
        columns, values = _row(by_row, i)
        progress = ~program.whole[columns]
        if (site[columns] >= 0).any() or progress.sum() != 1 or values[progress][0] <= 0:
            continue
        if np.isfinite(program.row_lower[i]) and (values[~progress] < 0).all():
            found.append(int(i))
    return found


def _hall(
    program: Form, site: NDArray[np.int64], by_row: sparse.csr_matrix, by_column: sparse.csc_matrix, progress: int
) -> float:
    """The largest step that one unit means for a progress."""
    hall = 0.0
    for i in by_column.indices[by_column.indptr[progress] : by_column.indptr[progress + 1]]:
        columns, values = _row(by_row, i)
        units = (site[columns] >= 0) & program.whole[columns]
        if units.any():
            hall = float(np.abs(values[units]).max() / np.abs(values[columns == progress][0]))
    return hall


def _row(by_row: sparse.csr_matrix, i: int) -> tuple[NDArray[np.int64], Array]:
    part = slice(by_row.indptr[i], by_row.indptr[i + 1])
    return by_row.indices[part].astype(np.int64), by_row.data[part].astype(float)
