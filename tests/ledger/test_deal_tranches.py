"""Equity tranches and warrants by hand: when they are reached, what arrives, what is held (M5.1, M5.2, M5.9-M5.11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ledger.worlds import block, dealt, ledger, line, problem, site

MONTHS = ("2026-01", "2027-01", "2028-01", "2029-01")


def letter(**fields: Any) -> dict[str, Any]:
    """The letter: 100 MUSD at 20 MW, 250 more at 50 MW."""
    tranches = [{"at": 20, "musd": 100}, {"at": 50, "musd": 250}]
    return {"id": "letter", "kind": "equity_tranches", "counterparty": "nvidia", "tranches": tranches, **fields}


def amd(**fields: Any) -> dict[str, Any]:
    """Two million shares at 10 MW, three at 30 MW and 50 USD; exercise 10 USD, 20 % haircut, 40 % sold."""
    return {
        "id": "amd",
        "kind": "warrants",
        "counterparty": "nvidia",
        "tranches": [
            {"at": 10, "shares_million": 2},
            {"at": 30, "shares_million": 3, "price_hurdle_usd": 50},
        ],
        "exercise_usd": 10,
        "share_price_usd": [{"from": "2026-01", "value": 30}, {"from": "2028-01", "value": 60}],
        "monetise": 0.4,
        "haircut": 0.2,
        **fields,
    }


def test_equity_is_reached_by_the_first_progress_and_arrives_a_period_later() -> None:
    """2 halls (20 MW) in 2026, 3 more (50 MW) in 2028: reached 2026 and 2028, money 100 in 2027 and 250 in 2029."""
    world = problem(deals=[letter()])
    orders = [("abilene", "hall", "2026-01", 2), ("abilene", "hall", "2028-01", 3)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["letter"])
    assert dealt(fields, "progress") == [20, 20, 50, 50]
    assert dealt(fields, "tranches_reached") == [1, 1, 2, 2]
    assert dealt(fields, "cash_in_musd") == [0, 100, 0, 250]
    assert line(fields, "equity") == {"2027-01": 100, "2029-01": 250}
    found = [(t.at, t.month, t.arrives, t.musd) for t in fields["deals"][0].tranches]
    assert found == [(20, "2026-01", "2027-01", 100), (50, "2028-01", "2029-01", 250)]
    assert fields["deals"][0].cash_in_musd == 350


def test_both_tranches_in_one_period_are_two_moneys_and_lead_counts_from_the_day_online() -> None:
    """5 halls ordered in 2026 with 12 months of lead are online in 2027: 350 MUSD arrive together in 2028."""
    world = problem(blocks=[block(lead_months=12)], deals=[letter()])
    orders = [("abilene", "hall", "2026-01", 5)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["letter"])
    assert dealt(fields, "progress") == [0, 50, 50, 50]
    assert line(fields, "equity") == {"2028-01": 350}


def test_ordered_counts_from_the_order() -> None:
    world = problem(blocks=[block(lead_months=12)], deals=[letter(counts="ordered", lag_months=0)])
    orders = [("abilene", "hall", "2026-01", 5)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["letter"])
    assert line(fields, "equity") == {"2026-01": 350}


def test_money_after_the_horizon_stands_in_the_tranche_and_nowhere_else() -> None:
    """50 MW in 2028 with a lag of 18 months = 2 years: 250 MUSD would arrive in 2030 (M5.10)."""
    world = problem(deals=[letter(lag_months=18)])
    orders = [("abilene", "hall", "2028-01", 5)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["letter"])
    assert [(t.arrives, t.musd) for t in fields["deals"][0].tranches] == [("2030-01", 100), ("2030-01", 250)]
    assert line(fields, "equity") == {} and fields["deals"][0].cash_in_musd == 0
    assert fields["objectives"]["net_cost"] == fields["objectives"]["cost"]


def test_retirement_does_not_subtract_and_an_unreached_tranche_has_no_month() -> None:
    """2 halls in 2026, both gone in 2027, 2 new ones in 2028: ever online 20, 20, 40, 40 MW; 50 is never reached."""
    world = problem(blocks=[block(early_retirement=True)], deals=[letter()])
    fields = ledger(
        world,
        openings=[("abilene", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 2), ("abilene", "hall", "2028-01", 2)],
        retirements=[("abilene", "hall", "2027-01", 2)],
        signed=["letter"],
    )
    assert dealt(fields, "progress") == [20, 20, 40, 40]
    last = fields["deals"][0].tranches[1]
    assert (last.month, last.arrives, last.musd) == (None, None, 0)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("it_mw", [10, 30]), ("gpus", [1000, 3000]), ("units", [1, 3]), ("pflops", [100, 300]), ("capex_musd", [50, 190])],
)
def test_metrics_count_what_is_covered(metric: str, expected: list[float]) -> None:
    """A hall of nvidia in 2026 (50 MUSD then), two in 2027 (70 each then); amd's, and those elsewhere, are not covered.

    The duty of 25 % is not in the catalogue price: 50, then 50 + 2 * 70 = 190.
    """
    price = [{"from": "2026-01", "value": 50}, {"from": "2027-01", "value": 70}]
    blocks = [block(capex_musd=price), block("other", vendor="amd", capex_musd=9)]
    sites = [site(tariff=0.25), site("elsewhere")]
    deal = letter(metric=metric, vendor="nvidia", filter={"sites": ["abilene"]})
    world = problem(blocks=blocks, sites=sites, deals=[deal])
    orders = [
        ("abilene", "hall", "2026-01", 1),
        ("abilene", "hall", "2027-01", 2),
        ("abilene", "other", "2026-01", 4),
        ("elsewhere", "hall", "2026-01", 5),
    ]
    openings = [("abilene", "2026-01"), ("elsewhere", "2026-01")]
    assert dealt(ledger(world, openings=openings, orders=orders), "progress")[:2] == pytest.approx(expected)


def test_existing_units_count_only_where_the_deal_says_so() -> None:
    """Two halls from 2025 and one coming online in 2027: 20, 30, ... MW, or none. Idle ones have come online too."""
    there = [{"block": "hall", "units": n, "online_from": m} for n, m in ((2, "2025-01"), (1, "2027-01"))]
    here = site(status="committed", existing=there)
    deals = [
        letter(counts_existing=True),
        letter(id="other"),
        letter(id="orders", counts_existing=True, counts="ordered"),
    ]
    fields = ledger(problem(sites=[here], deals=deals), idle=[("abilene", "hall", "2026-01", 2)], signed=["letter"])
    assert dealt(fields, "progress", 0) == [20, 30, 30, 30]
    assert dealt(fields, "progress", 1) == [0, 0, 0, 0]
    assert dealt(fields, "progress", 2) == [30, 30, 30, 30]
    assert line(fields, "equity") == {"2027-01": 100}


def test_leased_units_count_unless_the_deal_says_not() -> None:
    """One hall owned, two leased: 30 MW, or 10."""
    oracle = {"id": "oracle", "kind": "lease", "musd_per_mw_year": 1}
    world = problem(deals=[letter(), letter(id="own", counts_leased=False), oracle])
    orders = [("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2026-01", 2, "oracle")]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["oracle"])
    assert dealt(fields, "progress", 0)[0] == 30
    assert dealt(fields, "progress", 1)[0] == 10


def test_a_threshold_is_met_within_its_tolerance() -> None:
    """Three blocks of 0.1 MW are 0.30000000000000004 or a hair less: 0.3 is reached either way (M5.9)."""
    deal = letter(tranches=[{"at": 0.3 + 5e-7, "musd": 7}, {"at": 0.3 + 5e-6, "musd": 9}])
    world = problem(blocks=[block(it_mw=0.1)], deals=[deal])
    orders = [("abilene", "hall", "2026-01", 3)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["letter"])
    assert line(fields, "equity") == {"2027-01": 7}


def test_warrants_vest_with_progress_and_price_part_sold_part_held() -> None:
    """30 MW from 2026 on. First tranche vests in 2026 at 30 USD: sold 0.4 * 0.8 * (30 - 10) * 2 = 12.8 MUSD.

    Second needs 50 USD: vests in 2028 at 60: sold 0.4 * 0.8 * 50 * 3 = 48. Held, at the last price of 60: 0.6 * 0.8 * 50
    * 2 = 48 and 0.6 * 0.8 * 50 * 3 = 72.
    """
    world = problem(deals=[amd()])
    orders = [("abilene", "hall", "2026-01", 3)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["amd"])
    assert line(fields, "warrants") == pytest.approx({"2026-01": 12.8, "2028-01": 48})
    first, second = fields["deals"][0].tranches
    assert (first.month, first.arrives, first.shares_million) == ("2026-01", "2026-01", 2)
    assert (second.month, second.arrives, second.shares_million) == ("2028-01", "2028-01", 3)
    assert [first.held_musd, second.held_musd] == pytest.approx([48, 72])
    assert fields["deals"][0].holding_musd == pytest.approx(120)
    assert dealt(fields, "tranches_reached") == [1, 1, 2, 2]


def test_what_vested_early_is_not_sold_later_at_a_better_price() -> None:
    """All sold: 1.0 * 0.8 * (30 - 10) * 2 = 32 in 2026, though the price doubles in 2028. Nothing is held."""
    world = problem(deals=[amd(monetise=1)])
    orders = [("abilene", "hall", "2026-01", 1)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["amd"])
    assert line(fields, "warrants") == pytest.approx({"2026-01": 32})
    assert fields["deals"][0].holding_musd == 0


@pytest.mark.parametrize(("expires", "vested"), [("2027-12", 1), ("2028-01", 2), ("2028-06", 2), ("2025-12", 0)])
def test_nothing_vests_after_the_period_that_contains_expires(expires: str, vested: int) -> None:
    """The second tranche's price comes in 2028; before the horizon's start nothing can vest at all."""
    world = problem(deals=[amd(expires=expires)])
    orders = [("abilene", "hall", "2026-01", 3)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["amd"])
    assert dealt(fields, "tranches_reached")[-1] == vested


def test_an_end_beyond_the_horizon_is_listed_among_its_dates() -> None:
    """M1.3: the last period is 2029; an end in it, or none, is no news."""
    for expires, stated in [("2030-01", ["2030-01"]), ("2029-12", []), (None, [])]:
        fields = ledger(problem(deals=[amd(expires=expires)]), signed=["amd"])
        rows = [(r.month, r.line, r.note) for r in fields["after_horizon"]]
        assert rows == [(m, "date", f"shares of deal amd can vest until {m}") for m in stated]


def test_a_share_below_its_exercise_price_brings_nothing() -> None:
    """Vested at 30 USD against an exercise price of 40: the sold part brings 0; held at 60: 0.6 * 0.8 * 20 * 2 = 19.2."""
    world = problem(deals=[amd(exercise_usd=40)])
    orders = [("abilene", "hall", "2026-01", 1)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders, signed=["amd"])
    assert line(fields, "warrants") == {}
    assert fields["deals"][0].holding_musd == pytest.approx(19.2)


def test_a_deal_that_is_not_signed_brings_nothing() -> None:
    """Its progress is still told."""
    world = problem(deals=[letter(optional=True), amd(optional=True)])
    orders = [("abilene", "hall", "2026-01", 5)]
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders)
    assert line(fields, "equity") == line(fields, "warrants") == {}
    for result in fields["deals"]:
        assert not result.signed and result.cash_in_musd == 0 and result.holding_musd == 0
        assert all(t.month is None and t.musd == 0 for t in result.tranches) and len(result.tranches) == 2
        assert [(p.progress, p.tranches_reached) for p in result.periods] == [(50, 0)] * 4
