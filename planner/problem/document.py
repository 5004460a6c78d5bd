"""Documents as files and text: YAML or JSON in, plain mappings out, every failure a clear :class:`RequestError`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from planner.errors import Fault, RequestError
from planner.problem.yaml_text import read_yaml

MOST_BYTES = 200_000_000
"""A request file may be this large."""

MOST_DEPTH = 64
"""Levels of nesting; GeoJSON inside a request needs about twelve."""


def load_document(path: str | Path) -> dict[str, Any]:
    """The request in a YAML or JSON file (told apart by name, else by its first character)."""
    path = Path(path)
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise _error(f"{path} is a directory, not a request", "name the YAML or JSON file inside it")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _error(
                f"{path} has {size / 1e6:,.0f} MB; a request has at most {MOST_BYTES / 1e6:,.0f} MB",
                "put the sites into a vector file of their own and name its path",
            )
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _error(f"there is no file {path}", _neighbour(path)) from None
    except (OSError, ValueError) as error:
        raise _error(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return read_document(data, name, json_text=path.suffix.lower() in {".json", ".geojson"})


def read_document(data: bytes, name: str = "request", json_text: bool | None = None) -> dict[str, Any]:
    """The request in these bytes; ``json_text`` None lets the first character decide."""
    if len(data) > MOST_BYTES:
        raise _error(f"{name} is larger than {MOST_BYTES / 1e6:,.0f} MB")
    text = _decoded(data, name)
    if json_text is None:
        json_text = text.lstrip()[:1] in {"{", "["}
    document = read_json(text, name) if json_text else read_yaml(text, name, MOST_DEPTH)
    if document is None:
        raise _error(f"{name} is empty", "a request has at least horizon, blocks, sites and objective")
    if not isinstance(document, dict):
        raise _error(
            f"{name} holds {'a list' if isinstance(document, list) else 'a single value'}, not a mapping of keys",
            "a request has at least horizon, blocks, sites and objective",
        )
    return document


def read_json(text: str, name: str) -> Any:
    """JSON without NaN, Infinity, doubled keys, endless nesting or numbers too large."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _error(f"{name}: line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise _error(f"{name}: nested too deep") from None
    except ValueError as error:
        text = str(error)
        if "digits" in text:
            text = "an integer with thousands of digits is not a figure"
        raise _error(f"{name}: {text}") from None


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise _error(
            f"{name}: line {line}, column {column}: not UTF-8 text (byte 0x{data[error.start]:02x})",
            "save the file as UTF-8",
        ) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"key {key!r} stands twice in one object")
            seen.add(key)
    return out


def _constant(text: str) -> float:
    raise ValueError(f"{text} is not a number that JSON or a request may hold")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"number {text[:40]} is too large")
    return value


def _neighbour(path: Path) -> str:
    """The file beside it that was probably meant."""
    from planner.problem.faults import nearest

    try:
        names = [p.name for p in path.parent.iterdir()][:2000]
    except OSError:
        return f"there is no directory {path.parent} either"
    found = nearest(path.name, names)
    return f"did you mean {path.parent / found}?" if found else ""


def _error(message: str, hint: str = "") -> RequestError:
    return RequestError([Fault((), message, hint)])
