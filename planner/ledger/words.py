"""Numbers and lists as people read them."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float) -> str:
    """``1240.5`` -> ``1,240.5``; at most two decimals, small figures with three significant digits."""
    text = f"{value:,.2f}" if abs(value) >= 1 or value == 0 else f"{value:.3g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def listed(names: Sequence[str], most: int = 5) -> str:
    """``a, b, c and 7 more``."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
