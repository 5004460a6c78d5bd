"""What pydantic finds, in a reader's words: one message per field, at its place, with the nearest known name."""

# ruff: noqa: E501 (one case a line reads better)

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from planner.problem.faults import MOST, faults_of, nearest, suggestion
from planner.problem.site import Site
from tests.planner.problem.worlds import changed, document, faults

STEPS = 'a number, or steps [{from: "YYYY-MM", value: number}]'


@pytest.mark.parametrize(
    "path, value, told",
    [
        ("blocks.0.it_mw", -3, "blocks[0].it_mw: must be 0 or more, got -3 (in 'green')"),
        ("blocks.0.it_mw", 1e13, "blocks[0].it_mw: must be 1e+12 or less, got 10000000000000.0 (in 'green') (is the unit right?)"),
        ("blocks.0.it_mw", "5 MW", "blocks[0].it_mw: must be a number, got '5 MW' (in 'green')"),
        ("blocks.0.it_mw", True, "blocks[0].it_mw: a number is wanted, not true or false (in 'green')"),
        ("blocks.0.it_mw", float("nan"), "blocks[0].it_mw: must be a number, got nan (in 'green')"),
        ("blocks.0.gpus", 1.5, "blocks[0].gpus: must be a whole number, got 1.5 (in 'green')"),
        ("blocks.0.capex_musd", "much", f"blocks[0].capex_musd: must be {STEPS}, got 'much' (in 'green')"),
        ("blocks.0.capex_musd", {"from": "2026-01"}, f"blocks[0].capex_musd: must be {STEPS}, got a mapping (in 'green')"),
        ("blocks.0.capex_musd", [], "blocks[0].capex_musd: must have at least 1 entries, got 0 (in 'green')"),
        ("blocks.0.capex_musd", [5], "blocks[0].capex_musd[0]: must be a mapping of keys to values, got 5 (in 'green')"),
        (
            "blocks.0.capex_musd",
            [{"from": "2026-13", "value": 1}],
            "blocks[0].capex_musd[0].from: a month is written \"YYYY-MM\", e.g. \"2027-04\", got '2026-13' (in 'green')",
        ),
        (
            "blocks.0.supply",
            [{"from": "2026-01", "value": 9}, {"from": "2026-04", "value": 8}],
            "blocks[0]: supply of green is cumulative and cannot fall: 9 from 2026-01, then 8 from 2026-04",
        ),
        (
            "blocks.0.supply",
            [{"from": "2026-04", "value": 9}, {"from": "2026-04", "value": 9}],
            "blocks[0].supply: steps must have strictly increasing `from`: 2026-04 is followed by 2026-04 (in 'green')",
        ),
        ("blocks.0.payments", [{"months": 0, "share": 0.4}], "blocks[0]: payments of green: shares sum to 0.4, not 1"),
        ("blocks.0.load_factor", 85, "blocks[0].load_factor: must be 1 or less, got 85 (in 'green') (a fraction is written 0.25, not 25)"),
        ("blocks.0.id", 5, "blocks[0].id: must be text, got 5 (put it in quotes)"),
        ("blocks.0.id", "", "blocks[0].id: must not be empty"),
        ("blocks.0.allowed_regions", "PJM", "blocks[0].allowed_regions: must be a list, got 'PJM' (in 'green') (write it as [ ... ])"),
        ("blocks.0.early_retirement", "maybe", "blocks[0].early_retirement: must be true or false, got 'maybe' (in 'green')"),
        ("blocks.0.uses", {"water": "x"}, "blocks[0].uses.water: must be a number, got 'x' (in 'green')"),
        ("blocks.0.leadmonths", 3, "blocks[0].leadmonths: unknown key 'leadmonths' (in 'green') (did you mean lead_months?)"),
        ("horizon.period", "quater", "horizon.period: must be month or quarter or year, got 'quater' (did you mean quarter?)"),
        ("horizon.periods", 0, "horizon.periods: must be 1 or more, got 0"),
        ("objective", {"maximise": "compute"}, "objective.maximise: unknown key 'maximise' (did you mean maximize?)"),
        ("objective", {"maximize": "compute", "minimize": "cost"}, "objective: write either {maximize: compute | value} or"),
        ("objective", "compute", "objective: must be a list, got 'compute'"),
        ("sites", 3, "sites: must be the path of a vector file or an inline FeatureCollection, got 3"),
        ("budget", {}, "budget.per_year_musd: is required (money that comes in, million USD per year)"),
        ("policies", [{}], "policies[0]: needs a `kind`, got an empty mapping (known: limit, vendor_share,"),
        ("policies", [5], "policies[0]: must be a mapping of keys to values, got 5"),
        ("policies", [{"kind": "limit", "max": 1, "filter": {"site": []}}], "policies[0].filter.site: unknown key 'site' (did you mean sites?)"),
        ("policies", [{"kind": "lock"}], "policies[0]: a lock has either `site` or `order`"),
        ("policies", [{"kind": "vendor_share", "vendor": "amd", "max": 70}], "policies[0].max: must be 1 or less, got 70"),
        ("demand", [{"id": "d", "by": 2027, "amount": 1}], "demand[0].by: a month is written"),
        ("markets", [{"id": "m", "amount": 1, "location": [200, 0]}], "markets[0].location[0]: must be 180 or less, got 200 (in 'm')"),
        ("markets", [{"id": "m", "amount": 1, "max_km": 5}], "markets[0]: max_km and cost_musd_per_unit_km_year need"),
        ("markets", [{"id": "m", "amount": 1, "costs": {"": 1}}], "markets[0].costs.: must not be empty"),
        ("solver.time_limit", 5, "solver.time_limit: unknown key 'time_limit' (did you mean time_limit_s?)"),
        ("name", "a\u202eb", "name: control, surrogate and text-direction characters are not allowed"),
        ("name", "x" * 501, "name: must have at most 500 characters, got 501"),
        ("discount_rat", 0.1, "discount_rat: unknown key 'discount_rat' (did you mean discount_rate?)"),
    ],
)  # fmt: skip
def test_one_clear_message_per_field(path: str, value: Any, told: str) -> None:
    found = [str(f) for f in faults(changed(path, value))]
    assert len(found) == 1, found
    assert found[0].startswith(told), found[0]


def test_a_site_is_named_by_who_knows_it() -> None:
    with pytest.raises(ValidationError) as caught:
        Site.model_validate({"id": "abilene", "grid_mw": "lots", "pu": 1.2})
    found = faults_of(caught.value, Site, ("sites", "features", 3, "properties"), subject="abilene")
    assert [str(f) for f in found] == [
        f"sites.features[3].properties.grid_mw: must be {STEPS}, got 'lots' (in abilene)",
        "sites.features[3].properties.pu: unknown key 'pu' (in abilene) (did you mean pue?)",
    ]


def test_so_many_faults_are_counted() -> None:
    blocks = [{"id": f"b{i}", "vendor": "amd", "it_mw": -1} for i in range(MOST + 20)]
    found = faults(document(blocks=blocks))
    assert len(found) == MOST + 1 and "and 20 more" in found[-1].message


def test_any_pydantic_fault_is_told() -> None:
    """A kind of fault that has no words of its own still reads well."""

    class Thing(BaseModel):
        when: bytes

    with pytest.raises(ValidationError) as caught:
        Thing.model_validate({"when": 5})
    assert str(faults_of(caught.value, Thing)[0]) == "when: must be a valid bytes, got 5"


def test_nearest_names() -> None:
    known = ["grid_mw", "pue", "pue_peak", "build_months"]
    assert nearest("grid_mv", known) == "grid_mw"
    assert nearest("Grid-MW", known) == "grid_mw"
    assert nearest("zzz", known) is None
    assert suggestion("zzz", known) == "known: grid_mw, pue, pue_peak, build_months"
    assert suggestion("zzz", []) == ""
