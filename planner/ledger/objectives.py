"""Every objective of M8.1 on one plan, and what its money was spent on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.formulas import discount
from planner.ledger.money import Money
from planner.ledger.state import State
from planner.plan import CAPEX_LINES, OPEX_LINES, Credit

SPLIT = {
    "chips": ("blocks", "tariffs", "sales_tax", "unpaid"),
    "construction": ("construction", "openings"),
    "land": ("land",),
    "power": ("energy",),
}
"""Lines of each part of the cost split; all other spending is ``other``."""


def objectives(state: State, book: Money, credits: list[Credit]) -> dict[str, float]:
    """``compute`` in PFLOPS-years, ``carbon`` in tonnes, the rest in discounted MUSD.

    ``cost`` is discounted spending, with what falls due after the horizon, less the terminal credit where the request
    counts it; ``spending`` stops at the horizon's end and credits nothing.
    """
    figures = state.figures
    rate, L = figures.problem.rate, figures.L
    spending = float((figures.discount * (book.capex + book.opex)).sum())
    later = sum(musd * discount(p, L, rate) for (p, _), musd in sorted(book.after.items()))
    credit = sum(c.discounted_musd for c in credits) if figures.problem.terminal == "straight_line" else 0.0
    cost = spending + later - credit
    resale = float((figures.discount * book.line("resale")).sum())
    revenue = float((figures.discount * book.line("revenue")).sum())
    values = {
        "compute": float((figures.discount * L * state.pflops.sum(axis=0)).sum()),
        "value": revenue + resale - cost,
        "cost": cost,
        "net_cost": cost - resale,
        "carbon": float(state.carbon_tonnes.sum()),
        "spending": spending,
    }
    return {name: value + 0.0 for name, value in values.items()}


def cost_split(book: Money) -> dict[str, float]:
    """Undiscounted MUSD over the horizon: chips, construction, land, power, other. They sum to all capex and opex."""
    sums = {line: float(book.line(line).sum()) for line in (*CAPEX_LINES, *OPEX_LINES)}
    split = {part: sum(sums.pop(line) for line in lines) for part, lines in SPLIT.items()}
    return {**split, "other": sum(sums.values())}


def objective_value(name: str, fields: Mapping[str, Any]) -> float:
    """One objective out of the fields that :func:`planner.ledger.complete` gives."""
    return float(fields["objectives"][name])
