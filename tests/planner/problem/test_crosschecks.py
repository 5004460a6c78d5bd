"""Every cross-check by name: the sound request passes it, one change makes it speak, at its place and severity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planner.errors import Fault
from planner.problem import crosschecks
from tests.planner.problem.test_deal_checks import CASES as DEAL_CASES
from tests.planner.problem.worlds import changed, document, faults, feature

MONEY: dict[str, Any] = {"objective": {"minimize": "cost"}, "demand": [{"id": "d", "by": "2027-01", "amount": 50}]}


def policy(**fields: Any) -> dict[str, Any]:
    return document(policies=[fields])


def market(**fields: Any) -> dict[str, Any]:
    return document(markets=[{"id": "m", "amount": [{"from": "2026-10", "value": 5}], **fields}])


def committed(**fields: Any) -> dict[str, Any]:
    raw = changed("sites.0.status", "committed")
    return changed("sites.0.existing", [{"block": "red", "units": 1, "online_from": "2025-01", **fields}], raw)


def block(**fields: Any) -> dict[str, Any]:
    return document(
        blocks=[*document()["blocks"], {"id": "new", "vendor": "amd", "it_mw": 5, "life_years": 5, **fields}]
    )


def lock(**order: Any) -> dict[str, Any]:
    return policy(kind="lock", order={"site": "north", "block": "red", "month": "2026-04", "units": 1, **order})


# name of the check: (document, where, severity, words of the message or hint)
CASES: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("request_names", changed("blocks.1.id", "GREEN"), "blocks[1].id", "error", "same as 'green'"),
    ("request_names", document(demand=[{"id": "d", "by": "2027-01", "amount": 1}] * 2), "demand[1].id", "error", "demand[0]"),
    ("request_names", document(supply_pools=[{"id": "p", "amount": 9}] * 2), "supply_pools[1].id", "error", "its own id"),
    ("request_names", document(land={"exclusions": [{"id": "é", "path": "a"}, {"id": "e\u0301", "path": "b"}]}),
     "land.exclusions[1].id", "error", "exclusion"),
    ("vendor_names", changed("blocks.1.vendor", "NVIDIA"), "blocks[1].vendor", "warning", "'nvidia'"),
    ("block_references", policy(kind="limit", max=9, filter={"blocks": ["gren"]}), "policies[0].filter.blocks[0]", "error",
     "did you mean green?"),
    ("block_references", policy(kind="limit", max=9, filter={"vendors": ["ndivia"]}), "policies[0].filter.vendors[0]",
     "error", "did you mean nvidia?"),
    ("block_references", policy(kind="vendor_share", max=0.5, vendor="Nvidia"), "policies[0].vendor", "error",
     "did you mean nvidia?"),
    ("block_references", lock(block="rde"), "policies[0].order.block", "error", "did you mean red?"),
    ("empty_filters", policy(kind="limit", max=9, filter={"blocks": []}), "policies[0].filter.blocks", "warning", "nothing"),
    ("request_schedules", changed("blocks.0.capex_musd", [{"from": "2026-04", "value": 700}]), "blocks[0].capex_musd",
     "error", "first step is from 2026-04"),
    ("request_schedules", changed("blocks.0.available_from", "2031-01"), "blocks[0].available_from", "warning", "beyond"),
    ("request_schedules", document(demand=[{"id": "d", "by": "2028-01", "amount": 1}]), "demand[0].by", "warning",
     "2026-01 to 2027-12"),
    ("request_schedules", document(demand=[{"id": "d", "by": "2025-01", "amount": 1}]), "demand[0].by", "warning", "before"),
    ("request_schedules", document(budget={"per_year_musd": [{"from": "2026-01", "value": 900},
                                                             {"from": "2028-01", "value": 950}]}),
     "budget.per_year_musd", "warning", "2028-01"),
    ("discount_rate", changed("discount_rate", None, document(**MONEY)), "discount_rate", "error", "is required"),
    ("lives", changed("blocks.1.life_years", None, document(**MONEY)), "blocks[1].life_years", "error", "terminal: none"),
    ("something_to_serve", document(objective={"minimize": "carbon"}), "objective", "error", "needs demand or markets"),
    ("stages", document(objective=[{"maximize": "compute"}, {"maximize": "compute"}]), "objective[1]", "warning", "already"),
    ("covered", document(budget={"per_year_musd": 9000, "covers": []}), "budget.covers", "warning", "limits nothing"),
    ("never_online", changed("blocks.0.lead_months", 24), "blocks[0]", "warning", "can never come online"),
    ("supply_enough", changed("blocks.0.min_per_site", 10), "blocks[0].supply", "warning", "reaches 9 units"),
    ("regions_agree", block(allowed_regions=["PJM"], forbidden_regions=["PJM"]), "blocks[2].forbidden_regions", "warning",
     "forbidden wins"),
    ("late_payments", block(payments=[{"months": 0, "share": 0.9}, {"months": 24, "share": 0.1}]),
     "blocks[2].payments[1].months", "warning", "10%"),
    ("least_and_most", policy(kind="vendor_share", vendor="amd", min=0.6, max=0.5), "policies[0].min", "error", "above"),
    ("least_and_most", policy(kind="limit", min=[{"from": "2027-01", "value": 60}], max=50), "policies[0].min", "error",
     "in 2027-01"),
    ("least_and_most", policy(kind="site_count", min=3, max=2), "policies[0].min", "error", "above max"),
    ("least_and_most", policy(kind="limit"), "policies[0]", "error", "neither"),
    ("limits_bite_early", policy(kind="limit", max=[{"from": "2027-01", "value": 60}]), "policies[0].max", "warning", "is 0"),
    ("shares_add_up", document(policies=[{"kind": "vendor_share", "vendor": "amd", "min": 0.6},
                                         {"kind": "vendor_share", "vendor": "nvidia", "min": 0.6}]),
     "policies[1].min", "warning", "sum to 1.2"),
    ("one_metric", document(markets=[{"id": "a", "amount": 0}, {"id": "b", "amount": 0, "metric": "gpus"}]),
     "markets[1].metric", "error", "share one metric"),
    ("request_magnitudes", changed("blocks.0.it_mw", 20_000), "blocks[0].it_mw", "warning", "kW for MW"),
    ("some_site", document(sites={"type": "FeatureCollection", "features": []}), "sites", "error", "no site"),
    ("site_names", changed("sites.1.id", "North"), "sites.features[1].properties.id", "error", "same as 'north'"),
    ("site_references", policy(kind="limit", max=9, filter={"sites": ["nroth"]}), "policies[0].filter.sites[0]", "error",
     "did you mean north?"),
    ("site_references", policy(kind="lock", site="nord"), "policies[0].site", "error", "did you mean north?"),
    ("site_references", lock(site="nord"), "policies[0].order.site", "error", "did you mean north?"),
    ("site_references", market(costs={"north": 1, "suoth": 2}), "markets[0].costs.suoth", "error", "did you mean south?"),
    ("site_references", committed(block="grene"), "sites.features[0].properties.existing[0].block", "error",
     "did you mean green?"),
    ("place_references", policy(kind="limit", max=9, filter={"regions": ["ercot", "PJM"]}), "policies[0].filter.regions[0]",
     "warning", "did you mean ERCOT?"),
    ("place_references", policy(kind="limit", max=9, filter={"tags": ["rial"]}), "policies[0].filter.tags[0]", "warning",
     "did you mean rail?"),
    ("place_references", block(allowed_regions=["PJN", "PJM"]), "blocks[2].allowed_regions[0]", "warning", "PJM"),
    ("resource_references", block(uses={"water": 1}), "blocks[2].uses.water", "warning", "does not limit"),
    ("resource_references", changed("sites.0.resources", {"water": 1}), "sites.features[0].properties.resources.water",
     "warning", "no block uses"),
    ("site_schedules", changed("sites.0.electricity_usd_per_mwh", [{"from": "2026-02", "value": 60}]),
     "sites.features[0].properties.electricity_usd_per_mwh", "error", "north: needs a value at the start"),
    ("site_schedules", changed("sites.0.pue", [{"from": "2026-01", "value": 1.2}, {"from": "2027-01", "value": 0.9}]),
     "sites.features[0].properties.pue", "error", "below 1"),
    ("site_schedules", changed("sites.0.pue_peak", 0.8), "sites.features[0].properties.pue_peak", "error", "1.25 if IT"),
    ("site_schedules", changed("sites.1.available_from", "2028-01"), "sites.features[1].properties.available_from",
     "warning", "beyond the horizon"),
    ("site_schedules", committed(unpaid=[{"month": "2025-12", "musd": 5}]),
     "sites.features[0].properties.existing[0].unpaid[0].month", "warning", "ignored"),
    ("existing_at_committed", changed("sites.0.status", "candidate", committed()), "sites.features[0].properties.existing",
     "error", "status: committed"),
    ("some_power", changed("sites.1.grid_mw", 0), "sites.features[1].properties.grid_mw", "warning", "no grid power"),
    ("peak_above_mean", changed("sites.0.pue_peak", 1.1), "sites.features[0].properties.pue_peak", "warning", "below"),
    ("finite_limit", block(it_mw=0), "blocks[2]", "error", "nothing limits new at north, south"),
    ("fits_somewhere", block(it_mw=101), "blocks[2].it_mw", "warning", "100 IT MW (north"),
    ("fits_somewhere", block(footprint_ha=51), "blocks[2].footprint_ha", "warning", "50 ha"),
    ("fits_somewhere", block(allowed_regions=["rails"]), "blocks[2]", "warning", "at no site"),
    ("demand_within_power", document(demand=[{"id": "d", "by": "2027-01", "amount": 200}]), "demand[0].amount", "error",
     "asks 200 IT MW by 2027-01; in 2027-01 its 2 sites together carry at most 150 IT MW, grid over peak PUE; short 50"),
    ("markets_within_power", document(markets=[{"id": "m", "amount": 101}]), "markets[0].amount", "error", "in 2026-01"),
    ("markets_within_power", market(costs={}), "markets[0]", "error", "costs lists none"),
    ("survivable", policy(kind="survive_any_site_loss", amount=51, **{"from": "2027-01"}), "policies[0].amount", "error",
     "at most 50 IT MW"),
    ("site_counts", policy(kind="site_count", min=3), "policies[0].min", "error", "only 2"),
    ("site_counts", changed("policies", [{"kind": "site_count", "max": 0}], committed()), "policies[0].max", "error", "north"),
    ("site_minima", policy(kind="site_minimum", it_mw=60), "policies[0].it_mw", "warning", "south can never open"),
    ("site_minima", changed("sites.1.status", "committed", policy(kind="site_minimum", it_mw=60)), "policies[0].it_mw",
     "error", "carries only 50 IT MW"),
    ("site_locks", changed("sites.0.status", "excluded", policy(kind="lock", site="north")), "policies[0].site", "error",
     "excluded"),
    ("site_locks", changed("sites.0.available_from", "2029-01", policy(kind="lock", site="north")), "policies[0].site",
     "error", "after the horizon"),
    ("site_locks", document(policies=[{"kind": "lock", "site": "north"}, {"kind": "forbid", "filter": {"sites": ["north"]}}]),
     "policies[0].site", "error", "forbid"),
    ("order_locks", lock(month="2025-10"), "policies[0].order.month", "error", "before the horizon"),
    ("order_locks", lock(month="2027-10"), "policies[0].order.month", "error", "comes online after"),
    ("order_locks", lock(units=6), "policies[0].order.units", "error", "max_per_site 5"),
    ("order_locks", lock(block="green", units=10), "policies[0].order.units", "error", "supply of green by 2026-04: 9"),
    ("order_locks", lock(terms="lease-1"), "policies[0].order.terms", "error", "known: own"),
    ("order_locks", changed("blocks.1.forbidden_regions", ["rail"], lock()), "policies[0].order.block", "error", "not allowed"),
    ("order_locks", changed("blocks.1.available_from", "2026-07", lock()), "policies[0].order.month", "error", "2026-07"),
    ("matching_filters", policy(kind="limit", max=9, filter={"vendors": ["amd"], "blocks": ["green"]}), "policies[0].filter",
     "warning", "no block"),
]  # fmt: skip


@pytest.mark.parametrize("name, raw, where, severity, words", CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_a_check_speaks_at_its_place(name: str, raw: dict[str, Any], where: str, severity: str, words: str) -> None:
    found = [f for f in faults(raw) if f.where == where and f.severity == severity and words in str(f)]
    assert found, "\n".join(f"{f.severity} {f}" for f in faults(raw)) or "nothing was said"


def test_the_sound_request_is_silent() -> None:
    assert faults(document()) == []
    assert faults(document(**MONEY)) == []


def test_every_check_has_a_case() -> None:
    """A check that is added to the list without a case here is forgotten work."""
    told = {c[0] for c in (*CASES, *DEAL_CASES)} | {"separated_locks"}
    listed: set[str] = {c.__name__ for c in (*crosschecks.REQUEST_CHECKS, *crosschecks.SITE_CHECKS)}
    assert listed == told


def test_what_lies_beyond_the_horizon_contradicts_nothing() -> None:
    """M1.3: a lock on an order of 2040, or of no units, opens no site, and a share from 2040 adds up with none."""
    for order in ({"month": "2040-01"}, {"units": 0}):
        raw = lock(**order)
        raw["policies"] += [{"kind": "site_count", "max": 0}, {"kind": "forbid", "filter": {"sites": ["north"]}}]
        assert not [str(f) for f in faults(changed("sites.0.status", "excluded", raw)) if f.severity == "error"]
    shares = [{"kind": "vendor_share", "vendor": v, "min": 0.7} for v in ("nvidia", "amd")]
    told = faults(document(policies=[shares[0], {**shares[1], "from": "2040-01"}]))
    assert not any("sum to" in str(f) for f in told)


def test_separated_locks() -> None:
    """Two locked sites 4 km apart under a separation of 5 km; two committed ones may be as close as they are."""
    locks = [{"kind": "lock", "site": "north"}, {"kind": "lock", "site": "south"}, {"kind": "separation", "km": 5}]
    near = {("north", "south"): 4.0}
    found = faults(document(policies=locks), pairs=near)
    assert [f.where for f in found] == ["policies[2].km"] and "4 km apart" in found[0].message
    assert faults(document(policies=locks), pairs={("north", "south"): 5.0}) == []
    both = changed("sites.0.status", "committed", changed("sites.1.status", "committed"))
    assert faults({**both, "policies": locks}, pairs=near) == []


def test_markets_out_of_reach_name_the_nearest_site() -> None:
    raw = market(location=[-90, 30], max_km=100)
    km = {("north", "m"): 150.0, ("south", "m"): 900.0}
    found = faults(raw, markets=km)
    assert [f.where for f in found] == ["markets[0]"]
    assert "within 100 km: the nearest is north at 150 km" in found[0].message
    assert faults(raw, markets={**km, ("north", "m"): 99.0}) == []


def test_markets_together_beyond_all_power() -> None:
    """150 IT MW from 2026-07; two markets of 80 each fit alone (100 at north) and not together."""
    two = [{"id": i, "amount": [{"from": "2026-07", "value": 80}]} for i in "ab"]
    found = faults(document(markets=two))
    assert [f.where for f in found] == ["markets"]
    assert "160 IT MW together" in found[0].message and "short 10" in found[0].message


def test_demand_in_another_metric_uses_the_densest_block() -> None:
    """150 IT MW of green (5,000 PFLOPS per MW) carry 750,000 PFLOPS."""
    ask: Callable[[float], list[Fault]] = lambda amount: faults(  # noqa: E731
        document(demand=[{"id": "d", "metric": "pflops", "by": "2027-01", "amount": amount}])
    )
    assert ask(750_000) == []
    assert "at most 750,000 PFLOPS (150 IT MW of the densest block)" in ask(750_100)[0].message


def test_demand_of_one_site_or_vendor_or_date() -> None:
    """A single site holds 100; south has no grid before 2026-07; a priced demand is a warning only."""
    ask = {"id": "d", "by": "2027-01", "amount": 120}
    assert faults(document(demand=[ask])) == []
    assert (
        "the largest of its sites carries at most 100"
        in faults(document(demand=[{**ask, "single_site": True}]))[0].message
    )
    assert "in 2026-04" in faults(document(demand=[{**ask, "by": "2026-06"}]))[0].message
    priced = faults(document(demand=[{**ask, "by": "2026-06", "shortfall_musd_per_unit_year": 3}]))
    assert [f.severity for f in priced] == ["warning"] and "will pay" in priced[0].message


def test_minimising_after_maximising_needs_no_demand() -> None:
    """M8.1, as read here: only a first objective that minimises would else do nothing."""
    raw = document(objective=[{"maximize": "compute"}, {"minimize": "carbon"}])
    assert faults(raw) == []


def test_all_faults_at_once() -> None:
    raw = document(
        blocks=[*document()["blocks"], {"id": "red", "vendor": "amd", "it_mw": 1}],
        objective={"minimize": "cost"},
        policies=[{"kind": "limit"}, {"kind": "vendor_share", "vendor": "intel", "max": 0.5}],
    )
    raw.pop("discount_rate")
    places = {f.where for f in faults(raw)}
    assert {
        "blocks[2].id", "blocks[2].life_years", "objective", "policies[0]", "policies[1].vendor", "discount_rate",
    } <= places  # fmt: skip


def test_sites_of_a_file_are_named_by_id() -> None:
    from planner.problem.checks.scope import Scope
    from planner.problem.read import parse_request
    from tests.planner.problem.worlds import sites_of

    raw = document()
    request = parse_request({**raw, "sites": "campuses.geojson"})[0]
    assert Scope(request).at(sites_of(raw)[0], "pue") == ("sites", "north", "pue")


def test_feature_ids_and_mapped_columns_are_found() -> None:
    raw = document()
    raw["sites"]["features"].append({**feature("x", grid_mw=0), "id": "west"})
    raw["sites"]["features"][2]["properties"]["id"] = "west"
    assert [f.where for f in faults(raw)] == ["sites.features[2].properties.grid_mw"]
