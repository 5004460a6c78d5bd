"""Books of tiny worlds with deals: what the hand-solved tests of every kind share."""

from __future__ import annotations

from typing import Any

import pytest

from planner.verify.account import Account
from planner.verify.money import Money
from planner.verify.world import World
from tests.verify.test_figures import books

OPEN = [("abilene", "2026-01")]
LEASE: dict[str, Any] = {"id": "oracle", "kind": "lease", "musd_per_mw_year": 2}
LOAN: dict[str, Any] = {"id": "bank", "kind": "loan", "limit_musd": 900, "rate": 0, "term_years": 1}
SALE: dict[str, Any] = {"id": "customer", "kind": "offtake", "musd_per_mw_year": 3}
YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 4, "period": "year"}}


def order(
    units: int, month: str = "2026-01", terms: str = "own", block: str = "hall"
) -> tuple[str, str, str, int, str]:
    return ("abilene", block, month, units, terms)


def account(p: Any, name: str, **decided: Any) -> tuple[World, Money, Account]:
    """The account of one deal, all deals signed."""
    decided.setdefault("signed", [deal.id for deal in p.deals])
    world, money = books(p, **{"openings": OPEN, **decided})
    return world, money, money.accounts[[deal.id for deal in p.deals].index(name)]


def near(*values: float) -> Any:
    return pytest.approx(list(values))


WARRANTS: dict[str, Any] = {
    "id": "shares",
    "kind": "warrants",
    "tranches": [{"at": 10, "shares_million": 2}, {"at": 20, "shares_million": 3, "price_hurdle_usd": 150}],
    "exercise_usd": 10,
    "share_price_usd": [
        {"from": "2026-01", "value": 110},
        {"from": "2027-01", "value": 140},
        {"from": "2028-01", "value": 150},
        {"from": "2029-01", "value": 130},
    ],
    "monetise": 0.25,
    "haircut": 0.2,
}
