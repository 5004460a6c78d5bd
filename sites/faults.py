"""Gathers everything wrong with the sites, so that all of it is said at once."""

from __future__ import annotations

from collections.abc import Iterable

from planner.errors import Fault, RequestError

SHOWN = 500
"""More faults than this are counted, not listed: nobody reads the thousandth."""


def names(ids: Iterable[str], most: int = 5) -> str:
    """``a, b, c and 4 more``."""
    listed = list(ids)
    text = ", ".join(listed[:most])
    return text if len(listed) <= most else f"{text} and {len(listed) - most} more"


class Faults:
    """A growing list of errors and warnings; under ``strict`` what looks like a slip is an error."""

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self.errors: list[Fault] = []
        self.warnings: list[Fault] = []

    def error(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        """The request cannot be planned like this."""
        self.errors.append(Fault(path, message, hint))

    def warn(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        """It can be planned, and the reader should know."""
        self.warnings.append(Fault(path, message, hint, "warning"))

    def suspect(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        """Probably a slip of the pen: a warning, or an error when the request says ``strict: true``."""
        (self.error if self.strict else self.warn)(path, message, hint)

    def add(self, faults: Iterable[Fault]) -> None:
        """Faults found elsewhere."""
        for fault in faults:
            (self.errors if fault.severity == "error" else self.warnings).append(fault)

    def stop_if_any(self) -> None:
        """Raise everything found so far if any of it is an error."""
        if not self.errors:
            return
        listed = self.errors[:SHOWN]
        if len(self.errors) > SHOWN:
            listed.append(Fault(("sites",), f"and {len(self.errors) - SHOWN} further errors of the same request"))
        raise RequestError([*listed, *self.warnings[:SHOWN]])


def feature_path(index: int, *rest: str | int) -> tuple[str | int, ...]:
    """Where the i-th site stands in the request, or would stand had its file been written inline."""
    return ("sites", "features", index, *rest)
