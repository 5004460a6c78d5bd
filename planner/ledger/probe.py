"""One more purchase: what the least further order of a block at each site would need, as late as it can be placed.

It is owned, except where a signed lease lets nothing else be ordered (``own_allowed: false``): there it is leased.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.formulas import build_parts, payment_shares
from planner.ledger.figures import Bools, Figures, Floats, Ints
from planner.ledger.state import State
from planner.ledger.terms import on_lease
from planner.problem.deals import Lease
from planner.problem.problem import allowed, covers, matches

TOLERANCE = 1e-6


def exceeds(need: Floats, room: Floats, limit: Floats) -> Bools:
    """True where ``need`` does not fit into ``room``, within the tolerance of M8.3 on ``limit``."""
    found: Bools = need > room + TOLERANCE * np.maximum(1.0, np.abs(limit))
    return found


class Margin:
    """What the plan leaves free at every site, computed once for all probes."""

    def __init__(self, state: State, cash_left: Floats | None) -> None:
        self.state = state
        self.cash_left = cash_left
        """Shape (P,): cash above ``min_cash_musd``; None without a budget."""

    @property
    def figures(self) -> Figures:
        return self.state.figures

    @cached_property
    def opened(self) -> Bools:
        """Shape (S,)."""
        found: Bools = self.state.rows.open_from < self.figures.P
        return found

    @cached_property
    def earliest(self) -> Ints:
        """The first period with anything at the site: its opening, or when it may first open. Shape (S,)."""
        available = [self.figures.timeline.starts(s.available_from) for s in self.figures.sites]
        may = np.maximum(0, np.array(available, dtype=np.int64))
        return np.where(self.opened, self.state.rows.open_from, may)

    @cached_property
    def ever_ordered(self) -> Ints:
        """Units ever ordered by site and block. Shape (S, K)."""
        table = np.zeros((self.figures.S, len(self.figures.blocks)), dtype=np.int64)
        fleet = self.state.fleet
        table[fleet.pair_site, fleet.pair_block] = fleet.ordered.sum(axis=1)
        return table

    @cached_property
    def allowed(self) -> Bools:
        """M2.3, by region. Shape (S, K)."""
        table = np.ones((self.figures.S, len(self.figures.blocks)), dtype=bool)
        for k, block in enumerate(self.figures.blocks):
            if block.allowed_regions is not None or block.forbidden_regions:
                table[:, k] = [allowed(block, site) for site in self.figures.sites]
        return table

    @cached_property
    def forbidden(self) -> Bools:
        """Inside a ``forbid`` policy. Shape (S, K)."""
        figures = self.figures
        table = np.zeros((figures.S, len(figures.blocks)), dtype=bool)
        for policy in figures.problem.policies:
            if policy.kind == "forbid":
                sites = self.state.sites_inside(policy.filter)
                blocks = np.array([matches(policy.filter, None, b) for b in figures.blocks], dtype=bool)
                table |= sites[:, None] & blocks
        return table

    @cached_property
    def must_lease(self) -> Ints:
        """M5.13: row number of the first signed lease that forbids owning here, -1 for none. Shape (S, K)."""
        figures = self.figures
        table = np.full((figures.S, len(figures.blocks)), -1, dtype=np.int64)
        for number, deal in enumerate(figures.problem.deals):
            if isinstance(deal, Lease) and not deal.own_allowed and self.state.rows.signed[number]:
                sites = np.array([covers(deal, site, None) for site in figures.sites], dtype=bool)
                blocks = np.array([covers(deal, None, block) for block in figures.blocks], dtype=bool)
                table = np.where((table < 0) & sites[:, None] & blocks, number, table)
        return table

    @cached_property
    def leased(self) -> Bools:
        """Sites with anything on a lease. Shape (S,)."""
        units = self.state.fleet.cohorts
        found = np.zeros(self.figures.S, dtype=bool)
        found[units.site[units.lease >= 0]] = True
        return found

    @cached_property
    def pace_left(self) -> Floats:
        """Shell MW that could still be started, early enough to stand in the last period. Shape (S,).

        Filled greedily from the earliest period on: for limits on sliding windows no other order holds more.
        """
        figures = self.figures
        S, P, L = figures.S, figures.P, figures.L
        window = max(1, round(1 / L))
        pace = np.array([np.inf if s.pace_mw_per_year is None else s.pace_mw_per_year for s in figures.sites])
        step = np.array([s.shell_step_mw or 0.0 for s in figures.sites])
        last = P - 1 - figures.site.build_periods
        starts = self.state.shell_started_mw.copy()
        total = np.zeros(S)
        for p in range(P):
            used = np.zeros(S)
            for first in range(max(0, p - window + 1), p + 1):
                used = np.maximum(used, starts[:, first : first + window].sum(axis=1))
            free = np.maximum(0.0, pace - used)
            whole = np.floor(np.divide(free, step, out=np.zeros(S), where=step > 0) + 1e-9) * step
            free = np.where((step > 0) & np.isfinite(free), whole, free)
            free = np.where((self.earliest <= p) & (p <= last), free, 0.0)
            total = total + free
            starts[:, p] += np.where(np.isfinite(free), free, 0.0)
        return total


@dataclass(frozen=True)
class Probe:
    """The least further purchase of block ``k`` at every site, ordered in period ``last`` to be online at the end."""

    margin: Margin
    k: int

    @property
    def figures(self) -> Figures:
        return self.margin.figures

    @property
    def name(self) -> str:
        """The block's id."""
        return self.figures.blocks[self.k].id

    @property
    def last(self) -> int:
        """The last period in which it can be ordered; negative when it cannot come online any more."""
        return self.figures.P - 1 - int(self.figures.block.lead[self.k])

    @cached_property
    def units(self) -> Ints:
        """One unit, or ``min_per_site`` where there is none yet. Shape (S,)."""
        least = max(1, self.figures.blocks[self.k].min_per_site or 1)
        return np.where(self.margin.ever_ordered[:, self.k] > 0, 1, least)

    @cached_property
    def it_mw(self) -> Floats:
        """Shape (S,)."""
        found: Floats = self.units * self.figures.block.it_mw[self.k]
        return found

    @cached_property
    def orderable(self) -> Bools:
        """Site and block both to be had by ``last``. Shape (S,)."""
        first = np.maximum(self.margin.earliest, int(self.figures.block.available[self.k]))
        found: Bools = (first <= self.last) & (self.last >= 0)
        return found

    def by_partner(self, pays: Bools) -> Bools:
        """Sites where it has to be on a lease that is flagged. Shape (S,)."""
        return on_lease(self.margin.must_lease[:, self.k], pays)

    @cached_property
    def free_shell_mw(self) -> Floats:
        """Shell free in the last period; what is owned needs our own as well (M5.13). Shape (S,)."""
        state = self.margin.state
        free = state.shell_mw[:, -1] - state.online_it_mw[:, -1]
        ours = state.own_shell_mw[:, -1] - state.own_housed_mw[:, -1]
        return np.where(self.by_partner(state.terms.shell), free, np.minimum(free, ours))

    @cached_property
    def extra_shell_mw(self) -> Floats:
        """Shell that would have to be built for it, in whole steps where the site builds in steps. Shape (S,)."""
        state = self.margin.state
        extra = self.it_mw - self.free_shell_mw
        extra = np.where(extra > TOLERANCE * np.maximum(1.0, state.shell_mw[:, -1]), extra, 0.0)
        step = np.array([s.shell_step_mw or 0.0 for s in self.figures.sites])
        whole = np.ceil(np.divide(extra, step, out=np.zeros_like(extra), where=step > 0) - 1e-9) * step
        return np.where(step > 0, whole, extra)

    @cached_property
    def can_build(self) -> Bools:
        """A shell started at the earliest would stand at the end. Shape (S,)."""
        found: Bools = self.margin.earliest + self.figures.site.build_periods <= self.figures.P - 1
        return found

    def capex(self) -> Floats:
        """What it would add to our capex inside the horizon, everything as late as possible. Shape (S, P)."""
        figures, P, terms = self.figures, self.figures.P, self.margin.state.terms
        site, last = figures.site, max(0, self.last)
        drawn = np.zeros((figures.S, P))
        duties = 1 + site.tariff[:, last] + site.sales_tax[:, last]
        price = self.units * figures.block.capex_musd[self.k, last] * duties * ~self.by_partner(terms.chips)
        for lag, share in payment_shares(figures.blocks[self.k], figures.timeline):
            if last + lag < P:
                drawn[:, last + lag] += share * price
        shell = self.extra_shell_mw
        start = np.clip(P - 1 - site.build_periods, 0, P - 1)
        rows = np.arange(figures.S)
        cost = shell * site.construction_musd_per_mw[rows, start] * ~self.by_partner(terms.shell)
        for periods in np.unique(site.build_periods).tolist():
            same = rows[site.build_periods == periods]
            for lag, share in build_parts(periods):
                due = np.minimum(start[same] + lag, P - 1)
                drawn[same, due] += share * cost[same]
        begin = np.where(shell > 0, np.minimum(start, last), last)
        begin = np.clip(begin, 0, P - 1)
        land = site.land_usd_per_ha[rows, begin] * site.parcel_ha / 1e6
        entry = site.opening_musd[rows, begin] * ~self.by_partner(terms.openings)
        entry = entry + land * ~self.by_partner(terms.land)
        drawn[rows, begin] += np.where(self.margin.opened, 0.0, entry)
        return drawn
