"""Hand-solved progress, tranches and commitments: dates, money and shares, to the cent (M5.1 to M5.3, M5.9 to M5.12)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.plan import AfterHorizon
from planner.problem.problem import Problem
from planner.verify import objective, verify
from tests.verify.deal_books import LEASE, LOAN, SALE, WARRANTS, YEARS, account, near, order
from tests.verify.test_figures import line
from tests.verify.worlds import ground, plan, problem


def test_progress_counts_what_ever_came_online() -> None:
    """Section 5: 2 halls of 10 MW ordered 2026-01 and 1 in 2026-04, online a quarter later: 0, 20, 30, 30 MW.

    One that retires in 2026-10 still counts. Ordered: 20, 30, 30, 30. In units 0, 2, 3, 3; GPUs x 1000; PFLOPS x 100.
    At the catalogue price of the order (100, from 2026-04 90): 0, 200, 290, 290, without the tariff.
    """
    price = [{"from": "2025-01", "value": 100}, {"from": "2026-04", "value": 90}]
    block: dict[str, Any] = {"lead_months": 3, "capex_musd": price, "early_retirement": True}
    tranche = [{"at": 1, "musd": 0}]
    for extra, wanted in [
        ({}, near(0, 20, 30, 30)),
        ({"counts": "ordered"}, near(20, 30, 30, 30)),
        ({"metric": "units"}, near(0, 2, 3, 3)),
        ({"metric": "gpus"}, near(0, 2000, 3000, 3000)),
        ({"metric": "pflops"}, near(0, 200, 300, 300)),
        ({"metric": "capex_musd"}, near(0, 200, 290, 290)),
    ]:
        p = problem(
            [{"tariff": 0.2}], [block], deals=[{"id": "x", "kind": "equity_tranches", "tranches": tranche, **extra}]
        )
        _, _, x = account(
            p, "x", orders=[order(2), order(1, "2026-04")], retirements=[("abilene", "hall", "2026-10", 1)]
        )
        assert x.progress.tolist() == wanted, extra


def test_progress_of_leased_existing_and_other_units() -> None:
    """Section 5: 1 own, 2 leased, 3 existing (one more on order for 2026-07) and 4 of another vendor, 10 MW each."""
    old = [
        {"block": "hall", "units": 3, "online_from": "2020-01"},
        {"block": "hall", "units": 1, "online_from": "2026-07"},
    ]
    cases: list[tuple[dict[str, Any], Any]] = [
        ({}, near(30, 30, 30, 30)),
        ({"counts_leased": False}, near(10, 10, 10, 10)),
        ({"counts_existing": True}, near(60, 60, 70, 70)),
        ({"counts_existing": True, "counts": "ordered"}, near(70, 70, 70, 70)),
        ({"vendor": "amd"}, near(40, 40, 40, 40)),
        ({"filter": {"sites": ["milam"]}}, near(0, 0, 0, 0)),
    ]
    for extra, wanted in cases:
        mark: dict[str, Any] = {"id": "x", "kind": "equity_tranches", "tranches": [{"at": 1, "musd": 0}]}
        deal = {**mark, "vendor": "nvidia", **extra}
        p = problem(
            [{"status": "committed", "existing": old}, {"id": "milam"}],
            [{}, {"id": "helios", "vendor": "amd"}],
            deals=[LEASE, deal],
        )
        orders = [order(1), order(2, terms="oracle"), order(4, block="helios")]
        assert account(p, "x", orders=orders)[2].progress.tolist() == wanted, extra


def test_tranches_of_equity_arrive_after_their_lag() -> None:
    """M5.1, M5.10: 10 MW in 2026-01, 30 in 2026-04, 40 in 2026-10. At 10: 5 MUSD, at 25: 7, at 40: 9, at 41: never.

    One period later: 5 in 2026-04, 7 in 2026-07, and 9 in 2027-01, after the horizon: not counted. With a lag of 4
    months (2 quarters) 5 in 2026-07, 7 in 2026-10; with none 5, 7, 0, 9.
    """
    marks = [{"at": at, "musd": musd} for at, musd in ((10, 5), (25, 7), (40, 9), (41, 11))]
    orders = [order(1), order(2, "2026-04"), order(1, "2026-10")]
    for lag, cash, arrives in [
        (None, near(0, 5, 7, 0), [1, 2, 4, None]),
        (4, near(0, 0, 5, 7), [2, 3, 5, None]),
        (0, near(5, 7, 0, 9), [0, 1, 3, None]),
    ]:
        deal = {"id": "letter", "kind": "equity_tranches", "tranches": marks, "lag_months": lag}
        world, money, x = account(problem(deals=[deal]), "letter", orders=orders)
        assert x.cash_in.tolist() == cash
        assert money.total("equity").tolist() == cash
        assert [t.arrives for t in x.tranches] == arrives
        assert [t.reached for t in x.tranches] == [0, 1, 3, None]
        assert [t.musd for t in x.tranches] == [5, 7, 9, 0]
        assert x.reached.tolist() == [1, 2, 2, 3]
        assert x.cash_out.tolist() == [0] * 4 and world.plan.deals == []


def test_equity_is_no_value_unless_it_says_so() -> None:
    """M8.1: 8 MUSD in 2027 at 25 % a year are 6.4: off net_cost always, in value only with counts_in_value."""
    for share, value in [(None, 0), (0.5, 3.2), (1, 6.4)]:
        deal = {"id": "x", "kind": "equity_tranches", "tranches": [{"at": 10, "musd": 8}], "counts_in_value": share}
        world, money, _ = account(problem(deals=[deal], discount_rate=0.25, **YEARS), "x", orders=[order(1)])
        got = objective.objectives(world, money)
        assert got["net_cost"] == pytest.approx(-6.4)
        assert got["value"] == pytest.approx(value)
        assert got["cost"] == got["spending"] == 0


def test_warrants_vest_exactly_when_progress_and_price_meet() -> None:
    """M5.2, M5.11: 10 MW in 2026, 20 in 2027. The first 2 m shares vest in 2026, the other 3 m wait for 150 USD: 2028.

    Sold: 0.25 x 0.8 x (110 - 10) x 2 = 40 in 2026, 0.25 x 0.8 x 140 x 3 = 84 in 2028.
    Held at the last price (130): 0.75 x 0.8 x 120 x 2 = 144 and x 3 = 216. At 25 %: value 40 + 84 x 0.64 = 93.76 and
    360 x 0.512 = 184.32 (factor of the last period), together 278.08; net_cost -93.76.
    """
    p = problem(deals=[WARRANTS], discount_rate=0.25, **YEARS)
    world, money, x = account(p, "shares", orders=[order(1), order(1, "2027-01")])
    assert [t.reached for t in x.tranches] == [t.arrives for t in x.tranches] == [0, 2]
    assert x.cash_in.tolist() == near(40, 0, 84, 0)
    assert money.total("warrants").tolist() == near(40, 0, 84, 0)
    assert [t.held_musd for t in x.tranches] == near(144, 216)
    assert [t.shares_million for t in x.tranches] == [2, 3]
    assert x.reached.tolist() == [1, 1, 2, 2]
    got = objective.objectives(world, money)
    assert got["value"] == pytest.approx(278.08)
    assert got["net_cost"] == pytest.approx(-93.76)
    half = problem(deals=[{**WARRANTS, "counts_in_value": 0.5}], discount_rate=0.25, **YEARS)
    world, money, _ = account(half, "shares", orders=[order(1), order(1, "2027-01")])
    assert objective.objectives(world, money)["value"] == pytest.approx(46.88 + 184.32)


def test_warrants_expire_and_are_never_worth_less_than_nothing() -> None:
    """M5.11: expires 2027-06 ends with 2027: the second tranche meets its price too late; 2028-01 includes 2028.

    A tranche whose price fell before progress came never vests: 20 MW in 2029 at 130 USD. Below the exercise price of
    200 shares bring and are worth 0.
    """
    orders = [order(1), order(1, "2027-01")]
    for expires, reached in [("2027-06", [0, None]), ("2028-01", [0, 2]), ("2025-12", [None, None])]:
        p = problem(deals=[{**WARRANTS, "expires": expires}], **YEARS)
        assert [t.reached for t in account(p, "shares", orders=orders)[2].tranches] == reached
    late = [order(1), order(1, "2029-01")]
    _, _, x = account(problem(deals=[WARRANTS], **YEARS), "shares", orders=late)
    assert [t.reached for t in x.tranches] == [0, None]
    _, _, x = account(problem(deals=[{**WARRANTS, "exercise_usd": 200}], **YEARS), "shares", orders=orders)
    assert [t.reached for t in x.tranches] == [0, 2]
    assert x.cash_in.tolist() == [0] * 4 and x.held_musd == 0


def test_commitments_pay_once_for_what_is_missing() -> None:
    """M5.3, M5.12: 30 MW by 2026-05 and 40 by 2026-12, at 2 MUSD (3 from 2026-10) per MW; 20 MW are ordered.

    2026-04: 10 missing x 2 = 20; 2026-10: 20 missing x 3 = 60. One after the horizon: none.
    """
    rate = [{"from": "2026-01", "value": 2}, {"from": "2026-10", "value": 3}]
    promises = [
        {"by": m, "at": at, "shortfall_musd_per_unit": rate}
        for m, at in (("2026-05", 30), ("2026-12", 40), ("2027-05", 99))
    ]
    p = problem(deals=[{"id": "take", "kind": "purchase_commitment", "commitments": promises}])
    _, money, x = account(p, "take", orders=[order(2, "2026-04")])
    assert x.missing.tolist() == near(0, 10, 0, 20)
    assert x.cash_out.tolist() == near(0, 20, 0, 60)
    assert line(money, "penalties") == [0, 20, 0, 60]
    unsigned = problem(deals=[{"id": "take", "kind": "purchase_commitment", "commitments": promises, "optional": True}])
    _, money, x = account(unsigned, "take", signed=[])
    assert x.missing.tolist() == x.cash_out.tolist() == money.total("penalties").tolist() == [0] * 4


def test_unsigned_deals_do_nothing() -> None:
    """M5.12: progress is told; tranches, money, draws and sales are not there."""
    deals = [
        {**WARRANTS, "optional": True},
        {**SALE, "optional": True, "minimum": 5, "shortfall_musd_per_unit_year": 1},
    ]
    world, money, x = account(problem(deals=deals, **YEARS), "shares", signed=[], orders=[order(2)])
    assert x.progress.tolist() == near(20, 20, 20, 20) and x.reached.tolist() == [0] * 4
    assert [(t.at, t.reached, t.musd) for t in x.tranches] == [(10, None, 0), (20, None, 0)]
    assert money.of_kind("income").tolist() == money.of_kind("opex").tolist() == [0] * 4
    assert objective.objectives(world, money)["value"] == 0


def test_dates_of_deals_beyond_the_horizon_are_listed() -> None:
    """M1.3, M5.12: a promise and a limit that begin in 2027 are named, and the warrants' end in 2028; one in 2026-12 is inside."""
    deals = [
        {"id": "take", "kind": "purchase_commitment", "commitments": [{"by": "2027-02", "at": 5}]},
        {**LOAN, "limit_musd": [{"from": "2026-01", "value": 5}, {"from": "2027-05", "value": 9}]},
        {**WARRANTS, "share_price_usd": 100, "expires": "2028-03"},
    ]
    p = problem(deals=deals)
    inside = problem(deals=[*deals[:2], {**deals[2], "expires": "2026-12"}])

    def missed(*months: str, p: Problem = p) -> list[tuple[str, str | None]]:
        stated = [AfterHorizon(month=m, line="date") for m in months]
        decided = plan(signed=["take", "bank", "shares"]).model_copy(update={"after_horizon": stated})
        return [(v.rule, v.month) for v in verify(p, ground(p), decided).violations if v.family == "after_horizon"]

    assert missed("2027-02", "2027-05", "2028-03") == [] == missed("2027-02", "2027-05", p=inside)
    assert missed("2027-02", "2028-03") == [("M1.3", "2027-05")]
    assert missed("2027-02", "2027-05") == [("M1.3", "2028-03")] == missed("2027-02", "2027-05", "2028-03", "2028-03")
    assert missed() == [("M1.3", "2027-02"), ("M1.3", "2027-05"), ("M1.3", "2028-03")]
    assert missed("2027-02", "2027-05", "2027-08", "2028-03") == [("M1.3", "2027-08")]
