"""Progress of a deal (section 5): what has ever come online, or ever been ordered, of what it covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import ceil, gcd, lcm
from typing import Any

from planner.model.data import ModelData, Pair
from planner.model.decisions import ordered
from planner.model.flows import order_terms
from planner.model.linear import Linear
from planner.problem.deals import Deal
from planner.problem.problem import covers

WITHIN = 1e-6
"""M5.9: a mark is reached within ``WITHIN * max(1, at)``."""
FINEST = 1e-5
"""A threshold is never told apart more finely than this share of itself."""


def deal(d: ModelData, i: int) -> Deal:
    """Deal i of the request."""
    return d.problem.deals[i]


def covered_pairs(d: ModelData, x: Deal) -> Iterator[Pair]:
    """Pairs whose orders count in a deal's progress."""
    for q in d.all_pairs:
        if covers(x, d.sites[q.s], d.blocks[q.k]) and (x.counts_leased or q.lease < 0):
            yield q


def progress(m: Any, d: ModelData, i: int, p: int) -> Linear:
    r""":math:`g_{ip} = \sum v_k n_{sk,p - l_k}` over covered pairs (no lead where orders count), existing units if they do."""
    x = deal(d, i)
    out = Linear(existing(d, x, p))
    for q in covered_pairs(d, x):
        t = p if x.counts == "ordered" else p - d.lead[q.k]
        if x.metric == "capex_musd":
            _at_price(m, d, q, t, out)
        elif t >= q.first and (value := d.value_of(x.metric, q.k)):
            out.add(value, ordered(m, q, t))
    return out


def _at_price(m: Any, d: ModelData, q: Pair, t: int, out: Linear) -> None:
    """Orders up to t at the catalogue price of their period."""
    for p, terms in order_terms(m, q):
        if p <= t:
            for sign, var in terms:
                out.add(sign * float(d.capex[q.k][p]), var)


def unit_values(d: ModelData, x: Deal) -> list[float]:
    """What one covered unit may add to progress."""
    found: set[float] = set()
    for q in covered_pairs(d, x):
        if x.metric == "capex_musd":
            found |= {float(v) for v in d.capex[q.k][q.first : q.last + 1]}
        else:
            found.add(d.value_of(x.metric, q.k))
    if x.counts_existing:
        found |= {_existing_value(d, x, b.k) for b in d.batches}
    return sorted(v for v in found if v > 0)


def _existing_value(d: ModelData, x: Deal, k: int) -> float:
    return float(d.capex[k][0]) if x.metric == "capex_musd" else d.value_of(x.metric, k)


def existing(d: ModelData, x: Deal, p: int) -> float:
    """What existing units bring, where the deal counts them."""
    if not x.counts_existing:
        return 0.0
    return sum(
        b.units * _existing_value(d, x, b.k)
        for b in d.batches
        if (x.counts == "ordered" or b.on <= p) and covers(x, d.sites[b.s], d.blocks[b.k])
    )


def most(d: ModelData, i: int, p: int) -> float:
    """The most progress that the data admits by p: pair by pair, and no block beyond its supply."""
    x = deal(d, i)
    units: dict[int, float] = {}
    worth: dict[int, float] = {}
    for q in covered_pairs(d, x):
        t = p if x.counts == "ordered" else p - d.lead[q.k]
        if t >= q.first:
            units[q.k] = units.get(q.k, 0.0) + float(q.most[min(t, q.last)])
            values = d.capex[q.k][q.first : q.last + 1] if x.metric == "capex_musd" else [d.value_of(x.metric, q.k)]
            worth[q.k] = max(worth.get(q.k, 0.0), *map(float, values))
    total = existing(d, x, p)
    for k, n in units.items():
        supply = d.blocks[k].supply
        if supply is not None and "supply" not in d.relaxed:
            lead = 0 if x.counts == "ordered" else d.lead[k]
            n = min(n, d.time.value(supply, max(0, p - lead)))
        total += n * worth[k]
    return total


def least(at: float) -> float:
    """The least progress that counts as having reached ``at`` (M5.9)."""
    return at - WITHIN * max(1.0, at)


@dataclass(frozen=True)
class Lattice:
    """Values that whole units can attain: multiples of ``step`` (0: no useful step)."""

    step: float

    def reached_at(self, at: float) -> float:
        """The smallest attainable progress that reaches ``at`` (M5.9)."""
        return at if not self.step else max(0, ceil(least(at) / self.step - 1e-9)) * self.step

    def short_of(self, at: float) -> float:
        """The largest progress that counts as short of ``at``."""
        if not self.step:
            return at * (1 - FINEST)
        return self.reached_at(at) - self.step


def lattice(d: ModelData, x: Deal) -> Lattice:
    """The common step of everything that can be added to progress."""
    values = [Fraction(v).limit_denominator(10**6) for v in unit_values(d, x)]
    if not values:
        return Lattice(0.0)
    base = lcm(*(v.denominator for v in values))
    step = Fraction(reduce(gcd, (int(v * base) for v in values)), base)
    return Lattice(float(step) if float(step) > FINEST * float(max(values)) else 0.0)
