"""Solved values back into whole decisions; money and megawatts are not read off the model but booked from the decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from planner.model.data import ModelData
from planner.model.decisions import builds, metric_at, shell_periods
from planner.plan import Decisions, Opening, Order, Served, Shell, Units

Values = Callable[[Any], float]
"""The solved value of a variable."""
DUST = 1e-7
"""Shell and served amounts below this are rounding, not decisions."""


def read_decisions(m: Any, d: ModelData, value: Values) -> Decisions:
    """Openings, orders, shells, retirements, idle units and served amounts, in the order of sites, blocks, periods."""
    orders = _orders(m, d, value)
    shells = _shells(m, d, value, orders)
    return Decisions(
        openings=_openings(m, d, value),
        orders=[
            Order(site=d.sites[s].id, block=d.blocks[k].id, month=d.time.month(p), units=n)
            for (s, k, p), n in orders.items()
        ],
        shells=[Shell(site=d.sites[s].id, month=d.time.month(p), mw=mw) for (s, p), mw in shells.items()],
        retirements=_retirements(m, d, value, orders),
        idle=[
            Units(site=d.sites[s].id, block=d.blocks[k].id, month=d.time.month(p), units=n)
            for (s, k, p), v in m.idle.items()
            if (n := round(value(v)))
        ],
        served=[
            Served(site=d.sites[s].id, market=d.problem.markets[j].id, month=d.time.month(p), amount=x)
            for (s, j, p), v in m.served.items()
            if (x := _clean(value(v))) > DUST
        ],
    )


def _clean(x: float) -> float:
    """A value without the dust that a simplex leaves."""
    near = round(x, 6)
    return near if abs(near - x) < 1e-9 * max(1.0, abs(x)) else x


def _openings(m: Any, d: ModelData, value: Values) -> list[Opening]:
    found = []
    for s, site in enumerate(d.sites):
        if not d.committed[s]:
            first = next((p for p in range(d.opens_from[s], d.P) if value(m.open[s, p]) > 0.5), None)
            if first is not None:
                found.append(Opening(site=site.id, month=d.time.month(first)))
    return found


def _orders(m: Any, d: ModelData, value: Values) -> dict[tuple[int, int, int], int]:
    found = {}
    for q in d.pairs:
        before = 0
        for p in range(q.first, q.last + 1):
            now = round(value(m.ordered[q.s, q.k, p]))
            if now > before:
                found[q.s, q.k, p] = now - before
            before = now
    return found


def _shells(
    m: Any, d: ModelData, value: Values, orders: dict[tuple[int, int, int], int]
) -> dict[tuple[int, int], float]:
    """Starts of building. Where shell costs nothing and takes no time the model leaves it out: the least needed is started."""
    found = {}
    for s, site in enumerate(d.sites):
        if builds(d, s):
            before = 0.0
            for p in shell_periods(d, s):
                now = value(m.shell[s, p])
                if site.shell_step_mw is not None:
                    now = site.shell_step_mw * round(now / site.shell_step_mw)
                step = _clean(now - before)
                if step > DUST:
                    found[s, p] = step
                    before = now
        elif d.pairs_at[s]:
            have = d.shell_mw[s].copy()
            need = np.array([_online_mw(m, d, value, s, p) for p in range(d.P)])
            for p in range(d.P):
                short = _clean(float(need[p] - have[p]))
                if short > DUST:
                    found[s, p] = short
                    have[p:] += short
    return found


def _online_mw(m: Any, d: ModelData, value: Values, s: int, p: int) -> float:
    out = metric_at(m, d, s, p, "it_mw", of="online")
    return out.constant + sum(c * round(value(v)) for c, v in zip(out.coefs, out.vars, strict=True))


def _retirements(m: Any, d: ModelData, value: Values, orders: dict[tuple[int, int, int], int]) -> list[Units]:
    """Units that left before their age took them: what is gone beyond what had expired or left before."""
    found = []
    for s, k in sorted({(s, k) for s, k, _ in m.left}):
        life, lead = d.life[k], d.lead[k]
        before = sum(b.units for b in d.batches_at[s] if b.k == k and b.off < 0)
        for p in range(d.P):
            expired = sum(b.units for b in d.batches_at[s] if b.k == k and b.off <= p)
            if life is not None:
                expired += sum(n for (t, j, q), n in orders.items() if (t, j) == (s, k) and q + lead + life <= p)
            gone = max(round(value(m.left[s, k, p])), before)
            early = gone - max(before, expired)
            if early > 0:
                found.append(Units(site=d.sites[s].id, block=d.blocks[k].id, month=d.time.month(p), units=early))
            before = max(gone, expired)
    return found
