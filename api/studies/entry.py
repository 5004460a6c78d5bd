"""A plan with the name it goes by in a comparison."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from planner.plan import Plan

SUFFIXES = (".json", ".plan")


@dataclass(frozen=True)
class Entry:
    """One plan of a comparison; the first entry of a list is the base."""

    label: str
    plan: Plan

    @property
    def holds(self) -> bool:
        """False for the honest absence of a plan: it has a status and nothing else."""
        return self.plan.status.holds == "plan"


def labels(paths: Iterable[Path]) -> list[str]:
    """Short distinct names of plan files and folders: the folder's name, else the file's, else numbered."""
    found: list[str] = []
    for path in paths:
        name = _name(path)
        label, n = name, 2
        while label in found:
            label, n = f"{name} ({n})", n + 1
        found.append(label)
    return found


def _name(path: Path) -> str:
    full = path.resolve()
    if full.name == "plan.json":
        full = full.parent
    name = full.name
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name or "plan"
