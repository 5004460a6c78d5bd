"""Deals as written: kinds, paths, names of the list of promises, defaults in the ledger, the limit on later money."""

# ruff: noqa: E501 (one case a line reads better)

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from planner.problem.deals import PROMISED_ALSO_AS, EquityTranches, PurchaseCommitment
from planner.problem.problem import Problem, after_horizon_limit
from planner.problem.read import parse_request
from planner.problem.request import Request
from planner.problem.schema import schema
from tests.planner.problem.test_deal_checks import ALL, COMMITMENT, EQUITY, LEASE, LOAN, OFFTAKE, WARRANT, deals
from tests.planner.problem.worlds import changed, document, faults, problem

CHECK = Draft202012Validator(schema())


def told(*given: Any, **more: Any) -> list[str]:
    return [str(f) for f in faults(deals(*given, **more)) if f.severity == "error"]


def test_six_kinds_are_read() -> None:
    found = problem(deals(*ALL))
    assert [d.kind for d in found.deals] == [d["kind"] for d in ALL]
    assert Problem.model_validate_json(found.model_dump_json(by_alias=True)) == found
    request = parse_request(deals(*ALL))[0]
    assert Request.model_validate_json(request.model_dump_json(by_alias=True)) == request


def test_an_unknown_kind_names_the_known_ones() -> None:
    assert told({**LOAN, "kind": "lone"}) == ["deals[0]: unknown kind 'lone' (in 'bank') (did you mean loan?)"]
    kinds = "equity_tranches, warrants, purchase_commitment, lease, loan, offtake"
    assert told({**LOAN, "kind": "barter"}) == [f"deals[0]: unknown kind 'barter' (in 'bank') (known: {kinds})"]
    assert f"known: {kinds}" in told({"id": "x"})[0] and "needs a `kind`" in told({"id": "x"})[0]
    assert "known: limit, vendor_share" in told(policies=[{"id": "x"}])[0]


@pytest.mark.parametrize(
    "deal, message",
    [
        ({**LEASE, "musd_per_mw_yr": 5}, "deals[0].musd_per_mw_yr: unknown key 'musd_per_mw_yr' (in 'oracle') (did you mean musd_per_mw_year?)"),
        ({**LOAN, "grace_month": 5}, "deals[0].grace_month: unknown key 'grace_month' (in 'bank') (did you mean grace_months?)"),
        ({**LEASE, "include": ["land"]}, "deals[0].include: unknown key 'include' (in 'oracle') (did you mean includes?)"),
        ({**LEASE, "includes": ["lnad"]}, "deals[0].includes[0]: must be opening or land or energy or opex, got 'lnad' (in 'oracle') (did you mean land?)"),
        ({**EQUITY, "tranches": [{"at": 1, "musd": 1}, {"at": 2, "musd": 1}, {"at": "much", "musd": 1}]}, "deals[0].tranches[2].at: must be a number, got 'much' (in 'letter')"),
        ({**EQUITY, "tranches": [{"at": 40, "usd": 1, "musd": 1}]}, "deals[0].tranches[0].usd: unknown key 'usd' (in 'letter') (did you mean musd?)"),
        ({**EQUITY, "tranches": []}, "deals[0].tranches: must have at least 1 entries, got 0 (in 'letter')"),
        ({**WARRANT, "tranches": [{"at": 0, "shares_million": 1}]}, "deals[0].tranches[0].at: must be more than 0, got 0 (in 'warrant')"),
        ({**WARRANT, "monetize": 1}, "deals[0].monetize: unknown key 'monetize' (in 'warrant') (did you mean monetise?)"),
        ({**COMMITMENT, "commitment": []}, "deals[0].commitment: unknown key 'commitment' (in 'promise') (did you mean commitments?)"),
        ({**LOAN, "lines": ["block"]}, "deals[0].lines[0]: must be openings or land or blocks or"),
        ({**OFFTAKE, "musd_per_pflops_year": 1}, "deals[0]: an offtake has one price: either musd_per_mw_year or"),
        ({k: v for k, v in OFFTAKE.items() if k != "musd_per_mw_year"}, "deals[0]: an offtake has one price"),
        ({**LOAN, "filter": {"vendor": ["amd"]}}, "deals[0].filter.vendor: unknown key 'vendor' (in 'bank') (did you mean vendors?)"),
        ({**LOAN, "metric": "mw"}, "deals[0].metric: must be it_mw or gpus or units or pflops or capex_musd, got 'mw' (in 'bank')"),
        ("bank", "deals[0]: must be a mapping of keys to values, got 'bank'"),
    ],
)  # fmt: skip
def test_one_clear_message_per_field_and_of_its_kind_only(deal: Any, message: str) -> None:
    found = told(deal)
    assert len(found) == 1 and found[0].startswith(message), found


def test_a_slip_in_a_deal_hides_nothing_else() -> None:
    raw = deals({**EQUITY, "colour": 1}, {**LOAN, "id": "own"})
    assert [f.where for f in faults(raw)] == ["deals[0].colour", "deals[1].id"]


@pytest.mark.parametrize("name", PROMISED_ALSO_AS)
def test_promises_under_another_name(name: str) -> None:
    """The list is read under each name, faults keep the name that was written, and the schema knows it."""
    promises = COMMITMENT["commitments"]
    bare = {k: v for k, v in COMMITMENT.items() if k != "commitments"}
    found = problem(deals({**bare, name: promises})).deals[0]
    assert isinstance(found, PurchaseCommitment) and [p.at for p in found.commitments] == [30, 60]
    assert list(CHECK.iter_errors(deals({**bare, name: promises}))) == []
    wrong = {**bare, name: [{"by": "2026-13", "at": 1}]}
    assert told(wrong)[0].startswith(f"deals[0].{name}[0].by: a month is written")
    falling = {**bare, name: promises[::-1]}
    assert told(falling)[0].startswith(f"deals[0].{name}[1].by: ")
    unknown = {**bare, name: [{**promises[0], "ta": 5}, promises[1]]}
    assert [f.split(":")[0] for f in told(unknown, {**LOAN, "id": "own"})] == [f"deals[0].{name}[0].ta", "deals[1].id"]
    twice = told({**COMMITMENT, name: promises})
    assert twice == [f"deals[0]: the list of promises stands there as commitments and as {name}; write it once"]


def test_an_absent_list_of_promises_is_asked_for_under_its_own_name() -> None:
    bare = {k: v for k, v in COMMITMENT.items() if k != "commitments"}
    assert told(bare)[0].startswith("deals[0].commitments: is required")
    assert list(CHECK.iter_errors(deals(bare)))


def test_the_schema_publishes_deals() -> None:
    assert list(CHECK.iter_errors(deals(*ALL))) == []
    for wrong in (
        {**LOAN, "kind": "lone"},
        {**LOAN, "grace": 1},
        {**WARRANT, "haircut": 25},
        {**EQUITY, "tranches": []},
    ):
        assert list(CHECK.iter_errors(deals(wrong)))
    assert "not planned yet" not in schema()["properties"]["deals"]["description"]


def test_shares_of_inflow_that_count_in_value() -> None:
    found = problem(deals(*ALL, {**EQUITY, "id": "counted", "counts_in_value": 0.3}))
    assert [d.value_share for d in found.deals] == [0, 1, 1, 1, 1, 1, 0.3]
    assert found.deals[2].counts == "ordered" and found.deals[0].counts == "online"


def test_the_most_that_may_fall_due_later() -> None:
    """M4.5: 8 quarters from 2026-01; the last begins in 2027-10, so the step of 2027-11 comes too late."""
    per_year = [{"from": "2026-01", "value": 900}, {"from": "2027-10", "value": 950}, {"from": "2027-11", "value": 999}]
    budget = {"per_year_musd": per_year}
    for deal in (LEASE, LOAN, {**LOAN, "optional": True}):
        assert after_horizon_limit(problem(deals(deal, budget=budget))) == 950
    assert after_horizon_limit(problem(deals(LOAN, budget={**budget, "after_horizon_limit_musd": 5}))) == 5
    assert after_horizon_limit(problem(deals(EQUITY, WARRANT, COMMITMENT, OFFTAKE, budget=budget))) is None
    assert after_horizon_limit(problem(deals(LOAN, budget=None))) is None
    assert after_horizon_limit(problem(deals(LOAN, budget=budget, objective={"maximize": "value"}))) is None
    assert after_horizon_limit(problem(document(budget={"per_year_musd": 9, "after_horizon_limit_musd": 5}))) == 5
    late = {"per_year_musd": [{"from": "2027-11", "value": 999}]}
    assert after_horizon_limit(problem(deals(LOAN, budget=late))) == 0


def test_the_default_limit_stands_in_the_ledger() -> None:
    """M8.5: once, derived, with its source; not where the request states a limit or none applies."""

    def entries(raw: dict[str, Any]) -> list[tuple[str, Any, str, str]]:
        return [(a.field, a.value, a.unit, a.origin) for a in parse_request(raw)[2] if a.subject == "budget"]

    assert entries(deals(LOAN, LEASE)) == [("after_horizon_limit_musd", 9000, "MUSD", "derived")]
    assert entries(changed("budget.after_horizon_limit_musd", 5, deals(LOAN))) == []
    assert entries(deals(EQUITY)) == entries(deals(LOAN, objective={"maximize": "value"})) == []


def test_defaults_of_deals_stand_in_the_ledger() -> None:
    def entries(*given: dict[str, Any], **more: Any) -> dict[tuple[str, str], Any]:
        found = parse_request(deals(*given, **more))[2]
        return {(a.subject, a.field): a.value for a in found if a.subject.startswith("deal ")}

    assert entries(EQUITY) == {("deal letter", "metric"): "it_mw", ("deal letter", "lag_months"): 3}
    assert entries({**EQUITY, "metric": "gpus", "lag_months": 0}) == {}
    assert entries(WARRANT) == {("deal warrant", "metric"): "it_mw", ("deal warrant", "exercise_usd"): 0}
    assert entries({**LEASE, "minimum_mw": 0, "covers": "chips"}, OFFTAKE) == {}
    valued = entries(EQUITY, objective={"maximize": "value"})
    assert valued[("deal letter", "counts_in_value")] == 0
    assert isinstance(problem(deals(EQUITY)).deals[0], EquityTranches)
