r"""Cumulative columns rewritten as increments, for the solver only.

The model is written on states (units ever ordered), which keeps it sparse and quick to build. Simplex, however, walks
through the resulting chains :math:`n_{p-1} \le n_p` one link at a time: on 100 sites x 6 blocks x 16 quarters its dual
method needs over 47,000 iterations on states and 8,000 on orders :math:`x_p = n_p - n_{p-1} \ge 0`. The substitution
:math:`n = T x` is exact in both directions, whole numbers included; chain rows become column bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form


@dataclass(frozen=True)
class Increments:
    """``T`` maps increments to states; ``before`` is the chain (-1 at its head); ``last`` marks the ends of chains."""

    T: sparse.csr_matrix
    before: NDArray[np.int64]
    last: NDArray[np.bool_]
    chain_row: NDArray[np.bool_]
    """Rows of the state form that only say that a chain does not fall."""

    @staticmethod
    def of(form: Form, before: NDArray[np.int64]) -> Increments:
        """Chains of a form whose column j continues column ``before[j]``."""
        n = len(before)
        rows, columns = [np.arange(n)], [np.arange(n)]
        step = before.copy()
        while (alive := step >= 0).any():
            rows.append(np.flatnonzero(alive))
            columns.append(step[alive])
            step = np.where(alive, before[step], -1)
        i, j = np.concatenate(rows), np.concatenate(columns)
        T = sparse.csr_matrix((np.ones(len(i)), (i, j)), shape=(n, n))
        last = np.ones(n, dtype=bool)
        last[before[before >= 0]] = False
        return Increments(T, before, last, _chain_rows(form, before))

    def increments(self, x: Array) -> Array:
        """States to increments."""
        out: Array = x - np.where(self.before >= 0, x[self.before], 0.0)
        return out

    def states(self, y: Array) -> Array:
        """Increments to states."""
        out: Array = self.T @ y
        return out

    def rewrite(self, form: Form) -> Form:
        """The same program over increments. Upper bounds of later links of a chain become rows where they bind."""
        return self.rewrite_rows(form, np.ones(form.A.shape[0], dtype=bool))

    def rewrite_rows(self, form: Form, wanted: NDArray[np.bool_]) -> Form:
        """As :meth:`rewrite`, with some of the rows only."""
        taken = wanted.copy()
        taken[: len(self.chain_row)] &= ~self.chain_row
        A = sparse.csr_matrix(form.A)[taken] @ self.T
        chained = self.before >= 0
        lower = np.where(chained, 0.0, form.lower)
        # A link's own bound implies its predecessors' only if it is no looser; keep one row per distinct bound of a chain.
        nexts = np.full(len(self.before), np.inf)
        nexts[self.before[chained]] = form.upper[chained]
        bounded = chained & np.isfinite(form.upper) & (form.upper < nexts) | (
            chained & self.last & np.isfinite(form.upper)
        )
        tied = bounded | (chained & (form.lower > 0))
        return Form(
            self.T.T @ form.cost,
            form.offset,
            sparse.csc_matrix(sparse.vstack([A, self.T[tied]])),
            np.concatenate([form.row_lower[taken], np.where(form.lower[tied] > 0, form.lower[tied], -np.inf)]),
            np.concatenate([form.row_upper[taken], form.upper[tied]]),
            lower,
            form.upper,
            form.whole,
        )


def _chain_rows(form: Form, before: NDArray[np.int64]) -> NDArray[np.bool_]:
    A = sparse.csr_matrix(form.A)
    two = np.flatnonzero(np.diff(A.indptr) == 2)
    out = np.zeros(A.shape[0], dtype=bool)
    if not len(two):
        return out
    a, b = A.indices[A.indptr[two]], A.indices[A.indptr[two] + 1]
    u, v = A.data[A.indptr[two]], A.data[A.indptr[two] + 1]
    falls = (u == 1) & (v == -1) & (before[b] == a) | (u == -1) & (v == 1) & (before[a] == b)
    out[two] = falls & (form.row_upper[two] == 0) & np.isneginf(form.row_lower[two])
    return out
