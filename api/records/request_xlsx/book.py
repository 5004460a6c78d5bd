"""A request read from a workbook, and where in it each part stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from planner.errors import Fault

Place = tuple[str | int, ...]
Rows = list[tuple[int, dict[str, Any], Place]]
"""Entries of one sheet: row number, record, place in the document."""

Index = dict[str, tuple[dict[str, Any], Place]]


@dataclass
class Book:
    """A request read from a workbook. ``places``: path in the document -> (sheet, cell)."""

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[Place, tuple[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, sheet: str, cell: str, message: str, hint: str = "") -> None:
        """Something in one cell that makes no sense by itself."""
        self.faults.append(Fault((sheet.casefold(),), f"sheet {sheet}, cell {cell}: {message}", hint))

    def part(self, record: dict[str, Any], key: str, empty: Any, sheet: str, cell: str) -> Any:
        """The dict or list at a key, put there where there is none; ``empty``, and a fault, where a single value stands."""
        held = record.setdefault(key, empty)
        if isinstance(held, type(empty)):
            return held
        self.wrong(sheet, cell, f"{key} is stated elsewhere in the workbook as a single value", "keep one of the two")
        return empty

    def located(self, found: Fault) -> Fault:
        """The same fault, with the sheet and the cell in its words."""
        path = found.path
        while path and path not in self.places:
            path = path[:-1]
        if not path:
            return found
        sheet, cell = self.places[path]
        return Fault(found.path, f"sheet {sheet}, cell {cell}: {found.message}", found.hint, found.severity)


@dataclass
class Entry:
    """One row of a sheet: its number, its values by column, and each column's cell."""

    number: int
    values: dict[str, Any]
    cells: dict[str, str]
