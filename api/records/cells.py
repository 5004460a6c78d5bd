"""Rows as decisions: every cell checked against the request, all faults collected with their rows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.records.tables import TABLES, WITH_TERMS, Row
from planner.errors import Fault
from planner.plan import Decisions
from planner.problem.faults import suggestion
from planner.problem.problem import Problem
from planner.timeline import Timeline

MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

KINDS = {"draws": "loan", "sales": "offtake"}
"""The kind of deal that a table is about."""


class Reader:
    """Checks every cell against the request and collects what is wrong."""

    def __init__(self, problem: Problem, row_word: str = "row") -> None:
        self.row_word = row_word
        self.timeline = Timeline(problem.horizon)
        self.known = {
            "site": {s.id: None for s in problem.sites},
            "block": {b.id: None for b in problem.blocks},
            "market": {m.id: None for m in problem.markets},
            "deal": {d.id: None for d in problem.deals},
        }
        self.kinds = {d.id: d.kind for d in problem.deals}
        self.faults: list[Fault] = []

    def decisions(self, tables: Mapping[str, Sequence[Row]]) -> Decisions:
        """All tables; amounts of rows that name the same thing in the same period are added."""
        made: dict[str, list[Any]] = {}
        for table, rows in tables.items():
            merged: dict[tuple[Any, ...], dict[str, Any]] = {}
            for number, row in rows:
                self._add(table, number, row, merged)
            made[table] = list(merged.values())
        signed = [row["deal"] for row in made.pop("signed", [])]
        made = {**made, **({"signed": signed} if signed else {})}
        return Decisions.model_validate(made) if not any(f.severity == "error" for f in self.faults) else Decisions()

    def _add(self, table: str, number: int, row: Mapping[str, Any], merged: dict[tuple[Any, ...], Any]) -> None:
        before = len([f for f in self.faults if f.severity == "error"])
        values: dict[str, Any] = {}
        for column in TABLES[table]:
            where = (table, number, column)
            cell = row.get(column)
            cell = cell.strip() if isinstance(cell, str) else cell
            if cell is None or cell == "":
                self._wrong(where, f"no {column}", self._missing(column, row))
            elif column == "month":
                values[column] = self._month(where, cell)
            elif column in self.known:
                values[column] = self._name(where, column, cell)
                self._kind(where, values[column])
            else:
                values[column] = self._amount(where, cell, whole=column == "units")
        if table in WITH_TERMS:
            values["terms"] = self._terms((table, number, "terms"), row.get("terms"))
        if len([f for f in self.faults if f.severity == "error"]) > before:
            return
        amount = TABLES[table][-1]
        if amount == "month":
            self._opening(table, number, values, merged)
        elif table == "signed":
            merged.setdefault((values["deal"],), values)
        elif values[amount] > 0:
            key = tuple(v for c, v in values.items() if c != amount)
            if key in merged:
                merged[key][amount] += values[amount]
            else:
                merged[key] = values

    def _opening(
        self, table: str, number: int, values: dict[str, Any], merged: dict[tuple[Any, ...], dict[str, Any]]
    ) -> None:
        other = merged.setdefault((values["site"],), values)
        if other["month"] != values["month"]:
            text = f"{values['site']} opens in {values['month']} and in {other['month']}"
            self._wrong((table, number, "month"), text, "a site opens once, for good")

    def _terms(self, where: tuple[str, int, str], cell: Any) -> str:
        """``own``, or a lease of the request; an empty cell means bought."""
        terms = "" if cell is None else str(cell).strip()
        leases = [d for d, kind in self.kinds.items() if kind == "lease"]
        if terms == "" or terms in ("own", *leases):
            return terms or "own"
        if terms.startswith("'") and terms[1:] in leases:
            return terms[1:]
        if terms in self.kinds:
            self._wrong(where, f"terms {terms!r} is a deal of kind {self.kinds[terms]}, not a lease")
        else:
            self._wrong(where, f"terms {terms!r} is neither own nor a lease", suggestion(terms, ["own", *leases]))
        return "own"

    def _kind(self, where: tuple[str, int, str], name: str) -> None:
        """Loans are drawn, capacity is sold to offtakes."""
        wanted = KINDS.get(where[0]) if where[2] == "deal" else None
        if wanted is not None and self.kinds.get(name, wanted) != wanted:
            fitting = [d for d, kind in self.kinds.items() if kind == wanted]
            hint = f"known: {', '.join(fitting[:12])}" if fitting else f"the request has no {wanted}"
            self._wrong(
                where, f"deal {name!r} is of kind {self.kinds[name]}, {where[0]} need a deal of kind {wanted}", hint
            )

    def _wrong(self, where: tuple[str | int, ...], message: str, hint: str = "") -> None:
        self.faults.append(Fault(where, f"{self.row_word} {where[1]}: {message}", hint))

    def _missing(self, column: str, row: Mapping[str, Any]) -> str:
        return "" if column in row else suggestion(column, [c for c in row if c and c not in ("table", "kind")])

    def _name(self, where: tuple[str, int, str], column: str, cell: Any) -> str:
        name = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        known = self.known[column]
        if name not in known and name.startswith("'") and name[1:] in known:
            return name[1:]  # the apostrophe that keeps a spreadsheet from running a formula
        if name not in known:
            self._wrong(where, f"{column} {name!r} is not in the request", suggestion(name, known))
        return name

    def _amount(self, where: tuple[str, int, str], cell: Any, whole: bool) -> float:
        try:
            value = float(cell) if not isinstance(cell, bool) else float("nan")
        except (TypeError, ValueError):
            value = float("nan")
        if not 0 <= value <= 1e9 or (whole and value != int(value)):
            wanted = "a whole number of units, 0 or more" if whole else "a number, 0 or more"
            self._wrong(where, f"{where[2]} is {wanted}, not {str(cell)[:40]!r}")
            return 0
        return int(value) if whole else value

    def _month(self, where: tuple[str, int, str], cell: Any) -> str:
        """The period that contains the date; a date inside a period is accepted with a warning."""
        month = read_month(cell)
        if month is None:
            self._wrong(where, f"month {str(cell)[:40]!r} is no date", 'write "YYYY-MM", e.g. "2027-04"')
            return ""
        p = self.timeline.contains(month)
        name = self.timeline.month(p)
        if not 0 <= p < self.timeline.P:
            first, last = self.timeline.month(0), self.timeline.month(self.timeline.P - 1)
            self._wrong(where, f"{month} lies outside the horizon", f"its periods: {first} to {last}")
        elif name != month:
            text = f"{self.row_word} {where[1]}: {month} lies inside the period {name} and is read as {name}"
            self.faults.append(Fault(where, text, severity="warning"))
        return name


def read_month(cell: Any) -> str | None:
    """``YYYY-MM`` of a cell: a date, ``2027-04``, ``2027-04-01``, ``2027/4``, ``2027-Q2``, ``2027`` or ``Apr-27``.

    The last is what spreadsheets make of ``2027-04`` when they save a CSV. None: not a month.
    """
    if isinstance(cell, datetime.date):
        return f"{cell.year:04d}-{cell.month:02d}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip().casefold()
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})(?:[-/.]\d{1,2}(?:[t ].*)?)?", text):
        year, month = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"(\d{4})[- ]?q([1-4])", text):
        year, month = int(found[1]), 3 * int(found[2]) - 2
    elif found := re.fullmatch(r"\d{4}", text):
        year, month = int(text), 1
    elif (found := re.fullmatch(r"([a-z]{3})[a-z]*[- .]+(\d{4}|\d{2})", text)) and found[1] in MONTH_NAMES:
        year, month = int(found[2]), MONTH_NAMES.index(found[1]) + 1
        year += 2000 if year < 100 else 0
    else:
        return None
    return f"{year:04d}-{month:02d}" if 1 <= month <= 12 and 1 <= year <= 9999 else None
