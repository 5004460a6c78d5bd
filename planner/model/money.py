"""Spending and income as dated linear terms (M4.2-M4.4): one function a line, each yields ``(due period, coefficient, variable)``.

A variable of None stands for the constant 1. Amounts are nominal MUSD; a due period of P or more falls after the horizon
(M4.5). The functions' names are the lines of the cash table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from planner.errors import ModelError
from planner.model.data import Array, ModelData, Pair
from planner.model.deals import money as deal_money
from planner.model.deals.leases import lease
from planner.model.decisions import (
    blocks_at,
    builds,
    energised,
    is_open,
    online,
    own_standing,
    pair_online,
    shell_periods,
    started,
)
from planner.model.flows import Flow, by_due, order_terms, terms_of
from planner.model.linear import Linear, Var
from planner.model.routes import cost_per_unit

HOURS = 8760.0


def openings(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M3.2: :math:`A_{sp} (y_{sp} - y_{s,p-1})`, opening works only."""
    yield from _opening_flows(m, d, lambda s: opening_price(d, s), "opening")


def land(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M3.2: the whole parcel, :math:`\ell_{sp} H^{parcel}_s (y_{sp} - y_{s,p-1})`."""
    yield from _opening_flows(m, d, lambda s: land_price(d, s), "land")


def opening_price(d: ModelData, s: int) -> Array:
    """What opening works cost in each period, MUSD."""
    return d.time.values(d.sites[s].opening_musd)


def land_price(d: ModelData, s: int) -> Array:
    """What the parcel costs in each period, MUSD."""
    return d.time.values(d.sites[s].land_usd_per_ha) / 1e6 * d.ground.site(d.sites[s].id).parcel_ha


def _opening_flows(m: Any, d: ModelData, price_of: Callable[[int], Array], included: str) -> Iterator[Flow]:
    for s in range(len(d.sites)):
        yield from opening_at(m, d, s, price_of, included)


def opening_at(m: Any, d: ModelData, s: int, price_of: Callable[[int], Array], included: str) -> Iterator[Flow]:
    """What opening one site costs us; ``included`` is the lease's word for what its partner may pay (M5.13)."""
    if d.committed[s] or d.opens_from[s] >= d.P:
        return
    price = price_of(s)
    for p in range(d.opens_from[s], d.P):
        yield from terms_of(p, float(price[p]), is_open(m, d, s, p))
        yield from terms_of(p, -float(price[p]), is_open(m, d, s, p - 1))
    for j in sorted({q.lease for q in d.leased_at[s] if included in lease(d, q.lease).includes}):
        for p in range(d.opens_from[s], d.P):
            yield p, -float(price[p]), m.partner_opens[j, s, p]


def blocks(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M4.2: :math:`c_{kp}(1 + tariff_{sp} + tax_{sp})` per unit, each payment at its date; duties are split in the report."""
    parts = [payment_lags(d, k) for k in range(len(d.blocks))]
    for q in paid_pairs(d):
        price = d.capex[q.k] * d.duty[q.s]
        if not price.any():
            continue
        for p, terms in order_terms(m, q):
            for lag, share in parts[q.k]:
                for sign, var in terms:
                    yield p + lag, sign * share * float(price[p]), var


def paid_pairs(d: ModelData) -> Iterator[Pair]:
    """Pairs whose chips we pay: own ones, and those whose lease covers the shell only (M5.13)."""
    yield from d.pairs
    yield from (q for q in d.leased if lease(d, q.lease).covers == "shell")


def payment_lags(d: ModelData, k: int) -> list[tuple[int, float]]:
    """When a block's price falls due: periods after the order, and shares."""
    payments = d.blocks[k].payments
    return [(0, 1.0)] if payments is None else [(d.time.up(x.months), x.share) for x in payments]


def construction(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M3.6: :math:`\kappa_{sp}` per own MW started, in equal parts over the build."""
    for s in range(len(d.sites)):
        yield from construction_at(m, d, s)


def construction_at(m: Any, d: ModelData, s: int) -> Iterator[Flow]:
    """Construction of one site."""
    price = d.time.values(d.sites[s].construction_musd_per_mw)
    if not builds(d, s) or not price.any():
        return
    parts = max(1, d.build[s])
    for p in shell_periods(d, s):
        now, before = started(m, d, s, p), started(m, d, s, p - 1)
        for lag in range(parts):
            yield p + lag, float(price[p]) / parts, now
            if before is not None:
                yield p + lag, -float(price[p]) / parts, before


def unpaid(m: Any, d: ModelData) -> Iterator[Flow]:
    """M3.3: what is still due for existing units."""
    for b in d.batches:
        for due, musd in b.unpaid:
            yield due, musd, None


def block_opex(m: Any, d: ModelData) -> Iterator[Flow]:
    r""":math:`L \, opex_{kp}` per online unit."""
    rates = [d.time.values(b.opex_musd_per_year) * d.L for b in d.blocks]
    for s, k, p in _cells(d):
        yield from terms_of(p, float(rates[k][p]), online(m, d, s, k, p))
    for q in _partner_pays(d, "opex"):
        for p in range(d.P):
            yield from terms_of(p, -float(rates[q.k][p]), pair_online(m, d, q, p))


def site_opex(m: Any, d: ModelData) -> Iterator[Flow]:
    r""":math:`L \, F_{sp} \, y_{sp}` while the site is open."""
    for s, site in enumerate(d.sites):
        rate = d.time.values(site.fixed_opex_musd_per_year) * d.L
        if rate.any():
            for p in range(d.P):
                yield from terms_of(p, float(rate[p]), is_open(m, d, s, p))


def property_tax(m: Any, d: ModelData) -> Iterator[Flow]:
    r""":math:`L \, \tau_{sp} \sum c_k` over standing units, each at the catalogue price of its order period."""
    for s, site in enumerate(d.sites):
        rate = d.time.values(site.property_tax_per_year) * d.L
        if not rate.any():
            continue
        for k in blocks_at(d, s):
            price = d.capex[k]
            if np.ptp(price) == 0:
                for p in range(d.P):
                    yield from terms_of(p, float(rate[p] * price[0]), own_standing(m, d, s, k, p))
            else:
                yield from _tax_by_vintage(m, d, s, k, rate)
        for q in d.leased_at[s]:
            if lease(d, q.lease).covers == "shell":
                yield from _pair_tax(m, d, q, rate)


def _tax_by_vintage(m: Any, d: ModelData, s: int, k: int, rate: Array) -> Iterator[Flow]:
    if d.blocks[k].early_retirement:
        raise ModelError(
            f"property tax at {d.sites[s].id} on {d.blocks[k].id}: early retirement together with a price that changes "
            "over time is not planned; give the block one price or switch early_retirement off"
        )
    for p in range(d.P):
        yield p, float(rate[p] * d.capex[k][0] * d.existing_standing(s, k, p)), None
    if (q := d.pair_of.get((s, k))) is not None:
        yield from _pair_tax(m, d, q, rate)


def _pair_tax(m: Any, d: ModelData, q: Pair, rate: Array) -> Iterator[Flow]:
    """Tax on units of one pair, each at the price of its order, while it stands."""
    for t, terms in order_terms(m, q):
        for p in range(t, d.P if q.life is None else min(d.P, t + d.lead[q.k] + q.life)):
            for sign, var in terms:
                yield p, sign * float(rate[p] * d.capex[q.k][t]), var


def energy(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M4.3: :math:`8760 L \, \lambda_k \, PUE_{sp} \, w_k \, e_{skp}` MWh at the site's price."""
    for s, site in enumerate(d.sites):
        price = d.time.values(site.electricity_usd_per_mwh) / 1e6
        if price.any():
            for k in blocks_at(d, s):
                mwh = energy_per_unit(d, s, k)
                for p in range(d.P):
                    yield from terms_of(p, float(mwh[p] * price[p]), energised(m, d, s, k, p))
    for q in _partner_pays(d, "energy"):
        price = d.time.values(d.sites[q.s].electricity_usd_per_mwh) / 1e6 * energy_per_unit(d, q.s, q.k)
        for p in range(d.P):
            yield from terms_of(p, -float(price[p]), pair_online(m, d, q, p))


def _partner_pays(d: ModelData, what: str) -> Iterator[Pair]:
    """Leased pairs whose partner pays a running cost."""
    return (q for q in d.leased if what in lease(d, q.lease).includes)


def energy_per_unit(d: ModelData, s: int, k: int) -> Array:
    """MWh one energised unit draws at the site in each period. Shape (P,)."""
    out: Array = HOURS * d.L * d.blocks[k].load_factor * d.blocks[k].it_mw * d.pue[s]
    return out


def serving(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M7.2: :math:`L \, c_{sm} \, x_{smp}`."""
    rates: dict[tuple[int, int], Array] = {}
    for s, j, p in m.served:
        if (s, j) not in rates:
            rates[s, j] = cost_per_unit(d, s, j) * d.L
        yield p, float(rates[s, j][p]), m.served[s, j, p]


def penalties(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M7.1: :math:`L \, \pi_{dp}` per missing unit; M5.3 and M5.6: what a broken promise costs."""
    yield from deal_money.penalties(m, d)
    for i, p in m.shortfall:
        rate = d.problem.demand[i].shortfall_musd_per_unit_year
        assert rate is not None
        yield p, d.time.value(rate, p) * d.L, m.shortfall[i, p]


def revenue(m: Any, d: ModelData) -> Iterator[Flow]:
    r""":math:`L \, \rho_{kp}` per energised unit that is not sold (M5.6)."""
    rates = [d.time.values(b.revenue_musd_per_year) * d.L for b in d.blocks]
    if any(r.any() for r in rates):
        for s, k, p in _cells(d):
            yield from terms_of(p, float(rates[k][p]), energised(m, d, s, k, p))
        yield from deal_money.unearned(m, d, rates)


def resale(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M2.7: :math:`\sigma_{kp}` per unit that leaves early."""
    for s, k, p in m.resold:
        yield p, d.time.value(d.blocks[k].resale_musd, p), m.resold[s, k, p]


def _cells(d: ModelData) -> Iterator[tuple[int, int, int]]:
    for s in range(len(d.sites)):
        for k in blocks_at(d, s):
            for p in range(d.P):
                yield s, k, p


CAPEX = (openings, land, blocks, construction, unpaid)
OPEX = (
    block_opex,
    site_opex,
    property_tax,
    energy,
    serving,
    deal_money.lease,
    deal_money.repayments,
    penalties,
)
INFLOWS = (resale, deal_money.equity, deal_money.warrants, deal_money.loan_draws)
"""What comes in as cash (M4.1), beside the budget and its share of revenue and sales."""


def flows(m: Any, d: ModelData, lines: tuple[Callable[[Any, ModelData], Iterator[Flow]], ...]) -> Iterator[Flow]:
    """All terms of some lines; budget, objectives and tie-break ask for the same ones, so they are kept."""
    for line in lines:
        if line not in m.flow_cache:
            m.flow_cache[line] = list(line(m, d))
        yield from m.flow_cache[line]


def by_period(m: Any, d: ModelData, lines: tuple[Callable[[Any, ModelData], Iterator[Flow]], ...]) -> list[Linear]:
    """Nominal money of each period of the horizon. Length P."""
    return by_due(flows(m, d, lines), d.P)


def discounted(m: Any, d: ModelData, lines: tuple[Callable[[Any, ModelData], Iterator[Flow]], ...]) -> Linear:
    """M1.4, M4.5: every amount at its due date, those after the horizon included."""
    rate, L = d.problem.rate, d.L
    factor = [(1.0 + rate) ** (-L * p) for p in range(d.P + 1)]
    sums: dict[int, float] = {}
    variables: dict[int, Var] = {}
    constant = 0.0
    for due, coef, var in flows(m, d, lines):
        weight = coef * (factor[due] if due <= d.P else (1.0 + rate) ** (-L * due))
        if var is None:
            constant += weight
        else:
            key = id(var)
            sums[key] = sums.get(key, 0.0) + weight
            variables[key] = var
    out = Linear(constant)
    for key, coef in sums.items():
        out.add(coef, variables[key])
    return out


def after_horizon(m: Any, d: ModelData) -> Linear:
    """M4.5: nominal money that falls due after the last period."""
    out = Linear()
    for due, coef, var in flows(m, d, CAPEX + OPEX):
        if due >= d.P:
            if var is None:
                out.constant += coef
            else:
                out.add(coef, var)
    return out
