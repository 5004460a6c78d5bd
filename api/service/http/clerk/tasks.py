"""What clerks can do. Every task takes and returns plain JSON; libraries are imported when first needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def warm() -> bool:
    """Import what checking needs."""
    from importlib import import_module

    for name in ("api.outputs.bundle", "api.usecases", "sites"):
        import_module(name)
    return True


def warm_quick() -> bool:
    """Import what reading a request without its sites needs."""
    from importlib import import_module

    import_module("planner.problem.read")
    return True


def read_yaml(text: str) -> dict[str, Any]:
    """A YAML document, or the faults of its text."""
    from planner.errors import RequestError
    from planner.problem.document import read_document

    try:
        return {"document": read_document(text.encode(), "body", json_text=False)}
    except RequestError as error:
        return {"faults": [f.as_dict() for f in error.faults]}


def parse(document: dict[str, Any]) -> dict[str, Any]:
    """The faults that need no site and no geometry: quick, whatever the request."""
    from planner.errors import RequestError
    from planner.problem.read import parse_request

    try:
        _, warnings, _ = parse_request(document)
    except RequestError as error:
        return {"ok": False, "faults": [f.as_dict() for f in error.faults]}
    return {"ok": True, "faults": [f.as_dict() for f in warnings]}


def check(document: dict[str, Any], base_dir: str, full: bool = False) -> dict[str, Any]:
    """Validation and geometry: every fault, the content's hash, the size; ``full``: land and assumptions, too."""
    from api import usecases
    from api.service.http.clerk.size import most_variables
    from planner.errors import RequestError

    try:
        loaded = usecases.load_parsed(document, Path(base_dir))
    except RequestError as error:
        return {"ok": False, "faults": [f.as_dict() for f in error.faults]}
    problem = loaded.problem
    found = {
        "ok": True,
        "faults": [f.as_dict() for f in loaded.warnings],
        "request_sha256": loaded.request_hash,
        "name": problem.name,
        "size": {
            "sites": len(problem.sites),
            "blocks": len(problem.blocks),
            "periods": problem.horizon.periods,
            "variables_at_most": most_variables(problem),
        },
    }
    if full:
        found["sites"] = [s.model_dump(mode="json") for s in loaded.ground.sites]
        found["assumptions"] = [a.model_dump(mode="json") for a in loaded.assumptions]
    return found


def render(document: dict[str, Any], base_dir: str, folder: str, kind: str, target: str) -> dict[str, Any]:
    """Write one output file of a finished plan that the worker did not write; whole or not at all."""
    from api.service.http.clerk.render import render as write

    return write(document, Path(base_dir), Path(folder), kind, Path(target))


def index(path: str) -> list[list[Any]]:
    """Where each feature of one of our own GeoJSON files stands, its box, and its time."""
    from api.service.http.clerk.index import index as of

    return of(Path(path))


TASKS: dict[str, Callable[..., Any]] = {
    "warm": warm,
    "warm_quick": warm_quick,
    "read_yaml": read_yaml,
    "parse": parse,
    "check": check,
    "render": render,
    "index": index,
}
