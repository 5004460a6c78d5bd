"""Decisions back into values of the model's variables, so that a search can start from an earlier plan.

The inverse of :mod:`planner.model.read`, but for one thing: the decisions may come from another request. What this one does not
know (sites, blocks, deals, months) is left out, and nothing here says that the rest is feasible.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from planner.model.data import ModelData, Pair
from planner.model.decisions import ordered
from planner.plan import Decisions

Point = dict[int, float]
"""Values of some variables, by the variable's ``id``."""


def start_point(m: Any, d: ModelData, decisions: Decisions) -> Point:
    """Openings, cumulative orders, idle units, signatures and single sources. The rest (shells, units that leave early, draws,
    sales, amounts served) is left to the search, which finds it around these."""
    known = _Names(d)
    out: Point = {}
    _openings(m, d, known, decisions, out)
    _orders(m, d, known, decisions, out)
    _idle(m, known, decisions, out)
    _deals(m, d, decisions, out)
    _sources(m, known, decisions, out)
    return out


class _Names:
    """Positions of what the request calls by name."""

    def __init__(self, d: ModelData) -> None:
        self.d = d
        self.site = {x.id: i for i, x in enumerate(d.sites)}
        self.block = {x.id: i for i, x in enumerate(d.blocks)}
        self.market = {x.id: i for i, x in enumerate(d.problem.markets)}

    def period(self, month: str) -> int | None:
        """The period that contains a month; None outside the horizon, or where it is no month."""
        try:
            p = self.d.time.contains(month)
        except ValueError:
            return None
        return p if 0 <= p < self.d.P else None


def _openings(m: Any, d: ModelData, known: _Names, decisions: Decisions, out: Point) -> None:
    opened = {known.site[x.site]: known.period(x.month) for x in decisions.openings if x.site in known.site}
    for (s, p), var in m.open.items():
        first = opened.get(s)
        out[id(var)] = float(first is not None and p >= first)


def _orders(m: Any, d: ModelData, known: _Names, decisions: Decisions, out: Point) -> None:
    """Units ever ordered. What was ordered before the first period in which that is possible now counts from then on."""
    placed: dict[tuple[str, int, int], list[tuple[int, int]]] = defaultdict(list)
    for x in decisions.orders:
        p = known.period(x.month)
        if x.site in known.site and x.block in known.block and p is not None:
            placed[x.terms, known.site[x.site], known.block[x.block]].append((p, x.units))
    for q in d.all_pairs:
        here = placed.get((_terms(d, q), q.s, q.k), [])
        for p in range(q.first, q.last + 1):
            var = ordered(m, q, p)
            assert var is not None
            out[id(var)] = float(sum(units for at, units in here if at <= p))


def _terms(d: ModelData, q: Pair) -> str:
    return "own" if q.lease < 0 else d.problem.deals[q.lease].id


def _idle(m: Any, known: _Names, decisions: Decisions, out: Point) -> None:
    for x in decisions.idle:
        key = (known.site.get(x.site), known.block.get(x.block), known.period(x.month))
        if key in m.idle:
            out[id(m.idle[key])] = float(x.units)


def _deals(m: Any, d: ModelData, decisions: Decisions, out: Point) -> None:
    signed = set(decisions.signed)
    for i, var in m.signs.items() if hasattr(m, "signs") else ():
        out[id(var)] = float(d.problem.deals[i].id in signed)


def _sources(m: Any, known: _Names, decisions: Decisions, out: Point) -> None:
    if not hasattr(m, "source"):
        return
    served = {
        (known.site.get(x.site), known.market.get(x.market), known.period(x.month))
        for x in decisions.served
        if x.amount > 0
    }
    for key, var in m.source.items():
        out[id(var)] = float(key in served)
