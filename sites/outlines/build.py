"""Makes states and countries small enough to ship: ``python build.py US_ATLAS WORLD_ATLAS ISO_COUNTRIES OUT``.

The first three are unpacked npm packages (``us-atlas`` 3, ``world-atlas`` 2, ``i18n-iso-countries`` 7). Borders are
simplified together, so that neighbours still meet; islands below ``SPECK_KM2`` go, unless a country is nothing else.
Not used at run time.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
SPECK_KM2 = {"us_states": 60.0, "countries": 200.0}
TOLERANCE_DEG = {"us_states": 0.02, "countries": 0.18}
POSTAL = {
    "01": "AL",
    "02": "AK",
    "04": "AZ",
    "05": "AR",
    "06": "CA",
    "08": "CO",
    "09": "CT",
    "10": "DE",
    "11": "DC",
    "12": "FL",
    "13": "GA",
    "15": "HI",
    "16": "ID",
    "17": "IL",
    "18": "IN",
    "19": "IA",
    "20": "KS",
    "21": "KY",
    "22": "LA",
    "23": "ME",
    "24": "MD",
    "25": "MA",
    "26": "MI",
    "27": "MN",
    "28": "MS",
    "29": "MO",
    "30": "MT",
    "31": "NE",
    "32": "NV",
    "33": "NH",
    "34": "NJ",
    "35": "NM",
    "36": "NY",
    "37": "NC",
    "38": "ND",
    "39": "OH",
    "40": "OK",
    "41": "OR",
    "42": "PA",
    "44": "RI",
    "45": "SC",
    "46": "SD",
    "47": "TN",
    "48": "TX",
    "49": "UT",
    "50": "VT",
    "51": "VA",
    "53": "WA",
    "54": "WV",
    "55": "WI",
    "56": "WY",
    "60": "AS",
    "66": "GU",
    "69": "MP",
    "72": "PR",
    "78": "VI",
}
NAMELESS_ISO = {"Kosovo": ("XK", "XKX"), "Somaliland": ("SO", "SOM"), "N. Cyprus": ("CY", "CYP")}


def _unwrapped(ring: Any) -> Any:
    xy = shapely.get_coordinates(ring)
    xy[:, 0] = np.unwrap(xy[:, 0], period=360)
    return xy


def _split_at_180(geometry: Any) -> shapely.MultiPolygon:
    """TopoJSON of the world writes Chukotka and Fiji as rings that jump from 180 to -180."""
    whole = [
        shapely.make_valid(shapely.Polygon(_unwrapped(p.exterior), [_unwrapped(r) for r in p.interiors]))
        for p in shapely.get_parts(geometry)
    ]
    pieces = []
    for shift in (-360, 0, 360):
        window = shapely.box(-180 + shift, -90, 180 + shift, 90)
        cut = shapely.intersection(np.array(whole, dtype=object), window)
        pieces += [shapely.affinity.translate(g, -shift) for g in shapely.get_parts(cut)]
    return shapely.MultiPolygon([p for p in shapely.get_parts(pieces) if isinstance(p, shapely.Polygon) and p.area > 0])


def _km2(polygon: shapely.Polygon) -> float:
    return abs(GEOD.geometry_area_perimeter(polygon)[0]) / 1e6


def _without_specks(geometry: Any, speck_km2: float) -> shapely.MultiPolygon:
    parts = [p for p in shapely.get_parts(geometry) if isinstance(p, shapely.Polygon) and not p.is_empty]
    sized = sorted(((_km2(p), i) for i, p in enumerate(parts)), reverse=True)
    kept = [i for km2, i in sized if km2 >= speck_km2] or [sized[0][1]]
    return shapely.MultiPolygon([parts[i] for i in sorted(kept)])


def _simplified(table: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    shapes = np.array([_without_specks(_split_at_180(g), SPECK_KM2[kind]) for g in table.geometry], dtype=object)
    simple = shapely.coverage_simplify(shapes, TOLERANCE_DEG[kind])
    rounded = shapely.set_precision(simple, 0.001 if kind == "us_states" else 0.01)
    # a country smaller than the rounding is drawn as it is
    return table.assign(geometry=np.where(shapely.is_empty(rounded), shapely.set_precision(shapes, 0.0001), rounded))


def _write(features: list[dict[str, Any]], out: Path) -> None:
    features.sort(key=lambda f: str(f["properties"]["name"]))
    head = '{"type":"FeatureCollection","features":[\n'
    rows = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    out.write_text(head + rows + "\n]}\n", encoding="utf-8")


def _feature(geometry: Any, digits: int, **properties: Any) -> dict[str, Any]:
    parts = [p for p in shapely.get_parts(geometry) if isinstance(p, shapely.Polygon) and not p.is_empty]
    shape = shapely.orient_polygons(shapely.MultiPolygon(parts))
    rounded = json.loads(
        json.dumps(shapely.geometry.mapping(shape)), parse_float=lambda text: round(float(text), digits)
    )
    return {"type": "Feature", "properties": properties, "geometry": rounded}


def main(us_atlas: Path, world_atlas: Path, iso: Path, out: Path) -> None:
    """Write ``us_states.geojson`` and ``countries.geojson``."""
    states = _simplified(gpd.read_file(us_atlas / "states-10m.json", layer="states", engine="pyogrio"), "us_states")
    _write(
        [_feature(r.geometry, 4, name=r["name"], code=POSTAL[r["id"]]) for _, r in states.iterrows()],
        out / "us_states.geojson",
    )
    codes = {number: (a2, a3) for a2, a3, number, *_ in json.loads((iso / "codes.json").read_text())}
    english = json.loads((iso / "langs" / "en.json").read_text())["countries"]
    world = gpd.read_file(world_atlas / "countries-50m.json", layer="countries", engine="pyogrio")
    world = _simplified(world[world["name"] != "Antarctica"], "countries")
    features = []
    for _, row in world.iterrows():
        a2, a3 = NAMELESS_ISO.get(row["name"]) or codes.get(str(row["id"]).zfill(3), ("", ""))
        names = english.get(a2, [])
        also = sorted({*([names] if isinstance(names, str) else names)} - {row["name"]})
        features.append(_feature(row.geometry, 4, name=row["name"], code=a2, code3=a3, also="|".join(also)))
    _write(features, out / "countries.geojson")


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:5]))
