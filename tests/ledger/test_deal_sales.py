"""Offtakes and purchase commitments by hand: sales, the revenue they replace, and what a shortfall costs (M5.3, M5.6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ledger.worlds import block, dealt, ledger, line, problem

OPEN = [("abilene", "2026-01")]
QUARTERS = {"start": "2026-01", "periods": 4, "period": "quarter"}


def customer(**fields: Any) -> dict[str, Any]:
    return {"id": "customer", "kind": "offtake", "counterparty": "startup", "musd_per_mw_year": 8, **fields}


def test_sold_capacity_earns_the_contract_and_no_block_revenue() -> None:
    """Three halls of 10 MW at 40 MUSD a year, by quarter. 15 MW sold at 8 = 30; 1.5 halls left earn 15; from quarter 3
    on 16 MUSD per MW: 60. Nothing sold in quarter 1: 30 of revenue."""
    price = [{"from": "2026-01", "value": 8}, {"from": "2026-07", "value": 16}]
    world = problem(
        horizon=QUARTERS, blocks=[block(revenue_musd_per_year=40)], deals=[customer(musd_per_mw_year=price)]
    )
    fields = ledger(
        world,
        openings=OPEN,
        orders=[("abilene", "hall", "2026-01", 3)],
        signed=["customer"],
        sales=[("customer", "abilene", "hall", m, 15) for m in ("2026-04", "2026-07")],
    )
    assert line(fields, "offtake") == pytest.approx({"2026-04": 30, "2026-07": 60})
    assert line(fields, "revenue") == pytest.approx({"2026-01": 30, "2026-04": 15, "2026-07": 15, "2026-10": 30})
    assert dealt(fields, "sold") == [0, 15, 15, 0]
    assert dealt(fields, "cash_in_musd") == pytest.approx([0, 30, 60, 0])
    assert fields["totals"][1].it_mw == 30


def test_pflops_are_sold_by_the_pflops() -> None:
    """Two halls of 100 PFLOPS; 150 sold at 0.5 MUSD a year = 75; half a hall's 40 = 20 of revenue left."""
    deal = customer(musd_per_mw_year=None, musd_per_pflops_year=0.5)
    world = problem(blocks=[block(revenue_musd_per_year=40)], deals=[deal])
    orders, sales = [("abilene", "hall", "2026-01", 2)], [("customer", "abilene", "hall", "2026-01", 150)]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["customer"], sales=sales)
    assert line(fields, "offtake") == {"2026-01": 75}
    assert line(fields, "revenue")["2026-01"] == pytest.approx(20)


def test_what_is_missing_of_the_minimum_pays_by_the_year() -> None:
    """Minimum 20 MW from quarter 2 on at 4 MUSD per missing MW and year: 5 missing = 5, 20 missing = 20; none before."""
    deal = customer(minimum=[{"from": "2026-04", "value": 20}], shortfall_musd_per_unit_year=4)
    world = problem(horizon=QUARTERS, deals=[deal])
    orders, sales = [("abilene", "hall", "2026-01", 2)], [("customer", "abilene", "hall", "2026-04", 15)]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["customer"], sales=sales)
    assert dealt(fields, "missing") == [0, 5, 20, 20]
    assert line(fields, "penalties") == pytest.approx({"2026-04": 5, "2026-07": 20, "2026-10": 20})
    assert dealt(fields, "cash_out_musd") == pytest.approx([0, 5, 20, 20])
    hard = problem(horizon=QUARTERS, deals=[customer(minimum=20)])
    promised = ledger(hard, signed=["customer"])
    assert dealt(promised, "missing") == [20] * 4 and line(promised, "penalties") == {}


def test_sales_reach_cash_with_the_revenue_share() -> None:
    """A quarter of 120 of sales and 20 of revenue: 35 MUSD."""
    world = problem(
        blocks=[block(revenue_musd_per_year=40)],
        deals=[customer()],
        budget={"per_year_musd": 0, "revenue_share": 0.25, "covers": ["capex"]},
    )
    orders, sales = [("abilene", "hall", "2026-01", 2)], [("customer", "abilene", "hall", "2026-01", 15)]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["customer"], sales=sales)
    assert fields["balances"][0].income_musd == pytest.approx(0.25 * (8 * 15 + 20))


def test_sales_to_a_customer_who_did_not_sign_bring_nothing() -> None:
    world = problem(blocks=[block(revenue_musd_per_year=40)], deals=[customer(optional=True)])
    orders, sales = [("abilene", "hall", "2026-01", 2)], [("customer", "abilene", "hall", "2026-01", 15)]
    fields = ledger(world, openings=OPEN, orders=orders, sales=sales)
    assert line(fields, "offtake") == {} and line(fields, "revenue")["2026-01"] == 80
    assert dealt(fields, "sold") == [0] * 4


def test_a_commitment_pays_once_for_what_is_missing_then() -> None:
    """40 MW by mid 2027 at 2 MUSD, 60 by 2029 at 3 (read then); one by 2031 has no effect; one of 2025 counts in 2026.

    Ordered: 10 MW in 2026, 30 in 2027. 2026: 25 - 10 = 15 * 1; 2027: 10 * 2 = 20; 2029: 30 * 3 = 90. The lead of two
    years does not matter: orders count.
    """
    price = [{"from": "2026-01", "value": 2}, {"from": "2029-01", "value": 3}]
    commitments = [
        {"by": "2025-06", "at": 25, "shortfall_musd_per_unit": 1},
        {"by": "2027-06", "at": 40, "shortfall_musd_per_unit": price},
        {"by": "2029-01", "at": 60, "shortfall_musd_per_unit": price},
        {"by": "2031-01", "at": 900, "shortfall_musd_per_unit": price},
    ]
    deal = {"id": "promise", "kind": "purchase_commitment", "commitments": commitments}
    world = problem(blocks=[block(lead_months=24)], deals=[deal])
    orders = [("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2027-01", 2)]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["promise"])
    assert dealt(fields, "progress") == [10, 30, 30, 30]
    assert dealt(fields, "missing") == pytest.approx([15, 10, 0, 30])
    assert line(fields, "penalties") == pytest.approx({"2026-01": 15, "2027-01": 20, "2029-01": 90})
    assert [(r.month, r.line) for r in fields["after_horizon"]] == [("2031-01", "date")]
    assert line(ledger(world, openings=OPEN, orders=orders), "penalties") == {}


def test_a_commitment_without_a_price_pays_nothing_and_penalties_add_to_those_of_demand() -> None:
    """Demand of 50 MW pays 1 MUSD for each of 30 missing a year; the promise of 50 pays 2 for each of 30, once, in 2027."""
    commitments = [{"by": "2026-01", "at": 90}, {"by": "2027-01", "at": 50, "shortfall_musd_per_unit": 2}]
    deal = {"id": "promise", "kind": "purchase_commitment", "commitments": commitments}
    demand = [{"id": "d", "by": "2026-01", "amount": 50, "shortfall_musd_per_unit_year": 1}]
    world = problem(deals=[deal], demand=demand)
    orders = [("abilene", "hall", "2026-01", 2)]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["promise"])
    assert list(line(fields, "penalties").values()) == pytest.approx([30, 90, 30, 30])
    assert dealt(fields, "missing") == [70, 30, 0, 0]
