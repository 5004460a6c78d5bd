"""Every dollar of a plan by line and period, from its decisions (M4.2-M4.4, A1-A4, A8, A9). MUSD, nominal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from planner.problem.deals import Offtake
from planner.verify import contracts, demand, offtakes
from planner.verify.findings import Array
from planner.verify.lines import BROUGHT, CAPEX, COST, KIND, NO_SITE, OPEX
from planner.verify.world import World

HOURS = 8760.0


@dataclass(frozen=True, slots=True)
class BlockDue:
    """Money for units of a block at a site that falls due inside the horizon."""

    site: int
    block: int
    period: int
    line: str
    musd: float


class Money:
    """``line[name]`` is (sites, periods), ``alone[name]`` of a line without site (periods,).

    ``after`` holds (period, line) -> MUSD due after the horizon.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.periods = world.periods
        self.years = world.calendar.years
        self.line = {name: np.zeros((len(world.sites), world.periods)) for name in KIND if name not in NO_SITE}
        self.alone = {name: np.zeros(world.periods) for name in NO_SITE}
        self.alone["penalties"] += demand.penalties(world)
        self.after: dict[tuple[int, str], float] = defaultdict(float)
        self.block_dues: list[BlockDue] = []
        self.accounts = contracts.accounts(world)
        self.energy_mwh = self._energy_mwh(world.units.energised)
        self.carbon_tonnes = self.energy_mwh * world.of_sites("carbon_kg_per_mwh") / 1000
        self._openings()
        self._orders()
        self._construction()
        self._unpaid()
        self._operation()
        self._serving()
        self._deals()

    def _energy_mwh(self, units: Array) -> Array:
        """What units draw: shape (sites, periods) (M4.3)."""
        world = self.world
        mw = world.units.per_block(lambda block: block.load_factor * block.it_mw)
        drawn: Array = world.units.by_site(units * mw) * world.of_sites("pue") * (HOURS * self.years)
        return drawn

    def _of_block(self, line: str, site: int, block: int, period: int, musd: float) -> None:
        """The same as ``_due``, remembered by block."""
        self._due(line, site, period, musd)
        if period < self.periods:
            self.block_dues.append(BlockDue(site, block, period, line, musd))

    def _due(self, line: str, site: int, period: int, musd: float) -> None:
        """Money of a site that falls due in a period of the horizon or after it."""
        if period < self.periods:
            self.line[line][site, period] += musd
        elif musd:
            self.after[period, line] += musd

    def _openings(self) -> None:
        """A site that opens pays ``opening_musd`` and its whole parcel then; a committed one neither (M3.2)."""
        fee, price = self.world.of_sites("opening_musd"), self.world.of_sites("land_usd_per_ha")
        for s, p in self.world.rows.opened.items():
            if self.world.sites[s].status == "committed":
                continue
            if not self.world.partner_pays(s, "opening"):
                self._due("openings", s, p, float(fee[s, p]))
            if not self.world.partner_pays(s, "land"):
                self._due("land", s, p, float(price[s, p]) * self.world.ground[s].parcel_ha / 1e6)

    def _orders(self) -> None:
        """Block capex and the site's fractions on it, at the prices of the order, as the payments fall due (A2)."""
        world = self.world
        price, tariff, tax = world.of_blocks("capex_musd"), world.of_sites("tariff"), world.of_sites("sales_tax")
        payments = [
            [(0, 1.0)] if b.payments is None else [(world.calendar.lag(x.months), x.share) for x in b.payments]
            for b in world.blocks
        ]
        for s, k, q, units, terms in world.rows.orders:
            if not world.chips_ours(terms):
                continue
            capex = units * float(price[k, q])
            for lag, share in payments[k]:
                self._of_block("blocks", s, k, q + lag, share * capex)
                self._of_block("tariffs", s, k, q + lag, share * capex * float(tariff[s, q]))
                self._of_block("sales_tax", s, k, q + lag, share * capex * float(tax[s, q]))

    def _construction(self) -> None:
        """Shell is paid in equal parts over its build, at the price of its start (A3)."""
        price = self.world.of_sites("construction_musd_per_mw")
        for s, p, mw, terms in self.world.rows.shells:
            if not self.world.shell_ours(terms):
                continue
            parts = max(1, self.world.build_periods[s])
            for part in range(parts):
                self._due("construction", s, p + part, mw * float(price[s, p]) / parts)

    def _unpaid(self) -> None:
        """What is still unpaid of existing units falls due in the period that contains its month (A4)."""
        position = {block.id: k for k, block in enumerate(self.world.blocks)}
        for s, site in enumerate(self.world.sites):
            for there in site.existing:
                for due in there.unpaid:
                    period = self.world.calendar.within(due.month)
                    if period >= 0:
                        self._of_block("unpaid", s, position[there.block], period, due.musd)

    def _operation(self) -> None:
        """Running costs, taxes, energy, revenue and resale."""
        world, units, line = self.world, self.world.units, self.line
        bought = self.energy_mwh - self._energy_mwh(self._included("energy"))
        line["energy"] += bought * world.of_sites("electricity_usd_per_mwh") / 1e6
        line["site_opex"] += world.open * world.of_sites("fixed_opex_musd_per_year") * self.years
        if len(units.block):
            opex = world.of_blocks("opex_musd_per_year")[units.block]
            revenue = world.of_blocks("revenue_musd_per_year")[units.block]
            line["block_opex"] += units.by_site((units.online - self._included("opex")) * opex) * self.years
            line["revenue"] += units.by_site(units.energised * revenue) * self.years
        line["property_tax"] += self._standing_capex() * world.of_sites("property_tax_per_year") * self.years
        resale = world.of_blocks("resale_musd")
        for (s, k), asked in world.rows.retired.items():
            for p, gone in asked:
                line["resale"][s, p] += gone * resale[k, p]

    def _included(self, what: str) -> Array:
        """Units online whose energy or opex the partner pays (M5.13)."""
        world = self.world

        def partners(terms: int) -> bool:
            lease = world.lease(terms)
            return lease is not None and what in lease.includes

        return world.units.online_of(lambda lot: partners(lot.terms))

    def _standing_capex(self) -> Array:
        """Catalogue capex of our standing units at their order, existing ones at the first period's price (A8)."""
        price = self.world.of_blocks("capex_musd")
        change = np.zeros((len(self.world.sites), self.periods + 1))
        for lot in self.world.units.lots:
            first, last = max(0, lot.stands), min(lot.leaves, self.periods)
            if first < last and self.world.chips_ours(lot.terms):
                value = lot.units * price[lot.block, 0 if lot.ordered is None else lot.ordered]
                change[lot.site, first] += value
                change[lot.site, last] -= value
        standing: Array = np.cumsum(change, axis=1)[:, :-1]
        return standing

    def _serving(self) -> None:
        """Serving costs of markets, at the site that serves (M7.2)."""
        markets, values = self.world.problem.markets, self.world.calendar.values
        flat = [values(m.cost_musd_per_unit_year or 0.0) for m in markets]
        by_km = [values(m.cost_musd_per_unit_km_year or 0.0) for m in markets]
        for s, m, p, amount in self.world.rows.served:
            site, market = self.world.sites[s].id, markets[m]
            rate = flat[m][p]
            if market.cost_musd_per_unit_km_year is not None:
                rate += by_km[m][p] * self.world.market_km.get((site, market.id), 0.0)
            if market.costs is not None:
                rate += market.costs.get(site, 0.0)
            self.line["serving"][s, p] += rate * amount * self.years

    def _deals(self) -> None:
        """What deals bring and cost; what is sold earns the customer's price in the place of the block's revenue."""
        world = self.world
        for deal, account in zip(world.problem.deals, self.accounts):
            if deal.kind in BROUGHT:
                self.alone[BROUGHT[deal.kind]] += account.cash_in
            if deal.kind in COST:
                self.alone[COST[deal.kind]] += account.cash_out
                for period, musd in account.after.items():
                    self.after[period, COST[deal.kind]] += musd
        for i, s, _, p, amount in world.rows.sales:
            deal = world.problem.deals[i]
            assert isinstance(deal, Offtake)
            self.line["offtake"][s, p] += offtakes.prices(world, deal)[p] * amount * self.years
        revenue = world.of_blocks("revenue_musd_per_year")
        for (s, k), units in offtakes.sold_units(world).items():
            self.line["revenue"][s] -= units * revenue[k] * self.years

    # ---- sums

    def total(self, line: str) -> Array:
        """One line over all sites: shape (periods,)."""
        total: Array = self.alone[line] if line in NO_SITE else self.line[line].sum(axis=0)
        return total

    def of_kind(self, kind: str) -> Array:
        """All lines of a kind over all sites: shape (periods,)."""
        total: Array = np.sum([self.total(line) for line, its in KIND.items() if its == kind], axis=0)
        return total

    @property
    def spend(self) -> Array:
        """What each site spends, capex and opex: shape (sites, periods)."""
        total: Array = np.sum([self.line[line] for line in (*CAPEX, *OPEX) if line not in NO_SITE], axis=0)
        return total
