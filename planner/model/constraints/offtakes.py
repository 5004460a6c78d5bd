"""Offtakes (M5.6): capacity sold to customers, at most once, between a minimum and a maximum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import blocks_at, energised, signed
from planner.model.linear import Linear
from planner.problem.deals import Offtake
from planner.problem.problem import covers


def add(m: Any, d: ModelData) -> None:
    """Rows of this family. ``sold[i,s,k,p]`` is in the deal's unit: IT MW or PFLOP/s."""
    deals = list(of(d))
    if not deals:
        return
    index = [
        (i, s, k, p)
        for i, x in deals
        for s in range(len(d.sites))
        for k in blocks_at(d, s)
        if covers(x, d.sites[s], d.blocks[k]) and d.value_of(x.sold_metric, k)
        for p in range(d.P)
        if d.most_online(s, k, p) and _may(d, x, p)
    ]
    m.sold = pyo.Var(index, domain=pyo.NonNegativeReals)
    buyers: dict[tuple[int, int, int], list[int]] = {}
    sellers: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for i, s, k, p in index:
        buyers.setdefault((s, k, p), []).append(i)
        sellers.setdefault((i, p), []).append((s, k))
    m.sold_once = pyo.Constraint(list(buyers), rule=lambda m, s, k, p: once(m, d, s, k, p, buyers[s, k, p]))
    periods = [(i, p) for i, _ in deals for p in range(d.P)]
    priced = [
        (i, p) for i, p in periods if _least(d, i, p) > 0 and _deal(d, i).shortfall_musd_per_unit_year is not None
    ]
    m.offtake_missing = pyo.Var(priced, domain=pyo.NonNegativeReals, bounds=lambda _, i, p: (0.0, _least(d, i, p)))
    m.offtake_minimum = pyo.Constraint(
        [(i, p) for i, p in periods if _least(d, i, p) > 0],
        rule=lambda m, i, p: at_least(m, d, i, p, sellers.get((i, p), [])),
    )
    m.offtake_maximum = pyo.Constraint(
        [(i, p) for i, p in sellers if _deal(d, i).maximum is not None or _deal(d, i).optional],
        rule=lambda m, i, p: at_most(m, d, i, p, sellers[i, p]),
    )


def of(d: ModelData) -> Iterator[tuple[int, Offtake]]:
    """Customers' contracts, with their index among the deals."""
    return ((i, x) for i, x in enumerate(d.problem.deals) if isinstance(x, Offtake))


def _deal(d: ModelData, i: int) -> Offtake:
    x = d.problem.deals[i]
    assert isinstance(x, Offtake)
    return x


def _least(d: ModelData, i: int, p: int) -> float:
    return d.time.value(_deal(d, i).minimum, p)


def _may(d: ModelData, x: Offtake, p: int) -> bool:
    return x.maximum is None or d.time.value(x.maximum, p) > 0


def once(m: Any, d: ModelData, s: int, k: int, p: int, buyers: list[int]) -> Any:
    r""":math:`\sum_i x_{iskp} / v_{ik} \le e_{skp}`."""
    out = Linear().plus(-1.0, energised(m, d, s, k, p))
    for i in buyers:
        out.add(1.0 / d.value_of(_deal(d, i).sold_metric, k), m.sold[i, s, k, p])
    return out.at_most(m, 0.0)


def at_least(m: Any, d: ModelData, i: int, p: int, sellers: list[tuple[int, int]]) -> Any:
    r""":math:`\sum_{sk} x_{iskp} + u_{ip} \ge \underline X_{ip} \, s_i`."""
    out = Linear().plus(-_least(d, i, p), signed(m, d, i))
    for s, k in sellers:
        out.add(1.0, m.sold[i, s, k, p])
    if (i, p) in m.offtake_missing:
        out.add(1.0, m.offtake_missing[i, p])
    return out.at_least(m, 0.0)


def at_most(m: Any, d: ModelData, i: int, p: int, sellers: list[tuple[int, int]]) -> Any:
    r""":math:`\sum_{sk} x_{iskp} \le \bar X_{ip} \, s_i`; without a stated maximum, what could be there then."""
    x = _deal(d, i)
    out, most = Linear(), 0.0
    for s, k in sellers:
        out.add(1.0, m.sold[i, s, k, p])
        most += d.most_online(s, k, p) * d.value_of(x.sold_metric, k)
    if x.maximum is not None:
        most = min(most, d.time.value(x.maximum, p))
    return out.plus(-most, signed(m, d, i)).at_most(m, 0.0)
