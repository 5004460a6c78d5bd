"""Every candidate, opened or not, period by period and at the end (M8.6 ``sites``)."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from planner.ledger.figures import Floats
from planner.ledger.limits import SiteLimit
from planner.ledger.money import Money
from planner.ledger.state import State
from planner.plan import SitePeriod, SiteResult


def site_results(state: State, book: Money, limits: list[SiteLimit]) -> list[SiteResult]:
    """Sites in the problem's order; figures without a date are the last period's, ``spend_musd`` is the horizon's."""
    figures = state.figures
    spending = book.site_spending()
    blocks_at_end = _units_by_block(state)
    with _no_garbage_collection():
        periods = _periods(state, spending)
    opened = (state.rows.open_from < figures.P).tolist()
    opening = dict(zip(state.rows.opening_site.tolist(), state.rows.opening_period.tolist()))
    totals = spending.sum(axis=1).tolist()
    results = []
    for s, site in enumerate(figures.sites):
        ground, last = figures.ground.site(site.id), periods[s][-1]
        results.append(
            SiteResult(
                id=site.id,
                name=site.name,
                region=site.region,
                country=site.country,
                state=site.state,
                status=site.status,
                opened=opened[s],
                opening_month=figures.timeline.month(opening[s]) if s in opening else None,
                lon=ground.lon,
                lat=ground.lat,
                parcel_ha=ground.parcel_ha,
                buildable_ha=ground.buildable_ha,
                land=[{"layer": step.layer, "ha": step.ha} for step in ground.steps],
                it_mw=last.it_mw,
                facility_mw=last.facility_mw,
                grid_mw=last.grid_mw,
                power_used_share=last.facility_mw / last.grid_mw if last.grid_mw else None,
                land_used_share=last.standing_ha / ground.buildable_ha if ground.buildable_ha else None,
                gpus=last.gpus,
                units=last.units,
                pflops=last.pflops,
                it_mw_by_vendor=last.it_mw_by_vendor,
                units_by_block=blocks_at_end.get(s, {}),
                spend_musd=totals[s],
                main_limit=limits[s].limit,
                why=limits[s].why,
                periods=periods[s],
            )
        )
    return results


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Pause the collector while many small records are made at once: it would search them all, several times over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _units_by_block(state: State) -> dict[int, dict[str, int]]:
    """Energised units in the last period by site and block, without zeros, blocks in the request's order."""
    found: dict[int, dict[str, int]] = {}
    fleet = state.fleet
    for s, k, units in zip(fleet.pair_site.tolist(), fleet.pair_block.tolist(), fleet.energised[:, -1].tolist()):
        if units:
            found.setdefault(s, {})[state.figures.blocks[k].id] = units
    return found


def _periods(state: State, spending: Floats) -> list[list[SitePeriod]]:
    """One row per site and period. Arrays become lists once: indexing numpy cell by cell is what would be slow."""
    figures = state.figures
    months, vendors = figures.timeline.months, figures.vendors
    by_vendor = state.it_mw_by_vendor.transpose(1, 2, 0).tolist()
    columns = [
        table.tolist()
        for table in (
            state.open,
            state.it_mw,
            state.facility_mw,
            figures.site.grid_mw,
            state.shell_mw,
            state.standing_ha,
            state.gpus.astype("int64"),
            state.units.astype("int64"),
            state.idle_units.astype("int64"),
            state.pflops,
            state.energy_mwh,
            state.carbon_tonnes,
            spending,
        )
    ]
    # fmt: off
    return [
        [
            SitePeriod(
                month=month, open=is_open, it_mw=it_mw, facility_mw=facility_mw, grid_mw=grid_mw, shell_mw=shell_mw,
                standing_ha=standing_ha, gpus=gpus, units=units, idle_units=idle, pflops=pflops, energy_mwh=energy,
                carbon_tonnes=carbon, spend_musd=spend, it_mw_by_vendor=dict(zip(vendors, vendor_mw)),
            )
            for (
                month, is_open, it_mw, facility_mw, grid_mw, shell_mw, standing_ha,
                gpus, units, idle, pflops, energy, carbon, spend, vendor_mw,
            ) in zip(months, *rows, by_vendor[s])
        ]
        for s, rows in enumerate(zip(*columns))
    ]
    # fmt: on
