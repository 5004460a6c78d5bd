"""The published JSON Schema: valid itself, true to the models, and every field documented with its unit."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api import examples
from planner.problem.read import load_document, read_document
from planner.problem.schema import schema
from tests.planner.problem.test_read import EXAMPLE
from tests.planner.problem.worlds import changed, document

SCHEMA = schema()
CHECK = Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")


def test_the_contracts_example_and_the_shipped_ones_validate() -> None:
    assert list(CHECK.iter_errors(read_document(EXAMPLE.encode()))) == []
    assert list(CHECK.iter_errors(document())) == []
    for name in examples.names():
        assert list(CHECK.iter_errors(load_document(examples.path(name)))) == []


@pytest.mark.parametrize(
    "path, value",
    [
        ("objective", [{"maximize": "compute"}, {"minimize": "carbon"}]),
        ("blocks", ["vera-rubin-hall", {"use": "helios-hall", "capex_musd": 900}]),
        ("deals", []), ("budget", None), ("sites", "campuses.gpkg"),
        ("sites.0.grid_mw", '[{"from": "2026-01", "value": 5}]'), ("sites.0.PARCEL", 7),
        ("property_names", {"parcel_ha": {"from": "ACRES", "unit": "acre"}, "grid_mw": {"2027-01": "MW_27"}}),
        ("blocks.0.available_from", "2026-07-01"),
    ],
)  # fmt: skip
def test_allowed(path: str, value: Any) -> None:
    assert list(CHECK.iter_errors(changed(path, value))) == []


@pytest.mark.parametrize(
    "path, value",
    [
        ("objective", {"maximize": "computer"}), ("objective", []), ("blocks", []), ("blocks", [{"use": "x", "it_mv": 1}]),
        ("blocks.0.it_mw", -1), ("blocks.0.capex_musd", [{"from": "2026-13", "value": 1}]), ("horizon.periods", 0),
        ("deals", [{"id": "x"}]), ("sites", 5), ("policies", [{"kind": "carbon_cap"}]), ("site_defaults", {"pu": 1}),
        ("unknown", 1), ("horizon", None),
    ],
)  # fmt: skip
def test_refused(path: str, value: Any) -> None:
    assert list(CHECK.iter_errors(changed(path, value)))


def test_every_field_is_documented() -> None:
    bare = [
        f"{name}.{key}"
        for name, model in SCHEMA["$defs"].items()
        for key, field in model.get("properties", {}).items()
        if not field.get("description") and key not in {"kind", "type", "features"}
    ]
    bare += [key for key, field in SCHEMA["properties"].items() if not field.get("description")]
    assert bare == []


@pytest.mark.parametrize(
    "suffix, words",
    [
        ("_mw", "MW"), ("_musd", "million USD"), ("_ha", "hectare"), ("_km", "km"), ("_m", "m"), ("_years", "years"),
        ("_months", "month"), ("_musd_per_year", "million USD/year"), ("_usd_per_mwh", "USD/MWh"), ("_kg_per_mwh", "kg CO2/MWh"),
    ],
)  # fmt: skip
def test_descriptions_tell_the_unit_that_the_name_carries(suffix: str, words: str) -> None:
    fields = [
        (f"{name}.{key}", field["description"])
        for name, model in SCHEMA["$defs"].items()
        for key, field in model.get("properties", {}).items()
        if key.endswith(suffix)
    ]
    assert fields and [f for f in fields if words not in f[1]] == []
