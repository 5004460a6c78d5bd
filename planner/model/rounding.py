"""What a simplex leaves beside the true values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Values = Callable[[Any], float]
"""The solved value of a variable."""
DUST = 1e-7
"""Amounts below this are rounding, not decisions."""


def clean(x: float) -> float:
    """A value without the dust that a simplex leaves."""
    near = round(x, 6)
    return near if abs(near - x) < 1e-9 * max(1.0, abs(x)) else x
