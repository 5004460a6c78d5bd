"""Output files that a finished plan can still be handed over in, written from the request and its plan.json."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from api.outputs.bundle import Bundle


def render(document: dict[str, Any], base_dir: Path, folder: Path, kind: str, target: Path) -> dict[str, Any]:
    """Write ``target`` and return nothing of interest; ``{"missing": ...}`` where what it is made from has gone."""
    from api.service.http.formats import FORMATS, writer

    if kind == "csv":
        from api.outputs.csv_zip import from_folder

        _placed(target, lambda path: from_folder(folder, path))
        return {}
    bundle = _bundle(document, base_dir, folder)
    if bundle is None:
        return {"missing": "the files that the request names"}
    write = writer(FORMATS[kind])
    _placed(target, lambda path: write(bundle, path))
    return {}


def _bundle(document: dict[str, Any], base_dir: Path, folder: Path) -> Bundle | None:
    from api import usecases
    from planner.errors import RequestError
    from planner.plan import Plan

    try:
        loaded = usecases.load_parsed(document, base_dir)
    except (RequestError, OSError):
        return None
    plan = Plan.model_validate_json((folder / "plan.json").read_bytes())
    return Bundle(loaded.problem, plan, loaded.prepared.geometries)


def _placed(target: Path, write: Any) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{os.getpid()}-{target.name}")
    try:
        write(draft)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
