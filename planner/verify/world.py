"""What every family looks at: the request, the ground, and the plan's decisions turned into units, sites and money."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.ground import Ground, SiteGround
from planner.plan import Plan
from planner.problem.block import Block
from planner.problem.common import Filter
from planner.problem.deals import Deal, Lease
from planner.problem.problem import Problem
from planner.problem.site import Site
from planner.verify.dates import Calendar
from planner.verify.decisions import OWN, Rows
from planner.verify.findings import Array
from planner.verify.units import METRICS, Units

Mask = NDArray[np.bool_]


class World:
    """Everything recomputed from the request and the decisions; arrays are (sites, periods) unless said otherwise."""

    def __init__(self, problem: Problem, ground: Ground, plan: Plan, calendar: Calendar, rows: Rows) -> None:
        self.problem = problem
        self.plan = plan
        self.calendar = calendar
        self.rows = rows
        self.periods = calendar.count
        self.months = calendar.labels()
        self.sites = problem.sites
        self.blocks = problem.blocks
        self.units = Units(problem, calendar, rows)
        stated = {g.site: g for g in ground.sites}
        self.ground: list[SiteGround] = [stated[s.id] for s in problem.sites]
        self.market_km = {(d.a, d.b): d.km for d in ground.markets}
        self.close_pairs = ground.close_pairs
        self._site: dict[str, Array] = {}
        self._block: dict[str, Array] = {}

    # ---- figures of the request

    def of_sites(self, field: str) -> Array:
        """A site field in every period."""
        if field not in self._site:
            rows = [self.calendar.values(getattr(s, field)) for s in self.sites]
            self._site[field] = np.array(rows, dtype=float).reshape(len(self.sites), self.periods)
        return self._site[field]

    def of_blocks(self, field: str) -> Array:
        """A block field in every period: shape (blocks, periods)."""
        if field not in self._block:
            rows = [self.calendar.values(getattr(b, field)) for b in self.blocks]
            self._block[field] = np.array(rows, dtype=float).reshape(len(self.blocks), self.periods)
        return self._block[field]

    @cached_property
    def pue_peak(self) -> Array:
        """Facility MW per IT MW at the peak; the annual mean where no peak is stated (M3.1)."""
        rows = [self.calendar.values(s.pue if s.pue_peak is None else s.pue_peak) for s in self.sites]
        return np.array(rows, dtype=float).reshape(len(self.sites), self.periods)

    @cached_property
    def discount(self) -> Array:
        """What a dollar of each period is worth at the start: shape (periods,)."""
        rate = self.problem.discount_rate or 0.0
        return np.array([self.calendar.discount(rate, p) for p in range(self.periods)])

    def discount_at(self, period: int) -> float:
        """The same for any period, also after the last."""
        return self.calendar.discount(self.problem.discount_rate or 0.0, period)

    # ---- sites

    @cached_property
    def opens(self) -> NDArray[np.int64]:
        """Period from which each site is open; committed 0; never: the number of periods (M3.2)."""
        opens = np.full(len(self.sites), self.periods, dtype=np.int64)
        for s, p in self.rows.opened.items():
            opens[s] = p
        for s, site in enumerate(self.sites):
            if site.status == "committed":
                opens[s] = 0
        return opens

    @cached_property
    def open(self) -> Mask:
        """True where a site is open."""
        result: Mask = np.arange(self.periods)[None, :] >= self.opens[:, None]
        return result

    @cached_property
    def it_mw(self) -> Array:
        """Energised IT MW."""
        return self.energised_by_site("it_mw")

    @cached_property
    def facility_mw(self) -> Array:
        """Energised IT MW times the peak PUE."""
        return self.it_mw * self.pue_peak

    @cached_property
    def shell_started(self) -> Array:
        """IT MW of shell whose building starts."""
        started = np.zeros((len(self.sites), self.periods))
        for s, p, mw, _ in self.rows.shells:
            started[s, p] += mw
        return started

    @cached_property
    def build_periods(self) -> list[int]:
        """Periods from the start of a shell to its use, by site."""
        return [self.calendar.lag(s.build_months) for s in self.sites]

    @cached_property
    def shell_mw(self) -> Array:
        """Usable shell: what stood before, what existing units brought for good, and completed starts (M3.6, A4)."""
        return self._shell(partners_too=True)

    @cached_property
    def own_shell_mw(self) -> Array:
        """The same without what partners build (M5.13)."""
        return self._shell(partners_too=False)

    def _shell(self, partners_too: bool) -> Array:
        usable = np.zeros((len(self.sites), self.periods))
        for s, p, mw, terms in self.rows.shells:
            if partners_too or self.shell_ours(terms):
                usable[s, p + self.build_periods[s] :] += mw
        position = {b.id: i for i, b in enumerate(self.blocks)}
        for s, site in enumerate(self.sites):
            if site.existing_shell_mw:
                usable[s] += site.existing_shell_mw
            for there in site.existing:
                first = max(0, self.calendar.effective(there.online_from))
                usable[s, first:] += there.units * self.blocks[position[there.block]].it_mw
        return usable

    def energised_by_site(self, metric: str) -> Array:
        """The energised metric of every site."""
        return self.units.by_site(self.units.energised * self.units.per_block(METRICS[metric]))

    def position(self, site: str) -> int:
        """Where a site stands in the request."""
        return self._position[site]

    @cached_property
    def _position(self) -> dict[str, int]:
        return {site.id: s for s, site in enumerate(self.sites)}

    # ---- leases

    def lease(self, terms: int) -> Lease | None:
        """The lease that terms stand for; None where it is bought."""
        deal = None if terms == OWN else self.problem.deals[terms]
        return deal if isinstance(deal, Lease) else None

    def terms(self, terms: int) -> str:
        """Terms as the plan writes them."""
        lease = self.lease(terms)
        return "own" if lease is None else lease.id

    def chips_ours(self, terms: int) -> bool:
        """True where we pay for the chips (M5.4)."""
        lease = self.lease(terms)
        return lease is None or lease.covers == "shell"

    def shell_ours(self, terms: int) -> bool:
        """True where units need shell of ours, and where a start of shell is paid by us (M5.13)."""
        lease = self.lease(terms)
        return lease is None or lease.covers == "chips"

    def partner_pays(self, site: int, what: str) -> bool:
        """``opening`` or ``land``: something is ordered there and all of it is on one lease that includes it (M5.13)."""
        terms = self._terms_at.get(site, set())
        lease = self.lease(next(iter(terms))) if len(terms) == 1 else None
        return lease is not None and what in lease.includes and self.covered(lease, site, None)

    @cached_property
    def _terms_at(self) -> dict[int, set[int]]:
        """Terms of everything that is ordered at a site."""
        result: dict[int, set[int]] = {}
        for s, _, _, units, terms in self.rows.orders:
            if units:
                result.setdefault(s, set()).add(terms)
        return result

    # ---- filters

    def covered(self, deal: Deal, site: int | None, block: int | None) -> bool:
        """True where a deal covers a block at a site; a side that is None does not matter (section 5)."""
        if site is not None and not site_inside(deal.filter, self.sites[site]):
            return False
        if block is None:
            return True
        vendor = self.blocks[block].vendor
        return deal.vendor in (None, vendor) and block_inside(deal.filter, self.blocks[block])

    def rows_inside_vendor(self, vendor: str) -> Mask:
        """Which rows of ``units`` are of a vendor's blocks."""
        return self.rows_inside(Filter(vendors=(vendor,)))

    def rows_inside(self, where: Filter) -> Mask:
        """Which rows of ``units`` lie inside a filter."""
        sites = np.array([site_inside(where, s) for s in self.sites], dtype=bool)
        blocks = np.array([block_inside(where, b) for b in self.blocks], dtype=bool)
        if not len(self.units.site):
            return np.zeros(0, dtype=bool)
        result: Mask = sites[self.units.site] & blocks[self.units.block]
        return result


def site_inside(where: Filter, site: Site) -> bool:
    """What a filter does not name does not restrict (section 0)."""
    return (
        (where.sites is None or site.id in where.sites)
        and (where.regions is None or site.region in where.regions)
        and (where.countries is None or site.country in where.countries)
        and (where.tags is None or any(tag in where.tags for tag in site.tags))
    )


def block_inside(where: Filter, block: Block) -> bool:
    """The block's side of a filter."""
    return (where.vendors is None or block.vendor in where.vendors) and (
        where.blocks is None or block.id in where.blocks
    )
