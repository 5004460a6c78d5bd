"""Policies (M7.3, A12): each kind holds at the edge and breaks one step further."""

from __future__ import annotations

from typing import Any

import pytest

from planner.verify.policies import KINDS
from tests.verify.worlds import broken, ground, problem

SITES = [{"region": "ERCOT"}, {"id": "milam", "region": "PJM"}, {"id": "lordstown", "region": "PJM"}]
BLOCKS = [{}, {"id": "helios", "vendor": "amd"}]
ALL = [("abilene", "2026-01"), ("milam", "2026-01"), ("lordstown", "2026-01")]


def holds(policy: dict[str, Any], **decisions: Any) -> bool:
    """True where the decisions keep the policy; anything but a policy violation is a mistake of the test."""
    p = problem(SITES, BLOCKS, policies=[policy])
    found = broken(p, ground(p, pairs=[("abilene", "milam", 40.0)]), **decisions)
    assert {v[:2] for v in found} <= {("M7.3", "policies")}, found
    return not found


def order(site: str, block: str, units: int, month: str = "2026-01") -> tuple[str, str, str, int]:
    return (site, block, month, units)


CASES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    # limit: 30 MW of nvidia online at most / at least, gpus ordered
    ("limit", {"max": 30, "filter": {"vendors": ["nvidia"]}}, {"orders": [order("abilene", "hall", 3)]}, True),
    ("limit", {"max": 30, "filter": {"vendors": ["nvidia"]}}, {"orders": [order("abilene", "hall", 4)]}, False),
    ("limit", {"max": 30, "filter": {"vendors": ["nvidia"]}}, {"orders": [order("abilene", "helios", 4)]}, True),
    ("limit", {"max": 3000, "metric": "gpus", "of": "ordered"}, {"orders": [order("milam", "hall", 4)]}, False),
    ("limit", {"min": [{"from": "2026-06", "value": 20}]}, {"orders": [order("milam", "hall", 2, "2026-07")]}, True),
    ("limit", {"min": [{"from": "2026-06", "value": 20}]}, {"orders": [order("milam", "hall", 2, "2026-10")]}, False),
    ("limit", {"max": [{"from": "2026-06", "value": 20}]}, {"orders": [order("milam", "hall", 1, "2026-01")]}, False),
    # vendor_share: 1 of 4 is 25 %
    (
        "vendor_share",
        {"vendor": "amd", "min": 0.25},
        {"orders": [order("abilene", "hall", 3), order("milam", "helios", 1)]},
        True,
    ),
    (
        "vendor_share",
        {"vendor": "amd", "min": 0.26},
        {"orders": [order("abilene", "hall", 3), order("milam", "helios", 1)]},
        False,
    ),
    (
        "vendor_share",
        {"vendor": "nvidia", "max": 0.75},
        {"orders": [order("abilene", "hall", 3), order("milam", "helios", 1)]},
        True,
    ),
    (
        "vendor_share",
        {"vendor": "nvidia", "max": 0.74},
        {"orders": [order("abilene", "hall", 3), order("milam", "helios", 1)]},
        False,
    ),
    ("vendor_share", {"vendor": "nvidia", "max": 0.1}, {}, True),
    (
        "vendor_share",
        {"vendor": "nvidia", "max": 0.5, "from": "2026-05"},
        {"orders": [order("abilene", "hall", 1), order("abilene", "helios", 1, "2026-07")]},
        True,
    ),
    (
        "vendor_share",
        {"vendor": "nvidia", "max": 0.5, "from": "2026-04"},
        {"orders": [order("abilene", "hall", 1), order("abilene", "helios", 1, "2026-07")]},
        False,
    ),
    # site_count: max in every period, min in the last
    ("site_count", {"max": 2}, {"openings": ALL[:2]}, True),
    ("site_count", {"max": 2}, {"openings": ALL}, False),
    ("site_count", {"max": 1, "filter": {"regions": ["PJM"]}}, {"openings": ALL[:2]}, True),
    ("site_count", {"min": 2}, {"openings": [ALL[0], ("milam", "2026-10")]}, True),
    ("site_count", {"min": 2}, {"openings": ALL[:1]}, False),
    # site_minimum: 20 MW in the last period at every open site
    ("site_minimum", {"it_mw": 20}, {"openings": ALL[:1], "orders": [order("abilene", "hall", 2, "2026-10")]}, True),
    ("site_minimum", {"it_mw": 20}, {"openings": ALL[:2], "orders": [order("abilene", "hall", 2)]}, False),
    ("site_minimum", {"it_mw": 20, "filter": {"regions": ["ERCOT"]}}, {"openings": ALL[1:2]}, True),
    # lock
    ("lock", {"site": "milam"}, {"openings": [("milam", "2026-10")]}, True),
    ("lock", {"site": "milam"}, {"openings": ALL[:1]}, False),
    (
        "lock",
        {"order": {"site": "milam", "block": "hall", "month": "2026-05", "units": 2}},
        {"orders": [order("milam", "hall", 3, "2026-04")]},
        True,
    ),
    (
        "lock",
        {"order": {"site": "milam", "block": "hall", "month": "2026-05", "units": 2}},
        {"orders": [order("milam", "hall", 1, "2026-04")]},
        False,
    ),
    (
        "lock",
        {"order": {"site": "milam", "block": "hall", "month": "2026-05", "units": 2}},
        {"orders": [order("milam", "hall", 2, "2026-07")]},
        False,
    ),
    ("lock", {"order": {"site": "milam", "block": "hall", "month": "2027-05", "units": 2}}, {}, True),
    # forbid
    (
        "forbid",
        {"filter": {"sites": ["milam"], "vendors": ["amd"]}},
        {"openings": ALL, "orders": [order("milam", "hall", 1)]},
        True,
    ),
    (
        "forbid",
        {"filter": {"sites": ["milam"], "vendors": ["amd"]}},
        {"openings": ALL, "orders": [order("milam", "helios", 1)]},
        False,
    ),
    ("forbid", {"filter": {"regions": ["PJM"]}}, {"openings": ALL[:1]}, True),
    ("forbid", {"filter": {"regions": ["PJM"]}}, {"openings": ALL[:2]}, False),
    # separation: abilene and milam are 40 km apart
    ("separation", {"km": 40}, {"openings": ALL}, True),
    ("separation", {"km": 50}, {"openings": ALL}, False),
    ("separation", {"km": 50}, {"openings": ALL[1:]}, True),
    # zone_headroom
    (
        "zone_headroom",
        {"filter": {"regions": ["PJM"]}, "facility_mw": 30},
        {"orders": [order("milam", "hall", 2), order("lordstown", "hall", 1)]},
        True,
    ),
    (
        "zone_headroom",
        {"filter": {"regions": ["PJM"]}, "facility_mw": 29},
        {"orders": [order("milam", "hall", 2), order("lordstown", "hall", 1)]},
        False,
    ),
    (
        "zone_headroom",
        {"filter": {"regions": ["PJM"]}, "facility_mw": 29},
        {"orders": [order("abilene", "hall", 5)]},
        True,
    ),
    # survive_any_site_loss: 20 MW must be left
    (
        "survive_any_site_loss",
        {"amount": 20, "from": "2026-01"},
        {"orders": [order("abilene", "hall", 2), order("milam", "hall", 2)]},
        True,
    ),
    (
        "survive_any_site_loss",
        {"amount": 20, "from": "2026-01"},
        {"orders": [order("abilene", "hall", 3), order("milam", "hall", 1)]},
        False,
    ),
    ("survive_any_site_loss", {"amount": 20, "from": "2027-01"}, {}, True),
    ("survive_any_site_loss", {"amount": 20}, {}, False),
]


@pytest.mark.parametrize(("kind", "policy", "decisions", "fine"), CASES)
def test_policy(kind: str, policy: dict[str, Any], decisions: dict[str, Any], fine: bool) -> None:
    """M7.3"""
    assert holds({"kind": kind, **policy}, **{"openings": ALL, **decisions}) is fine


def test_every_kind_is_tested_both_ways() -> None:
    assert {(kind, fine) for kind, _, _, fine in CASES} == {(kind, fine) for kind in KINDS for fine in (True, False)}


def test_committed_sites_count_and_may_be_near() -> None:
    """M3.2, M7.3: two committed sites are exempt from separation, and count against site_count."""
    sites = [{"status": "committed"}, {"id": "milam", "status": "committed"}]
    near = problem(sites, policies=[{"kind": "separation", "km": 50}])
    assert broken(near, ground(near, pairs=[("milam", "abilene", 40.0)])) == []
    assert len(broken(problem(sites, policies=[{"kind": "site_count", "max": 1}]))) == 4
    one = problem([{"status": "committed"}, {"id": "milam"}], policies=[{"kind": "separation", "km": 50}])
    found = broken(one, ground(one, pairs=[("milam", "abilene", 40.0)]), openings=[("milam", "2026-01")])
    assert found == [("M7.3", "policies", None, 10)]


def test_limits_of_existing_units() -> None:
    """A4, A12: idle units count as online; units on order count as ordered from the first period."""
    old = {"block": "hall", "units": 12, "online_from": "2020-01"}
    idle = [("abilene", "hall", m, 2) for m in ("2026-01", "2026-04", "2026-07", "2026-10")]
    for rule, fine in [({"max": 120}, True), ({"max": 119}, False)]:
        p = problem([{"status": "committed", "existing": [old]}], policies=[{"kind": "limit", **rule}])
        assert (broken(p, idle=idle) == []) is fine
    later = {"block": "hall", "units": 2, "online_from": "2026-10"}
    p = problem(
        [{"status": "committed", "existing": [later]}], policies=[{"kind": "limit", "of": "ordered", "max": 10}]
    )
    assert len(broken(p)) == 4
