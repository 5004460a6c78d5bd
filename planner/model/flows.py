"""Dated linear terms: ``(due period, coefficient, variable)``, nominal MUSD; a variable of None stands for the constant 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from planner.model.data import Pair
from planner.model.decisions import ordered
from planner.model.linear import Linear, Var

Flow = tuple[int, float, Var | None]


def terms_of(due: int, coef: float, what: Linear) -> Iterator[Flow]:
    """An expression as flows of one due period."""
    if coef:
        for c, v in zip(what.coefs, what.vars, strict=True):
            yield due, coef * c, v
        if what.constant:
            yield due, coef * what.constant, None


def by_due(flows: Iterable[Flow], P: int) -> list[Linear]:
    """What falls due in each of P periods; what is due later is left out."""
    out = [Linear() for _ in range(P)]
    for due, coef, var in flows:
        if due < P:
            if var is None:
                out[due].constant += coef
            else:
                out[due].add(coef, var)
    return out


def order_terms(m: Any, q: Pair) -> Iterator[tuple[int, list[tuple[float, Var]]]]:
    """``(p, [(+1, n_p), (-1, n_{p-1})])`` for every order period of a pair."""
    before = None
    for p in range(q.first, q.last + 1):
        now = ordered(m, q, p)
        yield p, [(1.0, now)] if before is None else [(1.0, now), (-1.0, before)]
        before = now
