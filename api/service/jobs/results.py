"""Results on the disk, whole or not at all: written beside, made durable, moved into place, and only then named in the
database. A reader sees a folder only when the job's row names it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from api.service.jobs.tables import results_dir
from api.service.settings import Settings


class Shelf:
    """The results of one data folder: ``results / job id / number of the start``."""

    def __init__(self, settings: Settings) -> None:
        self._root = results_dir(settings)

    def draft(self, job_id: str, number: int) -> Path:
        """An empty folder for a start to write into; what earlier starts left is cleared away."""
        place = self._root / job_id
        place.mkdir(parents=True, exist_ok=True)
        for old in place.iterdir():
            name = old.name.removeprefix("draft-")
            if name.isdecimal() and int(name) <= number:  # a later start may be at work already
                shutil.rmtree(old, ignore_errors=True)
        draft = place / f"draft-{number}"
        draft.mkdir()
        return draft

    def publish(self, job_id: str, number: int) -> str:
        """Move a draft into place, on the disk for good. Returns the folder's name for the row."""
        draft, place = self._root / job_id / f"draft-{number}", self._root / job_id
        for path in sorted(draft.rglob("*")):
            if path.is_file():
                _sync(path)
        _sync(draft)
        os.replace(draft, place / str(number))
        _sync(place)
        return str(number)

    def drop(self, job_id: str, number: int | None = None) -> None:
        """Remove one start's files, or all of a job's."""
        place = self._root / job_id
        for path in (place,) if number is None else (place / str(number), place / f"draft-{number}"):
            shutil.rmtree(path, ignore_errors=True)

    def place(self, job_id: str) -> Path:
        """A job's folder."""
        return self._root / job_id

    def jobs(self) -> set[str]:
        """Jobs that have a folder."""
        return {path.name for path in self._root.iterdir() if path.is_dir()}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
