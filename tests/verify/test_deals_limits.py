"""Decisions on deals, one hand-solved world for each rule: it holds at the edge and breaks one step further (M5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verify.worlds import broken, problem, violations

OPEN = [("abilene", "2026-01")]
MONTHS = ("2026-01", "2026-04", "2026-07", "2026-10")
EQUITY: dict[str, Any] = {"id": "letter", "kind": "equity_tranches", "tranches": [{"at": 10, "musd": 5}]}
LEASE: dict[str, Any] = {"id": "oracle", "kind": "lease", "musd_per_mw_year": 2}
LOAN: dict[str, Any] = {"id": "bank", "kind": "loan", "limit_musd": 100, "rate": 0.08, "term_years": 1}
SALE: dict[str, Any] = {"id": "customer", "kind": "offtake", "musd_per_mw_year": 3}


def order(
    units: int, terms: str = "own", month: str = "2026-01", block: str = "hall"
) -> tuple[str, str, str, int, str]:
    return ("abilene", block, month, units, terms)


def rules(found: list[tuple[str, str, str | None, Any]]) -> list[tuple[str, str]]:
    return [v[:2] for v in found]


def test_signing_lists_every_deal_that_is_not_optional() -> None:
    """M5.9: the letter must be signed; an optional one may be or not; a name must be known and stand there once."""
    p = problem(deals=[EQUITY, {**LOAN, "optional": True}])
    assert broken(p, signed=["letter"]) == [] == broken(p, signed=["bank", "letter"])
    assert broken(p) == [("M5.9", "signing", None, None)]
    assert broken(p, signed=["letter", "nobody"]) == [("M5.9", "signing", None, None)]
    assert broken(p, signed=["letter", "letter"]) == [("M5.9", "signing", None, 1)]
    assert rules(broken(problem(), signed=["letter"])) == [("M5.9", "signing")]


def test_signing_of_exclusive_deals() -> None:
    """M5.7, M5.9: whichever of the two names the other."""
    for a, b in [(["bank"], []), ([], ["letter"]), (["bank"], ["letter"])]:
        deals = [
            {**EQUITY, "optional": True, "exclusive_with": a},
            {**LOAN, "optional": True, "exclusive_with": b},
        ]
        p = problem(deals=deals)
        assert broken(p, signed=["letter"]) == [] == broken(p, signed=["bank"]) == broken(p)
        assert broken(p, signed=["letter", "bank"]) == [("M5.7", "signing", None, None)]


def test_commitments_without_a_price_are_kept() -> None:
    """M5.3, M5.12: 30 MW ordered by 2026-05, so by the quarter of 2026-04; a price turns the promise into money."""
    deal: dict[str, Any] = {"id": "take", "kind": "purchase_commitment", "commitments": [{"by": "2026-05", "at": 30}]}
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["take"]}
    p = problem(deals=[deal])
    assert broken(p, **decided, orders=[order(3, month="2026-04")]) == []
    assert broken(p, **decided, orders=[order(2, month="2026-04")]) == [("M5.3", "commitments", "2026-04", 10)]
    assert broken(p, **decided, orders=[order(3, month="2026-07")]) == [("M5.3", "commitments", "2026-04", 30)]
    slow = problem(blocks=[{"lead_months": 3}], deals=[{**deal, "counts": "online"}])
    assert broken(slow, **decided, orders=[order(3)]) == []
    assert broken(slow, **decided, orders=[order(3, month="2026-04")]) == [("M5.3", "commitments", "2026-04", 30)]
    priced = {"by": "2026-05", "at": 30, "shortfall_musd_per_unit": 2}
    assert broken(problem(deals=[{**deal, "commitments": [priced]}]), **decided) == []
    late = problem(deals=[{**deal, "commitments": [{"by": "2025-01", "at": 10}, {"by": "2027-01", "at": 99}]}])
    assert broken(late, **decided, orders=[order(1)]) == []
    assert broken(late, **decided) == [("M5.3", "commitments", "2026-01", 10)]
    optional = problem(deals=[{**deal, "optional": True}])
    assert broken(optional, openings=OPEN) == []


def test_commitments_reached_within_tolerance() -> None:
    """M5.9: 29.99998 of 30 is short by 2e-5, and 3e-5 is the tolerance; 29.9999 is not reached."""
    deal: dict[str, Any] = {"id": "take", "kind": "purchase_commitment"}
    for mw, fine in [(29.99998, True), (29.9999, False)]:
        p = problem(blocks=[{"it_mw": mw}], deals=[{**deal, "commitments": [{"by": "2026-01", "at": 30}]}])
        assert (broken(p, openings=OPEN, signed=["take"], orders=[order(1)]) == []) is fine


def test_loans_within_their_limit() -> None:
    """M5.5: 40 in all, 100 from 2026-07. 40 then 60 is fine; 41 at once is 1 too much until 2026-07."""
    limit = [{"from": "2026-01", "value": 40}, {"from": "2026-07", "value": 100}]
    p = problem(deals=[{**LOAN, "limit_musd": limit}])
    decided: dict[str, Any] = {"signed": ["bank"]}
    assert broken(p, **decided, draws=[("bank", "2026-01", 40.0), ("bank", "2026-07", 60.0)]) == []
    early = [("M5.5", "loans", "2026-01", 1), ("M5.5", "loans", "2026-04", 1)]
    assert broken(p, **decided, draws=[("bank", "2026-01", 41.0)]) == early
    over = broken(p, **decided, draws=[("bank", "2026-01", 40.0), ("bank", "2026-07", 60.5)])
    assert over == [("M5.5", "loans", "2026-07", 0.5), ("M5.5", "loans", "2026-10", 0.5)]


def test_loans_within_their_share_of_covered_capex() -> None:
    """M5.15: a half of nvidia's chips (2 halls x 100, sales tax 10 %) and of construction (10 MW x 8 = 80) at abilene.

    Covered: blocks 200 + construction 80 = 280, so 140. With sales tax 300 -> 150; amd's helios (50) never counts.
    The construction of the partner costs nothing and covers nothing.
    """
    site = {"construction_musd_per_mw": 8, "sales_tax": 0.1}
    halls: list[dict[str, Any]] = [{"capex_musd": 100}, {"id": "helios", "vendor": "amd", "capex_musd": 50}]
    lines = ["blocks", "construction"]
    deal: dict[str, Any] = {**LOAN, "limit_musd": 900, "max_share": 0.5, "vendor": "nvidia"}
    orders, shells = [order(2), order(1, block="helios")], [("abilene", "2026-01", 10.0)]
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["bank", "oracle"], "orders": orders, "shells": shells}
    for covered, most in [(lines, 140), ([*lines, "sales_tax"], 150), (None, 150), (["blocks"], 100)]:
        p = problem([site], halls, deals=[{**deal, "lines": covered}, LEASE])
        assert broken(p, **decided, draws=[("bank", "2026-01", float(most))]) == []
        over = broken(p, **decided, draws=[("bank", "2026-04", most + 1.0)])
        assert over == [("M5.5", "loans", m, 1) for m in MONTHS[1:]]
    p = problem([site], halls, deals=[{**deal, "lines": lines}, LEASE])
    leased = {**decided, "shells": [("abilene", "2026-01", 10.0, "oracle")]}
    assert broken(p, **leased, draws=[("bank", "2026-01", 100.0)]) == []
    assert broken(p, **leased, draws=[("bank", "2026-10", 101.0)]) == [("M5.5", "loans", "2026-10", 1)]
    elsewhere = problem([site, {"id": "milam"}], halls, deals=[{**deal, "filter": {"sites": ["milam"]}}, LEASE])
    assert broken(elsewhere, **decided, draws=[("bank", "2026-10", 1.0)]) == [("M5.5", "loans", "2026-10", 1)]


def test_loans_are_drawn_of_signed_loans_only() -> None:
    """M5.5: unknown, unsigned, no loan, outside the horizon, negative, twice."""
    p = problem(deals=[{**LOAN, "optional": True}, EQUITY])
    signed: dict[str, Any] = {"signed": ["letter", "bank"]}
    assert rules(broken(p, signed=["letter"], draws=[("bank", "2026-01", 1.0)])) == [("M5.5", "decisions")]
    assert rules(broken(p, **signed, draws=[("letter", "2026-01", 1.0)])) == [("M5.5", "decisions")]
    assert rules(broken(p, **signed, draws=[("nobody", "2026-01", 1.0)])) == [("M8.6", "decisions")]
    assert rules(broken(p, **signed, draws=[("bank", "2027-01", 1.0)])) == [("M1.1", "decisions")]
    assert rules(broken(p, **signed, draws=[("bank", "2026-01", -1.0)])) == [("M5.5", "decisions")]
    assert rules(broken(p, **signed, draws=[("bank", "2026-01", 1.0)] * 2)) == [("M8.6", "decisions")]


def sold(amount: float, deal: str = "customer", block: str = "hall", month: str = "2026-04") -> Any:
    return (deal, "abilene", block, month, amount)


def test_offtakes_sell_capacity_once_and_while_it_is_energised() -> None:
    """M5.6: 2 halls of 10 MW / 100 PFLOPS from 2026-04: 12 MW to one and 80 PFLOPS to another are all 2 of them."""
    deals = [SALE, {"id": "lab", "kind": "offtake", "musd_per_pflops_year": 1}]
    p = problem(blocks=[{"lead_months": 3}, {"id": "dark", "it_mw": 1, "pflops": 0}], deals=deals)
    decided: dict[str, Any] = {
        "openings": OPEN,
        "signed": ["customer", "lab"],
        "orders": [order(2), order(1, block="dark")],
    }
    assert broken(p, **decided, sales=[sold(12), sold(80, "lab")]) == []
    assert broken(p, **decided, sales=[sold(12), sold(90, "lab")]) == [("M5.6", "offtakes", "2026-04", 0.1)]
    assert broken(p, **decided, sales=[sold(1, month="2026-01")]) == [("M5.6", "offtakes", "2026-01", 0.1)]
    assert broken(p, **decided, sales=[sold(1, "lab", "dark")]) == [("M5.6", "offtakes", "2026-04", 1)]


def test_offtakes_sell_no_idle_unit() -> None:
    """M5.6, M2.8: 3 old halls in a 20 MW grid: one is idle, so 20 MW can be sold, not 30."""
    old = {"block": "hall", "units": 3, "online_from": "2020-01"}
    p = problem([{"status": "committed", "grid_mw": 20, "existing": [old]}], deals=[SALE])
    decided: dict[str, Any] = {"signed": ["customer"], "idle": [("abilene", "hall", m, 1) for m in MONTHS]}
    assert broken(p, **decided, sales=[sold(20)]) == []
    assert broken(p, **decided, sales=[sold(30)]) == [("M5.6", "offtakes", "2026-04", 1)]


def test_offtakes_cover_what_they_name() -> None:
    """M5.6: unknown, unsigned, no offtake, another vendor's block, negative, twice."""
    blocks = [{}, {"id": "helios", "vendor": "amd"}]
    p = problem(blocks=blocks, deals=[{**SALE, "vendor": "nvidia", "optional": True}, EQUITY])
    halls: dict[str, Any] = {"openings": OPEN, "orders": [order(2), order(2, block="helios")]}
    decided: dict[str, Any] = {**halls, "signed": ["customer", "letter"]}
    assert broken(p, **decided, sales=[sold(20)]) == []
    assert broken(p, **decided, sales=[sold(5, block="helios")]) == [("M5.6", "offtakes", "2026-04", 5)]
    assert rules(broken(p, **halls, signed=["letter"], sales=[sold(1)])) == [("M5.6", "decisions")]
    assert rules(broken(p, **decided, sales=[sold(1, "letter")])) == [("M5.6", "decisions")]
    assert rules(broken(p, **decided, sales=[sold(1, "nobody")])) == [("M8.6", "decisions")]
    assert rules(broken(p, **decided, sales=[sold(-1)])) == [("M5.6", "decisions")]
    assert rules(broken(p, **decided, sales=[sold(1)] * 2)) == [("M8.6", "decisions")]


def test_offtakes_between_minimum_and_maximum() -> None:
    """M5.16: at least 5 and at most 15 MW from 2026-04 on (the maximum is 0 before); a price makes the minimum soft."""
    from_april: dict[str, Any] = {
        "minimum": [{"from": "2026-04", "value": 5}],
        "maximum": [{"from": "2026-04", "value": 15}],
    }
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["customer"], "orders": [order(2)]}
    p = problem(deals=[{**SALE, **from_april}])
    fine = [sold(5), sold(15, month="2026-07"), sold(10, month="2026-10")]
    assert broken(p, **decided, sales=fine) == []
    assert broken(p, **decided, sales=[sold(4), *fine[1:]]) == [("M5.6", "offtakes", "2026-04", 1)]
    assert broken(p, **decided, sales=[*fine, sold(1, month="2026-01")]) == [("M5.6", "offtakes", "2026-01", 1)]
    assert broken(p, **decided, sales=[fine[0], sold(16, month="2026-07"), fine[2]]) == [
        ("M5.6", "offtakes", "2026-07", 1)
    ]
    assert broken(p, **decided, sales=fine[:2]) == [("M5.6", "offtakes", "2026-10", 5)]
    soft = problem(deals=[{**SALE, **from_april, "shortfall_musd_per_unit_year": 1}])
    assert broken(soft, **decided) == []


@pytest.mark.parametrize(
    ("deal", "objective", "limited"),
    [
        (LOAN, "compute", True),
        ({**LOAN, "optional": True}, "compute", True),
        ({**EQUITY, "id": "bank", "tranches": [{"at": 1, "musd": 1}]}, "compute", False),
        (LOAN, "value", False),
    ],
)
def test_budget_limits_later_money_of_loans(deal: dict[str, Any], objective: str, limited: bool) -> None:
    """M4.5: 200 fall due after the horizon, a year of budget is 150 in the last period: 50 too much, under compute."""
    block = {"capex_musd": 200, "life_years": 3, "payments": [{"months": 12, "share": 1}]}
    rate = [{"from": "2026-01", "value": 900}, {"from": "2026-10", "value": 150}]
    p = problem(blocks=[block], deals=[deal], budget={"per_year_musd": rate}, objectives=[{"maximize": objective}])
    found = broken(p, openings=OPEN, orders=[order(1)], signed=["bank"])
    assert found == ([("M4.5", "budget", None, 50)] if limited else [])
    stated = problem(
        blocks=[block],
        deals=[deal],
        budget={"per_year_musd": rate, "after_horizon_limit_musd": 200},
        objectives=[{"maximize": objective}],
    )
    assert broken(stated, openings=OPEN, orders=[order(1)], signed=["bank"]) == []


def test_budget_counts_what_deals_bring_and_cost() -> None:
    """M4.1: a hall of 100 in the first quarter; 10 of budget a quarter, 85 drawn: 5 short. 90 drawn is enough.

    At 0 % over one year from the next quarter on 22.5 are repaid a quarter, and only 10 come in: short by 12.5, 25, 37.5.
    """
    deal = {**LOAN, "rate": 0, "term_years": 1}
    p = problem(
        blocks=[{"capex_musd": 100}], deals=[deal], budget={"per_year_musd": 40, "after_horizon_limit_musd": 99}
    )
    decided: dict[str, Any] = {"openings": OPEN, "orders": [order(1)], "signed": ["bank"]}
    found = broken(p, **decided, draws=[("bank", "2026-01", 85.0)])
    assert found[0] == ("M4.1", "budget", "2026-01", 5)
    found = broken(p, **decided, draws=[("bank", "2026-01", 90.0)])
    assert found == [("M4.1", "budget", m, x) for m, x in zip(MONTHS[1:], (12.5, 25, 37.5))]


def test_messages_name_the_deal_and_the_gap() -> None:
    p = problem(deals=[{**SALE, "minimum": 5}])
    (first, *_) = violations(p, signed=["customer"])
    assert first.message == "customer wants 5 IT MW in 2026-01; sold 0; short 5"
