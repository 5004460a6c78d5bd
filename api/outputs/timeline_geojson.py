"""``timeline.geojson``: one feature per site and period, with ``start`` and ``end`` for a time slider."""

from __future__ import annotations

from pathlib import Path

from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps
from api.outputs.features import MAX_SHAPES_IN_TIME, period_properties
from api.outputs.shapes import bbox
from api.outputs.sites_geojson import collection, shapes


def write(bundle: Bundle, path: Path) -> None:
    """Write ``timeline.geojson``: parcels, or points where there are many sites."""
    if len(bundle.plan.sites) > MAX_SHAPES_IN_TIME:
        geometry = {
            s.id: {"type": "Point", "coordinates": [round(s.lon, 7) + 0.0, round(s.lat, 7) + 0.0]}
            for s in bundle.plan.sites
        }
    else:
        geometry = shapes(bundle)
    texts = {id: dumps(g) for id, g in geometry.items()}
    features = ((p, texts[p["site_id"]]) for p in period_properties(bundle))
    collection(path, features, bbox(geometry.values()))
