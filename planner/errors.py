"""Everything that can go wrong, in one tree.

::

    GigasiteError
    ├── RequestError        the request cannot be planned as written (all faults at once)   exit 2
    ├── UnknownBlock        a catalogue id that does not exist (becomes a fault)
    ├── ModelError          the mathematics cannot be handed to a solver safely             exit 1
    └── SolverError         the solver process died, refused the model or lied              exit 1

An infeasible or interrupted search is not an error but a result: see :class:`planner.plan.Status`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with a request: where, what, and what to do next.

    ``path`` walks the document (keys and list positions), ``severity`` is ``error`` or ``warning``.
    """

    path: tuple[str | int, ...] = field(compare=False)
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    @property
    def where(self) -> str:
        """``sites[3].grid_mw`` for a reader."""
        out = ""
        for part in self.path:
            out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
        return out or "request"

    @property
    def pointer(self) -> str:
        """The same place as an RFC 6901 JSON pointer."""
        return "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in self.path)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}"
        return f"{text} ({self.hint})" if self.hint else text

    def as_dict(self) -> dict[str, str]:
        """Flat form for JSON outputs and problem documents."""
        return {
            "path": self.where,
            "pointer": self.pointer,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }


class GigasiteError(Exception):
    """Root of every error this project raises on purpose."""


class RequestError(GigasiteError):
    """The request cannot be planned; ``faults`` holds everything found, errors and warnings."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(f) for f in self.faults))


class UnknownBlock(GigasiteError):
    """``id`` is no block of the shipped catalogue; ``known`` lists those that are."""

    def __init__(self, id: str, known: Iterable[str]) -> None:
        self.id = id
        self.known: tuple[str, ...] = tuple(known)
        super().__init__(f"no catalogue block is called {id!r}; known: {', '.join(self.known)}")


class ModelError(GigasiteError):
    """The mathematics cannot be handed over safely (non-finite or wildly scaled numbers)."""


class SolverError(GigasiteError):
    """The solver process failed; the message says how and what to try."""
