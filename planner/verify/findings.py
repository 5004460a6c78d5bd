"""What the check finds: tolerances (M8.3), and violations whose message names the thing, the numbers and the gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.plan import Violation

Array = NDArray[np.float64]

LIMIT = 1e-6
"""A limit holds, and a figure agrees, within ``LIMIT * max(1, |right-hand side|)`` (M8.3)."""

CASH = 1e-4
"""Cash holds within ``CASH * max(1, budget of the period)`` (M8.3)."""

SHOWN = 200
"""Violations of one rule and family that are written out; the rest are counted."""


def slack(right: float) -> float:
    """The tolerance of a limit or figure."""
    return LIMIT * max(1.0, abs(right))


def agree(stated: float | None, true: float | None) -> bool:
    """True where two figures are the same within tolerance; None only equals None, NaN nothing."""
    if stated is None or true is None:
        return stated is None and true is None
    return abs(stated - true) <= slack(true)


def num(value: float) -> str:
    """A number for a reader: 1,240 or 0.0125."""
    if not np.isfinite(value):
        return str(value)
    if abs(value) >= 1e5:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    text = f"{value:,.7g}"
    return "0" if text == "-0" else text


class Findings:
    """Gathers violations and counts what was looked at."""

    def __init__(self) -> None:
        self.checked = 0
        self._written: list[Violation] = []
        self._count: Counter[tuple[str, str]] = Counter()

    def add(
        self, rule: str, family: str, subject: str, month: str | None, message: str, amount: float | None = None
    ) -> None:
        """One violation."""
        key = (rule, family)
        self._count[key] += 1
        if self._count[key] > SHOWN:
            return
        if amount is not None:
            amount = float(amount) if np.isfinite(amount) else None
        self._written.append(
            Violation(rule=rule, family=family, subject=subject, month=month, message=message, amount=amount)
        )

    def at_most(
        self, left: Array, right: Array, tell: Callable[[tuple[int, ...], float], None], room: Array | None = None
    ) -> None:
        """``left <= right`` everywhere within tolerance; ``tell(index, excess)`` where not. NaN never passes.

        ``room`` is the tolerance where it is not that of the right-hand side.
        """
        self.checked += left.size
        with np.errstate(invalid="ignore", over="ignore"):
            fine = left <= right + (LIMIT * np.maximum(1.0, np.abs(right)) if room is None else room)
        for position in np.argwhere(~fine)[: 2 * SHOWN]:
            index = tuple(int(i) for i in position)
            tell(index, float(left[index] - right[index]))

    def figure(
        self, rule: str, family: str, subject: str, month: str | None, what: str, stated: Any, true: float | None
    ) -> None:
        """A figure of the plan must follow from its decisions."""
        self.checked += 1
        if isinstance(stated, int) and abs(stated) > 1e300:
            stated = float("inf")
        if agree(stated, true):
            return
        difference = None if stated is None or true is None else stated - true
        told, right = ("none" if v is None else num(v) for v in (stated, true))
        self.add(rule, family, subject, month, f"{what} is stated as {told}; the decisions give {right}", difference)

    def same(self, rule: str, family: str, subject: str, month: str | None, what: str, stated: Any, true: Any) -> None:
        """A word or truth value of the plan must be the request's."""
        self.checked += 1
        if stated != true:
            self.add(rule, family, subject, month, f"{what} is stated as {stated!r}; it is {true!r}")

    def violations(self) -> list[Violation]:
        """Everything found, in the order of the families; what was not written out is counted at the end."""
        more = [
            Violation(rule=rule, family=family, subject="more", message=f"{count - SHOWN:,} more of {rule} ({family})")
            for (rule, family), count in self._count.items()
            if count > SHOWN
        ]
        return self._written + more
