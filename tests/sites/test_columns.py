"""M3.10: users' own names and units, defaults, tables; and M8.5: nothing is filled silently."""

from __future__ import annotations

import datetime
from fractions import Fraction

import numpy as np
import pytest
import shapely

from sites.units import conversion, scale
from sites.values import plain, typed
from tests.sites.worlds import collection, prepared, refused, square, told

SQUARE = [square(-99.7, 32.4, 1000)]


def own(properties: dict[str, object], **more: object) -> object:
    """One site that states just this."""
    sites = collection(SQUARE)
    sites["features"][0]["properties"] = {"id": "a", **properties}
    return prepared(sites, **more)


def test_units_by_hand() -> None:
    """1 acre = 0.40468564224 ha; 5 cents/kWh = 50 USD/MWh; 1 USD/acre = 2.4710538 USD/ha; 1 USD/kW = 1000 USD/MW."""
    for value, unit, field, expected in (
        (1000, "acre", "ha", 404.68564224),
        (2, "km2", "ha", 200),
        (5, "cents/kWh", "USD/MWh", 50),
        (0.05, "USD/kWh", "USD/MWh", 50),
        (0.05, "$ per kWh", "USD/MWh", 50),
        (10_000, "USD/acre", "USD/ha", 24_710.538146716533),
        (123_456, "kW", "MW", 123.456),
        (1.2, "GW", "MW", 1200),
        (11_000, "USD/kW", "MUSD/MW", 11),
        (2, "years", "month", 24),
        (8.25, "percent", "fraction", 0.0825),
        (1.2, "%", "fraction/year", 0.012),
        (400, "g/kWh", "kg/MWh", 400),
        (900, "lb/MWh", "kg/MWh", 408.233133),
        (300, "kUSD", "MUSD/year", 0.3),
        (25, "kUSD/month", "MUSD/year", 0.3),
    ):
        assert scale(value, conversion(unit, field)) == pytest.approx(expected, rel=1e-12), unit
    for unit, field in (("acre", "MW"), ("furlong", "ha"), ("mW", "MW"), ("", "ha"), ("USD/", "USD/MWh")):
        with pytest.raises(ValueError, match=r"."):
            conversion(unit, field)
    assert scale(0.1, Fraction(1, 10)) == 0.01


def test_columns_with_units_schedules_and_aliases() -> None:
    site = own(
        {
            "MW_27": 50,
            "MW_28": None,
            "MW_29": 120,
            "ACRES": "250",
            "PRICE": 4.5,
            "NOTE": "hello",
            "T": "x, y,,z",
            "W": 7,
        },
        property_names={
            "grid_mw": {"2027-01": "MW_27", "2028-01": "MW_28", "2029-01": "MW_29"},
            "acres": {"from": "ACRES", "unit": "acre"},
            "electricity_usd_per_mwh": {"from": "PRICE", "unit": "cents/kWh"},
            "tags": "T",
            "resources.water": "W",
        },
    ).sites[0]
    assert [(s.from_, s.value) for s in site.grid_mw] == [("2027-01", 50), ("2029-01", 120)]
    assert site.parcel_ha == pytest.approx(250 * 0.40468564224)
    assert (site.electricity_usd_per_mwh, site.tags, site.resources) == (45, ("x", "y", "z"), {"water": 7})


def test_schedule_columns_with_a_unit_and_alias_without() -> None:
    names = {"grid_mw": {"from": {"2027-01": "A", "2028-01": "B"}, "unit": "kW"}, "parcel_acres": "AC"}
    site = own({"A": 50_000, "B": 70_000, "AC": 10}, property_names=names).sites[0]
    assert [s.value for s in site.grid_mw] == [50, 70]
    assert site.parcel_ha == pytest.approx(4.0468564224)


def test_mapping_wins_over_a_column_of_the_same_name_and_null_passes_over() -> None:
    sites = collection(SQUARE, {"POWER": 40, "status": "operating (phase 1)"})
    assert "status" in told(refused(sites))
    site = prepared(sites, property_names={"grid_mw": "POWER", "status": None}).sites[0]
    assert (site.grid_mw, site.status) == (40, "candidate")


def test_wrong_mappings_are_faults_all_at_once() -> None:
    names = {
        "grid_mv": "A",
        "pue": "PUE",
        "parcel_ha": {"from": "A", "unit": "furlong"},
        "land_usd_per_ha": {"from": "A", "unit": "MW"},
        "name": 7,
        "tags": {"of": "A"},
        "acres": "A",
        "hectares": "A",
    }
    sites = collection(SQUARE, {"A": 1, "PUE_": 1.2})
    found = refused(sites, property_names=names)
    assert {f.path[1] for f in found} == set(names) - {"acres"}
    text = told(found)
    for words in (
        "did you mean grid_mw?",
        "did you mean PUE_?",
        "unknown unit 'furlong'",
        "cannot be converted",
        "mapped twice",
    ):
        assert words in text


def test_site_defaults_fill_and_say_so() -> None:
    sites = collection([square(0, 0, 500), square(1, 1, 500)], {"pue": 1.5, "resources": {"water": 1}}, {})
    found = prepared(sites, site_defaults={"pue": 1.2, "build_months": 18, "resources": {"water": 9, "fibre": 2}})
    assert [s.pue for s in found.sites] == [1.5, 1.2]
    assert [s.resources for s in found.sites] == [{"water": 1, "fibre": 2}, {"water": 9, "fibre": 2}]
    filled = {(a.subject, a.field): a.value for a in found.assumptions if a.origin == "site_default"}
    assert filled == {
        ("s0", "build_months"): 18,
        ("s0", "resources.fibre"): 2,
        ("s1", "pue"): 1.2,
        ("s1", "build_months"): 18,
        ("s1", "resources.water"): 9,
        ("s1", "resources.fibre"): 2,
    }
    assert next(a for a in found.assumptions if a.field == "build_months").unit == "month"


def test_wrong_defaults_are_said_once() -> None:
    sites = collection([square(i, 0, 500) for i in range(20)])
    found = refused(sites, site_defaults={"puu": 1.2, "pue": -1, "id": "x", "acres": 5, "grid_mw": "many"})
    assert len(found) == 5
    assert {f.path for f in found} == {("site_defaults", k) for k in ("puu", "pue", "id", "acres", "grid_mw")}
    assert "did you mean pue?" in told(found) and "write parcel_ha, in ha" in told(found)


def test_tables_fill_price_carbon_and_zone_by_location() -> None:
    """Without `fill` they stay 0; with it the Texan square gets Texan figures, each with its source."""
    silent = prepared(collection(SQUARE))
    assert (silent.sites[0].electricity_usd_per_mwh, silent.sites[0].carbon_kg_per_mwh) == (0, 0)
    assert any(a.origin == "default" and a.field == "electricity_usd_per_mwh" for a in silent.assumptions)
    found = prepared(collection(SQUARE, {"carbon_kg_per_mwh": 5}), fill="tables")
    site = found.sites[0]
    assert (site.country, site.state, site.region, site.carbon_kg_per_mwh) == ("US", "TX", "ERCOT", 5)
    assert site.electricity_usd_per_mwh > 10
    origins = {a.field: a.origin for a in found.assumptions}
    assert (origins["state"], origins["region"], origins["electricity_usd_per_mwh"]) == ("derived", "table", "table")
    assert all(a.source for a in found.assumptions)
    assert "carbon_kg_per_mwh" not in origins
    stated = prepared(collection([square(10, 60, 1000)], {"country": "Norway"}), fill="tables").sites[0]
    assert (stated.country, stated.state) == ("Norway", "")


def test_near_misses_are_named_and_innocent_columns_are_not() -> None:
    sites = collection(SQUARE, {"grid_mv": 5, "county": "Taylor", "owner": "x", "electricit": 3})
    assert told(prepared(sites).warnings).count("is not read") == 2
    text = told(refused(sites, strict=True))
    assert "'grid_mw'" in text and "'electricity_usd_per_mwh'" in text and "county" not in text


def test_suspicious_magnitudes_name_value_and_unit() -> None:
    odd = {"grid_mw": 150_000, "electricity_usd_per_mwh": 0.05, "pue": 12, "land_usd_per_ha": 2e8, "sales_tax": 8.25}
    found = prepared(collection(SQUARE, odd))
    text = told(found.warnings)
    for words in ("150,000; MW is wanted; it looks like kW", "USD/kWh", "pue is 12", "land_usd_per_ha", "percent"):
        assert words in text
    assert len(refused(collection(SQUARE, odd), strict=True)) == 5
    dear = prepared(collection(SQUARE, {"electricity_usd_per_mwh": [{"from": "2026-01", "value": 2000}]}))
    assert "2,000" in told(dear.warnings)


def test_cells_become_plain_values() -> None:
    assert plain(np.float64(2.5)) == 2.5 and plain(np.nan) is None and plain(np.int64(3)) == 3
    assert plain("  ") is None and plain(np.array([1, 2])) == [1, 2]
    assert plain(np.datetime64("NaT")) is None and plain(np.datetime64("2027-03-01")) == datetime.date(2027, 3, 1)
    assert typed("available_from", datetime.date(2027, 3, 1)) == "2027-03"
    assert typed("available_from", "2027-03-02") == "2027-04"  # M1.3: the first month that begins on or after the day
    assert typed("available_from", datetime.date(2027, 12, 31)) == "2028-01"
    assert typed("id", 12.0) == "12" and typed("grid_mw", " 1e2 ") == 100 and typed("grid_mw", "1_000") == "1_000"
    assert typed("existing", '[{"block": "b"}]') == [{"block": "b"}]
    for text in ("[NaN]", "[" * 5000, "[1"):
        with pytest.raises(ValueError, match=r"."):
            typed("grid_mw", text)


def test_ids() -> None:
    three = [square(i, 0, 500) for i in range(3)]
    assert "stands twice" in told(refused(collection(three, {"id": "Abilene"}, {"id": "abilene"}, {"id": "b"})))
    assert "stands twice" in told(refused(collection(three, {"id": "Caf\u00e9"}, {"id": "Cafe\u0301"})))
    assert "site #1 has no id" in told(refused(collection(three, {"id": None})))
    assert "direction" in told(refused(collection(three, {"id": "a\u202eb"})))
    sites = collection(three, {"id": 7})
    del sites["features"][1]["properties"]["id"]
    sites["features"][1]["id"] = "top"
    assert [s.id for s in prepared(sites).sites] == ["7", "top", "s2"]


def test_all_faults_of_all_sites_at_once_with_path_and_id() -> None:
    sites = collection(
        [*SQUARE, shapely.Point(1, 200), shapely.LineString([(0, 0), (1, 1)])],
        {"grid_mw": -5},
        {"pue": "high"},
        {"existing": "[1"},
    )
    found = refused(sites, land={"exclusions": [{"id": "e", "path": "gone.gpkg"}]}, site_defaults={"nope": 1})
    places = {f.path for f in found}
    assert {
        ("sites", "features", 0, "properties", "grid_mw"),
        ("sites", "features", 1, "properties", "pue"),
        ("sites", "features", 1, "geometry"),
        ("sites", "features", 2, "properties", "existing"),
        ("sites", "features", 2, "geometry"),
        ("land", "exclusions", 0),
        ("site_defaults", "nope"),
    } <= places
    assert all(f"s{f.path[2]}" in f.message for f in found if f.path[0] == "sites" and f.path[-1] != "existing")
