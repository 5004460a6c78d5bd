"""Invalid polygons: mended when that is quick and leaves land, refused otherwise.

Always ``make_valid(method="structure")``: rings are merged as what they enclose. The other method needs minutes on a
star of 200 points, and this one too when rings cross thousands of times, so crossings are counted first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from sites.geojson import GeometryError

MOST_VERTICES = 2_000
MOST_CROSSINGS = 2_000
_CHUNK = 50


def mended(shape: Any) -> Any:
    """The polygonal part of the mended shape. GeometryError when it is too tangled or nothing is left."""
    count = shapely.get_num_coordinates(shape)
    why = shapely.is_valid_reason(shape).split("[")[0].strip().lower()
    if count > MOST_VERTICES:
        raise GeometryError(
            f"its polygon is invalid ({why}) and has {count:,} vertices; above {MOST_VERTICES:,} none is mended: fix it"
        )
    if _crossings(shape) > MOST_CROSSINGS:
        raise GeometryError(f"its polygon crosses itself more than {MOST_CROSSINGS:,} times; draw it again")
    try:
        fixed = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    except shapely.errors.GEOSException as error:
        raise GeometryError(f"its polygon is invalid ({why}) and cannot be mended: {error}") from None
    parts = [p for p in shapely.get_parts(shapely.get_parts(fixed)) if isinstance(p, shapely.Polygon) and p.area > 0]
    if not parts:
        raise GeometryError(f"its polygon encloses nothing ({why or 'zero area'})")
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _crossings(shape: Any) -> int:
    """How many pairs of edges cross, or something above the limit as soon as that is clear."""
    pairs = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = shapely.get_coordinates(ring)
        pairs.append(np.stack([xy[:-1], xy[1:]], axis=1))
    edges = np.asarray(shapely.linestrings(np.concatenate(pairs)), dtype=object)
    tree, found = shapely.STRtree(edges), 0
    for start in range(0, len(edges), _CHUNK):
        found += tree.query(edges[start : start + _CHUNK], predicate="crosses").shape[1]
        if found > 2 * MOST_CROSSINGS:
            break
    return found // 2
