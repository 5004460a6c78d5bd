"""``plan.kml``: every site for Google Earth, QGIS and GDAL: pins as large as their IT MW, parcels, a slider in time.

Plain XML of KML 2.2, escaped by the standard library: no text of a user is ever markup. One folder has one geometry type, which
is one layer in a GIS: sites (points), parcels (polygons), build-up (points with a time span, one for each change of IT MW).
Figures are typed by a schema, so that LIBKML hands out numbers; each placemark carries its own style for the same reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from api.outputs.bundle import Bundle
from api.outputs.features import period_properties, site_properties
from api.outputs.sites_geojson import shapes
from api.outputs.status_colours import STATUS_COLOURS, as_bgr
from api.outputs.text import number

COLOURS = {status: as_bgr(colour) for status, colour in STATUS_COLOURS.items()}

LEFT_OUT = frozenset({"id", "lon", "lat", "name"})
"""Properties that the placemark's name and geometry say already."""

SHOWN = (
    ("status", "Status", ""), ("opening_month", "Opens", ""), ("it_mw", "IT", " MW"), ("facility_mw", "Facility", " MW"),
    ("grid_mw", "Grid", " MW"), ("gpus", "GPUs", ""), ("pflops", "Compute", " PFLOPS"), ("buildable_ha", "Buildable", " ha"),
    ("spend_musd", "Spending", " MUSD"), ("why", "Limit", ""),
)  # fmt: skip


def write(bundle: Bundle, path: Path) -> None:
    """Write ``plan.kml``."""
    path.write_text("\n".join(_lines(bundle)) + "\n", encoding="utf-8", newline="\n")


def _lines(bundle: Bundle) -> Iterator[str]:
    sites = [{k: v for k, v in site.items() if k not in LEFT_OUT} for site in site_properties(bundle)]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{_text(bundle.plan.name)}</name>'
    yield _schema("site", sites)
    for status, colour in COLOURS.items():
        yield (
            f'<Style id="{status}"><IconStyle><color>ff{colour}</color></IconStyle><LineStyle><color>ff{colour}</color>'
            f"<width>2</width></LineStyle><PolyStyle><color>66{colour}</color></PolyStyle></Style>"
        )
    geometry = shapes(bundle)
    where = {s.id: (s.lon, s.lat) for s in bundle.plan.sites}
    named = {s.id: s.name or s.id for s in bundle.plan.sites}
    yield "<Folder><name>Parcels</name>"
    for site in sites:
        shape = _geometry(geometry[site["site_id"]])
        if shape:
            yield _placemark(named[site["site_id"]], site, _area(COLOURS[site["status"]]), shape)
    yield "</Folder><Folder><name>Sites</name>"
    for site in sites:
        pin = _pin(COLOURS[site["status"]], site["it_mw"])
        yield _placemark(named[site["site_id"]], site, pin, _point(*where[site["site_id"]]))
    yield "</Folder><Folder><name>Build-up</name><visibility>0</visibility>"
    for first, end in _stretches(bundle):
        words = f"{first['name']}: {number(first['it_mw'])} MW"
        yield (
            f"<Placemark><name>{_text(words)}</name><TimeSpan><begin>{first['start']}</begin><end>{end}</end></TimeSpan>"
            f"{_pin(COLOURS['opened'], first['it_mw'])}{_point(*where[first['site_id']])}</Placemark>"
        )
    yield "</Folder></Document></kml>"


def _placemark(name: str, site: dict[str, Any], style: str, shape: str) -> str:
    return (
        f"<Placemark><name>{_text(name)}</name>{_described(site)}<styleUrl>#{site['status']}</styleUrl>{style}"
        f"{_data(site)}{shape}</Placemark>"
    )


def _pin(colour: str, it_mw: float) -> str:
    """A pin whose area grows with IT MW. No picture is named: it would be fetched from a server."""
    scale = 0.5 + 0.04 * math.sqrt(max(it_mw, 0.0))
    return f"<Style><IconStyle><color>ff{colour}</color><scale>{scale:.2f}</scale></IconStyle></Style>"


def _area(colour: str) -> str:
    return (
        f"<Style><LineStyle><color>ff{colour}</color><width>2</width></LineStyle>"
        f"<PolyStyle><color>66{colour}</color></PolyStyle></Style>"
    )


def _schema(name: str, rows: list[dict[str, Any]]) -> str:
    """The type of each figure: a whole number, a number or words."""
    fields = "".join(
        f'<SimpleField type="{_type([r[k] for r in rows])}" name="{k}"/>' for k in (rows[0] if rows else {})
    )
    return f'<Schema name="{name}" id="{name}">{fields}</Schema>'


def _type(values: list[Any]) -> str:
    held = [v for v in values if v is not None]
    if held and all(isinstance(v, int) and not isinstance(v, bool) for v in held):
        return "int"
    return "double" if held and all(isinstance(v, int | float) and not isinstance(v, bool) for v in held) else "string"


def _stretches(bundle: Bundle) -> Iterator[tuple[dict[str, Any], str]]:
    """Times in which a site's IT MW does not change: their first period and their end."""
    first: dict[str, Any] | None = None
    end = ""
    for row in period_properties(bundle):
        if first is not None and (row["site_id"], row["it_mw"]) != (first["site_id"], first["it_mw"]):
            yield first, end
            first = None
        if row["it_mw"] > 0:
            first = first or row
            end = row["end"]
    if first is not None:
        yield first, end


def _text(value: Any) -> str:
    """A user's words as XML text; signs that XML 1.0 cannot hold become spaces."""
    kept = "".join(c if c in "\t\n\r" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) < 0xFFFE or ord(c) > 0xFFFF else " "
                   for c in str(value))  # fmt: skip
    return escape(kept, {'"': "&quot;", "'": "&apos;"})


def _described(site: dict[str, Any]) -> str:
    """What a balloon shows. Google Earth reads it as HTML, so the words are escaped twice."""
    rows = []
    for key, label, unit in SHOWN:
        value = site.get(key)
        if value is not None and value != "":
            shown = (
                number(value, 1 if isinstance(value, float) else 0) if isinstance(value, int | float) else str(value)
            )
            rows.append(f"{label}: {_text(shown)}{unit}")
    return f"<description>{_text('<br/>'.join(rows))}</description>"


def _data(site: dict[str, Any]) -> str:
    kept = {k: v for k, v in site.items() if v is not None}
    rows = "".join(f'<SimpleData name="{_text(k)}">{_text(v)}</SimpleData>' for k, v in kept.items())
    return f'<ExtendedData><SchemaData schemaUrl="#site">{rows}</SchemaData></ExtendedData>'


def _point(lon: float, lat: float) -> str:
    return f"<Point><coordinates>{lon:.7f},{lat:.7f}</coordinates></Point>"


def _geometry(shape: dict[str, Any]) -> str:
    """A polygon, or several as one geometry; nothing for a point, which stands among the sites."""
    if shape["type"] == "Point":
        return ""
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    drawn = "".join(_polygon(p) for p in polygons)
    return drawn if len(polygons) == 1 else f"<MultiGeometry>{drawn}</MultiGeometry>"


def _polygon(rings: list[list[list[float]]]) -> str:
    def ring(positions: list[list[float]]) -> str:
        words = " ".join(f"{x:.7f},{y:.7f}" for x, y in positions)
        return f"<LinearRing><coordinates>{words}</coordinates></LinearRing>"

    inner = "".join(f"<innerBoundaryIs>{ring(r)}</innerBoundaryIs>" for r in rings[1:])
    return f"<Polygon><outerBoundaryIs>{ring(rings[0])}</outerBoundaryIs>{inner}</Polygon>"
