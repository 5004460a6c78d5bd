"""Openings and orders: a site opens once, for good; what is ordered stays ordered (M2.2, M2.5, M3.2)."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from planner.model.data import ModelData
from planner.model.decisions import most_shell, ordered, started
from planner.model.linear import Linear


def add(m: Any, d: ModelData) -> None:
    """Rows of this family."""
    m.openings_stay = pyo.Constraint(
        [(s, p) for s, p in m.open if (s, p - 1) in m.open], rule=lambda m, s, p: stays_open(m, s, p)
    )
    m.orders_rise = pyo.Constraint(
        [(s, k, p) for s, k, p in m.ordered if (s, k, p - 1) in m.ordered],
        rule=lambda m, s, k, p: never_fall(m, s, k, p),
    )
    m.orders_need_open = pyo.Constraint(
        [(q.s, q.k, p) for q in d.pairs if needs_link(d, q.s, q.k) for p in range(q.first, q.last + 1)],
        rule=lambda m, s, k, p: order_needs_open(m, d, s, k, p),
    )
    if d.leased:
        _leased(m, d)
    m.shell_rises = pyo.Constraint(
        [(s, p) for s, p in m.shell if (s, p - 1) in m.shell], rule=lambda m, s, p: shell_never_falls(m, s, p)
    )
    m.shell_needs_open = pyo.Constraint(
        [(s, p) for s, p in m.shell if (s, p) in m.open], rule=lambda m, s, p: shell_needs_open(m, d, s, p)
    )
    m.shell_whole = pyo.Constraint(list(m.shell_steps), rule=lambda m, s, p: whole_steps(m, d, s, p))
    chosen = sorted({(q.s, q.k) for q in d.all_pairs if (d.blocks[q.k].min_per_site or 0) > 1})
    m.present = pyo.Var(chosen, domain=pyo.Binary)
    m.at_least = pyo.Constraint(chosen, rule=lambda m, s, k: least_units(m, d, s, k))
    m.only_if_present = pyo.Constraint(chosen, rule=lambda m, s, k: nothing_or(m, d, s, k))


def needs_link(d: ModelData, s: int, k: int) -> bool:
    """Land (when a block needs some) already ties standing units to an open site; others need a row of their own."""
    return not d.committed[s] and d.blocks[k].footprint_ha <= 0


def stays_open(m: Any, s: int, p: int) -> Any:
    r""":math:`y_{s,p-1} \le y_{sp}`."""
    return Linear().add(1.0, m.open[s, p - 1]).add(-1.0, m.open[s, p]).at_most(m, 0.0)


def never_fall(m: Any, s: int, k: int, p: int) -> Any:
    r""":math:`n_{sk,p-1} \le n_{skp}`: an order is the difference, and it is not negative."""
    return Linear().add(1.0, m.ordered[s, k, p - 1]).add(-1.0, m.ordered[s, k, p]).at_most(m, 0.0)


def order_needs_open(m: Any, d: ModelData, s: int, k: int, p: int) -> Any:
    r""":math:`n_{skp} \le \bar n_{skp} \, y_{sp}` with :math:`\bar n` the most that the data allows."""
    q = d.pair_of[s, k]
    return Linear().add(1.0, ordered(m, q, p)).add(-float(q.most[p]), m.open[s, p]).at_most(m, 0.0)


def shell_never_falls(m: Any, s: int, p: int) -> Any:
    r""":math:`b_{s,p-1} \le b_{sp}`."""
    return Linear().add(1.0, m.shell[s, p - 1]).add(-1.0, m.shell[s, p]).at_most(m, 0.0)


def shell_needs_open(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`b_{sp} \le \bar b_{sp} \, y_{sp}`."""
    return Linear().add(1.0, m.shell[s, p]).add(-most_shell(d, s, p), m.open[s, p]).at_most(m, 0.0)


def whole_steps(m: Any, d: ModelData, s: int, p: int) -> Any:
    r""":math:`b_{sp} = \Delta_s \, j_{sp}`, :math:`j` whole."""
    step = d.sites[s].shell_step_mw
    assert step is not None
    return Linear().add(1.0, started(m, d, s, p)).add(-step, m.shell_steps[s, p]).equals(m, 0.0)


def least_units(m: Any, d: ModelData, s: int, k: int) -> Any:
    r"""M2.5: :math:`n_{skP} \ge \underline n_k \, z_{sk}`, owned and leased together."""
    return _ever(m, d, s, k).add(-float(d.blocks[k].min_per_site or 0), m.present[s, k]).at_least(m, 0.0)


def nothing_or(m: Any, d: ModelData, s: int, k: int) -> Any:
    r"""M2.5: :math:`n_{skP} \le \bar n_{sk} \, z_{sk}`."""
    most = sum(float(q.most[q.last]) for q in d.pairs_of(s, k))
    return _ever(m, d, s, k).add(-most, m.present[s, k]).at_most(m, 0.0)


def most_units(m: Any, d: ModelData, s: int, k: int) -> Any:
    r"""M2.5: :math:`n_{skP} \le \bar N_k`, owned and leased together (one alone is held by its bound)."""
    return _ever(m, d, s, k).at_most(m, float(d.blocks[k].max_per_site or 0))


def _ever(m: Any, d: ModelData, s: int, k: int) -> Linear:
    out = Linear()
    for q in d.pairs_of(s, k):
        out.add(1.0, ordered(m, q, q.last))
    return out


def _leased(m: Any, d: ModelData) -> None:
    """The same rows for leased orders (M5.4)."""
    m.leased_rise = pyo.Constraint(
        [i for i in m.leased if (*i[:3], i[3] - 1) in m.leased],
        rule=lambda m, j, s, k, p: leased_never_fall(m, j, s, k, p),
    )
    m.leased_need_open = pyo.Constraint(
        [(i, p) for i, q in enumerate(d.leased) if needs_link(d, q.s, q.k) for p in range(q.first, q.last + 1)],
        rule=lambda m, i, p: leased_needs_open(m, d, i, p),
    )
    both = sorted({(q.s, q.k) for q in d.leased if d.blocks[q.k].max_per_site is not None})
    m.at_most = pyo.Constraint(
        [x for x in both if len(d.pairs_of(*x)) > 1], rule=lambda m, s, k: most_units(m, d, s, k)
    )
    if hasattr(m, "leased_shell"):
        m.leased_shell_rises = pyo.Constraint(
            [i for i in m.leased_shell if (*i[:2], i[2] - 1) in m.leased_shell],
            rule=lambda m, j, s, p: leased_shell_never_falls(m, j, s, p),
        )
        m.leased_shell_needs_open = pyo.Constraint(
            [i for i in m.leased_shell if (i[1], i[2]) in m.open],
            rule=lambda m, j, s, p: leased_shell_needs_open(m, d, j, s, p),
        )
        m.leased_shell_whole = pyo.Constraint(
            list(m.leased_steps), rule=lambda m, j, s, p: leased_whole_steps(m, d, j, s, p)
        )


def leased_never_fall(m: Any, j: int, s: int, k: int, p: int) -> Any:
    r""":math:`n^j_{sk,p-1} \le n^j_{skp}`."""
    return Linear().add(1.0, m.leased[j, s, k, p - 1]).add(-1.0, m.leased[j, s, k, p]).at_most(m, 0.0)


def leased_needs_open(m: Any, d: ModelData, i: int, p: int) -> Any:
    r""":math:`n^j_{skp} \le \bar n^j_{skp} \, y_{sp}`."""
    q = d.leased[i]
    return Linear().add(1.0, ordered(m, q, p)).add(-float(q.most[p]), m.open[q.s, p]).at_most(m, 0.0)


def leased_shell_never_falls(m: Any, j: int, s: int, p: int) -> Any:
    r""":math:`b^j_{s,p-1} \le b^j_{sp}`."""
    return Linear().add(1.0, m.leased_shell[j, s, p - 1]).add(-1.0, m.leased_shell[j, s, p]).at_most(m, 0.0)


def leased_shell_needs_open(m: Any, d: ModelData, j: int, s: int, p: int) -> Any:
    r""":math:`b^j_{sp} \le \bar b_{sp} \, y_{sp}`."""
    return Linear().add(1.0, m.leased_shell[j, s, p]).add(-most_shell(d, s, p), m.open[s, p]).at_most(m, 0.0)


def leased_whole_steps(m: Any, d: ModelData, j: int, s: int, p: int) -> Any:
    r""":math:`b^j_{sp} = \Delta_s \, i^j_{sp}`, :math:`i^j` whole."""
    step = d.sites[s].shell_step_mw
    assert step is not None
    return Linear().add(1.0, m.leased_shell[j, s, p]).add(-step, m.leased_steps[j, s, p]).equals(m, 0.0)
