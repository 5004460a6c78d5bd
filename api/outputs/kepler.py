"""``kepler.json``: a kepler.gl map with its data: circles as large as IT MW, parcels, and the build-out over time.

The file is what kepler.gl saves itself (schema v1): drop it on the map. Nothing in it names a server.
"""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps
from api.outputs.features import period_properties, site_properties
from api.outputs.sites_geojson import shapes
from api.outputs.status_colours import STATUS_COLOURS

FIELD_TYPES = {
    "integer": "INT",
    "real": "FLOAT",
    "string": "STRING",
    "boolean": "BOOLEAN",
    "timestamp": "DATETIME",
    "geojson": "GEOMETRY",
}
SHOWN = ("name", "status", "opening_month", "it_mw", "facility_mw", "grid_mw", "pflops", "spend_musd", "why")
DRAWN_KM = 40_075.0 * 1.4
"""Zoom 0 shows the whole Earth; each zoom halves it."""


def write(bundle: Bundle, path: Path) -> None:
    """Write ``kepler.json``."""
    path.write_text(dumps(document(bundle)) + "\n", encoding="utf-8", newline="\n")


def document(bundle: Bundle) -> dict[str, Any]:
    """Datasets, layers, a filter in time and the view."""
    geometry = shapes(bundle)
    sites = [{**row, "_geojson": _feature(geometry[row["site_id"]])} for row in site_properties(bundle)]
    where = {s.id: (s.lon, s.lat) for s in bundle.plan.sites}
    periods = [
        {**row, "lon": where[row["site_id"]][0], "lat": where[row["site_id"]][1]}
        for row in period_properties(bundle)
        if row["it_mw"] > 0
    ]
    ends = [_milliseconds(p["start"]) for p in periods]
    layers = [
        _points("now", "sites", "Sites: IT MW at the end", not periods, _palette([s["status"] for s in sites])),
        _points("built", "periods", "Build-out: IT MW over time", bool(periods), []),
        _parcels(),
    ]
    tips = {"sites": _tips(SHOWN), "periods": _tips(("name", "month", "it_mw"))}
    filters = [_filter(max(ends), max(_milliseconds(p["end"]) for p in periods))] if ends else []
    return {
        "datasets": [_dataset("sites", "Sites", sites), _dataset("periods", "Sites by period", periods)],
        "config": {
            "version": "v1",
            "config": {
                "visState": {
                    "filters": filters,
                    "layers": layers,
                    "interactionConfig": {"tooltip": {"enabled": True, "fieldsToShow": tips}},
                    "layerBlending": "normal",
                },
                "mapState": _view(list(where.values())),
                "mapStyle": {"styleType": "light"},
            },
        },
        "info": {"app": "kepler.gl", "title": bundle.plan.name, "description": "A plan by Gigasite"},
    }


def _feature(geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def _dataset(id: str, label: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = list(rows[0]) if rows else ["name"]
    fields = []
    for name in names:
        kind = _kind(name, [row[name] for row in rows])
        form = "YYYY-M-DTHH:mm:ssZ" if kind == "timestamp" else ""
        fields.append({"name": name, "type": kind, "format": form, "analyzerType": FIELD_TYPES[kind]})
    data = {
        "id": id,
        "label": label,
        "color": [23, 108, 168],
        "fields": fields,
        "allData": [list(r.values()) for r in rows],
    }
    return {"version": "v1", "data": data}


def _kind(name: str, values: list[Any]) -> str:
    held = [v for v in values if v is not None]
    if name == "_geojson":
        return "geojson"
    if name in ("start", "end"):
        return "timestamp"
    if held and all(isinstance(v, bool) for v in held):
        return "boolean"
    if held and all(isinstance(v, int) for v in held):
        return "integer"
    return "real" if held and all(isinstance(v, int | float) for v in held) else "string"


def _points(id: str, data: str, label: str, visible: bool, palette: list[str]) -> dict[str, Any]:
    """Circles whose area grows with IT MW, coloured by status where there is a palette for it."""
    look: dict[str, Any] = {
        "radius": 10,
        "fixedRadius": False,
        "opacity": 0.8,
        "outline": False,
        "filled": True,
        "radiusRange": [3, 45],
    }
    if palette:
        look["colorRange"] = {"name": "Gigasite", "type": "qualitative", "category": "Custom", "colors": palette}
    words = {"field": {"name": "name", "type": "string"}, "color": [40, 40, 40], "size": 12, "offset": [0, 0]}
    return {
        "id": id,
        "type": "point",
        "config": {
            "dataId": data,
            "label": label,
            "color": [23, 108, 168],
            "columns": {"lat": "lat", "lng": "lon", "altitude": None},
            "isVisible": visible,
            "visConfig": look,
            "textLabel": [{**words, "anchor": "start", "alignment": "center"}],
        },
        "visualChannels": {
            "colorField": {"name": "status", "type": "string"} if palette else None,
            "colorScale": "ordinal" if palette else "quantile",
            "sizeField": {"name": "it_mw", "type": "real"},
            "sizeScale": "sqrt",
        },
    }


def _parcels() -> dict[str, Any]:
    look = {
        "opacity": 0.4,
        "strokeOpacity": 1,
        "thickness": 1.5,
        "stroked": True,
        "filled": True,
        "strokeColor": [20, 64, 102],
    }
    return {
        "id": "parcels",
        "type": "geojson",
        "config": {
            "dataId": "sites",
            "label": "Parcels",
            "color": [23, 108, 168],
            "columns": {"geojson": "_geojson"},
            "isVisible": True,
            "visConfig": look,
        },
        "visualChannels": {"colorField": None, "colorScale": "quantile"},
    }


def _palette(statuses: list[str]) -> list[str]:
    """kepler.gl gives an ordinal scale's colours to the values in their order of letters."""
    return [STATUS_COLOURS[status].upper() for status in sorted(set(statuses))]


def _filter(first: int, last: int) -> dict[str, Any]:
    """A window in time that stands on the last period; moving it plays the build-out."""
    return {
        "dataId": ["periods"],
        "id": "time",
        "name": ["start"],
        "type": "timeRange",
        "value": [first, last],
        "speed": 1,
        "enlarged": True,
    }  # fmt: skip


def _tips(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"name": name, "format": None} for name in names]


def _milliseconds(instant: str) -> int:
    return int(datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp() * 1000)


def _view(places: list[tuple[float, float]]) -> dict[str, Any]:
    """The middle of the sites, and a zoom that shows them all."""
    lons, lats = [x for x, _ in places] or [0.0], [y for _, y in places] or [0.0]
    wide = max(max(lons) - min(lons), 2.0 * (max(lats) - min(lats)), 0.05) * 111.2
    zoom = min(max(math.log2(DRAWN_KM / wide), 0.5), 14.0)
    middle = {"longitude": (min(lons) + max(lons)) / 2, "latitude": (min(lats) + max(lats)) / 2}
    return {**middle, "zoom": round(zoom, 2), "pitch": 0, "bearing": 0, "dragRotate": False}
