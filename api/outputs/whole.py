"""Files that appear whole or not at all.

Everything is first written into a hidden folder on the same file system. Only when all of it is there does it move into
place: as the folder itself where the target is new, else file by file with the old ones kept aside until the last has
moved, so that a failure puts them back. Files in the target that are not ours are never touched; old ones of ours can be kept in a
folder beside the new ones.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def _create(target: Path) -> list[Path]:
    """Create the target and its missing parents; returns what was created, innermost first."""
    created: list[Path] = []
    missing = []
    folder = target
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    try:
        for folder in reversed(missing):
            folder.mkdir()
            created.insert(0, folder)
    except BaseException:
        _remove(created)
        raise
    return created


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


@contextmanager
def staged(target: Path, ours: Iterable[str], keep: str = "") -> Iterator[Path]:
    """A folder to write into. When the block ends well its files replace those in ``target``; when it fails, nothing
    has changed. ``ours`` are the names we may replace or, where this time they are not written, remove; with ``keep`` all of
    them that were there go on in the folder of that name in ``target``, which must not exist yet.

    Raises OSError at once where the target cannot be written.
    """
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(20, "is a file, not a folder", str(target))
    created = _create(target)
    stage = None
    try:
        stage = Path(tempfile.mkdtemp(prefix=".gigasite-", dir=target))
        new, old = stage / "new", stage / "old"
        new.mkdir()
        old.mkdir()
        yield new
        _swap(new, old, target, set(ours), target / keep if keep else None)
    except BaseException:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
        _remove(created)
        raise
    shutil.rmtree(stage, ignore_errors=True)


def probe(target: Path) -> None:
    """Raise OSError now if ``target`` could not be written later; leaves no trace."""
    if target.exists() and not target.is_dir():
        raise NotADirectoryError(20, "is a file, not a folder", str(target))
    created = _create(target)
    try:
        os.rmdir(tempfile.mkdtemp(prefix=".gigasite-", dir=target))
    finally:
        _remove(created)


def _swap(new: Path, old: Path, target: Path, ours: set[str], keep: Path | None) -> None:
    names = sorted(p.name for p in new.iterdir())
    aside, placed = [], []
    try:
        for name in sorted(ours | set(names)):
            if (target / name).is_file() or (target / name).is_symlink():
                os.replace(target / name, old / name)
                aside.append(name)
        for name in names:
            os.replace(new / name, target / name)
            placed.append(name)
        if keep is not None:
            os.replace(old, keep)
    except BaseException:
        for name in placed:
            (target / name).unlink(missing_ok=True)
        for name in aside:
            os.replace(old / name, target / name)
        raise
