"""Where on the map a site lies: US states and countries from the shipped outlines (see ``outlines/README.md``)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.problem.site import Site
from sites.faults import Faults, feature_path
from sites.files import geojson_document
from sites.frame import Array

FOLDER = Path(__file__).parent / "outlines"
TOLERANCE_KM = {"country": 100.0, "state": 25.0}
"""How far outside a stated place's outline a site may lie before it is said: the outlines are coarse."""

SHORT = {
    "uk": "GB",
    "great britain": "GB",
    "uae": "AE",
    "usa": "US",
    "south korea": "KR",
    "korea": "KR",
    "czech republic": "CZ",
}
KM_PER_DEGREE = 111.2


class Place(NamedTuple):
    """A country (two-letter code) and, in the United States, a state (postal code); empty where unknown."""

    country: str
    state: str


@cache
def _table(name: str) -> gpd.GeoDataFrame:
    collection = geojson_document(FOLDER / f"{name}.geojson")["features"]
    shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in collection])
    shapely.prepare(shapes)
    rows = pd.DataFrame([f["properties"] for f in collection])
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, crs=4326))


class Outlines(NamedTuple):
    """WGS 84 outlines: ``us_states`` (name, code) and ``countries`` (name, code, code3, also)."""

    us_states: gpd.GeoDataFrame
    countries: gpd.GeoDataFrame


def outlines() -> Outlines:
    """Fresh copies of the shipped outlines, for maps."""
    return Outlines(_table("us_states").copy(), _table("countries").copy())


def _nearest(name: str, lon: Array, lat: Array, within_km: float) -> list[str]:
    """The code of the outline that holds each point, or of the nearest one within a distance, or nothing."""
    table = _table(name)
    points = np.asarray(shapely.points(np.column_stack([lon, lat])), dtype=object)
    found = [""] * len(points)
    tree = shapely.STRtree(table.geometry.array)
    codes = table["code"].tolist()
    inside_i, inside_j = tree.query(points, predicate="intersects")
    for i, j in zip(inside_i, inside_j, strict=True):
        found[i] = codes[j]
    left = np.array([i for i, code in enumerate(found) if not code], dtype=int)
    if len(left):
        near = tree.query_nearest(points[left], max_distance=within_km / KM_PER_DEGREE, all_matches=False)
        for i, j in zip(near[0], near[1], strict=True):
            found[left[i]] = codes[j]
    return found


def locate(lon: Array, lat: Array) -> list[Place]:
    """The place of every point; a point up to 30 km off a coast belongs to it."""
    countries = _nearest("countries", lon, lat, 30.0)
    states = _nearest("us_states", lon, lat, 5.0)
    # the states' outlines are ten times finer than the countries'
    return [
        Place("US", s) if s and c in ("US", "CA", "MX", "") else Place(c, "")
        for c, s in zip(countries, states, strict=True)
    ]


@cache
def _by_name(name: str) -> dict[str, tuple[int, ...]]:
    """Every name and code, folded, to the outlines that bear its code: far islands are often drawn apart."""
    rows = _table(name).to_dict("records")
    same = {row["code"]: tuple(i for i, r in enumerate(rows) if r["code"] == row["code"]) for row in rows}
    known: dict[str, tuple[int, ...]] = {}
    for position, row in enumerate(rows):
        for text in (row["name"], row["code"], row.get("code3", ""), *str(row.get("also", "")).split("|")):
            if text:
                known.setdefault(str(text).casefold(), same[row["code"]] if row["code"] else (position,))
    if name == "countries":
        known |= {short: same[code] for short, code in SHORT.items()}
    return known


def _off_km(name: str, positions: tuple[int, ...], lon: float, lat: float) -> float:
    """Kilometres, roughly, from a point to a stated place's outlines; 0 inside."""
    shapes = _table(name).geometry.array[list(positions)]
    if shapely.intersects(shapes, shapely.Point(lon, lat)).any():
        return 0.0
    stretch = max(np.cos(np.radians(lat)), 0.05)
    squeezed = shapely.transform(shapes, lambda xy: np.column_stack([xy[:, 0] * stretch, xy[:, 1]]))
    return float(shapely.distance(squeezed, shapely.Point(lon * stretch, lat)).min() * KM_PER_DEGREE)


def check_stated(sites: list[tuple[int, Site]], lon: Array, lat: Array, faults: Faults) -> None:
    """Warn where a site lies far outside the country or US state that it states; tell swapped coordinates."""
    for (index, site), x, y in zip(sites, lon, lat, strict=True):
        country = _by_name("countries").get(site.country.casefold()) if site.country else None
        in_us = not site.country or country == _by_name("countries")["us"]
        state = _by_name("us_states").get(site.state.casefold()) if site.state and in_us else None
        for kind, table, position, stated in (
            ("country", "countries", country, site.country),
            ("state", "us_states", state, site.state),
        ):
            if position is None:
                continue
            km = _off_km(table, position, float(x), float(y))
            if km > TOLERANCE_KM[kind]:
                swapped = abs(x) <= 90 and _off_km(table, position, float(y), float(x)) < TOLERANCE_KM[kind]
                hint = (
                    "lon and lat look swapped: a position is [lon, lat]"
                    if swapped
                    else f"correct its {kind} or its geometry"
                )
                message = f"site {site.id!r} lies at lon {x:.4f}, lat {y:.4f}, about {km:,.0f} km outside {stated}"
                faults.warn(feature_path(index, "geometry"), message, hint)
                break
