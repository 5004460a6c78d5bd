"""The figures that a request leaves to the catalogue and to defaults: its part of the assumptions ledger (M8.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.plan import Assumption
from planner.problem.block import Block
from planner.problem.deals import Deal, EquityTranches
from planner.problem.problem import later_limit
from planner.problem.request import Request

NOT_FIGURES = frozenset({"id", "vendor", "name", "basis"})
BLOCK_DEFAULTS = {
    "load_factor": "mean draw / it_mw", "lead_months": "months", "capex_musd": "MUSD",
    "opex_musd_per_year": "MUSD/year", "footprint_ha": "ha", "pflops": "PFLOP/s",
}  # fmt: skip
DEAL_DEFAULTS = {
    "equity_tranches": {"metric": ""},
    "warrants": {"metric": "", "exercise_usd": "USD", "monetise": "fraction"},
    "purchase_commitment": {"metric": "", "counts": ""},
    "lease": {"minimum_mw": "MW", "covers": ""},
    "loan": {"grace_months": "months"},
    "offtake": {},
}
"""Figures and words of a deal, by kind, whose default changes the plan, with their units."""


def assumed(entries: Any, request: Request) -> list[Assumption]:
    """Every figure that the request did not state itself; ``entries`` are its blocks as they were written."""
    out = [a for entry, block in zip(entries, request.blocks, strict=True) for a in _of_block(entry, block)]
    if request.terminal is None and any(o.counts_money for o in request.objective):
        out.append(
            Assumption(subject="request", field="terminal", value="straight_line", origin="default", source="M4.6")
        )
    return [*out, *_later(request), *(a for deal in request.deals for a in _of_deal(deal, request))]


def _of_block(entry: Any, block: Block) -> Iterator[Assumption]:
    stated = set(entry) if isinstance(entry, dict) else set()
    shipped = isinstance(entry, str) or "use" in stated
    given = block.model_dump(by_alias=True, exclude_unset=True, exclude={"basis"}, mode="json")
    for name, value in given.items():
        if shipped and name not in stated and name not in NOT_FIGURES:
            basis = block.basis.get(name)
            words = [] if basis is None else [basis.source or "", basis.basis or ""]
            used = entry if isinstance(entry, str) else entry["use"]
            source = ", ".join(w for w in words if w) or f"catalogue {used}"
            unit = (basis.unit if basis else None) or ""
            yield Assumption(subject=block.id, field=name, value=value, unit=unit, origin="catalogue", source=source)
    for name, unit in BLOCK_DEFAULTS.items():
        if name not in given:
            value = getattr(block, name)
            yield Assumption(subject=block.id, field=name, value=value, unit=unit, origin="default", source="M2.1")


def _later(request: Request) -> Iterator[Assumption]:
    """M4.5: the limit on later money that a loan or lease brings under ``compute``."""
    budget = request.budget
    limit = later_limit(request.horizon, budget, request.deals, request.objective)
    if limit is not None and budget is not None and budget.after_horizon_limit_musd is None:
        yield Assumption(
            subject="budget", field="after_horizon_limit_musd", value=limit, unit="MUSD", origin="derived",
            source="M4.5: with a loan or lease under compute, one year of budget (per_year_musd in the last period)",
        )  # fmt: skip


def _of_deal(deal: Deal, request: Request) -> Iterator[Assumption]:
    subject = f"deal {deal.id}"
    for name, unit in DEAL_DEFAULTS[deal.kind].items():
        if name not in deal.model_fields_set:
            value = getattr(deal, name)
            yield Assumption(subject=subject, field=name, value=value, unit=unit, origin="default", source="section 5")
    if isinstance(deal, EquityTranches) and deal.lag_months is None:
        months, source = request.horizon.months_per_period, "M5.1: one period"
        yield Assumption(
            subject=subject, field="lag_months", value=months, unit="months", origin="default", source=source
        )
    if deal.counts_in_value is None and any(o.name == "value" for o in request.objective):
        share, source = deal.value_share, "M8.1"
        yield Assumption(
            subject=subject, field="counts_in_value", value=share, unit="fraction", origin="default", source=source
        )
