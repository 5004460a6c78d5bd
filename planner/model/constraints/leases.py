"""Leases (M5.4): a partner builds or buys, we pay per leased MW, at least for a minimum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData, Pair
from planner.model.deals.leases import at, end, lease, leased_mw, of, pays_minimum
from planner.model.decisions import is_open, most_shell, ordered, shell_periods, signed
from planner.model.linear import Linear
from planner.problem.deals import Loan
from planner.problem.problem import covers


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    if not any(True for _ in of(d)):
        return
    paying = [(i, p) for i, _ in of(d) for p in range(end(d, i)) if pays_minimum(d, i, p)]
    m.lease_mw = pyo.Var(paying, domain=pyo.NonNegativeReals)
    m.lease_pays_used = pyo.Constraint(paying, rule=lambda m, i, p: pays_used(m, d, i, p))
    m.lease_pays_minimum = pyo.Constraint(paying, rule=lambda m, i, p: pays_least(m, d, i, p))
    m.leased_if_signed = pyo.Constraint(
        [n for n, q in enumerate(d.leased) if lease(d, q.lease).optional], rule=lambda m, n: only_signed(m, d, n)
    )
    if hasattr(m, "leased_shell"):
        m.leased_shell_if_signed = pyo.Constraint(
            sorted({(j, s) for j, s, _ in m.leased_shell if lease(d, j).optional}),
            rule=lambda m, j, s: no_shell_unsigned(m, d, j, s),
        )
    m.must_lease = pyo.Constraint(list(_must_lease(d)), rule=lambda m, i, s, k: not_owned(m, d, i, s, k))
    _partner_opens(m, d)


def pays_used(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`w_{ip} \ge \sum w_k o^i_{skp}`."""
    return leased_mw(m, d, i, p).add(-1.0, m.lease_mw[i, p]).at_most(m, 0.0)


def pays_least(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`w_{ip} \ge \underline w_{ip} \, s_i`."""
    least = at(d, lease(d, i).minimum_mw, p)
    return Linear().add(1.0, m.lease_mw[i, p]).plus(-least, signed(m, d, i)).at_least(m, 0.0)


def only_signed(m: Any, d: ModelData, n: int) -> Any:
    r""":math:`n^i_{skP} \le \bar n^i_{sk} \, s_i`."""
    q = d.leased[n]
    return Linear().add(1.0, ordered(m, q, q.last)).plus(-float(q.most[q.last]), signed(m, d, q.lease)).at_most(m, 0.0)


def no_shell_unsigned(m: Any, d: ModelData, j: int, s: int) -> Any:
    r""":math:`b^j_{sP} \le \bar b_{sP} \, s_j`."""
    p = shell_periods(d, s)[-1]
    return Linear().add(1.0, m.leased_shell[j, s, p]).plus(-most_shell(d, s, p), signed(m, d, j)).at_most(m, 0.0)


def _must_lease(d: ModelData) -> Iterator[tuple[int, int, int]]:
    """Own pairs that an optional lease rules out once it is signed (one that is not optional never creates them)."""
    for i, x in of(d):
        if not x.own_allowed and x.optional:
            yield from ((i, q.s, q.k) for q in d.pairs if covers(x, d.sites[q.s], d.blocks[q.k]))


def not_owned(m: Any, d: ModelData, i: int, s: int, k: int) -> Any:
    r""":math:`n_{skP} \le \bar n_{sk} (1 - s_i)`."""
    q = d.pair_of[s, k]
    most = float(q.most[q.last])
    return Linear().add(1.0, ordered(m, q, q.last)).plus(most, signed(m, d, i)).at_most(m, most)


def _partner_opens(m: Any, d: ModelData) -> None:
    """M5.13: openings and land that a partner pays, at sites where everything ordered is on its lease."""
    places = sorted(
        {
            (q.lease, q.s)
            for q in d.leased
            if not d.committed[q.s] and {"opening", "land"} & set(lease(d, q.lease).includes)
        }
    )
    if not places:
        return
    m.partner_site = pyo.Var(places, domain=pyo.Binary)
    index = [(j, s, p) for j, s in places for p in range(d.opens_from[s], d.P)]
    m.partner_opens = pyo.Var(index, domain=pyo.NonNegativeReals, bounds=(0.0, 1.0))
    m.partner_opens_once = pyo.Constraint(index, rule=lambda m, j, s, p: when_it_opens(m, d, j, s, p))
    m.partner_opens_whole = pyo.Constraint(places, rule=lambda m, j, s: at_its_sites(m, d, j, s))
    m.partner_has_some = pyo.Constraint(places, rule=lambda m, j, s: something_leased(m, d, j, s))
    m.partner_has_all = pyo.Constraint(
        [(j, n) for j, s in places for n, q in enumerate(d.all_pairs) if q.s == s and q.lease != j],
        rule=lambda m, j, n: nothing_else(m, d, j, d.all_pairs[n]),
    )
    m.partner_must_pay = pyo.Constraint(
        [
            (j, n)
            for j, s in places
            if _own_openings_may_pay(d)
            for n, q in enumerate(d.leased)
            if (q.lease, q.s) == (j, s)
        ],
        rule=lambda m, j, n: not_declined(m, d, j, d.leased[n]),
    )


def _own_openings_may_pay(d: ModelData) -> bool:
    """True where paying an opening oneself could be worth it: a loan is drawn against it, or money grows by waiting."""
    shares = (x for x in d.problem.deals if isinstance(x, Loan) and x.max_share is not None)
    return d.problem.rate < 0 or any(x.lines is None or {"openings", "land"} & set(x.lines) for x in shares)


def when_it_opens(m: Any, d: ModelData, j: int, s: int, p: int) -> Any:
    r""":math:`z_{jsp} \le y_{sp} - y_{s,p-1}`."""
    out = Linear().add(1.0, m.partner_opens[j, s, p]).plus(-1.0, is_open(m, d, s, p))
    return out.plus(1.0, is_open(m, d, s, p - 1)).at_most(m, 0.0)


def at_its_sites(m: Any, d: ModelData, j: int, s: int) -> Any:
    r""":math:`\sum_p z_{jsp} = h_{js}`: where all is leased, something is ordered and the site open."""
    out = Linear().add(-1.0, m.partner_site[j, s])
    for p in range(d.opens_from[s], d.P):
        out.add(1.0, m.partner_opens[j, s, p])
    return out.equals(m, 0.0)


def something_leased(m: Any, d: ModelData, j: int, s: int) -> Any:
    r""":math:`h_{js} \le \sum_k n^j_{skP}`."""
    out = Linear().add(1.0, m.partner_site[j, s])
    for q in d.leased_at[s]:
        if q.lease == j:
            out.add(-1.0, ordered(m, q, q.last))
    return out.at_most(m, 0.0)


def nothing_else(m: Any, d: ModelData, j: int, q: Pair) -> Any:
    r""":math:`n_{skP} \le \bar n_{sk} (1 - h_{js})` for what is owned or on another lease."""
    most = float(q.most[q.last])
    return Linear().add(1.0, ordered(m, q, q.last)).add(most, m.partner_site[j, q.s]).at_most(m, most)


def not_declined(m: Any, d: ModelData, j: int, q: Pair) -> Any:
    r""":math:`n^j_{skP} \le \bar n^j_{sk} (h_{js} + \sum n_{s \cdot P})` over what is owned or on another lease."""
    most = float(q.most[q.last])
    out = Linear().add(1.0, ordered(m, q, q.last)).add(-most, m.partner_site[j, q.s])
    for other in d.all_pairs:
        if other.s == q.s and other.lease != j:
            out.add(-most, ordered(m, other, other.last))
    return out.at_most(m, 0.0)
