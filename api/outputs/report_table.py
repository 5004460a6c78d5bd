"""Markdown tables for the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.outputs.text import number

Lines = list[str]
MAX_ROWS = 60
"""Longer tables are cut here: the full ones are in the CSV files and the GeoPackage."""


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], left: Sequence[int] = (0,)) -> Lines:
    """A Markdown table; columns not in ``left`` are aligned to the right. Callers escape users' words."""
    marks = ["---" if i in left else "---:" for i in range(len(head))]
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join(marks) + " |"]
    lines += ["| " + " | ".join(str(c) for c in row) + " |" for row in rows[:MAX_ROWS]]
    if len(rows) > MAX_ROWS:
        lines += ["", f"*{number(len(rows) - MAX_ROWS)} more rows are in the tables.*"]
    return [*lines, ""]
