"""Every cash line, the budget's account and what falls due later, by hand (M4.1-M4.6, M7.1, M7.2)."""

from __future__ import annotations

import pytest

from planner.ground import Distance
from planner.plan import CAPEX_LINES, KIND_OF_LINE, OPEX_LINES
from tests.ledger.worlds import block, ground, ledger, line, problem, site

QUARTERS = {"start": "2026-01", "periods": 8, "period": "quarter"}


def test_opening_pays_the_whole_parcel_at_the_prices_of_its_period() -> None:
    """Opened in 2027: 40 MUSD; 100 ha x 30,000 USD = 3 MUSD. A committed site pays neither (M3.2)."""
    prices = [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 40}]
    here = site(opening_musd=prices, land_usd_per_ha=30_000)
    theirs = site("old", opening_musd=5, land_usd_per_ha=1e6, status="committed")
    world = problem(sites=[here, theirs])
    fields = ledger(world, ground(world, parcel_ha=100), openings=[("abilene", "2027-01"), ("old", "2026-01")])
    assert line(fields, "openings") == {"2027-01": 40}
    assert line(fields, "land") == {"2027-01": 3}


def test_blocks_tariffs_and_taxes_as_payments_fall_due() -> None:
    """Two units at 100 ordered in quarter 1 (tariff 25 %, tax 5 % then): 30 % now, 70 % after 4 months = 2 quarters.

    Blocks 60 and 140, tariffs 15 and 35, tax 3 and 7; later prices and tariffs do not matter (M1.2, M2.1, M4.2).
    """
    payments = [{"months": 0, "share": 0.3}, {"months": 4, "share": 0.7}]
    chips = block(capex_musd=[{"from": "2026-01", "value": 100}, {"from": "2026-07", "value": 500}], payments=payments)
    here = site(tariff=[{"from": "2026-01", "value": 0.25}, {"from": "2026-07", "value": 0}], sales_tax=0.05)
    world = problem(horizon=QUARTERS, blocks=[chips], sites=[here])
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=[("abilene", "hall", "2026-04", 2)])
    assert line(fields, "blocks") == pytest.approx({"2026-04": 60, "2026-10": 140})
    assert line(fields, "tariffs") == pytest.approx({"2026-04": 15, "2026-10": 35})
    assert line(fields, "sales_tax") == pytest.approx({"2026-04": 3, "2026-10": 7})


def test_construction_in_equal_parts_over_the_build() -> None:
    """12 MW at 10 started in quarter 6 of 8, built in 3 quarters: 40 in 6 and 7, 40 after the horizon (M3.6, M4.5)."""
    world = problem(horizon=QUARTERS, sites=[site(construction_musd_per_mw=10, build_months=9)])
    fields = ledger(world, openings=[("abilene", "2026-01")], shells=[("abilene", "2027-07", 12)])
    assert line(fields, "construction") == pytest.approx({"2027-07": 40, "2027-10": 40})
    later = fields["after_horizon"]
    assert [(a.month, a.line) for a in later] == [("2028-01", "construction")]
    assert later[0].musd == pytest.approx(40)


def test_unpaid_falls_due_in_the_period_that_contains_the_month() -> None:
    """Before the horizon: gone. 2027-05 lies in 2027, 2031-02 after the horizon (M3.3)."""
    unpaid = [{"month": m, "musd": x} for m, x in (("2025-12", 1), ("2027-05", 2), ("2031-02", 4))]
    old = {"block": "hall", "units": 2, "online_from": "2025-01", "unpaid": unpaid}
    fields = ledger(problem(sites=[site(status="committed", existing=[old], tariff=0.5)]))
    assert line(fields, "unpaid") == {"2027-01": 2}
    assert [(a.month, a.line, a.musd) for a in fields["after_horizon"]] == [("2031-01", "unpaid", 4)]


def test_running_costs_and_revenue() -> None:
    """Three units from quarter 2, L = 1/4: opex 3*4/4 = 3, revenue 3*40/4 = 30, site 8/4 = 2 while open.

    Property tax: 3 units x 100 x 2 % / 4 = 1.5 from the order on (standing), price of the order.
    Energy: 8760/4 * 0.8 * 1.25 * 30 = 65,700 MWh at 50 USD = 3.285 MUSD.
    """
    chips = block(capex_musd=100, opex_musd_per_year=4, revenue_musd_per_year=40, load_factor=0.8, lead_months=3)
    here = site(fixed_opex_musd_per_year=8, property_tax_per_year=0.02, pue=1.25, electricity_usd_per_mwh=50)
    world = problem(horizon={**QUARTERS, "periods": 4}, blocks=[chips], sites=[here])
    fields = ledger(world, openings=[("abilene", "2026-04")], orders=[("abilene", "hall", "2026-04", 3)])
    assert line(fields, "block_opex") == pytest.approx({"2026-07": 3, "2026-10": 3})
    assert line(fields, "revenue") == pytest.approx({"2026-07": 30, "2026-10": 30})
    assert line(fields, "site_opex") == pytest.approx({"2026-04": 2, "2026-07": 2, "2026-10": 2})
    assert line(fields, "property_tax") == pytest.approx({"2026-04": 1.5, "2026-07": 1.5, "2026-10": 1.5})
    assert line(fields, "energy") == pytest.approx({"2026-07": 3.285, "2026-10": 3.285})


def test_property_tax_of_existing_units_is_on_todays_price() -> None:
    """2 units x 100 (price of period 0) x 1 % = 2 a year until they leave in 2028."""
    chips = block(capex_musd=[{"from": "2025-01", "value": 100}, {"from": "2027-01", "value": 50}], life_years=3)
    old = {"block": "hall", "units": 2, "online_from": "2025-01"}
    here = site(status="committed", existing=[old], property_tax_per_year=0.01)
    fields = ledger(problem(blocks=[chips], sites=[here]))
    assert line(fields, "property_tax") == pytest.approx({"2026-01": 2, "2027-01": 2})


def test_serving_costs_of_the_three_kinds() -> None:
    """5 MW for a year: by unit 2 x 5 = 10; by km 0.01 x 300 x 5 = 15; by list 3 x 5 = 15 (M7.2)."""
    markets = [
        {"id": "unit", "amount": 5, "cost_musd_per_unit_year": 2},
        {"id": "km", "amount": 5, "cost_musd_per_unit_km_year": 0.01, "location": (0, 0)},
        {"id": "list", "amount": 5, "costs": {"abilene": 3}},
    ]
    world = problem(markets=markets)
    land = ground(world).model_copy(update={"markets": (Distance(a="abilene", b="km", km=300),)})
    served = [("abilene", m, y, 5) for m, y in (("unit", "2026-01"), ("km", "2027-01"), ("list", "2028-01"))]
    fields = ledger(world, land, openings=[("abilene", "2026-01")], served=served)
    assert line(fields, "serving") == pytest.approx({"2026-01": 10, "2027-01": 15, "2028-01": 15})
    assert fields["sites"][0].spend_musd == pytest.approx(40)


def test_a_missed_demand_pays_from_its_date_on() -> None:
    """30 MW by 2027-05 (in 2027); 20 from 2028: missing 30 then 10, 10 at 2 MUSD a year: 60, 20, 20 (M7.1)."""
    asked = {"id": "campus", "amount": 30, "by": "2027-05", "shortfall_musd_per_unit_year": 2}
    world = problem(demand=[asked])
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=[("abilene", "hall", "2028-01", 2)])
    assert line(fields, "penalties") == {"2027-01": 60, "2028-01": 20, "2029-01": 20}
    assert fields["sites"][0].spend_musd == 0, "penalties belong to no site"


def test_single_site_and_vendor_demands_count_the_best_holder() -> None:
    """a holds 20 nvidia + 10 amd, b 20 amd; 40 asked. Any: 50, nothing missing. One site: a, 30, 10 missing.

    One vendor: amd over both sites 30, 10 missing. One site and vendor: 20, 20 missing (the first year alone counts:
    P = 1).
    """
    for single_site, single_vendor, missing in (
        (False, False, 0),
        (True, False, 10),
        (False, True, 10),
        (True, True, 20),
    ):
        asked = {
            "id": "campus",
            "amount": 40,
            "by": "2026-01",
            "shortfall_musd_per_unit_year": 1,
            "single_site": single_site,
            "single_vendor": single_vendor,
        }
        world = problem(
            horizon={"start": "2026-01", "periods": 1, "period": "year"},
            blocks=[block("n"), block("a", vendor="amd")],
            sites=[site("a"), site("b")],
            demand=[asked],
        )
        orders = [("a", "n", "2026-01", 2), ("a", "a", "2026-01", 1), ("b", "a", "2026-01", 2)]
        fields = ledger(world, openings=[("a", "2026-01"), ("b", "2026-01")], orders=orders)
        assert line(fields, "penalties") == ({"2026-01": missing} if missing else {})


def test_the_account_carries_over_or_loses_leftovers() -> None:
    """100 a year and 50 to start; capex 60 in 2026 and 130 in 2027; opex is not covered.

    Carried over: 50+100-60 = 90, 90+100-130 = 60, 160, 260. Lost: 90, 0+100-130 = -30 (an overdraft stays), 70, 100.
    """
    terms = {"per_year_musd": 100, "opening_musd": 50, "covers": ["capex"], "min_cash_musd": -50}
    for carry, cash in ((True, [90, 60, 160, 260]), (False, [90, -30, 70, 100])):
        prices = [{"from": "2026-01", "value": 60}, {"from": "2027-01", "value": 130}]
        world = problem(blocks=[block(capex_musd=prices, opex_musd_per_year=9)], budget={**terms, "carry_over": carry})
        orders = [("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2027-01", 1)]
        fields = ledger(world, openings=[("abilene", "2026-01")], orders=orders)
        assert [b.cash_musd for b in fields["balances"]] == pytest.approx(cash)
        assert [b.covered_musd for b in fields["balances"]] == pytest.approx([60, 130, 0, 0])


def test_income_of_the_account() -> None:
    """Half of 40 MUSD revenue and all of the resale of 7: 20, then 27 in the year the unit leaves (then 0 revenue)."""
    chips = block(revenue_musd_per_year=40, early_retirement=True, resale_musd=7)
    world = problem(blocks=[chips], budget={"per_year_musd": 0, "revenue_share": 0.5})
    fields = ledger(
        world,
        openings=[("abilene", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 1)],
        retirements=[("abilene", "hall", "2028-01", 1)],
    )
    assert [b.income_musd for b in fields["balances"]] == pytest.approx([20, 20, 7, 0])


def test_terminal_credits() -> None:
    """Horizon 4 years, rate 10 %. Discount at the end 1.1^-4.

    Chips: 2 x 100 x 1.25 = 250, ordered 2027, lead 1, life 5: online 2028, 3 of 5 years left: 150.
    Existing: 60 unpaid in 2026, online 2025, life 5: 0 ... 2030, 0 of 5 left at 2030: 0.
    Construction: 10 MW x 12, started 2026, B = 1, used 2027..2029 = 3 of 30 years: 108. Opening 2026: 30 x 26/30 = 26.
    Land 100 ha x 10,000 USD = 1 in full.
    """
    chips = block(capex_musd=100, life_years=5, lead_months=12)
    here = site(
        tariff=0.25,
        construction_musd_per_mw=12,
        build_months=12,
        opening_musd=30,
        land_usd_per_ha=10_000,
    )
    old = {"block": "hall", "units": 3, "online_from": "2025-01", "unpaid": [{"month": "2026-01", "musd": 60}]}
    there = site("old", status="committed", existing=[old])
    world = problem(discount_rate=0.1, blocks=[chips], sites=[here, there], terminal="straight_line")
    fields = ledger(
        world,
        ground(world, parcel_ha=100),
        openings=[("abilene", "2026-01")],
        orders=[("abilene", "hall", "2027-01", 2)],
        shells=[("abilene", "2026-01", 10)],
    )
    credit = {c.line: c.musd for c in fields["terminal"]}
    assert credit == pytest.approx({"chips": 150, "construction": 108, "openings": 26, "land": 1})
    assert [c.discounted_musd for c in fields["terminal"]] == pytest.approx([x / 1.1**4 for x in credit.values()])
    # spending: 2026 60 + 120 + 30 + 1 = 211; 2027 250; cost = 211 + 250/1.1 - 285/1.1^4
    assert fields["objectives"]["spending"] == pytest.approx(211 + 250 / 1.1)
    assert fields["objectives"]["cost"] == pytest.approx(211 + 250 / 1.1 - 285 / 1.1**4)


def test_existing_chips_are_credited_for_what_was_paid_inside() -> None:
    """90 inside (2027) of 190 unpaid, online 2027, life 6: ends 2033, 3 of 6 left at 2030.

    One of three units retires: 90 * 3/6 * 2/3 = 30.
    """
    unpaid = [{"month": "2027-03", "musd": 90}, {"month": "2031-01", "musd": 100}]
    old = {"block": "hall", "units": 3, "online_from": "2027-01", "unpaid": unpaid}
    world = problem(
        blocks=[block(life_years=6, early_retirement=True)], sites=[site(status="committed", existing=[old])]
    )
    fields = ledger(world, retirements=[("abilene", "hall", "2028-01", 1)])
    assert fields["terminal"][0].musd == pytest.approx(30)


def test_objectives_by_hand() -> None:
    """One unit of 100 PFLOPS from 2027, rate 25 %: price 80 paid 2027 (64) and 40 after the end in 2030 (1.25^-4).

    Compute 100 (0.8 + 0.64 + 0.512) = 195.2 PFLOPS-years; revenue 50 x 1.952 = 97.6; carbon 3 x 87,600 MWh x 0.1 t.
    """
    chips = block(
        capex_musd=120,
        revenue_musd_per_year=50,
        payments=[{"months": 0, "share": 2 / 3}, {"months": 36, "share": 1 / 3}],
    )
    world = problem(discount_rate=0.25, blocks=[chips], sites=[site(carbon_kg_per_mwh=100)])
    fields = ledger(world, openings=[("abilene", "2027-01")], orders=[("abilene", "hall", "2027-01", 1)])
    found = fields["objectives"]
    assert found["compute"] == pytest.approx(195.2)
    assert found["spending"] == pytest.approx(64)
    assert found["cost"] == found["net_cost"] == pytest.approx(64 + 40 * 1.25**-4)
    assert found["value"] == pytest.approx(97.6 - 64 - 40 * 1.25**-4)
    assert found["carbon"] == pytest.approx(3 * 8760)


def test_the_split_holds_all_spending_and_lines_sum_to_the_totals() -> None:
    """Chips 130, construction 10 + 5, power and others by line; every cash row has the kind of its line (M4.4)."""
    chips = block(capex_musd=100, opex_musd_per_year=3)
    here = site(
        tariff=0.25, sales_tax=0.05, opening_musd=5, construction_musd_per_mw=1, electricity_usd_per_mwh=10,
        land_usd_per_ha=1e4, fixed_opex_musd_per_year=1,
    )  # fmt: skip
    world = problem(blocks=[chips], sites=[here])
    fields = ledger(
        world,
        ground(world, parcel_ha=100),
        openings=[("abilene", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 1)],
        shells=[("abilene", "2026-01", 10)],
    )
    split = fields["cost_split"]
    assert split == pytest.approx({"chips": 130, "construction": 15, "land": 1, "power": 4 * 0.876, "other": 16})
    spent = sum(r.musd for r in fields["cash"] if r.line in (*CAPEX_LINES, *OPEX_LINES))
    assert sum(split.values()) == pytest.approx(spent)
    assert sum(t.capex_musd + t.opex_musd for t in fields["totals"]) == pytest.approx(spent)
    assert all(row.kind == KIND_OF_LINE[row.line] for row in fields["cash"])


def test_dates_beyond_the_horizon_are_listed() -> None:
    """M1.3: a start in the middle of the last period has no effect any more; a promise there still has."""
    late = {"from": "2029-06", "value": 900}
    world = problem(
        blocks=[
            block(
                available_from="2031-01",
                supply=[{"from": "2026-01", "value": 3}, {"from": "2030-01", "value": 9}],
                capex_musd=[{"from": "2026-01", "value": 3}, {"from": "2030-02", "value": 2}],
            )
        ],
        sites=[
            site(
                available_from="2029-02",
                grid_mw=[{"from": "2026-01", "value": 5}, late],
                resources={"water": [{"from": "2026-01", "value": 5}, {"from": "2030-03", "value": 6}]},
            )
        ],
        markets=[{"id": "town", "amount": [{"from": "2026-01", "value": 0}, {"from": "2030-04", "value": 7}]}],
        budget={"per_year_musd": [{"from": "2026-01", "value": 5}, {"from": "2030-05", "value": 8}]},
        demand=[{"id": "in", "amount": 0, "by": "2029-12"}, {"id": "out", "amount": 0, "by": "2030-01"}],
        policies=[{"kind": "vendor_share", "id": "share", "vendor": "nvidia", "max": 0.5, "from": "2029-02"}],
    )
    found = {(a.month, a.note) for a in ledger(world)["after_horizon"]}
    assert found == {
        ("2031-01", "block hall is available from 2031-01"),
        ("2030-01", "supply of block hall becomes 9 from 2030-01"),
        ("2030-02", "capex_musd of block hall becomes 2 from 2030-02"),
        ("2030-03", "resources.water of site abilene becomes 6 from 2030-03"),
        ("2030-04", "amount of market town becomes 7 from 2030-04"),
        ("2030-05", "per_year_musd of the budget becomes 8 from 2030-05"),
        ("2029-02", "site abilene is available from 2029-02"),
        ("2029-06", "grid_mw of site abilene becomes 900 from 2029-06"),
        ("2030-01", "demand out is to be met by 2030-01"),
        ("2029-02", "share holds from 2029-02"),
    }
