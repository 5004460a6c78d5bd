"""``sites.geojson`` with simplestyle properties (1.1.0), on demand: coloured as it is on GitHub, geojson.io and in Mapbox tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps
from api.outputs.features import site_properties
from api.outputs.shapes import bbox
from api.outputs.sites_geojson import collection, shapes
from api.outputs.status_colours import STATUS_COLOURS
from api.outputs.text import number

COLOURS = {**STATUS_COLOURS, "not_opened": "#8d8d8d"}
"""Pins stand on a map full of colours, where the pale grey of a site that is not opened would be lost."""
SIZES = ((500.0, "large"), (100.0, "medium"), (0.0, "small"))
"""IT MW from which a marker is that large."""


def write(bundle: Bundle, path: Path) -> None:
    """Write the file: the properties of ``sites.geojson`` and those of simplestyle."""
    geometry = shapes(bundle)
    features = ((styled(p), dumps(geometry[p["site_id"]])) for p in site_properties(bundle))
    collection(path, features, bbox(geometry.values()))


def styled(site: dict[str, Any]) -> dict[str, Any]:
    """A site's properties with title, description, colours and marker size."""
    colour = COLOURS[site["status"]]
    words = (
        f"{number(site['it_mw'])} MW of IT, {number(site['facility_mw'])} of {number(site['grid_mw'])} MW at the meter"
    )
    return {
        **site,
        "title": site["name"],
        "description": f"{words}. {site['why']}" if site["why"] else f"{words}.",
        "marker-color": colour,
        "marker-size": next(size for least, size in SIZES if site["it_mw"] >= least),
        "stroke": colour,
        "stroke-width": 2,
        "stroke-opacity": 1,
        "fill": colour,
        "fill-opacity": 0.4 if site["it_mw"] > 0 else 0.15,
    }
