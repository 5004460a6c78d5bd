"""Solved values back into whole decisions; money and megawatts are not read off the model but booked from the decisions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from planner.model.data import Array, ModelData
from planner.model.decisions import builds, metric_at, shell_leases, shell_periods
from planner.model.read_deals import leased_orders, loan_draws, may_use, signed_deals, sold
from planner.model.rounding import DUST, Values, clean
from planner.plan import Decisions, Opening, Order, Served, Shell, Units


def read_decisions(m: Any, d: ModelData, value: Values) -> Decisions:
    """Openings, orders, shells, retirements, idle units and served amounts, in the order of sites, blocks, periods."""
    orders = _orders(m, d, value)
    shells = _shells(m, d, value, orders)
    on_partners = _partner_shells(m, d, value, shells)
    on_lease, draws, sales = leased_orders(m, d, value), loan_draws(m, d, value), sold(m, d, value)
    used = (
        {x.terms for x in on_lease} | {x.terms for x in on_partners} | {x.deal for x in draws} | {x.deal for x in sales}
    )
    return Decisions(
        openings=_openings(m, d, value),
        orders=[
            Order(site=d.sites[s].id, block=d.blocks[k].id, month=d.time.month(p), units=n)
            for (s, k, p), n in orders.items()
        ]
        + on_lease,
        shells=[Shell(site=d.sites[s].id, month=d.time.month(p), mw=mw) for (s, p), mw in shells.items()] + on_partners,
        retirements=_retirements(m, d, value, orders),
        idle=[
            Units(site=d.sites[s].id, block=d.blocks[k].id, month=d.time.month(p), units=n)
            for (s, k, p), v in m.idle.items()
            if (n := round(value(v)))
        ],
        signed=signed_deals(m, d, value, used),
        draws=draws,
        sales=sales,
        served=[
            Served(site=d.sites[s].id, market=d.problem.markets[j].id, month=d.time.month(p), amount=x)
            for (s, j, p), v in m.served.items()
            if (x := clean(value(v))) > DUST
        ],
    )


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


def _partner_shells(m: Any, d: ModelData, value: Values, own: dict[tuple[int, int], float]) -> list[Shell]:
    """Starts of building that partners pay: they cost us nothing, so what would stand empty to the end is left out."""
    found = []
    for s, site in enumerate(d.sites):
        partners = shell_leases(d, s) if builds(d, s) and len(shell_periods(d, s)) else []
        partners = [j for j in partners if may_use(m, d, j, value)]
        begun = {j: np.array([value(m.leased_shell[j, s, p]) for p in shell_periods(d, s)]) for j in partners}
        for j in partners:
            others = sum((begun[i] for i in partners if i != j), np.zeros(len(shell_periods(d, s))))
            most = _lacking_mw(m, d, value, s, own, others)
            if site.shell_step_mw is not None:
                most = site.shell_step_mw * np.ceil(most / site.shell_step_mw - 1e-6)
                begun[j] = site.shell_step_mw * np.round(begun[j] / site.shell_step_mw)
            begun[j] = np.minimum(begun[j], most)
            before = 0.0
            for p, now in zip(shell_periods(d, s), begun[j].tolist()):
                if (step := clean(now - before)) > DUST:
                    found.append(Shell(site=site.id, month=d.time.month(p), mw=step, terms=d.problem.deals[j].id))
                    before = now
    return found


def _lacking_mw(m: Any, d: ModelData, value: Values, s: int, own: dict[tuple[int, int], float], others: Array) -> float:
    """The most shell that is wanting in any period beside existing and own shell and what ``others`` have begun."""
    first, build = shell_periods(d, s)[0], d.build[s]
    have = d.shell_mw[s].copy()
    for p in range(first + build, d.P):
        have[p] += sum(mw for (t, q), mw in own.items() if t == s and q + build <= p)
        have[p] += others[min(p - build - first, len(others) - 1)]
    return max(0.0, max(_online_mw(m, d, value, s, p) - float(have[p]) for p in range(d.P)))


def _shells(
    m: Any, d: ModelData, value: Values, orders: dict[tuple[int, int, int], int]
) -> dict[tuple[int, int], float]:
    """Starts of building. Where shell costs nothing and takes no time the model leaves it out: the least needed is started."""
    found = {}
    for s, site in enumerate(d.sites):
        if builds(d, s):
            before, most = 0.0, _useful_mw(m, d, value, s)
            free = d.time.values(site.construction_musd_per_mw) == 0
            for p in shell_periods(d, s):
                now = value(m.shell[s, p])
                if free[p]:
                    now = min(now, max(before, most))
                if site.shell_step_mw is not None:
                    now = site.shell_step_mw * round(now / site.shell_step_mw)
                step = clean(now - before)
                shut = not d.committed[s] and value(m.open[s, p]) < 0.5
                # A shut site may hold what the solver's tolerance times the most it could build leaves: it starts later.
                if step > DUST and not shut:
                    found[s, p] = step
                    before = now
        elif d.pairs_at[s] or d.leased_at[s]:
            have = d.shell_mw[s].copy()
            need = np.array([_online_mw(m, d, value, s, p) for p in range(d.P)])
            for p in range(d.P):
                short = clean(float(need[p] - have[p]))
                if short > DUST:
                    found[s, p] = short
                    have[p:] += short
    return found


def _useful_mw(m: Any, d: ModelData, value: Values, s: int) -> float:
    """The most own shell that is of use, for what costs nothing: the search has no reason not to build it. What is paid for is kept,
    as money may hang on it (a loan's share of capex). Without a limit where a partner builds, too, whose shell depends on ours."""
    if not len(shell_periods(d, s)) or shell_leases(d, s):
        return math.inf
    most = _lacking_mw(m, d, value, s, {}, np.zeros(len(shell_periods(d, s))))
    step = d.sites[s].shell_step_mw
    return most if step is None else step * math.ceil(most / step - 1e-6)


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
