"""The main limit of each site and what binds the whole plan, with numbers that can be checked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.ground import Distance
from planner.ledger import MAIN_LIMITS
from tests.ledger.worlds import block, ground, ledger, problem, random_world, site

OPEN = [("abilene", "2026-01")]


def said(fields: dict[str, Any], site: int = 0) -> tuple[str, str]:
    return fields["sites"][site].main_limit, fields["sites"][site].why


def one_order(units: int = 1, block_id: str = "hall") -> dict[str, Any]:
    return {"openings": OPEN, "orders": [("abilene", block_id, "2026-01", units)]}


def test_power() -> None:
    """Grid 100, PUE 1.2 at peak: 8 x 10 MW draw 96; a ninth needs 12."""
    fields = ledger(problem(sites=[site(pue_peak=1.2)]), **one_order(8))
    assert said(fields) == ("power", "grid 100 MW, 96 used; the smallest purchase (1 x hall) needs 12")


def test_land() -> None:
    world = problem(blocks=[block(footprint_ha=4)])
    fields = ledger(world, ground(world, buildable_ha=10), **one_order(2))
    assert said(fields) == ("land", "10 ha buildable, 8 used; the smallest purchase (1 x hall) needs 4")


def test_shell_that_cannot_stand_in_time() -> None:
    """15 of 15 MW used by ... one unit of 10; the next lacks 5 MW, and five years of building pass the end of 2029."""
    world = problem(sites=[site(existing_shell_mw=15, build_months=60)])
    limit, why = said(ledger(world, **one_order()))
    assert limit == "shell"
    assert why == "shell 15 MW, 10 used; 5 MW more take 60 months to build, past the horizon"


def test_pace() -> None:
    """3 MW a year over 2026-2028 (build 1 year) after a start of 3 in 2026: 6 MW can still stand; 7 are needed."""
    world = problem(sites=[site(existing_shell_mw=10, build_months=12, pace_mw_per_year=3)])
    fields = ledger(world, **one_order(), shells=[("abilene", "2026-01", 3)])
    limit, why = said(fields)
    assert limit == "pace"
    assert why == "at most 3 MW of shell a year; 6 MW more could still stand by the end, 7 would be needed"


def test_resources_max_per_site_and_supply() -> None:
    world = problem(blocks=[block(uses={"water": 2})], sites=[site(resources={"water": 5})])
    assert said(ledger(world, **one_order(2))) == (
        "resources",
        "water 5, 4 used; the smallest purchase (1 x hall) needs 2",
    )
    world = problem(blocks=[block(max_per_site=2)])
    assert said(ledger(world, **one_order(2))) == ("max_per_site", "2 of at most 2 units of hall ordered here")
    world = problem(blocks=[block(supply=3)])
    assert said(ledger(world, **one_order(3))) == (
        "supply",
        "supply of hall: 3 of 3 taken by 2029-01; one purchase takes 1",
    )


def test_a_limit_of_one_block_counts_only_where_no_other_block_is_stopped_by_the_site() -> None:
    """The small block is sold out, the big one does not fit the 25 MW left: power is what a planner must know."""
    world = problem(blocks=[block("small", supply=1), block("big", it_mw=90)])
    limit, why = said(ledger(world, **one_order(1, "small")))
    assert (limit, why) == ("none", "one more big would fit; the plan spends on others or stops short of the last unit")
    world = problem(blocks=[block("small", supply=1), block("big", it_mw=95)])
    limit, why = said(ledger(world, **one_order(1, "small")))
    assert (limit, why) == ("power", "grid 100 MW, 10 used; the smallest purchase (1 x big) needs 95")


def test_budget() -> None:
    """50 a year carried over: 200 - 120 = 80 left at the end, and a hall costs 120."""
    world = problem(blocks=[block(capex_musd=120)], budget={"per_year_musd": 50, "min_cash_musd": -100})
    limit, why = said(ledger(world, **one_order()))
    assert limit == "none", "the overdraft allows one more"
    world = problem(blocks=[block(capex_musd=120)], budget={"per_year_musd": 50})
    limit, why = said(ledger(world, **one_order()))
    assert limit == "budget"
    assert why == "1 x hall more would cost 120 MUSD of capex; in 2029-01 the budget has 80 left"


def test_policies_stop() -> None:
    limit = [{"kind": "limit", "max": 15, "id": "cap"}]
    assert said(ledger(problem(policies=limit), **one_order())) == ("policy", "limit cap: 10 of 15 it_mw online")
    share = [{"kind": "vendor_share", "vendor": "nvidia", "max": 0.5}]
    assert said(ledger(problem(policies=share), **one_order()))[0] == "policy"
    zone = [{"kind": "zone_headroom", "facility_mw": 19, "id": "north"}]
    assert said(ledger(problem(policies=zone), **one_order())) == ("policy", "zone north: 10 of 19 MW used")


def test_sites_that_did_not_open() -> None:
    """One site per reason, next to one that opened."""
    world = problem(
        blocks=[block(footprint_ha=1, allowed_regions=["US"])],
        sites=[
            site(country="US"),
            site("out", status="excluded", country="US"),
            site("weak", grid_mw=9, country="US"),
            site("abroad", country="DE"),
            site("late", available_from="2029-02", country="US"),
            site("near", country="US"),
            site("kept", country="US"),
            site("fine", country="US"),
        ],
        policies=[
            {"kind": "separation", "km": 50},
            {"kind": "forbid", "filter": {"sites": ["kept"]}},
        ],
        demand=[{"id": "campus", "amount": 10, "by": "2026-01"}],
        objectives=[{"minimize": "cost"}],
    )
    land = ground(world).model_copy(update={"close_pairs": (Distance(a="abilene", b="near", km=12),)})
    fields = ledger(world, land, **one_order())
    found = {s.id: (s.main_limit, s.why) for s in fields["sites"]}
    assert found["out"] == ("excluded", "the request excludes this site")
    assert found["weak"] == ("no_power", "grid 9 MW, 0 used; the smallest purchase (1 x hall) needs 10")
    assert found["abroad"] == ("not_allowed", "no block of the request is allowed here (DE)")
    late = "the site may open from 2030-01; the last useful order of hall is in 2029-01"
    assert found["late"] == ("not_available", late)
    assert found["near"] == ("policy", "12 km from abilene, which is open; at least 50 km apart")
    assert found["kept"] == ("policy", "a forbid policy keeps hall out")
    asked = "one more hall would fit, but what is asked for (campus 10 it_mw by 2026-01) needs no more"
    assert found["fine"] == ("not_needed", asked)
    assert found["abilene"] == ("demand_met", asked)


def test_no_land() -> None:
    world = problem(blocks=[block(footprint_ha=3)])
    assert said(ledger(world, ground(world, buildable_ha=2)))[0] == "no_land"


def test_bindings_have_numbers() -> None:
    """Supply 2 of 2 from 2026 on; the share of nvidia at 50 %; cash 0 at the end of 2026; demand met exactly."""
    world = problem(
        blocks=[block(supply=2, capex_musd=100), block("instinct", vendor="amd", capex_musd=100)],
        policies=[{"kind": "vendor_share", "vendor": "nvidia", "max": 0.5}, {"kind": "site_count", "max": 1}],
        budget={"per_year_musd": [{"from": "2026-01", "value": 400}, {"from": "2027-01", "value": 0}]},
        demand=[{"id": "campus", "amount": 35, "by": "2027-01"}],
    )
    orders = [("abilene", "hall", "2026-01", 2), ("abilene", "instinct", "2026-01", 2)]
    found = {b.family: b for b in ledger(world, openings=OPEN, orders=orders)["bindings"]}
    assert found["supply"].message == "hall: 2 of 2 units ordered by 2029-01"
    assert found["vendor_share"].message == "nvidia holds 50 % of it_mw in 2029-01 (20 of 40); at most 50 %"
    assert found["budget"].months == ["2026-01", "2027-01", "2028-01", "2029-01"]
    assert "0 MUSD; the first payment on the cheapest block still to be had is 100" in found["budget"].message
    assert found["demand"].message == "campus asks 35 it_mw; 40 in 2027-01"
    assert found["demand"].months == ["2027-01", "2028-01", "2029-01"]
    assert found["site_count"].message == "1 of at most 1 sites are open"


def binding(fields: dict[str, Any], family: str) -> Any:
    """The binding of a family, None where it does not bind."""
    return next((b for b in fields["bindings"] if b.family == family), None)


def test_a_block_that_is_sold_out_does_not_count_as_cheapest() -> None:
    """60 to spend, 1 of 1 hall for 10: 50 are left in every year, enough for no instinct at 100; without the supply, for a hall."""
    for supply, binds in ((1, True), (2, False)):
        world = problem(
            blocks=[block(supply=supply, capex_musd=10), block("instinct", vendor="amd", capex_musd=100)],
            budget={"per_year_musd": [{"from": "2026-01", "value": 60}, {"from": "2027-01", "value": 0}]},
        )
        found = binding(ledger(world, **one_order()), "budget")
        assert (found is not None) == binds
        if binds:
            assert found.months == ["2026-01", "2027-01", "2028-01", "2029-01"]
            assert (
                "ends 2026-01 with 50 MUSD; the first payment on the cheapest block still to be had is 100"
                in found.message
            )


def test_a_pool_that_is_used_up_counts_as_sold_out() -> None:
    """10 of 10 MW of the pool are ordered: the hall at 10 is gone, though its own supply is not limited."""
    world = problem(
        blocks=[block(capex_musd=10), block("instinct", vendor="amd", capex_musd=100)],
        supply_pools=[{"id": "hbm", "filter": {"vendors": ["nvidia"]}, "metric": "it_mw", "amount": 10}],
        budget={"per_year_musd": [{"from": "2026-01", "value": 60}, {"from": "2027-01", "value": 0}]},
    )
    assert "still to be had is 100" in binding(ledger(world, **one_order()), "budget").message


def test_money_that_a_purchase_would_need_for_its_shell_binds() -> None:
    """25 to spend, 10 on a hall in the 10 MW of shell there are: 15 would pay the chips (10) of a second, not its shell (10 MW x 2),
    30 in all."""
    world = problem(
        blocks=[block(capex_musd=10)],
        sites=[site(existing_shell_mw=10, construction_musd_per_mw=2)],
        budget={"per_year_musd": [{"from": "2026-01", "value": 25}, {"from": "2027-01", "value": 0}]},
    )
    fields = ledger(world, **one_order())
    assert said(fields)[0] == "budget"
    found = binding(fields, "budget")
    assert found.months == ["2029-01"]
    assert found.message.startswith(
        "at 1 site only money stops one more purchase; abilene: 1 x hall more would cost 30 MUSD"
    )


def test_what_one_more_leased_block_would_leave_due_after_the_horizon_binds() -> None:
    """Two years from 2029-01, the last of the horizon, at 1 MUSD per MW and year: 10 MUSD fall due in 2030. A second one makes 20."""
    lease = {"id": "oracle", "kind": "lease", "musd_per_mw_year": 1, "term_years": 2}
    late = [("abilene", "hall", "2029-01", 1, "oracle")]
    for limit, binds in ((15, True), (20, False)):
        world = problem(
            deals=[lease],
            budget={"per_year_musd": 100, "after_horizon_limit_musd": limit},
        )
        found = binding(ledger(world, openings=OPEN, orders=late, signed=["oracle"]), "after_horizon")
        assert (found is not None) == binds
        if binds:
            assert found.message == "10 of 15 MUSD that may fall due after the horizon; one more hall on oracle adds 10"


@pytest.mark.parametrize("seed", range(40))
def test_words_come_from_the_closed_list(seed: int) -> None:
    from planner.ledger import complete

    world, land, decisions = random_world(seed)
    for row in complete(world, land, decisions)["sites"]:
        assert row.main_limit in MAIN_LIMITS
        assert row.why and "nan" not in row.why and "inf " not in row.why
