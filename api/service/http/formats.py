"""The formats a plan is handed over in, and how a caller names one: ``?f=`` first, else ``Accept``. One line adds one."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from api.service.http.problems import Problem
from api.service.http.text import shown


class Format(NamedTuple):
    """``file``: its name in the result's folder, where the worker has written it; else ``writer`` does, on demand."""

    media_type: str
    file: str
    writer: str
    what: str
    needs_plan: bool = True


FORMATS: dict[str, Format] = {
    "json": Format("application/json", "plan.json", "api.outputs.plan_json:write", "the whole plan", False),
    "geojson": Format("application/geo+json", "sites.geojson", "api.outputs.sites_geojson:write", "the sites"),
    "timeline": Format(
        "application/geo+json", "timeline.geojson", "api.outputs.timeline_geojson:write", "every site in every period"
    ),
    "gpkg": Format("application/geopackage+sqlite3", "plan.gpkg", "api.outputs.gpkg:write", "layers and tables"),
    "kml": Format("application/vnd.google-earth.kml+xml", "plan.kml", "api.outputs.kml:write", "for Google Earth"),
    "csv": Format("application/zip", "plan-csv.zip", "api.outputs.csv_zip:write", "the CSV tables"),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "plan.xlsx",
        "api.outputs.xlsx:write",
        "the tables as a workbook",
    ),
    "html": Format("text/html", "report.html", "api.outputs.report_html:write", "a report for a board", False),
    "md": Format("text/markdown", "report.md", "api.outputs.report:write", "the same as Markdown", False),
    "png": Format("image/png", "map.png", "api.outputs.map_png:write", "the map"),
    "board": Format("application/json", "board.json", "api.outputs.board_json:write", "the figures a board asks for"),
    "simplestyle": Format(
        "application/geo+json",
        "sites.simplestyle.geojson",
        "api.outputs.simplestyle:write",
        "sites, coloured for GitHub",
    ),
    "kepler": Format("application/json", "kepler.json", "api.outputs.kepler:write", "a map of kepler.gl"),
    "run": Format("application/json", "run.json", "", "wall times and versions of the run", False),
}
SPELLINGS = {"application/x-sqlite3": "gpkg", "application/vnd.geo+json": "geojson", "application/problem+json": "json"}
"""Further media types that stand for a format."""

BY_ACCEPT = ("json", "geojson", "gpkg", "kml", "csv", "xlsx", "html", "md", "png")
"""What an Accept header can choose, the server's preference first."""


def writer(format: Format) -> Callable[[Any, Path], None]:
    """The function that writes a format from a bundle."""
    module, function = format.writer.split(":")
    found: Callable[[Any, Path], None] = getattr(import_module(module), function)
    return found


def chosen(f: str | None, accept: str | None) -> str:
    """The format's name. Raises Problem (bad-parameter, not-acceptable)."""
    if f is not None:
        if f not in FORMATS:
            raise Problem("bad-parameter", f"f={shown(f)} is no format; there are: {', '.join(FORMATS)}")
        return f
    if not accept:
        return "json"
    best, weight = None, 0.0
    for name in BY_ACCEPT:
        found = quality(accept, FORMATS[name].media_type)
        if found > weight:
            best, weight = name, found
    for media, name in SPELLINGS.items():
        found = quality(accept, media, exact=True)
        if found > weight:
            best, weight = name, found
    if best is None:
        known = ", ".join(f"{n} ({FORMATS[n].media_type})" for n in BY_ACCEPT)
        raise Problem("not-acceptable", f"there are: {known}; or use ?f=")
    return best


def quality(accept: str, media_type: str, exact: bool = False) -> float:
    """How much an Accept header wants a media type (RFC 9110, 12.5.1): the most specific range decides; 0 is not at all."""
    rank, weight = -1, 0.0
    for part in accept.split(",")[:50]:
        name, *parameters = (p.strip().lower() for p in part.split(";"))
        specific = (
            2 if name == media_type else 1 if name == media_type.split("/")[0] + "/*" else 0 if name == "*/*" else -1
        )
        if specific < (2 if exact else 0) or specific <= rank:
            continue
        rank, weight = specific, 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = min(max(float(parameter[2:]), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
    return weight if weight == weight else 0.0
