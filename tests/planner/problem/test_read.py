"""From a document to a request: the contract's example, the catalogue, what comes later, and the assumptions."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from planner import catalogue
from planner.errors import RequestError
from planner.problem.problem import Problem
from planner.problem.read import assemble, load_document, parse_request, read_document
from planner.problem.request import LATER, Request
from tests.planner.problem.worlds import changed, document, faults, ground_of, problem, sites_of

SHARED = Path(__file__).parents[3] / "../shared"

EXAMPLE = """
name: Two campuses
horizon: {start: "2026-01", periods: 16, period: quarter}
discount_rate: 0.08                       # per year; required when an objective counts money
blocks:
  - vera-rubin-hall                       # the id of a shipped catalogue block (M2.6)
  - {use: helios-hall, supply: [{from: "2027-01", value: 6}, {from: "2028-01", value: 20}]}
sites: campuses.geojson                   # or an inline FeatureCollection
property_names: {grid_mw: {"2027-01": MW_27, "2028-01": MW_28}, id: PARCEL}
site_defaults: {pue: 1.2, construction_musd_per_mw: 11, build_months: 18}
land: {setback_m: 30, min_patch_ha: 2, exclusions: [{id: flood, path: flood.gpkg, buffer_m: 15}]}
budget: {per_year_musd: [{from: "2026-01", value: 9000}, {from: "2027-01", value: 14000}]}
policies: [{kind: vendor_share, vendor: nvidia, max: 0.7, from: "2028-01"}]
objective: {maximize: compute}
solver: {time_limit_s: 60, relative_gap: 0.001}
"""
"""Section 0 of the contract."""


def refused(raw: Any) -> list[str]:
    with pytest.raises(RequestError) as caught:
        parse_request(raw)
    return [str(f) for f in caught.value.faults]


def test_the_contracts_example() -> None:
    request, warnings, _ = parse_request(read_document(EXAMPLE.encode()))
    assert warnings == []
    assert [b.id for b in request.blocks] == ["vera-rubin-hall", "helios-hall"]
    assert request.blocks[1].supply is not None and request.blocks[0].supply is None
    assert request.policies[0].kind == "vendor_share"
    assert request.objective[0].name == "compute"


def test_catalogue_figures_stand_in_the_ledger() -> None:
    """M8.5: what the request states itself (``supply``, ``it_mw``) is no assumption, the other figures are."""
    raw = document(blocks=["vera-rubin-hall", {"use": "helios-hall", "id": "mine", "it_mw": 30}])
    _, _, assumptions = parse_request(raw)
    mine = {a.field: a for a in assumptions if a.subject == "mine" and a.origin == "catalogue"}
    shipped = catalogue.blocks()["helios-hall"].basis
    assert set(mine) == set(shipped) - {"it_mw"}
    assert mine["pflops"].value == shipped["pflops"].value and mine["pflops"].unit == shipped["pflops"].unit
    assert shipped["pflops"].source in mine["pflops"].source
    assert not {"id", "vendor", "name", "basis"} & set(mine)


def test_defaults_of_own_blocks_stand_in_the_ledger() -> None:
    _, _, assumptions = parse_request(document())
    found = {(a.subject, a.field, a.value) for a in assumptions}
    assert found >= {("green", "load_factor", 1.0), ("red", "load_factor", 1.0)}
    assert all(a.origin == "default" for a in assumptions)


def test_unknown_blocks_and_other_faults_are_told_together() -> None:
    raw = document(blocks=["vera-rubbin-hall", {"use": "helios-hal"}, {"use": 5}, 7, {"id": "gb300-hall"}])
    raw["horizn"] = raw.pop("horizon")
    told = "\n".join(refused(raw))
    assert "blocks[0]: no catalogue block is called 'vera-rubbin-hall' (did you mean vera-rubin-hall?)" in told
    assert "blocks[1].use: no catalogue block is called 'helios-hal' (did you mean helios-hall?)" in told
    assert "blocks[2].use: must be the id" in told
    assert "blocks[3]: must be a mapping" in told
    assert "{use: gb300-hall}" in told
    assert "horizon: is required" in told and "did you mean horizon?" in told


def test_a_slip_of_spelling_hides_nothing_else() -> None:
    """An unknown key and an unknown block are told with what the cross-checks find, and with no echo of themselves."""
    raw = document(
        blocks=["vera-rubbin-hall"],
        objective={"minimize": "cost", "tolerence": 1},
        policies=[{"kind": "vendor_share", "vendor": "nvidia", "max": 0.5}, {"kind": "limit"}],
    )
    assert {f.split(":")[0] for f in refused(raw)} == {
        "blocks[0]", "objective.tolerence", "objective", "policies[1]",
    }  # fmt: skip
    plain = document(colour="red", policies=[{"kind": "limit"}])
    assert {f.split(":")[0] for f in refused(plain)} == {"colour", "policies[0]"}


@pytest.mark.parametrize("key", sorted(LATER))
def test_later_keys_are_refused_unless_empty(key: str) -> None:
    nothing: tuple[Any, ...] = (None, [], {})
    for empty in nothing:
        parse_request(document(**{key: empty}))
    assert any("cannot be planned yet" in f and f.startswith(key) for f in refused(document(**{key: [{"id": "x"}]})))


def test_carbon_cap_is_refused_in_clear_words() -> None:
    told = refused(document(policies=[{"kind": "carbon_cap", "tonnes_per_year": 5}, {"kind": "site_cout"}]))
    assert any(f.startswith("policies[0]: carbon_cap (a cap on accumulated carbon) is not planned yet") for f in told)
    assert any("policies[1]: unknown kind 'site_cout' (did you mean site_count?)" in f for f in told)


@pytest.mark.parametrize("raw", [None, [], "x", 5, {}, {1: 2}, {"blocks": {}}, {"blocks": [[]]}])
def test_what_is_no_request_is_refused(raw: Any) -> None:
    assert refused(raw)


def test_endless_nesting_and_half_characters() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert "nested more than 64 levels" in refused(document(site_defaults={"pue": deep}))[0]
    assert "not valid text" in refused(document(name="\ud800"))[0]
    assert "valid text" in refused(document(**{"\udfff": 1}))[0]
    assert "valid text" in refused(document(site_defaults={"\udfff": 1}))[0]


def test_an_empty_key_stands_for_nothing() -> None:
    request, _, _ = parse_request(document(budget=None, demand=None, name=None))
    assert request.budget is None and request.demand == () and request.name == "plan"


def test_a_problem_has_sites_and_a_terminal() -> None:
    """M4.6: straight_line is the default; without a money objective it has no effect."""
    found = problem(document())
    assert found.terminal == "straight_line" and [s.id for s in found.sites] == ["north", "south"]
    assert problem(document(terminal="none")).terminal == "none"


def test_problem_and_request_survive_a_round_trip() -> None:
    raw = changed("blocks.0.capex_musd", [{"from": "2026-01", "value": 5}, {"from": "2027-01", "value": 6.5}])
    found = problem(raw)
    assert Problem.model_validate_json(found.model_dump_json(by_alias=True)) == found
    request, _, _ = parse_request(raw)
    assert Request.model_validate(json.loads(request.model_dump_json(by_alias=True))) == request


def test_strict_makes_suspicious_magnitudes_errors() -> None:
    raw = changed("blocks.0.it_mw", 20_000)
    raw = changed("blocks.0.max_per_site", 1, raw)
    raw["discount_rate"] = 8
    assert {f.severity for f in faults(raw)} == {"warning"}
    raw["strict"] = True
    assert {f.severity for f in faults(raw)} == {"error"}


def test_no_is_a_country(tmp_path: Path) -> None:
    path = tmp_path / "request.yaml"
    path.write_text(EXAMPLE.replace("policies: [", "policies: [{kind: limit, max: 5, filter: {countries: [NO]}}, "))
    request, _, _ = parse_request(load_document(path))
    assert request.policies[0].model_dump()["filter"]["countries"] == ("NO",)


@pytest.mark.skipif(not (SHARED / "bench/portfolio.py").exists(), reason="the portfolio maker is not here")
def test_a_portfolio_of_300_sites_is_read_in_well_under_a_second() -> None:
    made = subprocess.run(
        [sys.executable, str(SHARED / "bench/portfolio.py"), "--sites", "300", "--blocks", "8", "--periods", "24"],
        capture_output=True, check=True,
    )  # fmt: skip
    raw = read_document(made.stdout)
    sites = sites_of(raw)
    ground = ground_of(sites)
    best = 9.0
    for _ in range(3):
        before = time.perf_counter()
        request, warnings, _ = parse_request(raw)
        found = assemble(request, sites, ground)[0]
        best = min(best, time.perf_counter() - before)
    assert len(found.sites) == 300 and warnings == []
    assert best < 0.8
