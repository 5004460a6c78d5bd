"""The request's figures as arrays: one row per site or block, one column per period (M1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.ground import Ground
from planner.problem.block import Block
from planner.problem.common import Metric
from planner.problem.problem import Problem
from planner.problem.site import Site
from planner.timeline import Timeline

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = 10**9
"""A period that never comes: the end of a unit without a stated life."""


def schedules(items: Sequence[Any], field: str, timeline: Timeline) -> Floats:
    """A schedule of every item in every period. Shape (items, P)."""
    table = np.zeros((len(items), timeline.P))
    plain: list[float] = []
    rows: list[int] = []
    for row, item in enumerate(items):
        value = getattr(item, field)
        if isinstance(value, tuple):
            table[row] = timeline.values(value)
        else:
            rows.append(row)
            plain.append(value)
    table[rows] = np.array(plain, dtype=float)[:, None]
    return table


@dataclass(frozen=True)
class SiteFigures:
    """What the sites state: arrays (S, P), but for hectares and build periods (S,). Power is facility power."""

    grid_mw: Floats
    pue: Floats
    peak_pue: Floats
    electricity_usd_per_mwh: Floats
    carbon_kg_per_mwh: Floats
    land_usd_per_ha: Floats
    opening_musd: Floats
    fixed_opex_musd_per_year: Floats
    construction_musd_per_mw: Floats
    tariff: Floats
    sales_tax: Floats
    property_tax_per_year: Floats
    existing_shell_mw: Floats
    parcel_ha: Floats
    buildable_ha: Floats
    build_periods: Ints


@dataclass(frozen=True)
class BlockFigures:
    """What the blocks state: per unit (K,), money (K, P). Power is IT power; lead and life in periods."""

    it_mw: Floats
    gpus: Floats
    pflops: Floats
    footprint_ha: Floats
    load_factor: Floats
    lead: Ints
    life: Ints
    available: Ints
    capex_musd: Floats
    opex_musd_per_year: Floats
    revenue_musd_per_year: Floats
    resale_musd: Floats

    def metric(self, name: Metric) -> Floats:
        """How much of a metric one unit of every block counts. Shape (K,)."""
        if name == "units":
            return np.ones_like(self.it_mw)
        found: Floats = getattr(self, name)
        return found


@dataclass(frozen=True)
class Figures:
    """One problem ready for vectorised arithmetic."""

    problem: Problem
    ground: Ground
    timeline: Timeline
    site: SiteFigures
    block: BlockFigures
    site_index: dict[str, int]
    block_index: dict[str, int]
    period_index: dict[str, int]
    vendors: tuple[str, ...]
    vendor_of_block: Ints
    discount: Floats

    @property
    def sites(self) -> tuple[Site, ...]:
        """The sites in the problem's order."""
        return self.problem.sites

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in the problem's order."""
        return self.problem.blocks

    @property
    def S(self) -> int:
        """Number of sites."""
        return len(self.problem.sites)

    @property
    def P(self) -> int:
        """Number of periods."""
        return self.timeline.P

    @property
    def L(self) -> float:
        """Length of a period in years."""
        return self.timeline.L


def figures(problem: Problem, ground: Ground) -> Figures:
    """Read all schedules once."""
    timeline = Timeline(problem.horizon)
    vendors = tuple(sorted({b.vendor for b in problem.blocks}))
    return Figures(
        problem=problem,
        ground=ground,
        timeline=timeline,
        site=_site_figures(problem.sites, ground, timeline),
        block=_block_figures(problem.blocks, timeline),
        site_index={s.id: i for i, s in enumerate(problem.sites)},
        block_index={b.id: k for k, b in enumerate(problem.blocks)},
        period_index={month: p for p, month in enumerate(timeline.months)},
        vendors=vendors,
        vendor_of_block=np.array([vendors.index(b.vendor) for b in problem.blocks], dtype=np.int64),
        discount=timeline.discount(problem.rate),
    )


def _site_figures(sites: Sequence[Site], ground: Ground, timeline: Timeline) -> SiteFigures:
    land = [ground.site(s.id) for s in sites]
    read = {
        name: schedules(sites, name, timeline)
        for name in (
            "grid_mw",
            "pue",
            "electricity_usd_per_mwh",
            "carbon_kg_per_mwh",
            "land_usd_per_ha",
            "opening_musd",
            "fixed_opex_musd_per_year",
            "construction_musd_per_mw",
            "tariff",
            "sales_tax",
            "property_tax_per_year",
        )
    }
    return SiteFigures(
        **read,
        peak_pue=schedules(sites, "peak_pue", timeline),
        existing_shell_mw=np.array([s.existing_shell_mw for s in sites], dtype=float),
        parcel_ha=np.array([g.parcel_ha for g in land], dtype=float),
        buildable_ha=np.array([g.buildable_ha for g in land], dtype=float),
        build_periods=np.array([timeline.up(s.build_months) for s in sites], dtype=np.int64),
    )


def _block_figures(blocks: Sequence[Block], timeline: Timeline) -> BlockFigures:
    def column(field: str) -> Floats:
        return np.array([getattr(b, field) for b in blocks], dtype=float)

    return BlockFigures(
        it_mw=column("it_mw"),
        gpus=column("gpus"),
        pflops=column("pflops"),
        footprint_ha=column("footprint_ha"),
        load_factor=column("load_factor"),
        lead=np.array([timeline.up(b.lead_months) for b in blocks], dtype=np.int64),
        life=np.array(
            [NEVER if b.life_years is None else timeline.half_up(b.life_years) for b in blocks], dtype=np.int64
        ),
        available=np.array([timeline.starts(b.available_from) for b in blocks], dtype=np.int64),
        capex_musd=schedules(blocks, "capex_musd", timeline),
        opex_musd_per_year=schedules(blocks, "opex_musd_per_year", timeline),
        revenue_musd_per_year=schedules(blocks, "revenue_musd_per_year", timeline),
        resale_musd=schedules(blocks, "resale_musd", timeline),
    )
