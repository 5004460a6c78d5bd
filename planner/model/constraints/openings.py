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
    m.shell_rises = pyo.Constraint(
        [(s, p) for s, p in m.shell if (s, p - 1) in m.shell], rule=lambda m, s, p: shell_never_falls(m, s, p)
    )
    m.shell_needs_open = pyo.Constraint(
        [(s, p) for s, p in m.shell if (s, p) in m.open], rule=lambda m, s, p: shell_needs_open(m, d, s, p)
    )
    m.shell_whole = pyo.Constraint(list(m.shell_steps), rule=lambda m, s, p: whole_steps(m, d, s, p))
    chosen = [(q.s, q.k) for q in d.pairs if (d.blocks[q.k].min_per_site or 0) > 1]
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
    r"""M2.5: :math:`n_{skP} \ge \underline n_k \, z_{sk}`."""
    q = d.pair_of[s, k]
    return (
        Linear()
        .add(1.0, ordered(m, q, q.last))
        .add(-float(d.blocks[k].min_per_site or 0), m.present[s, k])
        .at_least(m, 0.0)
    )


def nothing_or(m: Any, d: ModelData, s: int, k: int) -> Any:
    r"""M2.5: :math:`n_{skP} \le \bar n_{sk} \, z_{sk}`."""
    q = d.pair_of[s, k]
    return Linear().add(1.0, ordered(m, q, q.last)).add(-float(q.most[q.last]), m.present[s, k]).at_most(m, 0.0)
