"""The sites' shapes that a plan's own ``sites.geojson`` beside it holds. Anything may be in such a file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

TYPES = {"Point": 0, "Polygon": 2, "MultiPolygon": 3}
"""Geometry type -> how many lists stand around a position."""


def shapes(path: Path) -> tuple[dict[str, dict[str, Any]], str]:
    """Site id -> geometry from a ``sites.geojson``, and a warning where some of it could not be used.

    A missing file brings neither; unreadable ones cost the shapes, never the comparison.
    """
    if not path.is_file():
        return {}, ""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        features = document["features"]
        if not isinstance(features, list):
            raise TypeError("its features are no list")
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        return {}, f"{path}: not a FeatureCollection that can be read ({error}); its sites are drawn as points"
    found, bad = {}, 0
    for feature in features:
        try:
            id, geometry = feature["properties"]["site_id"], feature["geometry"]
            if not isinstance(id, str) or not _good(geometry["coordinates"], TYPES[geometry["type"]]):
                raise ValueError
            found[id] = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
        except (KeyError, TypeError, ValueError):
            bad += 1
    return (
        found,
        f"{path}: {bad} of {len(features)} features hold no usable site; they are drawn as points" if bad else "",
    )


def _good(coordinates: Any, depth: int) -> bool:
    """True for nested lists of finite longitudes and latitudes, rings of four positions or more."""
    if not isinstance(coordinates, list) or not coordinates:
        return False
    if depth == 0:
        return len(coordinates) >= 2 and all(
            isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in coordinates
        ) and abs(coordinates[0]) <= 180 and abs(coordinates[1]) <= 90  # fmt: skip
    if depth == 1 and (len(coordinates) < 4 or coordinates[0] != coordinates[-1]):
        return False
    return all(_good(part, depth - 1) for part in coordinates)
