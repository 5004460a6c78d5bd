"""Reading a plan.json somebody hands over: anything may be in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from planner.errors import Fault, RequestError
from planner.plan import Plan
from planner.problem.document import MOST_BYTES, read_json
from planner.problem.faults import faults_of, nearest

FORMAT = "gigasite-plan/"
WRITTEN_BY = "gigasite plan and gigasite evaluate write plan.json"
MOST = 20
"""Faults told of one file."""
MOST_DIGITS = 18
"""Of a whole number: 64 bits hold them all."""


def file_of(path: Path) -> Path:
    """The plan's file: what is named, or plan.json in a folder that is named."""
    return path / "plan.json" if path.is_dir() else path


def plan(path: Path) -> Plan:
    """A plan from a file. Raises :class:`planner.errors.RequestError` with every fault."""
    document = _document(path)
    if not str(document.get("format", FORMAT)).startswith(FORMAT):
        raise _no_plan(path, f"its format is {str(document['format'])[:40]!r}")
    if "status" not in document or "name" not in document:
        raise _no_plan(path, "it has no name and no status" if document else "it is empty")
    wild = list(islice(_wild(document), MOST))
    if wild:
        raise RequestError(
            _fault(path, f"{place}: a whole number of more than {MOST_DIGITS} digits", "") for place in wild
        )
    try:
        return Plan.model_validate(document)
    except ValidationError as error:
        raise RequestError(
            _fault(path, f"{f.where}: {f.message}", f.hint) for f in faults_of(error, Plan)[:MOST]
        ) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _no_plan(path, f"it is larger than {MOST_BYTES / 1e6:,.0f} MB")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise RequestError([Fault((str(path),), "there is no such file", _neighbour(path))]) from None
    except UnicodeDecodeError as error:
        raise _no_plan(path, f"byte {error.start} is no UTF-8 text") from None
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise RequestError([Fault((str(path),), f"cannot be read: {told}")]) from None
    if not text.strip():
        raise _no_plan(path, "it is empty")
    try:
        document = read_json(text, path.name)
    except RequestError as error:
        raise RequestError(
            _fault(path, f.message.removeprefix(f"{path.name}: "), WRITTEN_BY) for f in error.faults
        ) from None
    if not isinstance(document, dict):
        raise _no_plan(path, f"it holds {'a list' if isinstance(document, list) else 'a single value'}")
    return document


def _wild(document: dict[str, Any]) -> Iterator[str]:
    """Where whole numbers stand that nothing can count or add up."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            stack += [((*path, i), inner) for i, inner in enumerate(value)]
        elif isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
            yield Fault(path, "").where


def _neighbour(path: Path) -> str:
    """The file beside it that was probably meant."""
    try:
        found = nearest(path.name, [p.name for p in path.parent.iterdir()])
    except OSError:
        return ""
    return f"did you mean {path.parent / found}?" if found else WRITTEN_BY


def _no_plan(path: Path, why: str) -> RequestError:
    return RequestError([_fault(path, why, WRITTEN_BY)])


def _fault(path: Path, message: str, hint: str) -> Fault:
    return Fault((str(path),), f"not a gigasite plan: {message}", hint)
