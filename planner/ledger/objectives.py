"""Every objective of M8.1 on one plan, and what its money was spent on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.formulas import discount
from planner.ledger.deals.flow import Flow
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


def objectives(state: State, book: Money, credits: list[Credit], flows: Sequence[Flow] = ()) -> dict[str, float]:
    """``compute`` in PFLOPS-years, ``carbon`` in tonnes, the rest in discounted MUSD.

    ``cost`` is discounted spending less loan draws, with what falls due after the horizon, less the terminal credit
    where the request counts it; ``net_cost`` subtracts what else deals and resale bring, and ``value`` counts it as far
    as each deal's ``counts_in_value`` says, with holdings at the last period. ``spending`` stops at the horizon's end
    and subtracts and credits nothing.
    """
    figures = state.figures
    rate, L = figures.problem.rate, figures.L
    spending = float((figures.discount * (book.capex + book.opex)).sum())
    later = sum(musd * discount(p, L, rate) for (p, _), musd in sorted(book.after.items()))
    credit = sum(c.discounted_musd for c in credits) if figures.problem.terminal == "straight_line" else 0.0

    def discounted(line: str) -> float:
        return float((figures.discount * book.line(line)).sum())

    cost = spending - discounted("loan_draws") + later - credit
    resale, revenue = discounted("resale"), discounted("revenue")
    brought = discounted("equity") + discounted("warrants") + discounted("offtake")
    counted = sum(
        f.deal.value_share * float((figures.discount * f.inflow).sum()) for f in flows if f.deal.kind != "loan"
    )
    held = float(figures.discount[-1]) * sum(f.holding_musd for f in flows)
    values = {
        "compute": float((figures.discount * L * state.pflops.sum(axis=0)).sum()),
        "value": revenue + counted + resale + held - cost,
        "cost": cost,
        "net_cost": cost - brought - resale,
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
