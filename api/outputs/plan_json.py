"""``plan.json``: the whole plan, byte for byte the same for the same request and seed (M8.4, M8.6)."""

from __future__ import annotations

from pathlib import Path

from api.outputs.bundle import Bundle
from api.outputs.canonical import pretty
from planner.plan import Plan


def text(plan: Plan) -> str:
    """The plan as JSON text. Wall times are not in it: they live in ``run.json``."""
    return pretty(plan.model_dump(mode="json", by_alias=True))


def write(bundle: Bundle, path: Path) -> None:
    """Write ``plan.json``."""
    path.write_text(text(bundle.plan), encoding="utf-8", newline="\n")
