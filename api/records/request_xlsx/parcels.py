"""Drawn sites as rows of corners, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Row = tuple[int, int, float, float]
"""Part, ring, longitude, latitude."""


def corners(geometry: dict[str, Any]) -> Iterator[Row]:
    """The corners of a GeoJSON polygon or multipolygon, each ring without its repeated first one."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for part, rings in enumerate(polygons, 1):
        for ring, positions in enumerate(rings, 1):
            closed = len(positions) > 1 and list(positions[0][:2]) == list(positions[-1][:2])
            for x, y, *_ in positions[:-1] if closed else positions:
                yield part, ring, float(x), float(y)


def drawn(rows: Sequence[Row]) -> dict[str, Any]:
    """The geometry of one site; rings are closed."""
    parts: dict[int, dict[int, list[list[float]]]] = {}
    for part, ring, x, y in rows:
        parts.setdefault(part, {}).setdefault(ring, []).append([x, y])
    polygons = [[_closed(rings[r]) for r in sorted(rings)] for _, rings in sorted(parts.items())]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _closed(ring: list[list[float]]) -> list[list[float]]:
    return ring if len(ring) > 1 and ring[0] == ring[-1] else [*ring, ring[0]]
