"""Hand-solved worlds: leases beside ownership (M5.4, M5.13, M5.14)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.problem.problem import Problem
from tests.verify.worlds import ground, problem
from tests.worlds import dealt, later, line, near, proven, shells, terms

YEARS: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 3, "period": "year"}}
NEEDED: list[dict[str, Any]] = [{"id": "d", "by": "2026-01", "amount": 10}]


def lease(price: Any = 1, **fields: Any) -> dict[str, Any]:
    """A lease at so much MUSD per MW and year that covers everything."""
    return {"id": "lease", "kind": "lease", "counterparty": "oracle", "musd_per_mw_year": price, **fields}


def world(*deals: dict[str, Any], block: dict[str, Any] | None = None, **rest: Any) -> Problem:
    """Three years, one hall of 10 MW at 25 MUSD that lives three years, needed from 2026; least cost, rate 0, no credit."""
    fields: dict[str, Any] = {
        "blocks": [{"capex_musd": 25, "life_years": 3, **(block or {})}],
        "demand": NEEDED,
        "objectives": [{"minimize": "cost"}],
        "terminal": "none",
        **YEARS,
    }
    return problem(**{**fields, **rest}, deals=list(deals))


@pytest.mark.parametrize(("price", "by", "cost"), [(0.8, "lease", 24), (0.9, "own", 25)])
def test_own_or_lease(price: float, by: str, cost: float) -> None:
    """Three years of 10 MW at 0.8 are 24 < 25; at 0.9 they are 27."""
    plan = proven(world(lease(price))).plan
    near(plan.objective, cost)
    assert terms(plan) == {("abilene", "hall", "2026-01", by): 1}
    assert line(plan, "lease") == (dict.fromkeys(("2026-01", "2027-01", "2028-01"), 8.0) if by == "lease" else {})
    assert sum(line(plan, "blocks").values()) == (0 if by == "lease" else 25)


def test_own_some_lease_some() -> None:
    """34 MUSD in 2026, 9 a year after it: 52. One hall owned and one leased at 9 a year are 25 + 27 = 52: 600 PFLOPS-years. Two
    leased are 54. Without the lease one, and a second when
    50 are together (34, 43, 52): in 2028: 300 + 100."""
    money = [{"from": "2026-01", "value": 34}, {"from": "2027-01", "value": 9}]
    fields: dict[str, Any] = {"budget": {"per_year_musd": money}, "objectives": [{"maximize": "compute"}], "demand": []}
    plan = proven(world(lease(0.9), **fields)).plan
    assert plan.objective == 600
    assert sorted(t for _, _, _, t in terms(plan)) == ["lease", "own"]
    assert proven(world(**fields)).plan.objective == 400


def test_price_by_period() -> None:
    """0.5, then 1 from 2027: 5 + 10 + 10 = 25 > 24 of owning."""
    price = [{"from": "2026-01", "value": 0.5}, {"from": "2027-01", "value": 1}]
    near(proven(world(lease(price), block={"capex_musd": 24})).plan.objective, 24)
    near(proven(world(lease(price), block={"capex_musd": 26})).plan.objective, 25)


def test_quarters_pay_a_quarter() -> None:
    """10 MW x 0.8 x 1/4 a quarter."""
    plan = proven(world(lease(0.8), horizon={"start": "2026-01", "periods": 4, "period": "quarter"})).plan
    assert line(plan, "lease") == dict.fromkeys(("2026-01", "2026-04", "2026-07", "2026-10"), 2.0)


def test_take_or_pay() -> None:
    """A minimum of 15 MW at 1: 15 a year whatever is used: 45 and the 10 MW leased; nobody pays 25 beside it."""
    plan = proven(world(lease(1, minimum_mw=15))).plan
    near(plan.objective, 45)
    assert terms(plan) == {("abilene", "hall", "2026-01", "lease"): 1}
    assert [x.leased_mw for x in dealt(plan, "lease").periods] == [10, 10, 10]
    # Optional: 45 > 25, not signed.
    plan = proven(world(lease(1, minimum_mw=15, optional=True))).plan
    assert (plan.objective, plan.signed) == (25, [])


def test_above_the_minimum_every_megawatt_pays() -> None:
    """20 MW needed, a minimum of 15 at 0.5: all leased 10 a year = 30; one owned and one leased 25 + 22.5."""
    plan = proven(world(lease(0.5, minimum_mw=15), demand=[{"id": "d", "by": "2026-01", "amount": 20}])).plan
    near(plan.objective, 30)


def test_minimum_by_period() -> None:
    """A quantity: 0 before its first step. 10 MW at 1 from 2027 are 20 in any case; the hall leased is 10 more in 2026: 30; owned
    it would be 25 more."""
    plan = proven(world(lease(1, minimum_mw=[{"from": "2027-01", "value": 10}]))).plan
    near(plan.objective, 30)
    assert line(plan, "lease") == dict.fromkeys(("2026-01", "2027-01", "2028-01"), 10.0)


def test_the_term_ends_inside_the_horizon() -> None:
    """A term of two years: leased again for 2028, or owned then. 8 + 8, then 8 (and 8 after the horizon, to its end): 32 leased
    throughout, 16 + 25 with an owned one, 25 owned from the start. With a price of 0.5: 4 x 5 = 20. The grid holds one hall."""
    grid: dict[str, Any] = {"sites": [{"grid_mw": 10.0}]}
    plan = proven(world(lease(0.8, term_years=2), **grid)).plan
    assert (plan.objective, {t for _, _, _, t in terms(plan)}) == (25, {"own"})
    plan = proven(world(lease(0.5, term_years=2), **grid)).plan
    near(plan.objective, 20)
    assert terms(plan) == {("abilene", "hall", "2026-01", "lease"): 1, ("abilene", "hall", "2028-01", "lease"): 1}
    assert later(plan, "lease") == {"2029-01": 5.0}


def test_the_life_ends_first() -> None:
    """A life of one year and a term of two: replaced every year, at 0.8 x 10."""
    plan = proven(world(lease(0.8, term_years=2), block={"life_years": 1})).plan
    near(plan.objective, 24)
    assert len(plan.orders) == 3
    assert later(plan, "lease") == {}


def test_after_the_horizon() -> None:
    """M5.14: five years of term from 2027 (one year's lead; needed then): 2029, 2030 and 2031 follow at 8 a year, at the price
    that the schedule has then (10 from 2030), discounted at 10 %."""
    price = [{"from": "2026-01", "value": 0.8}, {"from": "2030-01", "value": 1}]
    w = world(
        lease(price, own_allowed=False, term_years=5),
        block={"life_years": 9, "lead_months": 12},
        demand=[{"id": "d", "by": "2027-01", "amount": 10}],
        discount_rate=0.1,
    )
    plan = proven(w).plan
    assert line(plan, "lease") == {"2027-01": 8.0, "2028-01": 8.0}
    assert later(plan, "lease") == {"2029-01": 8.0, "2030-01": 10.0, "2031-01": 10.0}
    near(plan.objective, sum(x / 1.1**p for p, x in [(1, 8), (2, 8), (3, 8), (4, 10), (5, 10)]))


@pytest.mark.parametrize(
    ("start", "term", "due"),
    [
        ("2026-01", 5, {"2029-01": 10.0, "2030-01": 10.0}),
        ("2027-01", 3, {"2029-01": 10.0}),
        ("2026-01", None, {}),
        ("2029-01", 2, {"2029-01": 10.0, "2030-01": 10.0}),
    ],
)
def test_the_minimum_goes_on(start: str, term: int | None, due: dict[str, float]) -> None:
    """M5.14: to a term after its first positive period, that one maybe after the horizon; without a term to the horizon's end."""
    minimum = {"minimum_mw": [{"from": start, "value": 10}]}
    plan = proven(world(lease(1, **minimum, **({} if term is None else {"term_years": term})), demand=[])).plan
    assert later(plan, "lease") == due
    inside = [m for m in ("2026-01", "2027-01", "2028-01") if m >= start]
    near(plan.objective, 10 * len(inside) + 10 * len(due))


def test_after_horizon_limit() -> None:
    """Compute, 10 a year: two halls are leased for 5 each a year, the term of three years leaves what starts in 2028 10 each for
    later. Stated 10: one of them may start in 2028. By default one year of budget (10): the same. Stated 0: none that runs on:
    only what starts in 2026 is over by 2028."""

    def best(**budget: Any) -> float:
        w = world(
            lease(0.5, own_allowed=False, term_years=3),
            budget={"per_year_musd": [{"from": "2026-01", "value": 5}, {"from": "2027-01", "value": 10}], **budget},
            objectives=[{"maximize": "compute"}],
            demand=[],
        )
        found = proven(w).plan.objective
        assert found is not None
        return found

    # One in 2026; a second in 2027 leaves 5 for 2029.
    assert best(after_horizon_limit_musd=5) == 300 + 200 == best()
    assert best(after_horizon_limit_musd=0) == 300


@pytest.mark.parametrize(
    ("covers", "cost"),
    [
        # own: 25 + duty 2.5 + shell 20 + tax 3 x 1 = 50.5
        ("all", 30),  # no chips, duty, tax, shell
        ("shell", 25 + 2.5 + 3 + 30),
        ("chips", 20 + 30),
    ],
)
def test_what_the_partner_pays_for(covers: str, cost: float) -> None:
    """10 MW in new shell at 2 MUSD per MW (20), chips 25, duty 10 % (2.5), property tax 4 % a year of 25 (3 x 1): owned 50.5.
    Leased at 1 (30): everything 30; the shell only 60.5; the chips only 50."""
    site = {
        "existing_shell_mw": 0.0,
        "construction_musd_per_mw": 2,
        "tariff": 0.1,
        "property_tax_per_year": 0.04,
    }
    plan = proven(world(lease(1, covers=covers, own_allowed=False), sites=[site])).plan
    near(plan.objective, cost)
    (shell,) = plan.shells
    assert (shell.mw, shell.terms) == (10, "own" if covers == "chips" else "lease")
    plan = proven(world(lease(1, covers=covers), sites=[site])).plan
    near(plan.objective, min(cost, 50.5))


def test_a_partners_shell_takes_its_time_and_the_sites_pace() -> None:
    """Shell takes a year and 10 MW a year may be started, whoever pays: one hall from 2027, a second in 2028: 200 + 100; an
    owned one can have none of that shell."""
    site = {"existing_shell_mw": 0.0, "construction_musd_per_mw": 1, "build_months": 12, "pace_mw_per_year": 10}
    fields: dict[str, Any] = {
        "sites": [site],
        "demand": [],
        "objectives": [{"maximize": "compute"}],
        "budget": {"per_year_musd": 100, "after_horizon_limit_musd": 1000},
    }
    plan = proven(world(lease(1), **fields)).plan
    assert plan.objective == 300
    assert sum(shells(plan).values()) == 20
    own_only = {**fields, "blocks": [{"capex_musd": 25, "id": "own", "vendor": "amd"}]}
    plan = proven(world(lease(1, vendor="nvidia"), **own_only)).plan
    assert plan.objective == 300
    assert {x.terms for x in plan.shells} == {"own"}


def test_a_partners_shell_houses_no_owned_hall() -> None:
    """M5.13: construction is dear (50 MUSD per MW), the partner builds for its own halls only; existing shell holds one hall. One
    year, 45 MUSD. Leased at 10 a hall: four. At 20: two leased (40), or one owned in the existing shell and one leased (45)."""
    w = world(
        lease(1, covers="all"),
        sites=[{"grid_mw": 60.0, "existing_shell_mw": 10.0, "construction_musd_per_mw": 50}],
        demand=[],
        objectives=[{"maximize": "compute"}],
        budget={"per_year_musd": 45, "after_horizon_limit_musd": 1000},
        horizon={"start": "2026-01", "periods": 1, "period": "year"},
    )
    plan = proven(w).plan
    assert plan.objective == 400
    own = proven(world_like(w, price=2)).plan
    assert own.objective == 200


def world_like(w: Problem, price: float) -> Problem:
    """The same with another price of the lease."""
    (deal,) = w.deals
    return w.model_copy(update={"deals": (deal.model_copy(update={"musd_per_mw_year": price}),)})


def test_no_shell_stands_empty_though_a_partner_pays_it() -> None:
    """M8.1: one owned hall is all there can be (max_per_site 1 and cheaper): its shell is started and no other."""
    w = world(
        lease(1),
        block={"capex_musd": 10, "max_per_site": 1},
        sites=[{"existing_shell_mw": 0.0, "construction_musd_per_mw": 1}],
        budget={"per_year_musd": 100},
        objectives=[{"maximize": "compute"}],
    )
    plan = proven(w).plan
    assert [(x.mw, x.terms) for x in plan.shells] == [(10, "own")]


def test_an_unsigned_partner_builds_nothing() -> None:
    """M5.8: the lease costs 100 a year at least: not signed, no shell of it, though building is dear."""
    w = world(
        lease(0.1, minimum_mw=1000, optional=True),
        sites=[{"existing_shell_mw": 0.0, "construction_musd_per_mw": 5}],
    )
    plan = proven(w).plan
    assert (plan.objective, plan.signed) == (25 + 50, [])
    assert {x.terms for x in plan.shells} == {"own"}


@pytest.mark.parametrize(
    ("includes", "saved"),
    [
        ([], 0.0),
        (["energy"], 3 * 4.38),
        (["opex"], 3 * 2.0),
        (["opening"], 7.0),
        (["land"], 2.0),
        (["opening", "land", "energy", "opex"], 7 + 2 + 3 * 6.38),
    ],
)
def test_includes(includes: list[str], saved: float) -> None:
    """Leased (10 a year): energy 10 MW x 8760 x 50 USD = 4.38 a year, opex 2, opening 7, land 50 ha at 40,000 USD = 2: 57.14 in
    all with the fixed opex of the site (0.5 a year, always ours), less what the partner pays."""
    site = {
        "electricity_usd_per_mwh": 50,
        "opening_musd": 7,
        "land_usd_per_ha": 40_000,
        "fixed_opex_musd_per_year": 0.5,
    }
    w = world(lease(1, includes=includes, own_allowed=False), sites=[site], block={"opex_musd_per_year": 2})
    plan = proven(w, ground(w, parcel=50.0)).plan
    near(plan.objective, 30 + 3 * 6.38 + 7 + 2 + 1.5 - saved)


def test_an_owned_hall_forfeits_the_partners_opening() -> None:
    """M5.13: the opening (20) is the partner's only where everything is on its lease. Two halls are needed: leased both for 2 x 30
    = 60 with the opening paid, or owned (25) both with the opening: 70; one of each 25 + 30 + 20 = 75."""
    w = world(
        lease(1, includes=["opening"]),
        sites=[{"opening_musd": 20}],
        demand=[{"id": "d", "by": "2026-01", "amount": 20}],
    )
    plan = proven(w).plan
    near(plan.objective, 60)
    assert {t for _, _, _, t in terms(plan)} == {"lease"}
    # With an opening of 5 owning both is 55.
    cheap = w.model_copy(update={"sites": tuple(s.model_copy(update={"opening_musd": 5.0}) for s in w.sites)})
    near(proven(cheap).plan.objective, 55)


def test_a_partner_pays_the_opening_whether_we_like_it_or_not() -> None:
    """A loan without interest over 30 years is drawn against openings only, money is dear (30 % a year). Were the opening (10) ours,
    drawing 10 against it would win more than the opening costs after its credit; but the lease pays it, so nothing is covered.
    Leased 10 MW x 0.1 in two years: 1 + 1 / 1.3, and 28 more to its end (30 years) after the horizon."""
    w = problem(
        sites=[{"opening_musd": 10}],
        blocks=[{"life_years": 30}],
        deals=[
            lease(0.1, includes=["opening"], covers="chips", own_allowed=False),
            {
                "id": "bank",
                "kind": "loan",
                "limit_musd": 10,
                "rate": 0,
                "term_years": 30,
                "max_share": 1,
                "lines": ["openings"],
            },
        ],
        demand=NEEDED,
        discount_rate=0.3,
        objectives=[{"minimize": "cost"}],
        terminal="straight_line",
        horizon={"start": "2026-01", "periods": 2, "period": "year"},
    )
    plan = proven(w).plan
    assert (plan.draws, line(plan, "openings")) == ([], {})
    near(plan.objective, sum(1.3**-p for p in range(30)))


def test_own_allowed_false() -> None:
    """Leasing is dearer (30 > 25) but the only way while signed; optional: not signed, owned."""
    plan = proven(world(lease(1, own_allowed=False))).plan
    near(plan.objective, 30)
    plan = proven(world(lease(1, own_allowed=False, optional=True))).plan
    assert (plan.objective, plan.signed) == (25, [])


def test_must_lease_only_what_is_covered() -> None:
    """The lease covers nvidia; amd's hall (28) may be owned: 28 < 30."""
    w = world(
        lease(1, own_allowed=False, vendor="nvidia"),
        blocks=[
            {"capex_musd": 25, "life_years": 3},
            {"id": "B", "vendor": "amd", "capex_musd": 28, "life_years": 3},
        ],
    )
    plan = proven(w).plan
    assert (plan.objective, [(o.block, o.terms) for o in plan.orders]) == (28, [("B", "own")])


def test_two_leases() -> None:
    """Two partners: 0.8 but a minimum of 20 MW, or 0.9 without: 10 MW: 16 or 9 a year; 20 MW: 16 or 18."""
    wide = lease(0.8, minimum_mw=20, optional=True)
    thin = {**lease(0.9, optional=True), "id": "thin"}
    block = {"capex_musd": 100}
    near(proven(world(wide, thin, block=block)).plan.objective, 27)
    plan = proven(world(wide, thin, block=block, demand=[{"id": "d", "by": "2026-01", "amount": 20}])).plan
    assert (plan.objective, plan.signed) == (48, ["lease"])


def test_leased_units_count_in_supply_and_limits() -> None:
    """Supply 2, one at a site at most: leased and owned together."""
    fields: dict[str, Any] = {
        "demand": [],
        "objectives": [{"maximize": "compute"}],
        "budget": {"per_year_musd": 1000, "after_horizon_limit_musd": 1000},
    }
    assert proven(world(lease(1), block={"supply": 2}, **fields)).plan.objective == 600
    assert proven(world(lease(1), block={"max_per_site": 1}, **fields)).plan.objective == 300


@pytest.mark.parametrize(("counts", "best"), [(True, 10 + 10), (False, 10 + 25)])
def test_counts_leased(counts: bool, best: float) -> None:
    """A promise of 10 MW by 2026: a leased hall keeps it, unless the promise counts owned ones only. One year; leased 10 a hall,
    owned 25; 20 MW are needed."""
    deal = {
        "id": "promise",
        "kind": "purchase_commitment",
        "commitments": [{"by": "2026-01", "at": 10}],
        "counts_leased": counts,
    }
    w = world(
        lease(1, term_years=1),
        deal,
        demand=[{"id": "d", "by": "2026-01", "amount": 20}],
        horizon={"start": "2026-01", "periods": 1, "period": "year"},
    )
    near(proven(w).plan.objective, best)


def test_leased_units_do_not_leave_early() -> None:
    """A better hall comes in 2028; the owned one could be sold for 5 and replaced, the leased one stays and fills the grid."""
    blocks = [
        {"capex_musd": 25, "life_years": 3, "early_retirement": True, "resale_musd": 5},
        {"id": "next", "capex_musd": 5, "life_years": 3, "pflops": 900.0, "available_from": "2028-01"},
    ]
    fields: dict[str, Any] = {
        "sites": [{"grid_mw": 10.0}],
        "blocks": blocks,
        "objectives": [{"maximize": "compute"}],
        "budget": {"per_year_musd": [{"from": "2026-01", "value": 25}, {"from": "2027-01", "value": 0}]},
    }
    assert proven(world(**fields)).plan.objective == 200 + 900
    forced = lease(0.8, own_allowed=False, filter={"blocks": ["hall"]})
    assert proven(world(forced, **fields)).plan.objective == 300


def test_credit_only_for_what_we_paid() -> None:
    """Terminal credit, three of six years used: owned 25 - 12.5 = 12.5; chips leased at 0.3: 9 and no credit, and 3 more years after
    the horizon, 9: 18 > 12.5. A lease of the shell with a term that ends inside the horizon keeps no credit of its chips."""
    straight: dict[str, Any] = {"terminal": "straight_line", "block": {"life_years": 6}}
    plan = proven(world(lease(0.3), **straight)).plan
    assert (plan.objective, {o.terms for o in plan.orders}) == (12.5, {"own"})
    plan = proven(world(lease(0.3, own_allowed=False), **straight)).plan
    near(plan.objective, 18)
    assert {c.line: c.musd for c in plan.terminal}.get("chips", 0.0) == 0
    shell = lease(0.1, own_allowed=False, covers="shell")
    near(proven(world(shell, **straight)).plan.objective, 25 - 12.5 + 6)
    short = lease(0.1, own_allowed=False, covers="shell", term_years=2)
    # One for 2026 and 2027 (4 years of life lost), one from 2027 or 2028 on: two terms of 2 at 1 a year, 5/6 or 4/6 credited.
    near(proven(world(short, **straight)).plan.objective, 50 + 4 - 25 * 5 / 6)


def test_lock_on_a_lease() -> None:
    """A locked order names its terms: leased though dearer."""
    lock = {
        "kind": "lock",
        "order": {"site": "abilene", "block": "hall", "month": "2026-01", "units": 1, "terms": "lease"},
    }
    plan = proven(world(lease(1), policies=[lock])).plan
    near(plan.objective, 30)
    assert terms(plan) == {("abilene", "hall", "2026-01", "lease"): 1}
