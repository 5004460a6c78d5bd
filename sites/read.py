"""The sites as a request gives them: inline or any vector file, as rows and raw geometries (M3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from planner.problem.faults import shown
from sites import files
from sites.crs import crs_of, to_wgs84
from sites.faults import Faults, feature_path
from sites.geojson import GeometryError, epsg_of, features, geometry

MOST_SITES = 50_000


@dataclass
class SiteTable:
    """One entry per site: its properties as written, and its geometry in WGS 84, None, or why it could not be read."""

    rows: list[dict[str, Any]]
    shapes: list[Any]
    notes: list[list[str]]
    """What the reader changed: ``3D``, ``unclosed``."""

    def __len__(self) -> int:
        return len(self.rows)


def read(
    sites: str | dict[str, Any], base_dir: Path, property_names: Mapping[str, Any], faults: Faults
) -> SiteTable | None:
    """All sites of a request; None, and a fault, when there is nothing to go on with."""
    try:
        if isinstance(sites, dict):
            if "crs" in sites:
                raise GeometryError(
                    "an inline FeatureCollection is WGS 84 lon/lat and has no `crs` member (RFC 7946); "
                    "remove it, or name a file that knows its CRS"
                )
            return _counted(_collection(sites, faults), "the request", faults)
        path = files.find(sites, base_dir)
        if path.suffix.lower() in {".geojson", ".json"}:
            return _counted(_geojson_file(path, faults), sites, faults)
        return _counted(_vector_file(path, property_names, faults), sites, faults)
    except GeometryError as error:
        faults.error(
            ("sites",), f"{sites}: {error}" if isinstance(sites, str) and sites[:80] not in str(error) else str(error)
        )
    except OSError as error:
        faults.error(("sites",), f"{sites} cannot be read: {error.strerror or error}")
    return None


def _counted(table: SiteTable, where: str, faults: Faults) -> SiteTable | None:
    if not len(table):
        faults.error(("sites",), f"{where} holds no sites")
        return None
    if len(table) > MOST_SITES:
        faults.error(("sites",), f"{where} holds {len(table):,} sites, more than {MOST_SITES:,}", "screen them first")
        return None
    return table


def _collection(document: Any, faults: Faults) -> SiteTable:
    table = SiteTable([], [], [])
    for index, feature in enumerate(features(document)):
        row, shape, notes = _feature(index, feature, faults)
        table.rows.append(row)
        table.shapes.append(shape)
        table.notes.append(notes)
    return table


def _feature(index: int, feature: Any, faults: Faults) -> tuple[dict[str, Any], Any, list[str]]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        kind = feature.get("type") if isinstance(feature, dict) else feature
        faults.error(feature_path(index), f"a GeoJSON Feature is wanted, got {shown(kind)}")
        return {}, GeometryError("it is no feature"), []
    properties = feature.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        faults.error(feature_path(index, "properties"), f"`properties` must be an object, got {shown(properties)}")
        properties = {}
    row = {str(name): value for name, value in properties.items()}
    if "id" not in row and isinstance(feature.get("id"), str | int) and not isinstance(feature.get("id"), bool):
        row["id"] = feature["id"]
    if feature.get("geometry") is None:
        return row, None, []
    try:
        drawn = geometry(feature["geometry"])
    except GeometryError as error:
        return row, error, []
    return row, drawn.shape, drawn.notes


def _geojson_file(path: Path, faults: Faults) -> SiteTable:
    document = files.geojson_document(path)
    epsg = epsg_of(document) if isinstance(document, dict) else None
    table = _collection(document, faults)
    return table if epsg is None else _projected(table, crs_of(epsg))


def _projected(table: SiteTable, crs: Any) -> SiteTable:
    usable = [i for i, s in enumerate(table.shapes) if isinstance(s, shapely.Geometry)]
    held = np.array([*(table.shapes[i] for i in usable), None], dtype=object)[:-1]
    for i, shape in zip(usable, to_wgs84(held, crs), strict=True):
        table.shapes[i] = shape
    return table


def _vector_file(path: Path, property_names: Mapping[str, Any], faults: Faults) -> SiteTable:
    found = files.read(path, property_names=property_names)
    crs = files.crs_or_guess(found)
    for note in found.notes:
        faults.warn(("sites",), f"{path.name}: {note}")
    heights = shapely.has_z(found.shapes)
    shapes = to_wgs84(np.asarray(shapely.force_2d(found.shapes), dtype=object), crs)
    return SiteTable(found.rows, list(shapes), [["3D"] if z else [] for z in heights])
