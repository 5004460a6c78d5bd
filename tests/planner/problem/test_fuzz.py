"""Whatever is written, the answer is a request or a RequestError; never anything else (random changes of a sound one)."""

# ruff: noqa: E501 (one case a line reads better)

from __future__ import annotations

import copy
import json
import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planner.errors import RequestError
from planner.problem.problem import Problem
from planner.problem.read import assemble, parse_request, read_document
from planner.problem.request import Request
from planner.problem.site import Site
from tests.planner.problem.worlds import document, ground_of

FULL: dict[str, Any] = document(
    supply_pools=[{"id": "p", "metric": "it_mw", "amount": 500, "filter": {"vendors": ["amd"]}}],
    budget={"per_year_musd": [{"from": "2026-01", "value": 5000}], "covers": ["capex"]},
    demand=[{"id": "d", "by": "2027-01", "amount": 50, "filter": {"sites": ["north"]}, "shortfall_musd_per_unit_year": 2}],
    markets=[{"id": "m", "amount": 0, "location": [-99, 32], "max_km": 500, "cost_musd_per_unit_year": 1}],
    policies=[
        {"kind": "limit", "max": 90}, {"kind": "vendor_share", "vendor": "amd", "max": 0.8, "from": "2027-01"},
        {"kind": "site_count", "max": 2}, {"kind": "site_minimum", "it_mw": 5}, {"kind": "separation", "km": 5},
        {"kind": "lock", "order": {"site": "north", "block": "red", "month": "2026-04", "units": 1}},
        {"kind": "forbid", "filter": {"sites": ["south"], "vendors": ["amd"]}},
        {"kind": "zone_headroom", "facility_mw": 100}, {"kind": "survive_any_site_loss", "amount": 5, "from": "2027-01"},
    ],
    objective=[{"maximize": "compute"}, {"minimize": "cost", "tolerance": 0.01}],
    land={"setback_m": 5, "exclusions": [{"id": "x", "path": "x.gpkg"}]},
    site_defaults={"pue": 1.2}, solver={"seed": 3}, terminal="straight_line",
)  # fmt: skip
FULL["sites"]["features"][0]["properties"] |= {
    "status": "committed", "resources": {"water": 3}, "location": [-99, 32], "available_from": "2026-01",
    "existing": [{"block": "red", "units": 1, "online_from": "2025-01", "unpaid": [{"month": "2026-02", "musd": 3}]}],
}  # fmt: skip

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from([10**30, 10**400, -(10**15), 2**63]),
    st.floats(), st.sampled_from(["", " ", "north", "green", "2027-01", "9999-12", "0000-01", "2026-13", "NaN", "-1", "1e400",
                                  "\u202e", "\x00", "é", "\ud800", "limit", "x" * 3000]),
    st.lists(st.integers(0, 3), max_size=3), st.dictionaries(st.sampled_from(["from", "value", "id", "kind", "\udc00"]), st.integers(0, 3), max_size=3),
    st.sampled_from([[], {}, [[]], [None], {"from": {}}, [{"from": "2026-01", "value": math.nan}], b"x", {1: 2}, (), object(), {1, 2}]),
    st.just([{"from": "2026-01", "value": 3}, {"from": "2030-01", "value": 4}]),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for key, item in inner for p in ((*path, key), *places(item, (*path, key)))]


PLACES = places(FULL)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    out = copy.deepcopy(FULL)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(PLACES))
        how = draw(st.sampled_from(["replace", "replace", "delete", "rename", "twin"]))
        try:
            here = out
            for part in path[:-1]:
                here = here[part]
            if how == "replace":
                here[path[-1]] = draw(ODD)
            elif how == "delete":
                del here[path[-1]]
            elif how == "rename":
                here[str(path[-1]) + draw(st.sampled_from(["s", "_", "\ud800", ""]))] = here.pop(path[-1])
            elif isinstance(here, list):
                here.append(copy.deepcopy(here[path[-1]]))
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    return out


def outcome(raw: Any) -> str:
    """Read and, where the sites are sound, assemble; anything but a result or a RequestError escapes."""
    try:
        request, warnings, _ = parse_request(raw)
    except RequestError as error:
        assert error.faults and all(f.message and f.where and f.pointer is not None for f in error.faults)
        str(error).encode()
        return "refused"
    assert isinstance(request, Request) and all(str(w) for w in warnings)
    try:
        sites = tuple(Site.model_validate(f["properties"]) for f in request.sites["features"])  # type: ignore[index]
        ground = ground_of(sites)
    except (ValidationError, TypeError, KeyError, UnicodeError, AttributeError):
        return "sites"
    try:
        assert isinstance(assemble(request, sites, ground)[0], Problem)
    except RequestError as error:
        str(error).encode()
        return "refused"
    return "planned"


def test_the_full_document_is_sound() -> None:
    assert outcome(FULL) == "planned"


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_changed_documents(raw: Any) -> None:
    outcome(raw)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_text(data: st.DataObject) -> None:
    """Bytes cut out, doubled or replaced in the file itself, as YAML and as JSON."""
    text = json.dumps(document()).encode()
    at = data.draw(st.integers(0, len(text)))
    piece = data.draw(
        st.one_of(
            st.binary(max_size=4), st.sampled_from([b"&a ", b"*a", b"<<: ", b"---\n", b"!!x ", b"[[[", b"\t", b"\xff"])
        )
    )
    damaged = text[:at] + piece + text[at + data.draw(st.integers(0, 4)) :]
    for json_text in (True, False):
        try:
            raw = read_document(damaged, "r", json_text=json_text)
        except RequestError as error:
            str(error).encode()
            continue
        outcome(raw)
