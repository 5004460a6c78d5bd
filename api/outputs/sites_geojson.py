"""``sites.geojson``: RFC 7946, one feature per candidate, opened or not (M3.9)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps
from api.outputs.features import site_properties
from api.outputs.shapes import bbox, geojson, right_handed


def shapes(bundle: Bundle) -> dict[str, dict[str, Any]]:
    """Every site's own geometry. If any parcel has several parts all polygons are written as multipolygons, so that
    the layer has one type; points among parcels stay points (the GeoPackage keeps them in a layer of their own)."""
    ids = [s.id for s in bundle.plan.sites]
    oriented = right_handed([bundle.geometries.geometry.loc[i] for i in ids])
    multi = any(g.geom_type == "MultiPolygon" for g in oriented)
    return {i: geojson(g, multi) for i, g in zip(ids, oriented, strict=True)}


def collection(path: Path, features: Iterable[tuple[dict[str, Any], str]], box: list[float] | None) -> None:
    """Write a FeatureCollection, one feature a line; each is its properties (with ``id``) and its geometry as text."""
    with path.open("w", encoding="utf-8", newline="\n") as f:
        f.write('{"type": "FeatureCollection", ')
        if box is not None:
            f.write(f'"bbox": {dumps(box)}, ')
        f.write('"features": [')
        for i, (properties, geometry) in enumerate(features):
            f.write("\n" if i == 0 else ",\n")
            f.write(
                f'{{"type": "Feature", "id": {dumps(properties["id"])}, '
                f'"properties": {dumps(properties)}, "geometry": {geometry}}}'
            )
        f.write("\n]}\n")


def write(bundle: Bundle, path: Path) -> None:
    """Write ``sites.geojson``."""
    geometry = shapes(bundle)
    features = ((p, dumps(geometry[p["site_id"]])) for p in site_properties(bundle))
    collection(path, features, bbox(geometry.values()))
