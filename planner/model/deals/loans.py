"""Loans: draws, and when they are paid back (M5.5, M5.15)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.model.data import ModelData
from planner.model.linear import Var
from planner.problem.deals import Loan


def of(d: ModelData) -> Iterator[tuple[int, Loan]]:
    """Loans of the request, with their index among the deals."""
    return ((i, x) for i, x in enumerate(d.problem.deals) if isinstance(x, Loan))


def loan(d: ModelData, i: int) -> Loan:
    """Deal i, which is a loan."""
    x = d.problem.deals[i]
    assert isinstance(x, Loan)
    return x


def draw(m: Any, i: int, p: int) -> list[tuple[float, Var]]:
    """What is drawn in p: ``[(+1, drawn_p), (-1, drawn_{p-1})]``."""
    return [(1.0, m.drawn[i, p])] + ([(-1.0, m.drawn[i, p - 1])] if p else [])


def schedule(d: ModelData, x: Loan) -> list[tuple[int, float]]:
    r"""``(periods after the draw, share of it due)``: interest in the grace, then the annuity :math:`i / (1 - (1+i)^{-N})`."""
    i = (1.0 + x.rate) ** d.L - 1.0
    grace, n = d.time.up(x.grace_months), d.time.half_up(x.term_years)
    annuity = 1.0 / n if i == 0 else i / (1.0 - (1.0 + i) ** -n)
    interest = [(lag, i) for lag in range(1, grace + 1)] if i else []
    return interest + [(grace + lag, annuity) for lag in range(1, n + 1)]
