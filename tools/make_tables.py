#!/usr/bin/env python3
"""Write the shipped tables (planner/catalogue/prices, grid, carbon) from the collected facts.

    python tools/make_tables.py REFERENCE_DIR

A development tool: the program reads only the written files. Units are converted to the contract's (USD/MWh, USD/ha); the grid
region of each state and the carbon zone of each region are our own assignment, marked as assumed where more than one fits.
Electricity Maps values go to carbon/ alone, because their licence asks for share-alike.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

OUT = Path(__file__).parents[1] / "planner" / "catalogue"
ACRES_PER_HA = 2.47105
SERVICE_AREAS = "own assignment from the service areas of the grid operators"

# The grid region that serves most large loads of a state, and how sure that is. A request's own `region` always wins.
STATES: dict[str, tuple[str, str, str]] = {
    "AL": ("SERC-Southern", "assumed", "north of the state: TVA"),
    "AK": ("AK", "assumed", "isolated grids"),
    "AZ": ("WECC-AZPS", "assumed", "Phoenix also SRP, Tucson TEPC"),
    "AR": ("MISO-South", "assumed", "west of the state: SPP"),
    "CA": ("CAISO", "derived", "parts: BANC, LADWP, IID, TIDC"),
    "CO": ("WECC-PSCO", "assumed", "parts: WACM"),
    "CT": ("ISO-NE", "derived", ""),
    "DC": ("PJM", "assumed", "read as Maryland and Virginia around it"),
    "DE": ("PJM", "derived", ""),
    "FL": ("SERC-FPL", "assumed", "Florida has nine zones; the largest stands in"),
    "GA": ("SERC-Southern", "derived", ""),
    "HI": ("HI", "assumed", "isolated grids"),
    "IA": ("MISO", "derived", ""),
    "ID": ("WECC-IPCO", "assumed", "parts: PACE, BPAT, AVA"),
    "IL": ("MISO", "assumed", "Chicago (ComEd): PJM"),
    "IN": ("MISO", "assumed", "AEP territory: PJM"),
    "KS": ("SPP", "derived", ""),
    "KY": ("KY-LGEE", "assumed", "parts: PJM, TVA"),
    "LA": ("MISO-South", "derived", ""),
    "MA": ("ISO-NE", "derived", ""),
    "MD": ("PJM", "derived", ""),
    "ME": ("ISO-NE", "derived", ""),
    "MI": ("MISO", "derived", ""),
    "MN": ("MISO", "derived", ""),
    "MO": ("MISO", "assumed", "west of the state: SPP; parts: AECI"),
    "MS": ("MISO-South", "assumed", "parts: TVA, Southern"),
    "MT": ("WECC-NWMT", "assumed", ""),
    "NC": ("SERC-DUK", "assumed", "parts: Duke Progress, PJM, TVA"),
    "ND": ("MISO", "assumed", "parts: SPP"),
    "NE": ("SPP", "derived", ""),
    "NH": ("ISO-NE", "derived", ""),
    "NJ": ("PJM", "derived", ""),
    "NM": ("WECC-PNM", "assumed", "south: EPE; east: SPP"),
    "NV": ("WECC-NEVP", "derived", ""),
    "NY": ("NYISO", "derived", ""),
    "OH": ("PJM", "derived", ""),
    "OK": ("SPP", "derived", ""),
    "OR": ("WECC-BPAT", "assumed", "Portland: PGE; parts: PACW"),
    "PA": ("PJM", "derived", ""),
    "RI": ("ISO-NE", "derived", ""),
    "SC": ("SERC-DESC", "assumed", "parts: Duke, Santee Cooper"),
    "SD": ("SPP", "assumed", "parts: MISO"),
    "TN": ("TVA", "derived", ""),
    "TX": ("ERCOT", "derived", "panhandle: SPP; El Paso: EPE; east: MISO"),
    "UT": ("WECC-PACE", "derived", ""),
    "VA": ("PJM", "derived", ""),
    "VT": ("ISO-NE", "derived", ""),
    "WA": ("WECC-BPAT", "assumed", "public utilities of the Columbia and PSEI differ widely"),
    "WI": ("MISO", "derived", ""),
    "WV": ("PJM", "derived", ""),
    "WY": ("WECC-WACM", "assumed", "west: PACE"),
}

# Grid region -> the Electricity Maps zone that describes it (zone names only; values stay in carbon/).
ZONES: dict[str, str] = {
    "ERCOT": "US-TEX-ERCO", "PJM": "US-MIDA-PJM", "PJM-Dominion": "US-MIDA-PJM", "PJM-AEP-Ohio": "US-MIDA-PJM",
    "PJM-Pittsburgh": "US-MIDA-PJM", "MISO": "US-MIDW-MISO", "MISO-South": "US-MIDW-MISO", "SPP": "US-CENT-SWPP",
    "NYISO": "US-NY-NYIS", "ISO-NE": "US-NE-ISNE", "CAISO": "US-CAL-CISO", "TVA": "US-TEN-TVA",
    "SERC-Southern": "US-SE-SOCO", "SERC-DUK": "US-CAR-DUK", "SERC-DESC": "US-CAR-SCEG", "SERC-FPL": "US-FLA-FPL",
    "KY-LGEE": "US-MIDW-LGEE", "WECC-EPE": "US-SW-EPE", "WECC-WACM": "US-NW-WACM", "WECC-AZ": "US-SW-AZPS",
    "WECC-AZPS": "US-SW-AZPS", "WECC-SRP": "US-SW-SRP", "WECC-NEVP": "US-NW-NEVP", "WECC-PACE": "US-NW-PACE",
    "WECC-PNM": "US-SW-PNM", "WECC-PSCO": "US-NW-PSCO", "WECC-IPCO": "US-NW-IPCO", "WECC-BPAT": "US-NW-BPAT",
    "WECC-PGE": "US-NW-PGE", "WECC-NWMT": "US-NW-NWMT", "AK": "US-AK", "HI": "US-HI",
    "NESO-GB": "GB", "TNB": "MY-WM", "PLN": "ID", "NO2": "NO-NO2", "NO4": "NO-NO4", "AEMO-NEM": "AU-VIC", "REN": "PT",
    "UAE": "AE", "CN": "CN",
}  # fmt: skip

# Whole countries that one zone describes, and parts of countries (country, state) that have their own.
COUNTRIES: dict[tuple[str, str], str] = {
    ("US", ""): "US", ("AE", ""): "AE", ("GB", ""): "GB", ("FI", ""): "FI", ("PT", ""): "PT", ("ID", ""): "ID", ("AR", ""): "AR",
    ("KR", ""): "KR", ("IS", ""): "IS", ("FR", ""): "FR", ("DE", ""): "DE", ("CN", ""): "CN", ("SA", ""): "SA",
    ("NO", "Agder"): "NO-NO2", ("NO", "Nordland"): "NO-NO4", ("IN", "Andhra Pradesh"): "IN-SO", ("IN", "Maharashtra"): "IN-WE",
    ("IN", "Gujarat"): "IN-WE", ("MY", "Johor"): "MY-WM", ("AU", "Victoria"): "AU-VIC", ("CA", "Ontario"): "CA-ON",
    ("JP", "Osaka"): "JP-KN", ("SE", "Norrbotten"): "SE-SE1",
}  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)
    print(f"wrote {path.relative_to(OUT)}")


def prices(reference: Path) -> None:
    by_state: dict[str, dict[str, dict[str, str]]] = {}
    for r in read(reference / "electricity_prices.csv"):
        if r["sector"] == "industrial" and r["period_type"] in {"annual", "planning"}:
            by_state.setdefault(r["state"], {})[r["period_type"]] = r
    write(
        OUT / "prices" / "electricity.csv",
        ["state", "state_name", "planning_usd_per_mwh", "planning_basis", "planning_note", "planning_source",
         "annual_2023_usd_per_mwh", "annual_2023_basis", "annual_2023_source"],
        ([state, p["planning"]["state_name"], round(float(p["planning"]["price_c_kwh"]) * 10, 2), p["planning"]["basis"],
          p["planning"]["note"], p["planning"]["source_url"],
          round(float(p["annual"]["price_c_kwh"]) * 10, 2) if "annual" in p else "",
          p["annual"]["basis"] if "annual" in p else "", p["annual"]["source_url"] if "annual" in p else ""]
         for state, p in sorted(by_state.items())),
    )  # fmt: skip
    write(
        OUT / "prices" / "land.csv",
        ["state", "state_name", "usd_per_acre", "usd_per_ha", "year", "land_class", "basis", "source", "note"],
        ([r["state"], r["state_name"], r["usd_per_acre"], round(float(r["usd_per_acre"]) * ACRES_PER_HA, 2), r["year"],
          r["land_class"], r["basis"], r["source_url"], r["note"]] for r in read(reference / "land_prices.csv")),
    )  # fmt: skip


def grid() -> None:
    write(
        OUT / "grid" / "states.csv",
        ["state", "region", "basis", "note", "source"],
        ([s, region, basis, note, SERVICE_AREAS] for s, (region, basis, note) in sorted(STATES.items())),
    )
    write(OUT / "grid" / "zones.csv", ["region", "zone"], sorted(ZONES.items()))
    write(
        OUT / "grid" / "countries.csv",
        ["country", "state", "zone"],
        ([c, s, z] for (c, s), z in sorted(COUNTRIES.items())),
    )


def carbon(reference: Path) -> None:
    rows = [r for r in read(reference / "carbon_intensity.csv") if not r["zone"].startswith("EGRID")]
    keep = [
        "zone",
        "region_name",
        "lifecycle_g_kwh_2023",
        "lifecycle_g_kwh_2024",
        "lifecycle_g_kwh_2025",
        "direct_g_kwh",
        "direct_year",
    ]
    write(OUT / "carbon" / "intensity.csv", keep, ([r[k] for k in keep] for r in rows))
    missing = (set(ZONES.values()) | set(COUNTRIES.values())) - {r["zone"] for r in rows}
    if missing:
        sys.exit(f"no carbon row for the zones {', '.join(sorted(missing))}: correct ZONES or COUNTRIES")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    reference = Path(sys.argv[1])
    prices(reference)
    grid()
    carbon(reference)


if __name__ == "__main__":
    main()
