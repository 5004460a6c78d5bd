r"""A bound that no rounding can spoil, proven from any multipliers (Neumaier and Shcherbina 2004).

For any multipliers :math:`y` of the allowed signs

.. math:: \min c x \ge \sum_i \min(y_i b_i) + \sum_j \min_{l_j \le x_j \le u_j} z_j x_j, \qquad z = c - A^T y

so nothing that produced :math:`y` has to be trusted. What is evaluated here is the right side, from below: products are split into
two doubles without error (Dekker 1971), sums are rounded once (Shewchuk's ``math.fsum``), and each result then moves one step down.

It is a proof for the *compiled program*: the doubles that went to the solver, whole numbers left out. That these
doubles are the request is not part of it; they were computed in ordinary arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from solvers.engines.form import Array, Form
from solvers.limits import derived_limits

SMALLEST, LARGEST = 2.0**-400, 2.0**400
"""Between these sizes the product of two doubles and its error are doubles themselves."""
SPLIT = 2.0**27 + 1.0
CHUNK = 200_000
"""Coefficients looked at at once, so that large programs need little memory."""


@dataclass(frozen=True)
class Proof:
    """A lower bound in the sense of minimisation; where there is none (-inf), ``why`` says why not."""

    bound: float
    why: str = ""
    column: int | None = None
    """The column without a finite bound that stands in the way."""


def rigorous_bound(form: Form, y: Array, limits: tuple[Array, Array] | None = None) -> Proof:
    """What multipliers of the form's rows prove. ``limits`` are the columns', by default :func:`derived_limits`."""
    nothing = -math.inf
    if not _in_range(form.A.data):
        return Proof(nothing, "a coefficient of the program is beyond the range of exact products")
    y = admissible(form, y)
    side = np.where(y > 0, form.row_lower, np.where(y < 0, form.row_upper, 0.0))
    lower, upper = derived_limits(form) if limits is None else limits
    try:
        reduced = np.concatenate([np.empty(0), *(_reduced(form, y, part) for part in _chunks(form.A))])
        terms = _column_terms(reduced, lower, upper)
        if not np.isfinite(terms).all():
            j = int(np.argmin(np.isfinite(terms)))
            return Proof(nothing, "a column has no finite bound on the side that its reduced cost asks for", j)
        total = math.fsum(
            [*terms.tolist(), *(part for half in product(y, side) for part in half.tolist()), form.offset]
        )
    except (OverflowError, ValueError):
        return Proof(nothing, "the sum is beyond the range of numbers")
    return Proof(math.nextafter(total, nothing))


def admissible(form: Form, y: Array) -> Array:
    """The nearest multipliers that prove anything: finite, of the sign that a row's finite sides allow, and of an ordinary size."""
    out: Array = np.where(np.isfinite(y), y, 0.0)
    out = np.where((out > 0) & ~np.isfinite(form.row_lower), 0.0, out)
    out = np.where((out < 0) & ~np.isfinite(form.row_upper), 0.0, out)
    side = np.where(out > 0, form.row_lower, np.where(out < 0, form.row_upper, 0.0))
    ordinary = _ordinary(out) & (_ordinary(side) | (side == 0))
    return np.where(ordinary, out, 0.0)


def product(a: Array, b: Array) -> tuple[Array, Array]:
    """``p + e = a * b`` exactly, ``p`` the rounded product: factors are 0 or of an ordinary size."""
    p = a * b
    a_high, b_high = _high(a), _high(b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def _high(a: Array) -> Array:
    """The upper 26 bits (Veltkamp)."""
    wide = SPLIT * a
    out: Array = wide - (wide - a)
    return out


def _ordinary(a: Array) -> NDArray[np.bool_]:
    size = np.abs(a)
    out: NDArray[np.bool_] = (size >= SMALLEST) & (size <= LARGEST)
    return out


def _in_range(a: Array) -> bool:
    return bool((_ordinary(a) | (a == 0)).all())


def _chunks(A: sparse.csc_matrix) -> Iterator[slice]:
    """Runs of columns of about ``CHUNK`` coefficients."""
    start, columns = 0, A.shape[1]
    while start < columns:
        stop = int(np.searchsorted(A.indptr, A.indptr[start] + CHUNK, side="right")) - 1
        stop = min(max(stop, start + 1), columns, start + CHUNK)
        yield slice(start, stop)
        start = stop


def _reduced(form: Form, y: Array, columns: slice) -> Array:
    """Reduced costs ``c - A'y`` of some columns, each correctly rounded."""
    A = form.A
    first, last = A.indptr[columns.start], A.indptr[columns.stop]
    p, e = product(A.data[first:last], -y[A.indices[first:last]])
    ends = (A.indptr[columns.start : columns.stop + 1] - first).tolist()
    cost = form.cost[columns].tolist()
    high, low = p.tolist(), e.tolist()
    return np.array([math.fsum([c, *high[a:b], *low[a:b]]) for c, a, b in zip(cost, ends[:-1], ends[1:], strict=True)])


def _column_terms(reduced: Array, lower: Array, upper: Array) -> Array:
    """At most the least ``z x`` inside the column's bounds, for every z that rounds to ``reduced``."""
    least = np.full(len(reduced), np.inf)
    # A sum of doubles that rounds to 0 is 0: no bound is needed then.
    with np.errstate(invalid="ignore", over="ignore"):
        for z in (np.nextafter(reduced, -np.inf), np.nextafter(reduced, np.inf)):
            for x in (lower, upper):
                term = np.where((x == 0) | (reduced == 0), 0.0, np.nextafter(z * x, -np.inf))
                least = np.minimum(least, term)
    return least
