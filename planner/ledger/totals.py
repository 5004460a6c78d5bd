"""All sites together, period by period."""

from __future__ import annotations

from planner.ledger.money import Money
from planner.ledger.state import State
from planner.plan import INCOME_LINES, PeriodTotal


def totals(state: State, book: Money) -> list[PeriodTotal]:
    """One row per period. MW, GPUs, units and PFLOPS are energised; money is nominal."""
    figures = state.figures
    it_mw, facility = state.it_mw.sum(axis=0).tolist(), state.facility_mw.sum(axis=0).tolist()
    gpus, units = state.gpus.sum(axis=0).tolist(), state.units.sum(axis=0).tolist()
    pflops = state.pflops.sum(axis=0).tolist()
    capex, opex, income = book.capex.tolist(), book.opex.tolist(), book.kind(INCOME_LINES).tolist()
    by_vendor = state.it_mw_by_vendor.sum(axis=1).tolist()
    return [
        PeriodTotal(
            month=month,
            it_mw=it_mw[p],
            facility_mw=facility[p],
            gpus=round(gpus[p]),
            units=round(units[p]),
            pflops=pflops[p],
            capex_musd=capex[p],
            opex_musd=opex[p],
            income_musd=income[p],
            it_mw_by_vendor={vendor: by_vendor[v][p] for v, vendor in enumerate(figures.vendors)},
        )
        for p, month in enumerate(figures.timeline.months)
    ]
