"""``run.json``: what is true of this run only: wall times, the machine, how the search went."""

from __future__ import annotations

from pathlib import Path

from api.outputs.bundle import Bundle
from api.outputs.canonical import pretty


def write(bundle: Bundle, path: Path) -> None:
    """Write ``run.json``."""
    path.write_text(pretty({"format": "gigasite-run/1", **bundle.run}), encoding="utf-8", newline="\n")
