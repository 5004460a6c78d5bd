"""Finite bounds of columns that have none, read off the rows they stand in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form

ROUNDS = 500
"""Each round hands bounds on by one row; an account that carries over needs one per period."""
MARGIN = 1e-8
"""Derived bounds are wider by this share of everything that was summed, which is far more than rounding can take away
(a sum of n doubles errs by less than n * 2.3e-16 of the sum of their sizes)."""


def derived_limits(form: Form) -> tuple[Array, Array]:
    """The columns' own bounds; where one is infinite, the first that a row implies, if any does.

    From ``a_j x_j <= b - sum of the others`` with every other column at its own bound.
    """
    lower, upper = form.lower.copy(), form.upper.copy()
    open_columns = np.flatnonzero(~np.isfinite(lower) | ~np.isfinite(upper))
    if not len(open_columns):
        return lower, upper
    A = sparse.csr_matrix(form.A)
    touched = np.unique(sparse.csc_matrix(form.A)[:, open_columns].indices)
    rows = A[touched]
    if rows.nnz and int(np.diff(rows.indptr).max()) * 2.3e-16 > MARGIN / 100:
        return lower, upper
    part = _Rows(rows, form.row_lower[touched], form.row_upper[touched], len(touched))
    for _ in range(ROUNDS):
        if not part.tighten(lower, upper):
            break
    return lower, upper


class _Rows:
    """Rows ``low <= A x <= high`` by their entries."""

    def __init__(self, A: sparse.csr_matrix, low: Array, high: Array, count: int) -> None:
        self.row = np.repeat(np.arange(count), np.diff(A.indptr))
        self.column, self.a, self.count = A.indices, A.data, count
        self.low, self.high = low, high

    def tighten(self, lower: Array, upper: Array) -> bool:
        """One round over all rows and both sides; True where a bound was found."""
        wanted = self.a != 0
        found = self._above(self.a, self.high, lower, upper, wanted)
        return self._above(-self.a, -self.low, lower, upper, wanted) or found

    def _above(self, a: Array, b: Array, lower: Array, upper: Array, wanted: NDArray[np.bool_]) -> bool:
        """Rows ``a x <= b``: what the least of the others leaves to each column."""
        side = np.where(a > 0, lower[self.column], upper[self.column])
        known = np.isfinite(side) | ~wanted
        least = np.where(known & wanted, a * np.where(known & wanted, side, 0.0), 0.0)
        total = np.bincount(self.row, least, self.count)
        size = np.bincount(self.row, np.abs(least), self.count) + np.abs(np.where(np.isfinite(b), b, 0.0))
        missing = np.bincount(self.row[~known], minlength=self.count)
        others = missing[self.row] - ~known
        usable = wanted & (others == 0) & np.isfinite(b[self.row])
        far = np.where(a > 0, upper[self.column], lower[self.column])
        entries = np.flatnonzero(usable & ~np.isfinite(far))
        if not len(entries):
            return False
        r, j, c = self.row[entries], self.column[entries], a[entries]
        room = b[r] - (total[r] - least[entries]) + MARGIN * size[r]
        reach = room / c
        reach = reach + np.sign(c) * MARGIN * np.abs(reach)
        good = np.isfinite(reach)
        np.minimum.at(upper, j[good & (c > 0)], reach[good & (c > 0)])
        np.maximum.at(lower, j[good & (c < 0)], reach[good & (c < 0)])
        return bool(good.any())
