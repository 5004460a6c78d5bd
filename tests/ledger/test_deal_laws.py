"""Laws of deals on random worlds, and what they do to main limits and bindings."""

from __future__ import annotations

from typing import Any

import pytest

from planner.ledger import complete
from tests.ledger.deal_worlds import random_deals
from tests.ledger.worlds import block, ledger, problem, random_world, site

OPEN = [("abilene", "2026-01")]


def told(fields: dict[str, Any], *but: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in {"deals", *but}}


@pytest.mark.parametrize("seed", range(40))
def test_deals_worth_nothing_change_nothing(seed: int) -> None:
    """M5.7: signed deals of every kind with no money in them leave every figure as it was, to the last bit."""
    world, land, decisions = random_world(seed)
    nothing: list[dict[str, Any]] = [
        {"id": "a", "kind": "equity_tranches", "tranches": [{"at": 1, "musd": 0}]},
        {
            "id": "b",
            "kind": "warrants",
            "haircut": 1,
            "share_price_usd": 9,
            "tranches": [{"at": 1, "shares_million": 9}],
        },
        {"id": "c", "kind": "purchase_commitment", "commitments": []},
        {"id": "d", "kind": "lease", "musd_per_mw_year": 5},
        {"id": "e", "kind": "loan", "limit_musd": 0, "rate": 0.1, "term_years": 1},
        {"id": "f", "kind": "offtake", "musd_per_mw_year": 5},
    ]
    nothing[2]["commitments"] = [{"by": world.horizon.start, "at": 0, "shortfall_musd_per_unit": 5}]
    dealt = type(world).model_validate({**world.model_dump(by_alias=True), "deals": nothing})
    signed = decisions.model_copy(update={"signed": [d["id"] for d in nothing]})
    # the limit on later money that a loan brings under compute is no figure, but it may bind
    assert told(complete(dealt, land, signed), "bindings") == told(complete(world, land, decisions), "bindings")


@pytest.mark.parametrize("seed", range(60))
def test_no_dollar_is_counted_twice_or_lost(seed: int) -> None:
    """Deals' own cash adds up to the lines that deals write, and inflow never exceeds what the tranches state."""
    world, land, decisions = random_deals(seed)
    fields = complete(world, land, decisions)
    cash: dict[str, float] = {}
    for row in fields["cash"]:
        cash[row.line] = cash.get(row.line, 0.0) + row.musd
    came = sum(cash.get(name, 0.0) for name in ("equity", "warrants", "loan_draws", "offtake"))
    assert sum(d.cash_in_musd for d in fields["deals"]) == pytest.approx(came)
    bare = complete(world, land, decisions.model_copy(update={"signed": []}))
    demanded = sum(row.musd for row in bare["cash"] if row.line == "penalties")
    went = sum(cash.get(name, 0.0) for name in ("lease", "repayments", "penalties"))
    if not any(o.terms != "own" for o in decisions.orders):  # leases change who is online when, so what demand misses
        assert sum(d.cash_out_musd for d in fields["deals"]) + demanded == pytest.approx(went)
    for deal, result in zip(world.deals, fields["deals"]):
        if deal.kind == "equity_tranches":
            assert result.cash_in_musd <= sum(t.musd for t in deal.tranches) + 1e-9
    for circular in fields["circularity"]:
        mine = [d.cash_in_musd for d in fields["deals"] if d.counterparty == circular.counterparty]
        assert circular.inflow_musd == pytest.approx(sum(mine))


@pytest.mark.parametrize("seed", range(40))
def test_a_higher_share_price_never_vests_later(seed: int) -> None:
    """Twice the price at every date: every warrant tranche vests no later, and what is held of it is worth no less."""
    world, land, decisions = random_deals(seed)
    dump = world.model_dump(by_alias=True)
    for deal in dump["deals"]:
        if deal["kind"] == "warrants":
            price = deal["share_price_usd"]
            steps = [{**s, "value": 2 * s["value"]} for s in price] if isinstance(price, tuple | list) else 2 * price
            deal["share_price_usd"] = steps
    before = complete(world, land, decisions)["deals"]
    after = complete(type(world).model_validate(dump), land, decisions)["deals"]
    for low, high in zip(before, after):
        if low.kind == "warrants":
            for one, two in zip(low.tranches, high.tranches):
                assert (two.month or "9999") <= (one.month or "9999")
                assert two.held_musd >= one.held_musd


def lease(**fields: Any) -> dict[str, Any]:
    return {"id": "oracle", "kind": "lease", "musd_per_mw_year": 1, **fields}


def test_an_owned_hall_does_not_fit_into_the_partners_shell() -> None:
    """30 MW of the partner's shell hold 10 MW leased; our own 10 MW are full: another owned hall would need 10 more,
    which take longer than the horizon to build (M5.13)."""
    here = site(existing_shell_mw=10, build_months=60)
    world = problem(sites=[here], deals=[lease()])
    fields = ledger(
        problem(sites=[{**here, "build_months": 0}], deals=[lease()]),
        openings=OPEN,
        orders=[("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2026-01", 1, "oracle")],
        shells=[("abilene", "2026-01", 30, "oracle")],
        signed=["oracle"],
    )
    assert fields["sites"][0].main_limit == "none"  # ten more could be built in time
    late = ledger(world, openings=OPEN, orders=[("abilene", "hall", "2026-01", 1)], signed=["oracle"])
    assert late["sites"][0].main_limit == "shell"
    # a partner's shell that stands does not help what must stand in our own
    slow = problem(
        sites=[{**here, "build_months": 36}],
        deals=[lease()],
        horizon={"start": "2026-01", "periods": 4, "period": "year"},
    )
    both = ledger(
        slow,
        openings=[("abilene", "2027-01")],
        orders=[("abilene", "hall", "2027-01", 1), ("abilene", "hall", "2029-01", 1, "oracle")],
        shells=[("abilene", "2026-01", 30, "oracle")],
        signed=["oracle"],
    )["sites"][0]
    assert both.main_limit == "shell"
    assert both.why.startswith("own shell 10 MW, 10 used; 10 MW more")


def test_where_only_leasing_is_allowed_the_budget_does_not_stop_the_purchase() -> None:
    """A hall of 100 MUSD and no money at all: owned it is the budget that stops it, on the lease nothing does."""
    for own_allowed, limit in ((True, "budget"), (False, "none")):
        world = problem(
            blocks=[block(capex_musd=100)], deals=[lease(own_allowed=own_allowed)], budget={"per_year_musd": 0}
        )
        fields = ledger(world, openings=OPEN, signed=["oracle"])
        assert fields["sites"][0].main_limit == limit


def test_what_binds_is_told_deal_by_deal() -> None:
    """A loan drawn up, sales at their most, a minimum unused, a promise missed, and later money at its limit."""
    deals: list[dict[str, Any]] = [
        {"id": "bank", "kind": "loan", "limit_musd": 100, "rate": 0, "term_years": 4},
        {"id": "customer", "kind": "offtake", "musd_per_mw_year": 8, "maximum": 10, "minimum": 5},
        lease(minimum_mw=[{"from": "2028-01", "value": 20}]),
        {"id": "promise", "kind": "purchase_commitment", "commitments": [{"by": "2027-06", "at": 40}]},
        {"id": "unsigned", "kind": "loan", "limit_musd": 0, "rate": 0, "term_years": 4, "optional": True},
    ]
    world = problem(deals=deals, budget={"per_year_musd": 1000, "after_horizon_limit_musd": 25})
    fields = ledger(
        world,
        openings=OPEN,
        orders=[("abilene", "hall", "2026-01", 2)],
        signed=["bank", "customer", "oracle", "promise"],
        draws=[("bank", "2026-01", 100)],
        sales=[("customer", "abilene", "hall", "2026-01", 10)],
    )
    rows = [(b.subject, b.months, b.message) for b in fields["bindings"] if b.family in {"deal", "after_horizon"}]
    years = ["2026-01", "2027-01", "2028-01", "2029-01"]
    assert rows == [
        (
            "after_horizon_limit_musd",
            ["2029-01"],
            "25 of 25 MUSD that may fall due after the horizon",
        ),
        ("bank", years, "100 of 100 MUSD of loan bank drawn by 2029-01"),
        ("customer", years[:1], "customer buys 10 of at most 10 it_mw in 2026-01"),
        ("customer", years[1:], "customer is to get at least 5 it_mw; 0 in 2029-01, short 5"),
        ("oracle", years[2:], "oracle is paid for 20 MW at least; 0 on it in 2029-01"),
        ("promise", ["2027-01"], "promise promises 40 it_mw by 2027-06; 20 ordered"),
    ]


def test_a_loan_drawn_up_to_its_share_of_capex_binds() -> None:
    """Two halls of 30 ordered in 2026, paid half at once and half a year later: 30 and 60 of covered capex, of which half may be
    drawn: 15, then 30. Drawn are 15 in 2026 and 10 in 2027: up to its share in 2026, 5 below it from 2027 on. The loan covers
    halls alone, so the opening (7) and the mill (40, of another vendor) do not count."""
    bank = {"id": "bank", "kind": "loan", "limit_musd": 1000, "rate": 0, "term_years": 4, "max_share": 0.5}
    halves = [{"months": 0, "share": 0.5}, {"months": 12, "share": 0.5}]
    world = problem(
        sites=[site(opening_musd=7)],
        blocks=[block(capex_musd=30, payments=halves), block("mill", vendor="amd", capex_musd=40)],
        deals=[{**bank, "vendor": "nvidia", "lines": ["blocks"]}],
    )
    fields = ledger(
        world,
        openings=OPEN,
        orders=[("abilene", "hall", "2026-01", 2), ("abilene", "mill", "2026-01", 1)],
        signed=["bank"],
        draws=[("bank", "2026-01", 15), ("bank", "2027-01", 10)],
    )
    text = "15 MUSD of loan bank drawn by 2026-01, at most 50 % of the 30 MUSD of capex that it covers"
    assert [(b.subject, b.months, b.message) for b in fields["bindings"] if b.family == "deal"] == [
        ("bank", ["2026-01"], text)
    ]


@pytest.mark.parametrize(
    "covered", [{"filter": {"blocks": ["hall"]}}, {"filter": {"vendors": ["nvidia"]}}, {"vendor": "nvidia"}]
)
def test_a_promise_is_measured_by_the_units_it_covers(covered: dict[str, Any]) -> None:
    """Three halls of 10 MW, 25 promised: one hall less would miss it, whatever smaller block the promise does not cover."""
    promise = {"id": "promise", "kind": "purchase_commitment", "commitments": [{"by": "2026-01", "at": 25}]}
    world = problem(blocks=[block(), block("shed", vendor="amd", it_mw=1)], deals=[{**promise, **covered}])
    fields = ledger(world, openings=OPEN, orders=[("abilene", "hall", "2026-01", 3)], signed=["promise"])
    assert [b.subject for b in fields["bindings"] if b.family == "deal"] == ["promise"]
