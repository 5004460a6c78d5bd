"""A workbook as a request that can be planned; whatever is wrong is told with its sheet and cell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.records.request_xlsx.reading import read_book
from planner.errors import RequestError

if TYPE_CHECKING:
    from api.usecases import Loaded

SUFFIXES = frozenset({".xlsx", ".xlsm"})


def load(path: Path) -> Loaded:
    """Read a workbook and what it names. Raises :class:`planner.errors.RequestError` with everything that is wrong."""
    from dataclasses import replace

    from api.usecases import load_parsed

    book = read_book(path)
    try:
        loaded = load_parsed(book.document, path.resolve().parent)
    except RequestError as error:
        raise RequestError([*book.faults, *(book.located(f) for f in error.faults)]) from None
    if book.faults:
        raise RequestError([*book.faults, *(book.located(f) for f in loaded.warnings)])
    return replace(loaded, warnings=tuple(book.located(f) for f in loaded.warnings))
