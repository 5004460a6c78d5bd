"""The state of every site in every period: MW, hectares, shell, compute, energy and carbon (M3.4-M3.6, M4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.formulas import HOURS_PER_YEAR
from planner.ledger.figures import Bools, Figures, Floats
from planner.ledger.rows import Rows
from planner.ledger.terms import Terms, on_lease, terms
from planner.ledger.units import Fleet
from planner.problem.common import Filter, Metric
from planner.problem.problem import matches


@dataclass(frozen=True)
class State:
    """Arrays (S, P) unless said otherwise. ``it_mw`` is energised IT power, ``facility_mw`` the same at peak PUE."""

    figures: Figures
    rows: Rows
    fleet: Fleet
    terms: Terms
    open: Bools
    it_mw: Floats
    facility_mw: Floats
    standing_ha: Floats
    online_it_mw: Floats
    shell_mw: Floats
    own_shell_mw: Floats
    """Of ``shell_mw``: what no partner pays for. ``own_housed_mw`` must stand in it (M5.13)."""
    own_housed_mw: Floats
    shell_started_mw: Floats
    gpus: Floats
    units: Floats
    idle_units: Floats
    pflops: Floats
    energy_mwh: Floats
    carbon_tonnes: Floats
    it_mw_by_vendor: Floats
    """Shape (V, S, P), vendors in alphabetical order."""

    @cached_property
    def _known_filters(self) -> dict[Filter, Bools]:
        return {}

    def sites_inside(self, filter: Filter) -> Bools:
        """Which sites lie inside a filter, whatever blocks it names. Shape (S,)."""
        found = self._known_filters.get(filter)
        if found is None:
            found = np.array([matches(filter, s, None) for s in self.figures.sites], dtype=bool)
            self._known_filters[filter] = found
        return found

    def inside(self, filter: Filter) -> Bools:
        """Which (site, block) pairs lie inside a filter. Shape (pairs,)."""
        block_ok = np.array([matches(filter, None, b) for b in self.figures.blocks], dtype=bool)
        found: Bools = self.sites_inside(filter)[self.fleet.pair_site] & block_ok[self.fleet.pair_block]
        return found

    def metric_by_pair(self, metric: Metric) -> Floats:
        """The energised metric of every (site, block) pair. Shape (pairs, P)."""
        found: Floats = self.figures.block.metric(metric)[self.fleet.pair_block][:, None] * self.fleet.energised
        return found


def state(figures: Figures, rows: Rows, fleet: Fleet) -> State:
    """Add units up to sites."""
    block, site = figures.block, figures.site
    ones = np.ones_like(block.it_mw)
    it_mw = fleet.by_site(figures, fleet.energised, block.it_mw)
    drawn = fleet.by_site(figures, fleet.energised, block.it_mw * block.load_factor)
    energy = drawn * site.pue * HOURS_PER_YEAR * figures.L
    started = np.zeros((figures.S, figures.P))
    np.add.at(started, (rows.shell_site, rows.shell_period), rows.shell_mw)
    periods = np.arange(figures.P)
    paid = terms(figures, rows)
    online = fleet.by_site(figures, fleet.online, block.it_mw)
    before = site.existing_shell_mw[:, None] + fleet.brought_shell_mw
    ours = ~on_lease(rows.shell_lease, paid.shell)
    return State(
        figures=figures,
        rows=rows,
        fleet=fleet,
        terms=paid,
        open=rows.open_from[:, None] <= periods,
        it_mw=it_mw,
        facility_mw=it_mw * site.peak_pue,
        standing_ha=fleet.by_site(figures, fleet.standing, block.footprint_ha),
        online_it_mw=online,
        shell_mw=before + _completed(figures, rows, np.ones_like(ours)),
        own_shell_mw=before + _completed(figures, rows, ours),
        own_housed_mw=online - fleet.by_site(figures, fleet.leased_online(paid.shell), block.it_mw),
        shell_started_mw=started,
        gpus=fleet.by_site(figures, fleet.energised, block.gpus),
        units=fleet.by_site(figures, fleet.energised, ones),
        idle_units=fleet.by_site(figures, fleet.idle, ones),
        pflops=fleet.by_site(figures, fleet.energised, block.pflops),
        energy_mwh=energy,
        carbon_tonnes=energy * site.carbon_kg_per_mwh / 1000,
        it_mw_by_vendor=np.stack(
            [
                fleet.by_site(figures, fleet.energised, np.where(figures.vendor_of_block == v, block.it_mw, 0.0))
                for v in range(len(figures.vendors))
            ]
        ),
    )


def _completed(figures: Figures, rows: Rows, counted: Bools) -> Floats:
    """Shell MW of the starts that count and lie at least the build time back (M3.6)."""
    usable = rows.shell_period + figures.site.build_periods[rows.shell_site]
    inside = (usable < figures.P) & counted
    done = np.zeros((figures.S, figures.P))
    np.add.at(done, (rows.shell_site[inside], usable[inside]), rows.shell_mw[inside])
    total: Floats = done.cumsum(axis=1)
    return total
