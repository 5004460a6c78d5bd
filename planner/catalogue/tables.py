"""Shipped tables: electricity price, carbon intensity, land price and grid region of a place (M3.10).

Only what a source states is in them: US states have price, land and region; carbon also covers some zones abroad. What
is not there is not returned, so that nothing is invented silently.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

FIELDS = ("region", "electricity_usd_per_mwh", "carbon_kg_per_mwh", "land_usd_per_ha")
"""What :func:`lookup` can answer, in site-property names."""

ENGLISH = {
    "united states": "US", "united states of america": "US", "usa": "US", "united arab emirates": "AE", "uae": "AE",
    "united kingdom": "GB", "uk": "GB", "great britain": "GB", "norway": "NO", "india": "IN", "finland": "FI",
    "portugal": "PT", "malaysia": "MY", "indonesia": "ID", "australia": "AU", "argentina": "AR", "south korea": "KR",
    "korea": "KR", "japan": "JP", "canada": "CA", "iceland": "IS", "sweden": "SE", "france": "FR", "germany": "DE",
    "china": "CN", "saudi arabia": "SA",
}  # fmt: skip
"""Country names in English, lower case, to ISO 3166 two-letter codes, for the countries that a table knows."""

MAPS = "Electricity Maps (ODbL 1.0), lifecycle, through CO2.js"
FARM_LAND = "farm real estate average"


@dataclass(frozen=True)
class Filled:
    """A value taken from a shipped table, with what the assumptions ledger needs to say about it (M8.5)."""

    value: float | str
    unit: str
    source: str
    basis: str
    note: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(*name.split("/")).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _keyed(name: str, key: str) -> Mapping[str, dict[str, str]]:
    return {row[key]: row for row in _rows(name)}


@cache
def _zones_by_place() -> Mapping[tuple[str, str], str]:
    return {(row["country"], row["state"].casefold()): row["zone"] for row in _rows("grid/countries.csv")}


@cache
def _farm_land() -> Mapping[str, dict[str, str]]:
    return {row["state"]: row for row in _rows("prices/land.csv") if row["land_class"] == FARM_LAND}


@cache
def _state_names() -> Mapping[str, str]:
    return {row["state_name"].casefold(): row["state"] for row in _rows("prices/electricity.csv")}


def country_code(country: str | None) -> str:
    """ISO two-letter code of a code or an English name; empty when unknown."""
    text = (country or "").strip()
    if len(text) == 2:
        return {"UK": "GB"}.get(text.upper(), text.upper())
    return ENGLISH.get(text.casefold(), "")


def _us_state(state: str | None) -> str:
    text = (state or "").strip()
    code = text.upper() if len(text) == 2 else _state_names().get(text.casefold(), "")
    return code if code in _keyed("grid/states.csv", "state") else ""


def electricity(state: str, period: Literal["planning", "annual_2023"] = "planning") -> Filled | None:
    """Industrial electricity price of a US state or of ``US`` in USD per MWh, or None.

    ``planning`` is the reading for 2026; ``annual_2023`` the last full official year for all states.
    """
    row = _keyed("prices/electricity.csv", "state").get(state)
    if row is None or not row[f"{period}_usd_per_mwh"]:
        return None
    note = row["planning_note"] if period == "planning" else "EIA Electric Power Annual, 2023"
    return Filled(
        float(row[f"{period}_usd_per_mwh"]), "USD/MWh", row[f"{period}_source"], row[f"{period}_basis"],
        f"industrial average of {row['state_name']}; {note}; large loads often pay other rates")  # fmt: skip


def land(state: str) -> Filled | None:
    """Farm land price of a US state or of ``US`` in USD per hectare, or None: a floor, not what a campus pays."""
    row = _farm_land().get(state)
    if row is None:
        return None
    place = f"farm land, average of {row['state_name']} {row['year']}"
    note = f"{place}; a floor: data-center parcels average 244,000 USD per acre"
    return Filled(float(row["usd_per_ha"]), "USD/ha", row["source"], row["basis"], note)


def carbon(zone: str) -> Filled | None:
    """Location-based lifecycle carbon intensity of an Electricity Maps zone in kg per MWh, latest year, or None."""
    row = _keyed("carbon/intensity.csv", "zone").get(zone)
    if row is None:
        return None
    for year in (2025, 2024, 2023):
        if row[f"lifecycle_g_kwh_{year}"]:
            value = float(row[f"lifecycle_g_kwh_{year}"])
            return Filled(value, "kg/MWh", MAPS, "reported", f"zone {zone} ({row['region_name']}), mean of {year}")
    return None


def _zone(code: str, us_state: str, state: str | None, region: str | None) -> tuple[str, str]:
    """(zone, how it was chosen): the stated region first, then the state, then the country; empty when none fits."""
    zones, text = _keyed("grid/zones.csv", "region"), (region or "").strip()
    if text in zones:
        return zones[text]["zone"], f"grid region {text}"
    if text in _keyed("carbon/intensity.csv", "zone") and code in ("", text.split("-")[0]):
        return text, "zone stated as region"
    if us_state:
        default = _keyed("grid/states.csv", "state")[us_state]["region"]
        return zones[default]["zone"], f"state {us_state}, by its main grid region {default}"
    places, part = _zones_by_place(), (state or "").strip().casefold()
    if part and (code, part) in places:
        return places[code, part], f"{state}, {code}"
    if (code, "") in places:
        return places[code, ""], f"country {code}"
    return "", ""


def lookup(country: str | None = None, state: str | None = None, region: str | None = None) -> dict[str, Filled]:
    """What the tables know of a place, by site-property name; absent where they know nothing.

    ``country`` is a two-letter code or an English name (absent with a US state: United States), ``state`` a US state's
    code or name or a part of another country, ``region`` a grid region as the tables name them (``ERCOT``, ``PJM``).
    A stated region decides the carbon zone and is itself never replaced.
    """
    code = country_code(country) or ("" if country and country.strip() else "US" if _us_state(state) else "")
    us_state = _us_state(state) if code == "US" else ""
    found: dict[str, Filled | None] = {}
    if us_state and not (region or "").strip():
        row = _keyed("grid/states.csv", "state")[us_state]
        note = f"main grid region of {us_state}" + (f"; {row['note']}" if row["note"] else "")
        found["region"] = Filled(row["region"], "", row["source"], row["basis"], note)
    if code == "US":
        found["electricity_usd_per_mwh"] = electricity(us_state or "US")
        found["land_usd_per_ha"] = land(us_state or "US")
    zone, chosen = _zone(code, us_state, state, region)
    if zone and (filled := carbon(zone)):
        found["carbon_kg_per_mwh"] = Filled(
            filled.value, filled.unit, filled.source, filled.basis, f"{filled.note}; chosen by {chosen}"
        )
    return {name: value for name in FIELDS if (value := found.get(name)) is not None}
