"""Hand-solved worlds: warrants that vest on capacity and share price (M5.2, M5.11)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.problem import Problem
from tests.verify.worlds import problem
from tests.worlds import dealt, line, near, orders, proven

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 3, "period": "year"}}
RISING: list[dict[str, Any]] = [
    {"from": "2026-01", "value": 10},
    {"from": "2027-01", "value": 20},
    {"from": "2028-01", "value": 50},
]


def warrant(*tranches: tuple[float, float, float], **terms: Any) -> dict[str, Any]:
    """A warrant with (mark, millions of shares, hurdle in USD), shares free, no discount."""
    return {
        "id": "warrant",
        "kind": "warrants",
        "counterparty": "amd",
        "tranches": [{"at": at, "shares_million": n, "price_hurdle_usd": h} for at, n, h in tranches],
        "share_price_usd": RISING,
        "haircut": 0,
        **terms,
    }


def funded(deal: dict[str, Any], **rest: Any) -> Problem:
    """Three years, halls of 10 MW, 100 PFLOPS at 10 MUSD, 10 MUSD in 2026 only, compute."""
    fields: dict[str, Any] = {
        "blocks": [{"capex_musd": 10, "vendor": "amd"}],
        "budget": {"per_year_musd": [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 0}]},
        **YEARS,
    }
    return problem(**{**fields, **rest}, deals=[deal])


def valued(deal: dict[str, Any], **rest: Any) -> Problem:
    """The same without a budget, for value at 10 % a year; a hall is needed in 2026."""
    return funded(
        deal,
        **{
            "budget": None,
            "objectives": [{"maximize": "value"}],
            "terminal": "none",
            "discount_rate": 0.1,
            "demand": [{"id": "d", "by": "2026-01", "amount": 10}],
            **rest,
        },
    )


def test_sold_at_vesting() -> None:
    """10 MW stand in 2026, price 10 USD: 1 million shares sold bring 10 in that very year: a second hall in 2026, and no third:
    600. The second hall is paid by shares that the first one earned."""
    plan = proven(funded(warrant((10, 1, 0), monetise=1))).plan
    assert plan.objective == 600
    assert line(plan, "warrants") == {"2026-01": 10.0}
    (tranche,) = dealt(plan, "warrant").tranches
    assert (tranche.month, tranche.arrives, tranche.musd, tranche.shares_million) == ("2026-01", "2026-01", 10, 1)


def test_it_vests_when_hurdle_and_progress_hold_and_not_before() -> None:
    """A hurdle of 20 USD is met in 2027: 20 million then, two halls for two years: 300 + 400. In 2028 it would have been 50."""
    plan = proven(funded(warrant((10, 1, 20), monetise=1))).plan
    assert plan.objective == 700
    assert line(plan, "warrants") == {"2027-01": 20.0}


def test_it_never_waits_for_a_better_price() -> None:
    """The dear hall (50 MUSD, 1,000 PFLOPS) is sold in 2028 only. Capacity of 2026 vests at 10 in 2026, not at 50 in 2028, though
    50 would buy the dear hall. The only way to 50 in 2028 is to reach 10 MW then: keep 10 MUSD until 2028: one hall (100) and the
    dear one (1,000) = 1,100, against 300 + 300."""
    given = [
        {"id": "hall", "vendor": "amd", "capex_musd": 10},
        {"id": "dear", "vendor": "nvidia", "capex_musd": 50, "pflops": 1000.0, "available_from": "2028-01"},
    ]
    deal = warrant((10, 1, 0), monetise=1, vendor="amd")
    plan = proven(funded(deal, blocks=given)).plan
    assert plan.objective == 1100
    assert orders(plan) == {("abilene", "hall", "2028-01"): 1, ("abilene", "dear", "2028-01"): 1}
    # With 10 MW asked for in 2026 it has vested then; two halls, nothing else: waiting is not a choice.
    plan = proven(funded(deal, blocks=given, demand=[{"id": "d", "by": "2026-01", "amount": 10}])).plan
    assert plan.objective == 600
    assert line(plan, "warrants") == {"2026-01": 10.0}


def test_value_cannot_wait_either() -> None:
    """Value, 10 %: the hall of 2026 vests at 10: +10 - 10 = 0. Waiting until 2028 would be worth 50 / 1.21 = 41.3."""
    plan = proven(valued(warrant((10, 1, 0), monetise=1))).plan
    near(plan.objective, 0)
    assert line(plan, "warrants") == {"2026-01": 10.0}


def test_signing_is_no_way_to_wait() -> None:
    """M5.12: signed is signed for the whole horizon: an optional warrant of capacity that stands since 2026 vests in 2026."""
    plan = proven(valued(warrant((10, 1, 0), monetise=1, optional=True))).plan
    near(plan.objective, 0)


def test_held() -> None:
    """Held shares count at the last period's price, at the last period: 50 / 1.21 = 41.322 - 10 in value, and no cash."""
    plan = proven(valued(warrant((10, 1, 0)))).plan
    near(plan.objective, 50 / 1.21 - 10)
    assert line(plan, "warrants") == {}
    assert dealt(plan, "warrant").holding_musd == 50


def test_part_sold_part_held_with_haircut_and_exercise() -> None:
    """40 % sold at 20 USD in 2027 (hurdle 15), 60 % held at 50; exercise 5, haircut 25 %, 2 million shares:
    sold 0.4 x 0.75 x 15 x 2 = 9 in 2027; held 0.6 x 0.75 x 45 x 2 = 40.5: 9 / 1.1 + 40.5 / 1.21 - 10 = 31.65."""
    plan = proven(valued(warrant((10, 2, 15), monetise=0.4, haircut=0.25, exercise_usd=5))).plan
    near(plan.objective, 9 / 1.1 + 40.5 / 1.21 - 10)
    (tranche,) = dealt(plan, "warrant").tranches
    near(tranche.musd, 9)
    near(tranche.held_musd, 40.5)


@pytest.mark.parametrize(("share", "sold"), [(None, 1), (1, 1), (0.5, 0.5), (0, 0)])
def test_counts_in_value_touches_sold_shares_only(share: float | None, sold: float) -> None:
    """M5.11: half sold in 2026 (5, times the deal's share), half held at 50 in full: 25 / 1.21."""
    terms = {} if share is None else {"counts_in_value": share}
    plan = proven(valued(warrant((10, 1, 0), monetise=0.5, **terms))).plan
    near(plan.objective, 5 * sold + 25 / 1.21 - 10)


@pytest.mark.parametrize(
    ("expires", "sold"),
    [(None, {"2027-01": 20.0}), ("2027-01", {"2027-01": 20.0}), ("2027-12", {"2027-01": 20.0}), ("2026-12", {})],
)
def test_expires_with_the_period_that_contains_it(expires: str | None, sold: dict[str, float]) -> None:
    """The hurdle of 20 is met in 2027."""
    terms = {} if expires is None else {"expires": expires}
    assert line(proven(funded(warrant((10, 1, 20), monetise=1, **terms))).plan, "warrants") == sold


def test_a_price_that_falls_back() -> None:
    """Prices 30, 10, 30, hurdle 20; halls from 2027 on: nothing vests in 2027, 30 come in 2028: 200 + 300. Were halls there in
    2026, the first would pay for itself and two more out of the year's own shares: 900, and 10 in 2027 buy one more: 200."""
    prices = [{"from": "2026-01", "value": 30}, {"from": "2027-01", "value": 10}, {"from": "2028-01", "value": 30}]
    money = [{"from": "2027-01", "value": 10}, {"from": "2028-01", "value": 0}]
    deal = warrant((10, 1, 20), monetise=1, share_price_usd=prices)
    blocks = [{"capex_musd": 10, "vendor": "amd", "available_from": "2027-01"}]
    plan = proven(funded(deal, blocks=blocks, budget={"per_year_musd": money})).plan
    assert plan.objective == 200 + 300
    assert proven(funded(deal, budget={"per_year_musd": money})).plan.objective == 900 + 200
    assert line(plan, "warrants") == {"2028-01": 30.0}


def test_below_the_exercise_price_nothing_is_won() -> None:
    """Exercise 10, price 10 in 2026: what vests then is worth max(0, 0) = 0 and is spent: 300. From 2027 on (10 MW by then)
    a share is worth 10: one more hall: 200 + 200 = 400 > 300."""
    plan = proven(funded(warrant((10, 1, 0), monetise=1, exercise_usd=10))).plan
    # Waiting with the hall itself: 2027: 10 + 10: two halls for two years: 400; 2028: 10 + 40: five halls: 500.
    assert plan.objective == 500
    assert orders(plan) == {("abilene", "hall", "2028-01"): 5}
    fixed = funded(
        warrant((10, 1, 0), monetise=1, exercise_usd=10), demand=[{"id": "d", "by": "2026-01", "amount": 10}]
    )
    assert proven(fixed).plan.objective == 300


def test_tranches_vest_one_by_one() -> None:
    """Marks 10 and 20 MW, hurdles 0 and 50: the first sells 10 in 2026 (a second hall), the second vests in 2028 at 50 though 20 MW
    stand since 2026: five halls: 600 + 500 = 1,100."""
    plan = proven(funded(warrant((10, 1, 0), (20, 1, 50), monetise=1))).plan
    assert plan.objective == 1100
    assert line(plan, "warrants") == {"2026-01": 10.0, "2028-01": 50.0}
    assert [x.tranches_reached for x in dealt(plan, "warrant").periods] == [1, 1, 2]


def test_a_later_tranche_may_vest_first() -> None:
    """Hurdles 50 (10 MW) and 0 (20 MW): with 20 MW in 2026 the second tranche vests in 2026, the first in 2028."""
    w = funded(
        warrant((10, 1, 50), (20, 1, 0), monetise=1),
        budget={"per_year_musd": [{"from": "2026-01", "value": 20}, {"from": "2027-01", "value": 0}]},
    )
    plan = proven(w).plan
    assert plan.objective == 600 + 300 + 500
    assert line(plan, "warrants") == {"2026-01": 10.0, "2028-01": 50.0}
    first, second = dealt(plan, "warrant").tranches
    assert (first.month, second.month) == ("2028-01", "2026-01")


def test_a_mark_within_a_millionth_vests() -> None:
    """M5.9: 99.99996 of 100 PFLOPS are reached in 2026 at 10 USD, not never and not later at 40: value 10 - 30."""
    w = valued(
        warrant((100, 1, 0), monetise=1, metric="pflops"),
        blocks=[{"capex_musd": 10, "vendor": "amd", "pflops": 33.33332}],
        sites=[{"grid_mw": 30.0}],
        demand=[{"id": "d", "by": "2026-01", "amount": 30}],
    )
    near(proven(w).plan.objective, 10 - 30)


def test_shares_move_the_plan() -> None:
    """30 MW are needed in 2026; A costs 10 a hall, B (the warrant's vendor) 12. 1 million shares at 10 MW, held, 50 USD in 2028 and
    no discounting: one B (2 dearer, 50 won), two A: 50 - 10 - 10 - 12 = 18. A second mark at 30 MW of 0.06 million shares, worth 3,
    would need two more B, 4 dearer."""
    w = valued(
        warrant((10, 1, 0), (30, 0.06, 0), vendor="amd"),
        blocks=[
            {"id": "A", "vendor": "nvidia", "capex_musd": 10},
            {"id": "B", "vendor": "amd", "capex_musd": 12},
        ],
        sites=[{"grid_mw": 30.0}],
        discount_rate=0.0,
        demand=[{"id": "d", "by": "2026-01", "amount": 30}],
    )
    plan = proven(w).plan
    near(plan.objective, 18)
    assert orders(plan) == {("abilene", "A", "2026-01"): 2, ("abilene", "B", "2026-01"): 1}
