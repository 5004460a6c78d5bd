"""Money of deals as dated linear terms (M5.1-M5.6): one function a line of the cash table, as in :mod:`planner.model.money`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from planner.model.data import Array, ModelData
from planner.model.deals import ladder, leases, loans
from planner.model.flows import Flow, terms_of
from planner.problem.deals import EquityTranches, Offtake, PurchaseCommitment, Warrants


def equity(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M5.1: :math:`M_{it} (r_{itp} - r_{it,p-1})`, its lag later."""
    yield from (flow for i, flow in _tranche_flows(m, d, EquityTranches))


def warrants(m: Any, d: ModelData) -> Iterator[Flow]:
    """M5.2: what is sold as it vests."""
    yield from (flow for i, flow in _tranche_flows(m, d, Warrants))


def holdings(m: Any, d: ModelData) -> Iterator[Flow]:
    """M5.2: what is held, at the last period's price, dated at the last period (M5.11)."""
    for i, t, periods in _ladders(m, d):
        _, held = ladder.worth(d, i, t)
        for p, sign, var in _firsts(m, i, t, periods):
            if held[p]:
                yield d.P - 1, sign * float(held[p]), var


def counted(m: Any, d: ModelData) -> Iterator[Flow]:
    """M8.1: inflows other than loans, each by its deal's share of ``value``."""
    for i, (due, coef, var) in _tranche_flows(m, d, None):
        if share := d.problem.deals[i].value_share:
            yield due, share * coef, var
    for i, (due, coef, var) in _sales(m, d):
        if share := d.problem.deals[i].value_share:
            yield due, share * coef, var


def offtake(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M5.6: :math:`L \, \pi_{ip} \, x_{iskp}`."""
    yield from (flow for _, flow in _sales(m, d))


def unearned(m: Any, d: ModelData, rates: list[Array]) -> Iterator[Flow]:
    r"""M5.6: block revenue that sold units do not earn, :math:`-\rho_{kp} L x_{iskp} / v_k`."""
    for (i, _, k, p), var in _sold(m):
        deal = d.problem.deals[i]
        assert isinstance(deal, Offtake)
        if rates[k][p]:
            yield p, -float(rates[k][p]) / d.value_of(deal.sold_metric, k), var


def lease(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M5.4: :math:`L \, \pi_{ip} \max(\underline w_{ip}, w_{ip})`; after the horizon to the end of the terms (M5.14)."""
    for i, x in leases.of(d):
        for p in range(leases.end(d, i)):
            rate = leases.at(d, x.musd_per_mw_year, p) * d.L
            if rate and leases.pays_minimum(d, i, p):
                yield p, rate, m.lease_mw[i, p]
            elif rate:
                yield from terms_of(p, rate, leases.leased_mw(m, d, i, p))


def loan_draws(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M5.5: :math:`D_{ip} = \Delta_{ip} - \Delta_{i,p-1}`."""
    for i, _ in loans.of(d):
        for p in range(d.P):
            for sign, var in loans.draw(m, i, p):
                yield p, sign, var


def repayments(m: Any, d: ModelData) -> Iterator[Flow]:
    r"""M5.5: interest :math:`iD` during the grace, then the annuity :math:`D \, i / (1 - (1+i)^{-N})` for N periods."""
    for i, x in loans.of(d):
        for p in range(d.P):
            for lag, share in loans.schedule(d, x):
                for sign, var in loans.draw(m, i, p):
                    yield p + lag, sign * share, var


def penalties(m: Any, d: ModelData) -> Iterator[Flow]:
    """M5.3: once, per unit missing at the date; M5.6: per unit and year below the minimum."""
    if hasattr(m, "commitment_missing"):
        for (i, j), var in m.commitment_missing.items():
            deal = d.problem.deals[i]
            assert isinstance(deal, PurchaseCommitment)
            one = deal.commitments[j]
            p = max(0, d.time.contains(one.by))
            assert one.shortfall_musd_per_unit is not None
            yield p, d.time.value(one.shortfall_musd_per_unit, p), var
    if hasattr(m, "offtake_missing"):
        for (i, p), var in m.offtake_missing.items():
            customer = d.problem.deals[i]
            assert isinstance(customer, Offtake) and customer.shortfall_musd_per_unit_year is not None
            yield p, d.time.value(customer.shortfall_musd_per_unit_year, p) * d.L, var


def _ladders(m: Any, d: ModelData) -> Iterator[tuple[int, int, list[int]]]:
    if hasattr(m, "reached"):
        for i in range(len(d.problem.deals)):
            for t, periods in ladder.rungs(d, i).items():
                yield i, t, periods


def _firsts(m: Any, i: int, t: int, periods: list[int]) -> Iterator[tuple[int, float, Any]]:
    """``(p, +1, r_p), (p, -1, r_before)``: 1 in the first period that counts, and in no other."""
    yield periods[0], 1.0, m.reached[i, t, periods[0]]
    for a, b in pairwise(periods):
        yield b, 1.0, m.reached[i, t, b]
        yield b, -1.0, m.reached[i, t, a]


def _tranche_flows(m: Any, d: ModelData, kind: type | None) -> Iterator[tuple[int, Flow]]:
    """Cash of tranches of one kind of deal (None: of all), with the deal's index."""
    for i, t, periods in _ladders(m, d):
        deal = d.problem.deals[i]
        if kind is None or isinstance(deal, kind):
            later = ladder.lag(d, deal) if isinstance(deal, EquityTranches) else 0
            cash, _ = ladder.worth(d, i, t)
            for p, sign, var in _firsts(m, i, t, periods):
                if cash[p]:
                    yield i, (p + later, sign * float(cash[p]), var)


def _sold(m: Any) -> Iterator[tuple[tuple[int, int, int, int], Any]]:
    if hasattr(m, "sold"):
        yield from m.sold.items()


def _sales(m: Any, d: ModelData) -> Iterator[tuple[int, Flow]]:
    prices: dict[int, Array] = {}
    for (i, _, _, p), var in _sold(m):
        if i not in prices:
            deal = d.problem.deals[i]
            assert isinstance(deal, Offtake)
            prices[i] = d.time.values(deal.price) * d.L
        yield i, (p, float(prices[i][p]), var)
