"""Plans side by side: the one entry for the command line and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.studies.entry import Entry
from api.studies.lines import Section
from api.studies.sections import sections
from api.studies.sentences import sentences


@dataclass(frozen=True)
class Comparison:
    """Two or more plans; the first is the base."""

    entries: tuple[Entry, ...]
    sentences: tuple[str, ...]
    sections: tuple[Section, ...]


def compare(entries: Sequence[Entry]) -> Comparison:
    """Compare plans. Raises ValueError for fewer than two."""
    if len(entries) < 2:
        raise ValueError("a comparison needs two plans or more")
    return Comparison(tuple(entries), tuple(sentences(entries)), sections(entries))
