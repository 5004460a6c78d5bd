"""An index of a GeoJSON file that we wrote ourselves, one feature a line: paging and filters then read only what they need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def index(path: Path) -> list[list[Any]]:
    """Per feature: first byte, length, west, south, east, north, start, end, id. Times as the file has them, or null."""
    rows: list[list[Any]] = []
    at = 0
    with path.open("rb") as file:
        for line in file:
            text = line.rstrip(b"\n").rstrip(b",")
            if text.startswith(b'{"type": "Feature"'):
                feature = json.loads(text)
                properties = feature["properties"]
                box = _box(feature["geometry"])
                rows.append([at, len(text), *box, properties.get("start"), properties.get("end"), feature["id"]])
            at += len(line)
    return rows


def _box(geometry: dict[str, Any] | None) -> tuple[float, float, float, float]:
    if geometry is None:
        return (0.0, 0.0, 0.0, 0.0)
    stack, xs, ys = [geometry["coordinates"]], [], []
    while stack:
        part = stack.pop()
        if isinstance(part[0], int | float):
            xs.append(float(part[0]))
            ys.append(float(part[1]))
        else:
            stack.extend(part)
    return min(xs), min(ys), max(xs), max(ys)
