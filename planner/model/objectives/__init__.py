"""The objectives of M8.1: each a function that returns a linear expression in its own unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from planner.model import money, terminal
from planner.model.data import ModelData
from planner.model.deals import money as deal_money
from planner.model.decisions import blocks_at, energised
from planner.model.linear import Linear


def compute(m: Any, d: ModelData) -> Linear:
    r"""PFLOPS-years: :math:`\sum \delta_p L \phi_k e_{skp}`."""
    out = Linear()
    for s in range(len(d.sites)):
        for k in blocks_at(d, s):
            if value := d.blocks[k].pflops * d.L:
                for p in range(d.P):
                    out.plus(float(d.discount[p]) * value, energised(m, d, s, k, p))
    return out


def cost(m: Any, d: ModelData) -> Linear:
    """MUSD: discounted spending, that of after the horizon included (M4.5), less loan draws and terminal credit (M4.6)."""
    out = spending(m, d).plus(-1.0, money.discounted(m, d, (deal_money.loan_draws,)))
    if d.problem.terminal == "straight_line":
        out.plus(-((1.0 + d.problem.rate) ** (-d.L * d.P)), terminal.credit(m, d))
    return out


def spending(m: Any, d: ModelData) -> Linear:
    """MUSD: discounted spending at its due date. What the first objective leaves open is settled by the least of it."""
    return money.discounted(m, d, money.CAPEX + money.OPEX)


def net_cost(m: Any, d: ModelData) -> Linear:
    """MUSD: cost less discounted equity, sold warrants, sales and resale."""
    inflows = (deal_money.equity, deal_money.warrants, deal_money.offtake, money.resale)
    return cost(m, d).plus(-1.0, money.discounted(m, d, inflows))


def value(m: Any, d: ModelData) -> Linear:
    """MUSD: discounted revenue, resale, counted inflows and holdings, less cost."""
    gains = (money.revenue, money.resale, deal_money.counted, deal_money.holdings)
    return money.discounted(m, d, gains).plus(-1.0, cost(m, d))


def carbon(m: Any, d: ModelData) -> Linear:
    r"""Tonnes over the horizon: MWh times the site's kg per MWh over 1000."""
    out = Linear()
    for s, site in enumerate(d.sites):
        rate = d.time.values(site.carbon_kg_per_mwh) / 1000
        for k in blocks_at(d, s):
            tonnes = rate * money.energy_per_unit(d, s, k)
            for p in range(d.P):
                if tonnes[p]:
                    out.plus(float(tonnes[p]), energised(m, d, s, k, p))
    return out


OBJECTIVES: dict[str, Callable[[Any, ModelData], Linear]] = {
    "compute": compute,
    "value": value,
    "cost": cost,
    "net_cost": net_cost,
    "carbon": carbon,
    "spending": spending,
}

UNITS = {
    "compute": "PFLOPS-years",
    "value": "MUSD",
    "cost": "MUSD",
    "net_cost": "MUSD",
    "carbon": "t CO2",
    "spending": "MUSD",
}
