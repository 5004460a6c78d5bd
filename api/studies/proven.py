"""The difference between two plans' first objectives, never more certain than the searches behind them."""

from __future__ import annotations

from dataclasses import dataclass

from api.outputs.text import money, short
from planner.plan import Plan

ROUNDING = 1e-9


@dataclass(frozen=True)
class Change:
    """``amount``: after less before, in the objective's own unit. The true difference lies between ``low`` and ``high`` (None: nothing
    is proven on that side)."""

    amount: float
    low: float | None
    high: float | None
    share: float | None
    """The amount as a part of what was before."""

    @property
    def inside_gaps(self) -> bool:
        """True where the searches leave open whether there is more or less."""
        open_below = self.low is None or self.low < -ROUNDING
        return self.amount != 0 and open_below and (self.high is None or self.high > ROUNDING)


def change(before: Plan, after: Plan) -> Change:
    """Each plan's true best lies between its objective and its bound."""
    assert before.objective is not None and after.objective is not None
    ends = [
        None if after.bound is None else after.bound - before.objective,
        None if before.bound is None else after.objective - before.bound,
    ]
    high, low = ends if after.objective_sense == "maximize" else ends[::-1]
    amount = after.objective - before.objective
    share = amount / abs(before.objective) if abs(before.objective) > ROUNDING else None
    return Change(amount, low, high, share)


def amount(value: float | None, unit: str) -> str:
    """An amount of the first objective; only money carries its unit, a table's title says any other."""
    if value is None:
        return "–"
    return money(value) if unit == "MUSD" else short(value)


def signed(value: float, unit: str) -> str:
    """The same with its sign."""
    return ("+" if value > 0 else "") + amount(value, unit)
