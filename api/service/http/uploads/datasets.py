"""Where uploads are kept: ``data/datasets/<owner>/<id>.<ending>`` and ``<id>.meta.json`` beside it.

Folder and file names are made by us (digests), never taken from a caller. The id is the content's digest, so that the same
file uploaded twice is one dataset.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

REFERENCE = re.compile(r"dataset:([0-9a-f]{32})\Z")
ID = re.compile(r"[0-9a-f]{32}\Z")
NAMED = re.compile(r"\b([0-9a-f]{32})\.(?:geojson|csv)\b")


@dataclass(frozen=True)
class Dataset:
    """One upload as its owner sees it; ``file`` is its name in the owner's folder."""

    id: str
    name: str
    format: str
    features: int
    vertices: int
    bytes: int
    bbox: list[float] | None
    geometry_types: list[str]
    columns: list[str]
    crs: str
    created: str
    notes: list[str] = field(default_factory=list)
    file: str = ""

    def told(self) -> dict[str, Any]:
        """For the wire."""
        out = {k: v for k, v in asdict(self).items() if k != "file"}
        return out | {"reference": f"dataset:{self.id}"}


class Datasets:
    """The uploads of all owners."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.nothing = data / "datasets" / "nothing"
        """An empty folder: what a request without uploads is relative to."""

    def base_dir(self, owner: str) -> str:
        """An owner's folder, relative to the data folder."""
        return f"datasets/{hashlib.sha256(owner.encode()).hexdigest()[:32]}"

    def folder(self, owner: str) -> Path:
        """An owner's folder."""
        return self._data / self.base_dir(owner)

    def ready(self) -> None:
        """Make the folders that must be there."""
        self.nothing.mkdir(parents=True, exist_ok=True)

    async def find(self, owner: str, id: str) -> Dataset | None:
        """One of the owner's uploads."""
        return await asyncio.to_thread(self._read, owner, id) if ID.match(id) else None

    async def touch(self, owner: str, dataset: Dataset) -> None:
        """Note that it was used just now: its retention starts anew."""
        await asyncio.to_thread(os.utime, self.folder(owner) / f"{dataset.id}.meta.json")

    async def all(self, owner: str) -> list[Dataset]:
        """Newest first."""
        return await asyncio.to_thread(self._all, owner)

    async def keep(self, owner: str, prepared: Path, name: str, told: dict[str, Any]) -> Dataset:
        """Take a converted file into the owner's folder."""
        return await asyncio.to_thread(self._keep, owner, prepared, name, told)

    async def remove(self, owner: str, id: str) -> None:
        """Forget an upload."""
        await asyncio.to_thread(self._remove, owner, id)

    def renamed(self, text: str) -> str:
        """A message of ours with references instead of file names."""
        return NAMED.sub(lambda m: f"dataset:{m[1]}", text)

    def _read(self, owner: str, id: str) -> Dataset | None:
        meta = self.folder(owner) / f"{id}.meta.json"
        try:
            found = Dataset(**json.loads(meta.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return found if (self.folder(owner) / found.file).is_file() else None

    def _all(self, owner: str) -> list[Dataset]:
        folder = self.folder(owner)
        ids = [p.name.split(".")[0] for p in folder.glob("*.meta.json")] if folder.is_dir() else []
        found = [d for id in ids if ID.match(id) and (d := self._read(owner, id)) is not None]
        return sorted(found, key=lambda d: (d.created, d.id), reverse=True)

    def _keep(self, owner: str, prepared: Path, name: str, told: dict[str, Any]) -> Dataset:
        with prepared.open("rb") as file:
            id = hashlib.file_digest(file, "sha256").hexdigest()[:32]
        folder = self.folder(owner)
        folder.mkdir(parents=True, exist_ok=True)
        known = self._read(owner, id)
        if known is not None:
            os.utime(folder / f"{id}.meta.json")
            return known
        dataset = Dataset(
            id=id,
            name=name,
            bytes=prepared.stat().st_size,
            created=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            file=f"{id}{prepared.suffix}",
            **told,
        )
        os.replace(prepared, folder / dataset.file)
        draft = folder / f"{id}.meta.new"
        draft.write_text(json.dumps(asdict(dataset)), encoding="utf-8")
        os.replace(draft, folder / f"{id}.meta.json")
        return dataset

    def _remove(self, owner: str, id: str) -> None:
        found = self._read(owner, id)
        (self.folder(owner) / f"{id}.meta.json").unlink(missing_ok=True)
        if found is not None:
            (self.folder(owner) / found.file).unlink(missing_ok=True)

    def sweep(self, keep_days: float) -> int:
        """Remove uploads that no request has used for so long; returns how many."""
        for room in (self._data / "datasets").glob("upload-*"):  # left behind by a process that was killed
            if room.stat().st_mtime < time.time() - 3600:
                shutil.rmtree(room, ignore_errors=True)
        if keep_days <= 0 or not (self._data / "datasets").is_dir():
            return 0
        before, removed = time.time() - keep_days * 86_400, 0
        for meta in (self._data / "datasets").glob("*/*.meta.json"):
            if meta.stat().st_mtime < before:
                for file in meta.parent.glob(meta.name.split(".")[0] + ".*"):
                    file.unlink(missing_ok=True)
                removed += 1
        return removed
