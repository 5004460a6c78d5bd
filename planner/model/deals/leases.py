"""Leases: what is paid for, and how long (M5.4, M5.14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.model.data import ModelData
from planner.model.decisions import pair_online
from planner.model.linear import Linear
from planner.problem.deals import Lease
from planner.problem.schedule import Step, value_at


def of(d: ModelData) -> Iterator[tuple[int, Lease]]:
    """Leases of the request, with their index among the deals."""
    return ((i, x) for i, x in enumerate(d.problem.deals) if isinstance(x, Lease))


def lease(d: ModelData, i: int) -> Lease:
    """Deal i, which is a lease."""
    x = d.problem.deals[i]
    assert isinstance(x, Lease)
    return x


def at(d: ModelData, schedule: float | tuple[Step, ...], p: int) -> float:
    """A schedule's value in any period, those after the horizon included; 0 before its first step."""
    return value_at(schedule, d.time.month(p)) or 0.0


def end(d: ModelData, i: int) -> int:
    """The period after the last one that the lease can cost money in (M5.14)."""
    last = d.P
    for q in d.leased:
        if q.lease == i and q.life is not None:
            last = max(last, q.last + d.lead[q.k] + q.life)
    return max(last, _minimum_ends(d, i))


def _minimum_ends(d: ModelData, i: int) -> int:
    """The period after the last one whose minimum is owed: a term after the first minimum, the horizon at least."""
    x = lease(d, i)
    steps = x.minimum_mw if isinstance(x.minimum_mw, tuple) else ()
    starts = [0, *(max(0, d.time.starts(step.from_)) for step in steps)]
    first = next((p for p in starts if at(d, x.minimum_mw, p) > 0), None)
    if first is None or x.term_years is None:
        return d.P
    return max(d.P, first + d.time.half_up(x.term_years))


def pays_minimum(d: ModelData, i: int, p: int) -> bool:
    """True where a minimum is owed in p."""
    return p < _minimum_ends(d, i) and at(d, lease(d, i).minimum_mw, p) > 0


def leased_mw(m: Any, d: ModelData, i: int, p: int) -> Linear:
    """Leased IT MW online in p; after the horizon, what has not reached its end."""
    out = Linear()
    for q in d.leased:
        if q.lease == i and (p < d.P or q.life is not None):
            out.plus(d.blocks[q.k].it_mw, pair_online(m, d, q, p))
    return out
