"""Files written on demand, kept by what they were made from, so that a second caller gets them at once."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

from api.service.http.clerk import ClerkDied, Clerks, ClerksBusy, ClerkTooSlow
from api.service.http.formats import FORMATS
from api.service.http.problems import Problem
from api.service.jobs.interface import Jobs, Result

RENDER_SECONDS = 60.0
KEPT_SECONDS = 24 * 3600.0


class Exports:
    """``data/exports/<job>/<file>``: nothing here cannot be written again."""

    def __init__(self, folder: Path, clerks: Clerks) -> None:
        self._folder, self._clerks = folder, clerks
        self._writing: dict[Path, asyncio.Lock] = {}

    async def file(self, jobs: Jobs, result: Result, kind: str) -> Path:
        """The result in a format that it can be written in. Raises Problem (gone, unavailable)."""
        format = FORMATS[kind]
        if format.file in result.files:
            return result.folder / format.file
        if not format.writer:
            raise Problem("not-found", "this result has no such file")
        target = self._folder / result.job.id / format.file
        lock = self._writing.setdefault(target, asyncio.Lock())
        try:
            async with lock:
                if not target.is_file():
                    await self._write(jobs, result, kind, target)
        finally:
            self._writing.pop(target, None)
        return target

    async def _write(self, jobs: Jobs, result: Result, kind: str, target: Path) -> None:
        stored = await jobs.request(result.job.owner, result.job.id)
        try:
            said = await self._clerks.do(
                "render",
                RENDER_SECONDS,
                document=stored.document,
                base_dir=str(stored.base_dir),
                folder=str(result.folder),
                kind=kind,
                target=str(target),
            )
        except (ClerkTooSlow, ClerksBusy):
            raise Problem("unavailable", "too much is being written just now", headers={"Retry-After": "10"}) from None
        except ClerkDied:
            raise Problem("internal") from None
        if said.get("missing"):
            raise Problem("gone", f"{said['missing']} are no longer there; other formats may still be")

    def forget(self, job_id: str) -> None:
        """Remove what was written of a job."""
        shutil.rmtree(self._folder / job_id, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what was written longer than a day ago."""
        if not self._folder.is_dir():
            return
        before = time.time() - KEPT_SECONDS
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
