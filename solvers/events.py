"""What a running search tells whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Event:
    """``objective``, ``bound`` and ``gap`` are in the request's own sense and unit; None while unknown."""

    kind: Literal["phase", "incumbent", "bound", "log", "done"]
    elapsed_s: float
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    message: str = ""


Listener = Callable[[Event], None]


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """M8.2: ``|objective - bound| / max(|objective|, 1e-9)``."""
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(abs(objective), 1e-9)
