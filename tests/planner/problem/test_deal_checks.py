"""Every cross-check of deals: one deal that is wrong in one way, told at its place, with its numbers and the next step."""

# ruff: noqa: E501 (one case a line reads better)

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.checks.progress import most
from planner.problem.checks.scope import Scope
from planner.problem.read import parse_request
from tests.planner.problem.worlds import changed, document, faults, ground_of, sites_of

BUDGET: dict[str, Any] = {"per_year_musd": 9000, "revenue_share": 0.5}
EQUITY: dict[str, Any] = {
    "id": "letter",
    "kind": "equity_tranches",
    "vendor": "nvidia",
    "tranches": [{"at": 40, "musd": 100}, {"at": 80, "musd": 200}],
}
WARRANT: dict[str, Any] = {
    "id": "warrant", "kind": "warrants", "vendor": "amd", "share_price_usd": 210, "haircut": 0.1, "monetise": 0.5,
    "tranches": [{"at": 30, "shares_million": 5, "price_hurdle_usd": 100}, {"at": 60, "shares_million": 5, "price_hurdle_usd": 200}],
}  # fmt: skip
COMMITMENT: dict[str, Any] = {
    "id": "promise",
    "kind": "purchase_commitment",
    "vendor": "amd",
    "commitments": [{"by": "2026-12", "at": 30}, {"by": "2027-12", "at": 60}],
}
LEASE: dict[str, Any] = {"id": "oracle", "kind": "lease", "musd_per_mw_year": 10, "term_years": 3}
LOAN: dict[str, Any] = {"id": "bank", "kind": "loan", "limit_musd": 500, "rate": 0.07, "term_years": 5}
OFFTAKE: dict[str, Any] = {"id": "customer", "kind": "offtake", "musd_per_mw_year": 12, "maximum": 60}
ALL = [EQUITY, WARRANT, COMMITMENT, LEASE, LOAN, OFFTAKE]


def deals(*given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The sound request with a budget that takes in a share of revenue, and these deals."""
    return document(**{"budget": BUDGET, "deals": list(given), **more})


def tranches(deal: dict[str, Any], *ats: float) -> dict[str, Any]:
    rest = {k: v for k, v in deal["tranches"][0].items() if k != "at"}
    return {**deal, "tranches": [{"at": at, **rest} for at in ats]}


def steps(*pairs: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"from": month, "value": value} for month, value in pairs]


def lock(terms: str, **order: Any) -> list[dict[str, Any]]:
    return [
        {
            "kind": "lock",
            "order": {"site": "north", "block": "red", "month": "2026-04", "units": 1, "terms": terms, **order},
        }
    ]


def promise(**fields: Any) -> dict[str, Any]:
    return {**COMMITMENT, "commitments": [{"by": "2027-12", "at": 60, **fields}]}


NO_MONEY: dict[str, Any] = {"objective": {"maximize": "compute"}, "budget": None}
COST: dict[str, Any] = {
    "objective": {"minimize": "cost"},
    "budget": None,
    "demand": [{"id": "d", "by": "2027-01", "amount": 50}],
}
CARBON: dict[str, Any] = {**COST, "objective": {"minimize": "carbon"}}

# name of the check: (document, where, severity, words of the message or hint)
CASES: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("request_names", deals(EQUITY, {**LOAN, "id": "letter"}), "deals[1].id", "error", "at deals[0].id"),
    ("deal_names", deals({**LEASE, "id": "own"}), "deals[0].id", "error", "means bought"),
    ("deal_names", deals({**LEASE, "id": "OWN"}), "deals[0].id", "error", "another id"),
    ("exclusions", deals({**LOAN, "exclusive_with": ["bank"]}), "deals[0].exclusive_with[0]", "error", "excludes itself"),
    ("exclusions", deals({**LOAN, "optional": True, "exclusive_with": ["oracel"]}, LEASE), "deals[0].exclusive_with[0]", "error", "did you mean oracle?"),
    ("exclusions", deals({**LOAN, "exclusive_with": ["oracle"]}, LEASE), "deals[0].exclusive_with[0]", "error", "optional: true on at least one"),
    ("exclusions", deals(LOAN, {**LEASE, "optional": True, "exclusive_with": ["bank"]}), "deals[1].exclusive_with[0]", "warning", "oracle can never be signed: it excludes bank"),
    ("tranche_order", deals(tranches(EQUITY, 40, 80, 60)), "deals[0].tranches[2].at", "error", "tranche 3 of letter is at 60, tranche 2 before it at 80"),
    ("tranche_order", deals(LOAN, tranches(WARRANT, 40, 40)), "deals[1].tranches[1].at", "error", "each `at` once"),
    ("promise_order", deals({**COMMITMENT, "commitments": [{"by": "2027-06", "at": 30}, {"by": "2026-06", "at": 60}]}), "deals[0].commitments[1].by", "error", "2027-06"),
    ("promise_order", deals({**COMMITMENT, "commitments": [{"by": "2026-06", "at": 30}, {"by": "2027-06", "at": 20}]}), "deals[0].commitments[1].at", "error", "promises 30 by 2026-06 and only 20"),
    ("hurdles", deals({**WARRANT, "share_price_usd": 150}), "deals[0].tranches[1].price_hurdle_usd", "warning", "its hurdle is 200 USD, the highest assumed price up to 2027-10 is 150 USD"),
    ("hurdles", deals({**WARRANT, "share_price_usd": steps(("2026-01", 150), ("2027-07", 250)), "expires": "2027-05"}), "deals[0].tranches[1].price_hurdle_usd", "warning", "up to 2027-04 is 150 USD"),
    ("hurdles", deals({**WARRANT, "share_price_usd": 0}), "deals[0].share_price_usd", "error", "a share price of 0"),
    ("hurdles", deals({**WARRANT, "exercise_usd": 300}), "deals[0]", "warning", "worth nothing: the assumed price never exceeds 210"),
    ("hurdles", deals({**WARRANT, "haircut": 1}), "deals[0]", "warning", "the haircut is 1"),
    ("loan_terms", deals({**LOAN, "limit_musd": steps(("2026-01", 500), ("2027-01", 400))}), "deals[0].limit_musd", "error", "500 from 2026-01, then 400 from 2027-01"),
    ("loan_terms", deals({**LOAN, "limit_musd": 0}), "deals[0]", "warning", "limit_musd is 0"),
    ("loan_terms", deals({**LOAN, "max_share": 0}), "deals[0]", "warning", "max_share is 0"),
    ("loan_terms", deals({**LOAN, "max_share": 0.5, "lines": []}), "deals[0]", "warning", "covers no lines"),
    ("loan_terms", deals({**LOAN, "lines": ["blocks"]}), "deals[0].lines", "warning", "no effect without max_share"),
    ("loan_terms", deals({**LOAN, "max_share": 0.5, "lines": ["blocks", "blocks"]}), "deals[0].lines", "warning", "twice"),
    ("offtake_bounds", deals({**OFFTAKE, "minimum": steps(("2027-01", 70))}), "deals[0].minimum", "error", "minimum 70 is above maximum 60 in 2027-01"),
    ("offtake_bounds", deals({**OFFTAKE, "maximum": steps(("2027-01", 60))}), "deals[0].maximum", "warning", "before 2027-01 this maximum is 0"),
    ("endless_leases", changed("blocks.1.life_years", None, deals({**LEASE, "term_years": None})), "deals[0].term_years", "warning", "red no life_years"),
    ("money_without_effect", deals(EQUITY, **NO_MONEY), "deals[0]", "warning", "letter changes nothing: there is no budget, and compute does not count"),
    ("money_without_effect", deals(EQUITY, **COST), "deals[0]", "warning", "cost does not count"),
    ("money_without_effect", deals(EQUITY, **CARBON), "deals[0]", "warning", "carbon does not count"),
    ("money_without_effect", deals({**WARRANT, "monetise": 0}), "deals[0]", "warning", "none of its shares is sold"),
    ("money_without_effect", deals(OFFTAKE, budget={"per_year_musd": 9000}), "deals[0]", "warning", "state budget.revenue_share"),
    ("money_without_effect", deals(LOAN, **NO_MONEY), "deals[0]", "warning", "loan bank relieves nothing"),
    ("money_without_effect", deals(LEASE, **CARBON), "deals[0]", "warning", "lease oracle relieves nothing"),
    ("deal_magnitudes", deals({**EQUITY, "tranches": [{"at": 40, "musd": 1e10}]}), "deals[0].tranches[0].musd", "warning", "USD for million USD? 10,000 MUSD then"),
    ("deal_magnitudes", deals({**WARRANT, "tranches": [{"at": 40, "shares_million": 160_000_000}]}), "deals[0].tranches[0].shares_million", "warning", "160 then"),
    ("deal_magnitudes", deals(tranches(EQUITY, 1, 2, 3)), "deals[0].tranches[2].at", "warning", "GW for MW? 3,000 MW then"),
    ("deal_magnitudes", deals({**COMMITMENT, "commitments": [{"by": "2027-12", "at": 6}]}), "deals[0].commitments[0].at", "warning", "GW for MW? 6,000 MW then"),
    ("deal_magnitudes", deals({**LOAN, "rate": 7}), "deals[0].rate", "warning", "percent for a fraction? 0.07 then"),
    ("deal_magnitudes", deals({**LOAN, "limit_musd": 3e10}), "deals[0].limit_musd", "warning", "30,000 MUSD then"),
    ("deal_magnitudes", deals({**LEASE, "musd_per_mw_year": 1e7}), "deals[0].musd_per_mw_year", "warning", "for million USD"),
    ("deal_magnitudes", deals({**LEASE, "minimum_mw": 4.5e6}), "deals[0].minimum_mw", "warning", "kW for MW?"),
    ("deal_magnitudes", deals({**OFFTAKE, "musd_per_mw_year": 1.2e7}), "deals[0].musd_per_mw_year", "warning", "per IT MW and year"),
    ("deal_magnitudes", deals({"id": "c", "kind": "offtake", "musd_per_pflops_year": 2000}), "deals[0].musd_per_pflops_year", "warning", "per PFLOP/s and year"),
    ("block_references", deals({**EQUITY, "vendor": "nvidai"}), "deals[0].vendor", "error", "did you mean nvidia?"),
    ("block_references", deals({**LOAN, "max_share": 1, "filter": {"blocks": ["grene"]}}), "deals[0].filter.blocks[0]", "error", "did you mean green?"),
    ("site_references", deals({**LEASE, "filter": {"sites": ["norht"]}}), "deals[0].filter.sites[0]", "error", "did you mean north?"),
    ("place_references", deals({**LEASE, "filter": {"regions": ["PJM", "ERCTO"]}}), "deals[0].filter.regions[1]", "warning", "did you mean ERCOT?"),
    ("empty_filters", deals({**LEASE, "filter": {"blocks": []}}), "deals[0].filter.blocks", "warning", "nothing"),
    ("request_schedules", deals({**WARRANT, "share_price_usd": steps(("2026-04", 210))}), "deals[0].share_price_usd", "error", "needs a value at the start of the horizon, 2026-01"),
    ("request_schedules", deals({**LEASE, "musd_per_mw_year": steps(("2027-01", 10))}), "deals[0].musd_per_mw_year", "error", "first step is from 2027-01"),
    ("request_schedules", deals({**OFFTAKE, "musd_per_mw_year": steps(("2027-01", 10))}), "deals[0].musd_per_mw_year", "error", "first step"),
    ("request_schedules", deals(promise(shortfall_musd_per_unit=steps(("2027-01", 1)))), "deals[0].commitments[0].shortfall_musd_per_unit", "error", "first step"),
    ("request_schedules", deals(promise(by="2029-12")), "deals[0].commitments[0].by", "warning", "beyond the horizon"),
    ("request_schedules", deals(promise(by="2025-12", at=0)), "deals[0].commitments[0].by", "warning", "counted in the first period"),
    ("request_schedules", deals({**WARRANT, "expires": "2030-10"}), "deals[0].expires", "warning", "beyond the horizon"),
    ("request_schedules", deals({**WARRANT, "expires": "2025-10"}), "deals[0].expires", "warning", "nothing can vest"),
    ("request_schedules", deals({**LOAN, "limit_musd": steps(("2026-01", 5), ("2028-01", 9))}), "deals[0].limit_musd", "warning", "2028-01"),
    ("discount_rate", changed("discount_rate", None, deals(EQUITY, objective={"maximize": "value"})), "discount_rate", "error", "is required"),
    ("order_locks", deals(LEASE, policies=lock("oracel")), "policies[0].order.terms", "error", "did you mean oracle?"),
    ("order_locks", deals(LOAN, policies=lock("bank")), "policies[0].order.terms", "error", "bank is a deal of kind loan, not a lease"),
    ("order_locks", deals({**LEASE, "filter": {"sites": ["south"]}}, policies=lock("oracle")), "policies[0].order.terms", "error", "does not cover red at north"),
    ("order_locks", deals({**LEASE, "own_allowed": False}, policies=lock("own")), "policies[0].order.terms", "error", "write terms: oracle"),
    ("coverage", deals({**LEASE, "filter": {"regions": ["ERCTO"]}}), "deals[0].filter", "error", "sites that do not exist: none of 2 lies inside its filter; no site has region 'ERCTO'"),
    ("coverage", deals({**LEASE, "filter": {"regions": ["PJM"], "tags": ["rail"]}}), "deals[0].filter", "error", "never meet at one site"),
    ("coverage", deals({**EQUITY, "filter": {"vendors": ["amd"]}}), "deals[0]", "warning", "covers nothing: no block lies inside"),
    ("coverage", deals({**EQUITY, "filter": {"tags": ["nowhere"]}}), "deals[0]", "warning", "covers nothing: no site"),
    ("coverage", changed("blocks.0.forbidden_regions", ["US"], deals(EQUITY)), "deals[0]", "warning", "none of green is allowed at north, south"),
    ("promises_within_reach", deals({**COMMITMENT, "vendor": "nvidia", "commitments": [{"by": "2027-12", "at": 200}]}), "deals[0]", "error",
     "promise promises 200 IT MW ordered by 2027-12; the grid of its sites allows at most 150 IT MW; short 50"),
    ("promises_within_reach", deals(promise(at=101)), "deals[0]", "error", "supply allows at most 100 IT MW; short 1"),
    ("promises_within_reach", deals({**promise(at=101), "optional": True}), "deals[0]", "warning", "can never be signed"),
    ("promises_within_reach", deals(promise(at=101, shortfall_musd_per_unit=2)), "deals[0]", "warning", "the missing part will pay"),
    ("tranches_within_reach", deals(tranches(EQUITY, 40, 160, 200)), "deals[0].tranches[1].at", "warning", "2 tranches from number 2 on of letter cannot be reached: 160 IT MW are asked, the grid of its sites allows at most 150"),
    ("offtake_within_reach", deals({**OFFTAKE, "minimum": 60, "maximum": 200}), "deals[0].minimum", "error",
     "customer asks at least 60 IT MW in 2026-01; the sites that it covers carry at most 0"),
    ("offtake_within_reach", deals({**OFFTAKE, "minimum": steps(("2027-01", 160)), "maximum": 200}), "deals[0].minimum", "error", "at most 150 IT MW, grid over peak PUE and supply; short 10"),
    ("offtake_within_reach", deals({**OFFTAKE, "minimum": 60, "optional": True}), "deals[0].minimum", "warning", "never be signed"),
    ("offtake_within_reach", deals({**OFFTAKE, "minimum": 60, "shortfall_musd_per_unit_year": 3}), "deals[0].minimum", "warning", "will pay"),
    ("lease_minimum_used", deals({**LEASE, "minimum_mw": 4500}), "deals[0].minimum_mw", "warning", "pays for at least 4,500 IT MW; its sites carry at most 150 IT MW in 2027-10"),
]  # fmt: skip


@pytest.mark.parametrize("name, raw, where, severity, words", CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_a_check_speaks_at_its_place(name: str, raw: dict[str, Any], where: str, severity: str, words: str) -> None:
    found = [f for f in faults(raw) if f.where == where and f.severity == severity and words in str(f)]
    assert found, "\n".join(f"{f.severity} {f}" for f in faults(raw)) or "nothing was said"


def test_sound_deals_are_silent() -> None:
    assert faults(deals(*ALL)) == []
    served = {"demand": [{"id": "d", "by": "2027-01", "amount": 50}], "budget": None}
    assert faults(deals(EQUITY, WARRANT, LEASE, LOAN, OFFTAKE, objective={"minimize": "net_cost"}, **served)) == []
    held = [{**WARRANT, "monetise": 0}, {**EQUITY, "counts_in_value": 1}, LOAN, OFFTAKE]
    assert faults(deals(*held, objective={"maximize": "value"}, budget=None)) == []
    assert faults(deals({**LEASE, "minimum_mw": 50}, policies=lock("oracle"))) == []


def test_all_faults_of_deals_at_once() -> None:
    """Six deals, six things wrong that only the whole request can tell: each is told, with nothing else in the way."""
    raw = deals(
        tranches(EQUITY, 80, 40),
        {**WARRANT, "exclusive_with": ["letter"]},
        {**COMMITMENT, "vendor": "intel"},
        {**LEASE, "id": "own"},
        {**LOAN, "limit_musd": steps(("2026-01", 9), ("2027-01", 5))},
        {**OFFTAKE, "minimum": 61},
    )
    assert {f.where for f in faults(raw) if f.severity == "error"} == {
        "deals[0].tranches[1].at", "deals[1].exclusive_with[0]", "deals[2].vendor", "deals[3].id", "deals[4].limit_musd",
        "deals[5].minimum",
    }  # fmt: skip


def test_strict_makes_suspicious_deals_errors() -> None:
    raw = deals({**LOAN, "rate": 7}, strict=True)
    assert [(f.where, f.severity) for f in faults(raw)] == [("deals[0].rate", "error")]


def test_an_unsigned_exclusion_of_two_optional_deals_is_sound() -> None:
    raw = deals(
        {**LOAN, "optional": True, "exclusive_with": ["oracle"]},
        {**LEASE, "optional": True, "exclusive_with": ["bank"]},
    )
    assert faults(raw) == []
    both = deals({**LOAN, "exclusive_with": ["oracle"]}, {**LEASE, "exclusive_with": ["bank"]})
    assert [f.where for f in faults(both)] == ["deals[0].exclusive_with[0]"]


def test_an_absent_haircut_or_price_is_asked_for() -> None:
    for key in ("haircut", "share_price_usd"):
        raw = deals({k: v for k, v in WARRANT.items() if k != key})
        assert [f.where for f in faults(raw)] == [f"deals[0].{key}"] and "is required" in faults(raw)[0].message
    percent = faults(deals({**WARRANT, "haircut": 25}))
    assert "a fraction is written 0.25, not 25" in str(percent[0])


def bounds(raw: dict[str, Any]) -> tuple[list[float], list[float]]:
    request = parse_request(raw)[0]
    sites = sites_of(raw)
    found = most(Scope(request, sites, ground_of(sites)), request.deals[0])
    return found.supply, found.grid


def test_the_most_progress_by_supply_and_by_grid() -> None:
    """Green: 9 units of 20 MW, two quarters to come; north carries 100 MW, south 50 MW from the third quarter on.

    Online: nothing before 2026-07 by supply, then 180; the grid carries 100, 100, 150. Ordered: 180 at once, and what is
    ordered by p comes online by p + 2, when the grid carries 150.
    """
    assert bounds(deals(EQUITY)) == ([0, 0] + [180] * 6, [100, 100] + [150] * 6)
    ordered = bounds(deals({**EQUITY, "counts": "ordered"}))
    assert ordered == ([180] * 8, [150] * 8)
    assert bounds(deals({**EQUITY, "metric": "units"}))[0] == [0, 0] + [9] * 6
    assert bounds(deals({**EQUITY, "metric": "capex_musd"}))[0] == [0, 0] + [6300] * 6


def test_units_that_leave_stay_counted() -> None:
    """A life of one year fills 150 MW twice in two years, so progress may reach 300; early retirement every quarter; a
    lease of one year ends as early as a life of one year does."""
    world = changed("sites.1.grid_mw", 60, deals(EQUITY))
    assert bounds(changed("blocks.0.life_years", 1, world))[1] == [150] * 4 + [300] * 4
    assert bounds(changed("blocks.0.early_retirement", True, world))[1] == [150.0 * p for p in range(1, 9)]
    leased = changed("deals", [EQUITY, {**LEASE, "term_years": 1}], world)
    assert bounds(leased)[1] == [150] * 4 + [300] * 4


def test_existing_units_help_where_the_deal_counts_them() -> None:
    """Two green units in place: 40 MW more on either bound, from the period in which they come online."""
    there = [{"block": "green", "units": 2, "online_from": "2026-04"}]
    raw = changed("sites.0.existing", there, changed("sites.0.status", "committed", deals(EQUITY)))
    assert bounds(raw)[0] == [0, 0] + [180] * 6
    counted = changed("deals.0.counts_existing", True, raw)
    assert bounds(counted)[0] == [0, 40] + [220] * 6
    assert bounds(changed("deals.0.counts", "ordered", counted))[0] == [220] * 8


def test_an_unlimited_supply_is_bounded_by_power_alone() -> None:
    raw = deals(promise(at=100))
    for path in ("blocks.1.max_per_site",):
        raw = changed(path, None, raw)
    assert [f.message for f in faults(changed("deals.0.commitments.0.at", 151, raw))][0].startswith(
        "promise promises 151 IT MW ordered by 2027-12; the grid of its sites allows at most 150"
    )
