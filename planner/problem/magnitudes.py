"""Suspicious magnitudes: figures that are valid but look like another unit (kW for MW, $/kWh for $/MWh, percent, USD).

Sites' own
figures are looked at where sites are read. All are warnings, or errors under ``strict: true``. Bounds are wide: no
real figure known today lies beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.errors import Fault
from planner.problem.block import Block
from planner.problem.checks.scope import Path, Scope, warning
from planner.problem.schedule import Step

Doubt = tuple[Path, str, str]

MOST_BLOCK_MW = 2000.0
LEAST_BLOCK_MW = 0.001
PFLOPS_PER_MW = (100.0, 100_000.0)
CAPEX_MUSD_PER_MW = (1.0, 200.0)
MOST_HA_PER_MW = 50.0
MOST_LIFE_YEARS = 50.0
MOST_LEAD_MONTHS = 84.0
MOST_BUDGET_MUSD = 1e7
MOST_RATE = 0.5
MOST_UNIT_COST_MUSD = 1e5
MOST_DEMAND_MW = 1e6


def extremes(schedule: Any) -> tuple[float, float]:
    """Lowest and highest value that a schedule states; 0 and 0 for none."""
    if schedule is None:
        return 0.0, 0.0
    if isinstance(schedule, tuple):
        values = [s.value for s in schedule if isinstance(s, Step)]
        return min(values, default=0.0), max(values, default=0.0)
    return float(schedule), float(schedule)


def block_magnitudes(block: Block, index: int) -> Iterator[Doubt]:
    """Power, density, price per MW, ground, life and lead of one block."""
    at: Path = ("blocks", index)
    mw = block.it_mw
    if mw > MOST_BLOCK_MW:
        yield (*at, "it_mw"), f"one {block.id} draws {mw:,.6g} MW", f"kW for MW? {mw / 1000:,.6g} MW then"
    if 0 < mw < LEAST_BLOCK_MW:
        yield (*at, "it_mw"), f"one {block.id} draws {mw * 1e6:,.4g} W", f"GW for MW? {mw * 1000:,.6g} MW then"
    if mw > 0 and block.pflops > 0:
        density = block.pflops / mw
        low, high = PFLOPS_PER_MW
        if not low <= density <= high:
            hint = "TFLOPS for PFLOPS, or kW for MW?" if density > high else "EFLOPS for PFLOPS, or kW for MW?"
            message = f"{block.id} has {density:,.4g} PFLOPS per IT MW, outside {low:,.0f} to {high:,.0f}"
            yield (*at, "pflops"), message, hint
    least, most = extremes(block.capex_musd)
    if mw > 0 and most > 0:
        low, high = CAPEX_MUSD_PER_MW
        found = most / mw if most / mw > high else (least or most) / mw
        if not low <= found <= high:
            hint = _dollars(found, high) if found > high else "billion USD for million, or kW for MW?"
            message = f"{block.id} costs {found:,.4g} MUSD per IT MW, outside {low:g} to {high:g}"
            yield (*at, "capex_musd"), message, hint
    if mw > 0 and block.footprint_ha > MOST_HA_PER_MW * mw:
        message = f"{block.id} takes {block.footprint_ha / mw:,.4g} hectares per IT MW"
        yield (*at, "footprint_ha"), message, "square metres for hectares?"
    if block.life_years is not None and block.life_years > MOST_LIFE_YEARS:
        yield (*at, "life_years"), f"{block.id} lives {block.life_years:g} years", "months for years?"
    if block.lead_months > MOST_LEAD_MONTHS:
        yield (*at, "lead_months"), f"{block.id} takes {block.lead_months:g} months to arrive", "days for months?"


def _dollars(found: float, high: float) -> str:
    return "USD for million USD?" if found / 1e6 <= high or found > 1e5 else "kUSD for million USD, or kW for MW?"


def money_magnitudes(scope: Scope) -> Iterator[Doubt]:
    """Budget, discount rate and what missing or served units cost."""
    r = scope.request
    if r.discount_rate is not None and r.discount_rate > MOST_RATE:
        hint = f"percent for a fraction? {r.discount_rate / 100:g} then"
        yield ("discount_rate",), f"{r.discount_rate:g} is {r.discount_rate:.0%} a year", hint
    if r.budget is not None:
        for key in ("per_year_musd", "opening_musd"):
            most = extremes(getattr(r.budget, key))[1]
            if most > MOST_BUDGET_MUSD:
                yield ("budget", key), f"{most:,.6g} MUSD is {most / 1e6:,.4g} trillion dollars", "USD for million USD?"
    for i, demand in enumerate(r.demand):
        most = extremes(demand.shortfall_musd_per_unit_year)[1]
        if most > MOST_UNIT_COST_MUSD:
            message = f"a missing unit of {demand.metric} pays {most:,.6g} MUSD a year"
            yield ("demand", i, "shortfall_musd_per_unit_year"), message, "USD for million USD?"
        if demand.metric == "it_mw" and demand.amount > MOST_DEMAND_MW:
            yield ("demand", i, "amount"), f"{demand.amount:,.6g} MW are asked", "kW for MW?"
    for i, market in enumerate(r.markets):
        most = extremes(market.cost_musd_per_unit_year)[1]
        if most > MOST_UNIT_COST_MUSD:
            message = f"serving one unit costs {most:,.6g} MUSD a year"
            yield ("markets", i, "cost_musd_per_unit_year"), message, "USD for million USD?"


def request_magnitudes(scope: Scope) -> Iterator[Fault]:
    """Blocks and money; every doubt is a warning, or an error under ``strict``."""
    for i, block in enumerate(scope.request.blocks):
        yield from told(scope, block_magnitudes(block, i))
    yield from told(scope, money_magnitudes(scope))


def told(scope: Scope, doubts: Iterator[Doubt]) -> Iterator[Fault]:
    """Doubts as warnings, or as errors under ``strict``."""
    for path, message, hint in doubts:
        fault = warning(path, message, hint)
        yield Fault(path, message, hint, "error") if scope.request.strict else fault
