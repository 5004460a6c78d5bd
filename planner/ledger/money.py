"""Every dollar by site, period and line (M4.2, M4.4); what falls due after the last period apart (M4.5).

What a lease's partner pays for never enters (M5.4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from planner.formulas import HOURS_PER_YEAR, build_parts, payment_shares
from planner.ledger.deals.flow import INCOME_LINE, SPENDING_LINE, Flow
from planner.ledger.deals.sales import sale_money
from planner.ledger.figures import Bools, Figures, Floats, Ints
from planner.ledger.shortfall import Shortfall
from planner.ledger.state import State
from planner.ledger.terms import on_lease
from planner.plan import CAPEX_LINES, INCOME_LINES, KIND_OF_LINE, OPEX_LINES, Cash
from planner.problem.demand import Market

LINES = (*CAPEX_LINES, *OPEX_LINES, *INCOME_LINES)
GENERAL_LINES = ("lease", "repayments", "penalties", "equity", "warrants", "loan_draws")
"""Lines that belong to no site."""
NOTHING_MUSD = 1e-9
"""Amounts no larger than this are left out of the cash table."""


@dataclass
class Money:
    """Million US dollars, nominal, spending and income both positive."""

    figures: Figures
    by_site: dict[str, Floats]
    """Line -> (S, P), without those that belong to no site."""
    general: dict[str, Floats]
    """Line of ``GENERAL_LINES`` -> (P,)."""
    for_blocks: Floats
    """Shape (V, P): what is paid for each vendor's blocks, ``unpaid`` included, without duties."""
    after: dict[tuple[int, str], float] = field(default_factory=lambda: defaultdict(float))
    """(period after the horizon, line) -> MUSD."""

    @property
    def block_spending(self) -> dict[str, float]:
        """Vendor -> MUSD paid for its blocks inside the horizon, without duties."""
        return dict(zip(self.figures.vendors, self.for_blocks.sum(axis=1).tolist()))

    def line(self, name: str) -> Floats:
        """One line summed over all sites. Shape (P,)."""
        if name in self.general:
            return self.general[name]
        total: Floats = self.by_site[name].sum(axis=0)
        return total

    def kind(self, lines: tuple[str, ...]) -> Floats:
        """Several lines together. Shape (P,)."""
        return sum((self.line(name) for name in lines), np.zeros(self.figures.P))

    @property
    def capex(self) -> Floats:
        """Shape (P,)."""
        return self.kind(CAPEX_LINES)

    @property
    def opex(self) -> Floats:
        """Shape (P,)."""
        return self.kind(OPEX_LINES)

    def site_spending(self) -> Floats:
        """Capex and opex that belong to a site. Shape (S, P)."""
        start = np.zeros((self.figures.S, self.figures.P))
        return sum((self.by_site[x] for x in (*CAPEX_LINES, *OPEX_LINES) if x in self.by_site), start)

    def pay(self, line: str, site: Ints, due: Ints, musd: Floats) -> None:
        """Book amounts at sites; ``due`` may lie after the horizon, where only the sum by line and period counts."""
        inside = due < self.figures.P
        np.add.at(self.by_site[line], (site[inside], due[inside]), musd[inside])
        for p, amount in zip(due[~inside].tolist(), musd[~inside].tolist()):
            self.after[p, line] += amount


def money(state: State, shortfalls: list[Shortfall], flows: Sequence[Flow] = ()) -> Money:
    """Book everything, line by line."""
    figures = state.figures
    book = capex(state, np.ones(figures.S, dtype=bool), np.ones((figures.S, len(figures.blocks)), dtype=bool))
    book.general["penalties"] += sum((s.penalty_musd for s in shortfalls), np.zeros(figures.P))
    _running(book, state)
    _serving(book, state)
    _deals(book, flows)
    return book


def capex(state: State, sites: Bools, pairs: Bools) -> Money:
    """A book of capex alone: of some sites (S,) and, what belongs to a block, of some blocks at them (S, K)."""
    figures = state.figures
    tables = {x: np.zeros((figures.S, figures.P)) for x in LINES if x not in GENERAL_LINES}
    general = {x: np.zeros(figures.P) for x in GENERAL_LINES}
    book = Money(figures, tables, general, np.zeros((len(figures.vendors), figures.P)))
    _openings(book, state, sites)
    _blocks(book, state, pairs)
    _construction(book, state, sites)
    _unpaid(book, pairs)
    return book


def _openings(book: Money, state: State, sites: Bools) -> None:
    """M3.2, M1.2: the opening and the whole parcel, at the prices of the opening period."""
    site, terms = book.figures.site, state.terms
    counts = sites[state.rows.opening_site]
    s, p = state.rows.opening_site[counts], state.rows.opening_period[counts]
    book.pay("openings", s, p, np.where(terms.opening_by_partner[s], 0.0, site.opening_musd[s, p]))
    land = site.land_usd_per_ha[s, p] * site.parcel_ha[s] / 1e6
    book.pay("land", s, p, np.where(terms.land_by_partner[s], 0.0, land))


def _blocks(book: Money, state: State, pairs: Bools) -> None:
    """Block capex, tariff and sales tax, read in the period of the order, as the payments fall due."""
    figures, orders = book.figures, state.rows.orders
    price = orders.units * figures.block.capex_musd[orders.block, orders.period]
    tariff = price * figures.site.tariff[orders.site, orders.period]
    tax = price * figures.site.sales_tax[orders.site, orders.period]
    ours = ~on_lease(orders.lease, state.terms.chips) & pairs[orders.site, orders.block]
    for k, block in enumerate(figures.blocks):
        of_block = (orders.block == k) & ours
        if not of_block.any():
            continue
        site, period = orders.site[of_block], orders.period[of_block]
        for lag, share in payment_shares(block, figures.timeline):
            for line, amount in (("blocks", price), ("tariffs", tariff), ("sales_tax", tax)):
                book.pay(line, site, period + lag, share * amount[of_block])
            inside = period + lag < figures.P
            vendor = book.for_blocks[figures.vendor_of_block[k]]
            np.add.at(vendor, period[inside] + lag, share * price[of_block][inside])


def _construction(book: Money, state: State, sites: Bools) -> None:
    """M3.6: the price of the period of the start, in equal parts over the build."""
    rows, site = state.rows, book.figures.site
    cost = rows.shell_mw * site.construction_musd_per_mw[rows.shell_site, rows.shell_period]
    ours = ~on_lease(rows.shell_lease, state.terms.shell) & sites[rows.shell_site]
    build = site.build_periods[rows.shell_site]
    for periods in np.unique(build).tolist():
        same = (build == periods) & ours
        for lag, share in build_parts(periods):
            book.pay("construction", rows.shell_site[same], rows.shell_period[same] + lag, share * cost[same])


def _unpaid(book: Money, pairs: Bools) -> None:
    """M3.3: what existing units still cost, in the period that contains the month; the past is past."""
    for s, site in enumerate(book.figures.sites):
        for entry in site.existing:
            k = book.figures.block_index[entry.block]
            for part in entry.unpaid if pairs[s, k] else ():
                p = book.figures.timeline.contains(part.month)
                if p >= book.figures.P:
                    book.after[p, "unpaid"] += part.musd
                elif p >= 0:
                    book.by_site["unpaid"][s, p] += part.musd
                    book.for_blocks[book.figures.vendor_of_block[k], p] += part.musd


def _running(book: Money, state: State) -> None:
    """Opex, property tax, energy, revenue and resale: each rate is read in the period it runs in."""
    figures, fleet = book.figures, state.fleet
    block, L, s, k, terms = figures.block, figures.L, fleet.pair_site, fleet.pair_block, state.terms
    run_by_us = fleet.online - fleet.leased_online(terms.opex)
    np.add.at(book.by_site["block_opex"], s, run_by_us * block.opex_musd_per_year[k] * L)
    np.add.at(book.by_site["revenue"], s, fleet.energised * block.revenue_musd_per_year[k] * L)
    sales, (sold, forgone) = state.rows.sales, sale_money(state)
    np.add.at(book.by_site["offtake"], (sales.site, sales.period), sold)
    np.add.at(book.by_site["revenue"], (sales.site, sales.period), -forgone)
    left = state.rows.retirements
    np.add.at(book.by_site["resale"], (left.site, left.period), left.units * block.resale_musd[left.block, left.period])
    book.by_site["site_opex"] += state.open * figures.site.fixed_opex_musd_per_year * L
    book.by_site["property_tax"] += _standing_capex(state) * figures.site.property_tax_per_year * L
    book.by_site["energy"] += _energy_mwh(state) * figures.site.electricity_usd_per_mwh / 1e6


def _energy_mwh(state: State) -> Floats:
    """What we buy: all that a site draws, but for units whose lease includes the energy. Shape (S, P)."""
    figures, fleet = state.figures, state.fleet
    if not state.terms.energy.any():
        return state.energy_mwh
    drawn = figures.block.it_mw * figures.block.load_factor
    ours = fleet.by_site(figures, fleet.energised - fleet.leased_online(state.terms.energy), drawn)
    return ours * figures.site.pue * HOURS_PER_YEAR * figures.L


def _standing_capex(state: State) -> Floats:
    """Capex of standing units at their order's price (existing units: at period 0's), without duties. Shape (S, P)."""
    figures, units = state.figures, state.fleet.cohorts
    ours = ~on_lease(units.lease, state.terms.chips)
    worth = ours * units.units * figures.block.capex_musd[units.block, np.maximum(0, units.ordered)]
    first = np.clip(units.stands, 0, figures.P)
    steps = np.zeros((figures.S, figures.P + 1))
    np.add.at(steps, (units.site, first), worth)
    np.add.at(steps, (units.site, np.maximum(first, np.clip(units.ends, 0, figures.P))), -worth)
    total = steps.cumsum(axis=1)[:, : figures.P]
    # what comes and goes leaves rounding dust behind
    clean: Floats = np.where(np.abs(total) < 1e-12 * max(1.0, float(np.abs(worth).sum())), 0.0, total)
    return clean


def _serving(book: Money, state: State) -> None:
    """M7.2: cost x amount x L, at the serving site."""
    figures, rows = book.figures, state.rows
    km = {(d.a, d.b): d.km for d in figures.ground.markets}
    prices = [_price(figures, market) for market in figures.problem.markets]
    for s, m, p, amount in zip(
        rows.served_site.tolist(), rows.served_market.tolist(), rows.served_period.tolist(), rows.served_amount.tolist()
    ):
        market, site = figures.problem.markets[m], figures.sites[s].id
        price = float(prices[m][p])
        if market.costs is not None:
            price = market.costs.get(site, 0.0)
        elif market.cost_musd_per_unit_km_year is not None:
            price *= km[site, market.id]
        book.by_site["serving"][s, p] += price * amount * figures.L


def _deals(book: Money, flows: Sequence[Flow]) -> None:
    """What deals bring and take beside their sales, which stand at their sites already (M5.1-M5.6)."""
    for flow in flows:
        income, spending = INCOME_LINE.get(flow.deal.kind), SPENDING_LINE.get(flow.deal.kind)
        if income in GENERAL_LINES:
            book.general[income] += flow.inflow
        if spending is not None:
            book.general[spending] += flow.outflow
            for p, musd in flow.after.items():
                book.after[p, spending] += musd


def _price(figures: Figures, market: Market) -> Floats:
    """MUSD per unit (and km) and year in every period."""
    for price in (market.cost_musd_per_unit_year, market.cost_musd_per_unit_km_year):
        if price is not None:
            return figures.timeline.values(price)
    return np.zeros(figures.P)


def cash_rows(book: Money) -> list[Cash]:
    """The cash-flow table: periods in order, lines in theirs, without empty rows (M4.4)."""
    totals = {line: book.line(line).tolist() for line in LINES}
    return [
        Cash(month=month, line=line, kind=KIND_OF_LINE[line], musd=totals[line][p])
        for p, month in enumerate(book.figures.timeline.months)
        for line in LINES
        if abs(totals[line][p]) > NOTHING_MUSD
    ]
