#!/usr/bin/env python3
"""Write the site files of the shipped examples (api/examples/*/sites.geojson), and the facts on deals that the Stargate
example stands on (deal-facts.csv), from the collected facts.

    python tools/make_examples.py REFERENCE_DIR

A development tool: the program reads only the written files. Where only a point and acres are public, a parcel is the
square of that geodesic area around the point. Carbon is left to the shipped table (`fill: tables`) so that Electricity
Maps data stay in their own file.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from pathlib import Path
from typing import Any

from example_facts import (
    ACRES_PER_HA,
    ACRES_PER_MW,
    BUILD_NEW,
    BUILD_RUNNING,
    CONSTRUCTION_MUSD_PER_MW,
    GRID_CONNECTION_MUSD_PER_MW,
    HORIZON_START,
    LAND_USD_PER_ACRE,
    OWN_FACTS,
    PACE_MEDIAN,
    PACE_P90,
    PUE_MEAN,
    PUE_PEAK,
    STARGATE,
    STARGATE_DEALS,
    Pick,
    even,
)  # fmt: skip
from pyproj import Geod

OUT = Path(__file__).parents[1] / "api" / "examples"
M2_PER_ACRE = 4046.8564224
GEOD = Geod(ellps="WGS84")
ISO = {"United States": "US", "United Arab Emirates": "AE", "United Kingdom": "GB", "Norway": "NO", "India": "IN",
       "Portugal": "PT", "Malaysia": "MY", "Indonesia": "ID", "Australia": "AU", "China": "CN"}  # fmt: skip
WEAK_ACRES = {"microsoft-fairwater-atlanta"}  # the collected facts say: do not use for sizing
Row = dict[str, str]
Schedule = list[tuple[str, float]]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def square(lon: float, lat: float, acres: float) -> dict[str, Any]:
    """A counter-clockwise square of the given geodesic area centred on a point, rounded to about a centimetre."""
    target = acres * M2_PER_ACRE
    reach = math.sqrt(target / 2)
    for _ in range(4):
        ring = [GEOD.fwd(lon, lat, azimuth, reach)[:2] for azimuth in (225, 135, 45, 315)]
        area = abs(GEOD.polygon_area_perimeter(*zip(*ring, strict=True))[0])
        reach *= math.sqrt(target / area)
    points = [[round(x, 7), round(y, 7)] for x, y in ring]
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}


def month_after(date: str) -> str:
    """The first month that begins on or after a date: power that comes in mid-month counts from the next (M1.3)."""
    year, month, day = (int(x) for x in date.split("-"))
    at = year * 12 + month - 1 + (day > 1)
    return f"{at // 12:04d}-{at % 12 + 1:02d}"


def epoch_schedule(timeline: list[Row]) -> tuple[Schedule, float]:
    """(facility MW by month from the horizon's start on, facility MW that stood before it)."""
    before, later = 0.0, {}
    for r in sorted(timeline, key=lambda r: r["date"]):
        mw = float(r["facility_mw"] or 0)
        if r["date"] < f"{HORIZON_START}-01":
            before = mw
        else:
            later[month_after(r["date"])] = mw
    out, held = [], before
    for month, mw in later.items():
        if mw > held:
            out.append((month, mw))
            held = mw
    return out, before


def steps(schedule: Schedule) -> list[dict[str, Any]]:
    return [{"from": month, "value": round(mw, 1)} for month, mw in schedule]


def acres_of(row: Row, facility_mw: float) -> tuple[float, str]:
    """(acres, basis): stated, or the median ratio of projects of that size."""
    if row["acres"] and row["id"] not in WEAK_ACRES:
        return float(row["acres"]), f"acres: {row['acres_basis']}"
    ratio = next(r for least, r in ACRES_PER_MW if facility_mw >= least)
    acres = round(ratio * facility_mw, 1)
    return acres, f"acres assumed: {facility_mw:g} MW x {ratio:g} acres per MW (median of projects of that size)"


def priced(row: Row, prices: dict[str, float]) -> dict[str, Any]:
    return {"electricity_usd_per_mwh": prices[row["state"]]} if ISO.get(row["country"]) == "US" else {}


def shared(row: Row, peak: float, planned_it: float) -> dict[str, Any]:
    pace = round(min(PACE_P90, max(PACE_MEDIAN, planned_it / 2)), 0)
    return {
        "pue": min(PUE_MEAN, peak),
        "pue_peak": peak,
        "construction_musd_per_mw": CONSTRUCTION_MUSD_PER_MW,
        "pace_mw_per_year": pace,
    }


def stargate_site(row: Row, pick: Pick, timeline: list[Row], prices: dict[str, float]) -> dict[str, Any]:
    """One feature of the Stargate portfolio."""
    lon, lat = float(row["lon"]), float(row["lat"])
    peak = float(row["facility_to_it_ratio"] or PUE_PEAK)
    notes = [pick.note] if pick.note else []
    if pick.ramp:
        grid, live, basis = list(pick.ramp), 0.0, pick.ramp_basis
    else:
        total, live = epoch_schedule(timeline)
        grid = [(month, mw - live) for month, mw in total]
        basis = "Epoch timeline (projected), from the first month on or after each date" + (
            f", less the {live:g} MW that stood at the end of 2026" if live else "")  # fmt: skip
    final = grid[-1][1]
    acres, acres_basis = acres_of(row, float(row["planned_mw"]) if row["planned_mw_basis"] != "generation" else final)
    opening = pick.opening_musd if pick.opening_musd is not None else round(final * GRID_CONNECTION_MUSD_PER_MW, 1)
    opening_note = pick.opening_note or f"{final:g} MW x {GRID_CONNECTION_MUSD_PER_MW:g} MUSD per MW grid connection"
    if pick.committed:
        notes.insert(
            0, "Committed: under construction by its developer, so land and grid connection are sunk and not charged."
        )
    if pick.tag == "comparable":
        notes.append("Another company's campus, planned as if its power still to come were on offer.")
    existing = [{"block": b, "units": n, "online_from": m} for b, n, m in pick.existing]
    properties: dict[str, Any] = {
        "id": row["id"], "name": row["name"], "country": "US", "state": row["state"],
        "region": pick.region or ("WECC-EPE" if row["iso"].startswith("islanded") else row["iso"]),
        "tags": [pick.tag, *pick.tags], "status": "committed" if pick.committed else "candidate",
        **({"available_from": pick.available_from} if pick.available_from else {}),
        "grid_mw": steps(grid), **shared(row, peak, final / peak),
        "electricity_usd_per_mwh": prices[row["state"]] if pick.electricity is None else pick.electricity,
        **({"carbon_kg_per_mwh": pick.carbon} if pick.carbon is not None else {}),
        "land_usd_per_ha": round(LAND_USD_PER_ACRE * ACRES_PER_HA),
        "opening_musd": opening, "build_months": pick.build_months,
        **({"existing": existing} if existing else {}),
        "acres": acres, "geometry_basis": f"assumed square around {row['coord_basis']}; {acres_basis}",
        "grid_basis": basis, "note": " ".join(notes), "opening_note": opening_note, "source_url": row["source_url"],
    }  # fmt: skip
    return {"type": "Feature", "id": row["id"], "geometry": square(lon, lat, acres), "properties": properties}


def world_site(row: Row, timeline: list[Row], prices: dict[str, float]) -> dict[str, Any]:
    """One feature of the world portfolio: whole campus, as if its power stood over empty ground."""
    lon, lat = float(row["lon"]), float(row["lat"])
    peak = float(row["facility_to_it_ratio"] or PUE_PEAK)
    later, live = epoch_schedule(timeline)
    if timeline and (live or later):
        grid = [*([(HORIZON_START, live)] if live else []), *later]
        basis = "Epoch timeline"
    else:
        total = min(float(row["planned_mw"]), 2000.0)
        grid = list(even("2030-01", total))
        basis = "assumed: announced MW (at most 2,000 inside the horizon) in equal quarterly steps up to 2030-01"
    final = max(mw for _, mw in grid)
    acres, acres_basis = acres_of(row, final)
    stated = bool(row["acres"]) and row["id"] not in WEAK_ACRES
    hectares = round(acres / ACRES_PER_HA, 2)
    running = row["status"].startswith("operating")
    islanded = row["iso"].startswith(("islanded", "private")) or row["iso"] == "India"  # no grid region: name the zone
    region = row["carbon_zone"] if islanded else row["iso"]
    properties: dict[str, Any] = {
        "id": row["id"], "name": row["name"], "country": ISO[row["country"]], "state": row["state"],
        "region": region,
        "tags": [row["status"]], "status": "excluded" if row["status"] == "paused" else "candidate",
        "grid_mw": steps(grid), **shared(row, peak, final / peak), **priced(row, prices),
        "opening_musd": round(max(0.0, final - live) * GRID_CONNECTION_MUSD_PER_MW, 1),
        "build_months": BUILD_RUNNING if running or row["status"] == "under_construction" else BUILD_NEW,
        **({} if stated else {"parcel_ha": hectares, "buildable_ha": hectares}),
        "acres": acres,
        "geometry_basis": f"{'assumed square around' if stated else 'point'} {row['coord_basis']}; {acres_basis}",
        "grid_basis": basis, "source_url": row["source_url"],
    }  # fmt: skip
    geometry = square(lon, lat, acres) if stated else point(lon, lat)
    return {"type": "Feature", "id": row["id"], "geometry": geometry, "properties": properties}


def write(name: str, features: list[dict[str, Any]], attribution: str) -> None:
    lines = ",\n".join(json.dumps(f, ensure_ascii=False) for f in features)
    head = json.dumps({"type": "FeatureCollection", "attribution": attribution}, ensure_ascii=False)[:-1]
    (OUT / name).mkdir(parents=True, exist_ok=True)
    (OUT / name / "sites.geojson").write_text(f'{head}, "features": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"wrote {name}/sites.geojson: {len(features)} sites")


FACT_COLUMNS = (
    "subject", "item", "date", "low", "value", "high", "unit", "basis", "read_as", "source_url", "source_url_2", "note",
)  # fmt: skip


def deal_facts(reference: Path) -> list[Row]:
    """What public sources state of deals, revenue and the share price; one figure a row."""
    rows: list[Row] = []
    for r in read(reference / "deals.csv"):
        if r["id"] not in STARGATE_DEALS:
            continue
        same = {"subject": r["id"], "date": r["announced"], "basis": r["basis"], "read_as": r["read_as"],
                "source_url": r["source_url"], "source_url_2": r["source_url_2"]}  # fmt: skip
        status = f"{r['structure']}. Status: {r['status_2026_11']}"
        rows.append(
            {**same, "item": "value", "value": r["value_busd"], "unit": "BUSD", "note": f"{r['value_basis']}. {status}"}
        )
        if r["capacity_gw"]:
            rows.append(
                {
                    **same,
                    "item": "capacity",
                    "value": r["capacity_gw"],
                    "unit": "GW",
                    "note": f"kind: {r['capacity_basis']}. {r['milestones']}".rstrip(),
                }
            )
    for r in read(reference / "deal_tranches.csv"):
        rows.append({"subject": r["deal_id"], "item": f"tranche at {r['trigger_gw_cumulative']} GW", "value": r["amount"], "unit": r["unit"],
                     "basis": r["basis"], "source_url": r["source_url"], "note": r["note"]})  # fmt: skip
    for r in read(reference / "openai_finance.csv"):
        rows.append({"subject": "openai", "item": r["metric"], "date": r["period"], "low": r["low"], "value": r["central"], "high": r["high"],
                     "unit": r["unit"], "basis": r["basis"], "read_as": r["read_as"], "source_url": r["source_url"], "note": "" if "seed" in r["note"].lower() else r["note"]})  # fmt: skip
    keys = ("subject", "item", "date", "value", "unit", "basis", "source_url", "note")
    return [*rows, *(dict(zip(keys, fact, strict=True)) for fact in OWN_FACTS)]


def write_facts(reference: Path) -> None:
    rows = deal_facts(reference)
    with (OUT / "stargate" / "deal-facts.csv").open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, FACT_COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"wrote stargate/deal-facts.csv: {len(rows)} facts")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    reference = Path(sys.argv[1])
    rows = {r["id"]: r for r in read(reference / "sites.csv")}
    timelines: dict[str, list[Row]] = {}
    for r in read(reference / "site_timelines.csv"):
        timelines.setdefault(r["site"], []).append(r)
    prices = {r["state"]: round(float(r["price_c_kwh"]) * 10, 2)
              for r in read(reference / "electricity_prices.csv") if r["period_type"] == "planning"}  # fmt: skip
    credit = ("Sites: Epoch AI, AI Data Centers (CC BY 4.0), and FracTracker Alliance; prices: EIA; some coordinates "
              "© OpenStreetMap contributors (ODbL 1.0). See README.md.")  # fmt: skip
    write(
        "stargate",
        [stargate_site(rows[p.id], p, timelines.get(rows[p.id]["name"], []), prices) for p in STARGATE],
        credit,
    )
    write_facts(reference)
    world = [r for r in rows.values() if r["lat"] and r["planned_mw"]]
    write("world", [world_site(r, timelines.get(r["name"], []), prices) for r in world], credit)


if __name__ == "__main__":
    main()
