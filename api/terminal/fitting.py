"""How a table fits a terminal: no figure is ever cut and no column left out.

A figure stands whole on its line; words may be broken from each other. What is still too wide is set as several tables below
each other, each led by the first column.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

BETWEEN, EDGES = 3, 2
"""Cells that the table's frame takes between two columns, and at both ends together."""
READABLE, LONGEST = 16, 28
"""A column of words is not made narrower than the first; a word longer than the second may be broken."""
NARROWEST = 8


@dataclass(frozen=True)
class Part:
    """Columns of a table that stand beside each other, by position, and their widths."""

    columns: tuple[int, ...]
    widths: tuple[int, ...]

    @property
    def width(self) -> int:
        """Of the whole table."""
        return _width(self.widths)


def fit(head: Sequence[str], rows: Sequence[Sequence[str]], words: Collection[int], width: int) -> list[Part]:
    """The parts of a table on so many cells; ``words`` are the columns of text."""
    cells = [[row[i] for row in rows] for i in range(len(head))]
    most = [max(map(_line, (h, *c))) for h, c in zip(head, cells, strict=True)]
    least = [_least(h, c, most[i], i in words) for i, (h, c) in enumerate(zip(head, cells, strict=True))]
    return [_part(columns, least, most, width) for columns in _stacked(least, width)]


def _least(head: str, cells: Sequence[str], most: int, words: bool) -> int:
    needs = [_longest_word(head)]
    needs += [_longest_word(c) if words or not _figure(c) else _line(c) for c in cells]
    least = max(min(n, LONGEST) for n in needs)
    return max(least, min(most, READABLE)) if words else least


def _figure(cell: str) -> bool:
    return any(c.isdigit() for c in cell) and _line(cell) <= LONGEST


def _line(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=0)


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=1)


def _width(widths: Iterable[int]) -> int:
    widths = list(widths)
    return sum(widths) + BETWEEN * (len(widths) - 1) + EDGES


def _stacked(least: Sequence[int], width: int) -> list[list[int]]:
    """As many columns beside each other as fit, and at least one beside the first, which leads every part."""
    parts = [[0]]
    for i in range(1, len(least)):
        if len(parts[-1]) > 1 and _width(least[k] for k in (*parts[-1], i)) > width:
            parts.append([0])
        parts[-1].append(i)
    return parts


def _part(columns: Sequence[int], least: Sequence[int], most: Sequence[int], width: int) -> Part:
    """Every column at its least width; what is left goes to those that want more, small wishes first."""
    widths = {i: least[i] for i in columns}
    over = _width(widths.values()) - width
    if over > 0:
        widths[columns[0]] = max(min(widths[columns[0]], NARROWEST), widths[columns[0]] - over)
    wishes = sorted((i for i in columns if most[i] > widths[i]), key=lambda i: most[i] - widths[i])
    left = max(0, -over)
    for n, i in enumerate(wishes):
        more = min(most[i] - widths[i], left // (len(wishes) - n))
        widths[i] += more
        left -= more
    return Part(tuple(columns), tuple(widths[i] for i in columns))
