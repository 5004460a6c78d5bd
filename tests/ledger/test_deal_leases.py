"""Leases by hand: who pays what, minimum and term, and what is due after the horizon (M5.4, M5.13, M5.14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ledger.worlds import block, dealt, ground, later, ledger, line, periods, problem, site

OPEN = [("abilene", "2026-01")]


def oracle(**fields: Any) -> dict[str, Any]:
    return {"id": "oracle", "kind": "lease", "counterparty": "oracle", "musd_per_mw_year": 3, **fields}


def rich(**fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A hall with price, opex and draw, and a site with every tax and price."""
    hall = block(
        capex_musd=100, opex_musd_per_year=4, revenue_musd_per_year=30, load_factor=0.5, life_years=3, **fields
    )
    here = site(
        tariff=0.1, sales_tax=0.05, property_tax_per_year=0.02, electricity_usd_per_mwh=50, pue=1.2,
        opening_musd=20, land_usd_per_ha=10_000, fixed_opex_musd_per_year=1,
        existing_shell_mw=0, construction_musd_per_mw=2,
    )  # fmt: skip
    return hall, here


def test_payment_is_the_larger_of_minimum_and_leased_mw_by_the_period() -> None:
    """Half-way prices by quarter: 12 MUSD/MW/year = 3 a quarter, 16 = 4 from the third on; minimum 15 MW from quarter 2.

    Leased 10 MW from quarter 1, 20 MW from quarter 4: 3*10, 3*15, 4*15, 4*20 = 30, 45, 60, 80.
    """
    deal = oracle(
        musd_per_mw_year=[{"from": "2026-01", "value": 12}, {"from": "2026-07", "value": 16}],
        minimum_mw=[{"from": "2026-04", "value": 15}],
    )
    world = problem(horizon={"start": "2026-01", "periods": 4, "period": "quarter"}, deals=[deal])
    orders = [("abilene", "hall", "2026-01", 1, "oracle"), ("abilene", "hall", "2026-10", 1, "oracle")]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["oracle"])
    assert list(line(fields, "lease").values()) == pytest.approx([30, 45, 60, 80])
    assert dealt(fields, "leased_mw") == [10, 10, 10, 20]
    assert dealt(fields, "cash_out_musd") == pytest.approx([30, 45, 60, 80])
    assert fields["deals"][0].cash_out_musd == pytest.approx(215)
    assert later(fields, "lease") == {}


def test_a_leased_unit_ends_with_its_term_or_its_life() -> None:
    """Life 3 years; term 2: online 2026, 2027 only. Term 10: 2026 to 2028. Its own twin stays for 3."""
    for term, units in ((2, [2, 2, 1, 0]), (10, [2, 2, 2, 0])):
        world = problem(blocks=[block(life_years=3)], deals=[oracle(term_years=term)])
        orders = [("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2026-01", 1, "oracle")]
        fields = ledger(world, openings=OPEN, orders=orders, signed=["oracle"])
        assert periods(fields, "units") == units


@pytest.mark.parametrize(("covers", "chips", "shell"), [("all", 0.0, 0.0), ("chips", 0.0, 1.0), ("shell", 1.0, 0.0)])
def test_covers_says_whose_chips_and_whose_shell(covers: str, chips: float, shell: float) -> None:
    """One leased hall (10 MW) in 2026 and 10 MW of shell on the lease.

    Ours: 100 MUSD + 10 tariff + 5 tax + 2 a year of property tax for the chips (3 years), 20 MUSD for the shell.
    """
    hall, here = rich()
    world = problem(blocks=[hall], sites=[here], deals=[oracle(covers=covers)])
    terms = "oracle" if covers != "chips" else "own"
    fields = ledger(
        world,
        openings=OPEN,
        orders=[("abilene", "hall", "2026-01", 1, "oracle")],
        shells=[("abilene", "2026-01", 10, terms)],
        signed=["oracle"],
    )
    sums = {name: sum(line(fields, name).values()) for name in ("blocks", "tariffs", "sales_tax", "property_tax")}
    assert sums == pytest.approx(
        {"blocks": 100 * chips, "tariffs": 10 * chips, "sales_tax": 5 * chips, "property_tax": 6 * chips}
    )
    assert sum(line(fields, "construction").values()) == pytest.approx(20 * shell)
    assert periods(fields, "shell_mw") == [10] * 4
    # energy 0.5*1.2*10 MW*8760 h*50 USD = 2.628 MUSD a year, opex 4, revenue 30 and the opening are ours in any case
    assert list(line(fields, "energy").values()) == pytest.approx([2.628] * 3)
    assert list(line(fields, "block_opex").values()) == [4] * 3
    assert list(line(fields, "revenue").values()) == [30] * 3
    assert line(fields, "openings") == {"2026-01": 20}
    assert list(line(fields, "lease").values()) == pytest.approx([30] * 3)


def test_includes_take_energy_and_opex_of_leased_units_only() -> None:
    """One hall owned, two leased: a third of the energy and opex is ours; the site's MWh are all of it."""
    hall, here = rich()
    world = problem(blocks=[hall], sites=[here], deals=[oracle(includes=["energy", "opex"])])
    orders = [("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2026-01", 2, "oracle")]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["oracle"])
    assert line(fields, "energy")["2026-01"] == pytest.approx(2.628)
    assert line(fields, "block_opex")["2026-01"] == 4
    assert periods(fields, "energy_mwh")[0] == pytest.approx(3 * 0.5 * 1.2 * 10 * 8760)
    assert line(fields, "site_opex")["2026-01"] == 1


@pytest.mark.parametrize("also", ["nothing", "own later", "elsewhere own"])
def test_opening_and_land_are_the_partners_where_everything_is_on_the_lease(also: str) -> None:
    """Opening 20 MUSD, 50 ha at 10,000 USD = 0.5 MUSD. One own hall in 2029 makes both ours; one elsewhere does not."""
    hall, here = rich()
    world = problem(blocks=[hall], sites=[here, {**here, "id": "other"}], deals=[oracle(includes=["opening", "land"])])
    orders: list[Any] = [("abilene", "hall", "2026-01", 1, "oracle")]
    openings = [*OPEN]
    if also == "own later":
        orders.append(("abilene", "hall", "2029-01", 1))
    if also == "elsewhere own":
        orders.append(("other", "hall", "2026-01", 1))
        openings.append(("other", "2026-01"))
    fields = ledger(world, ground(world, parcel_ha=50), openings=openings, orders=orders, signed=["oracle"])
    expected = {} if also == "nothing" else {"2026-01": pytest.approx(20)}
    assert line(fields, "openings") == expected
    assert line(fields, "land") == ({} if also == "nothing" else {"2026-01": pytest.approx(0.5)})
    credit = {c.line: c.musd for c in fields["terminal"]}
    assert credit["land"] == pytest.approx(0 if also == "nothing" else 0.5)
    assert (credit["openings"] > 0) == (also != "nothing")


def test_a_site_without_orders_or_outside_the_filter_pays_its_own_opening() -> None:
    hall, here = rich()
    deal = oracle(includes=["opening", "land"])
    empty = problem(blocks=[hall], sites=[here], deals=[deal])
    assert line(ledger(empty, openings=OPEN, signed=["oracle"]), "openings") == {"2026-01": 20}
    far = problem(blocks=[hall], sites=[here], deals=[{**deal, "filter": {"countries": ["US"]}}])
    orders = [("abilene", "hall", "2026-01", 1, "oracle")]
    assert line(ledger(far, openings=OPEN, orders=orders, signed=["oracle"]), "openings") == {"2026-01": 20}


def test_after_the_horizon_units_run_to_the_end_of_their_terms() -> None:
    """Term 3 years, 4 yearly periods to 2029. A hall of 2028 runs through 2030, two of 2029 through 2031.

    3 MUSD per MW: 2030: 30 MW = 90; 2031: 20 MW = 60.
    """
    world = problem(deals=[oracle(term_years=3)])
    orders = [("abilene", "hall", "2028-01", 1, "oracle"), ("abilene", "hall", "2029-01", 2, "oracle")]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["oracle"])
    assert later(fields, "lease") == pytest.approx({"2030-01": 90, "2031-01": 60})
    assert [y.year for y in fields["years"]] == [2026, 2027, 2028, 2029, 2030, 2031]


def test_after_the_horizon_the_minimum_runs_to_its_own_term_at_the_prices_then() -> None:
    """Minimum 5 MW from 2028, term 4 years: through 2031. Price 3, from 2031 on 7. A leased hall of 2029 runs to 2032.

    2030: max(5, 10) * 3 = 30; 2031: 10 * 7 = 70; 2032: 10 * 7 = 70. Without the hall 15 and 35.
    """
    price = [{"from": "2026-01", "value": 3}, {"from": "2031-01", "value": 7}]
    deal = oracle(musd_per_mw_year=price, minimum_mw=[{"from": "2028-01", "value": 5}], term_years=4)
    world = problem(deals=[deal])
    with_hall = ledger(world, openings=OPEN, orders=[("abilene", "hall", "2029-01", 1, "oracle")], signed=["oracle"])
    assert later(with_hall, "lease") == pytest.approx({"2030-01": 30, "2031-01": 70, "2032-01": 70})
    without = ledger(world, signed=["oracle"])
    assert line(without, "lease") == pytest.approx({"2028-01": 15, "2029-01": 15})
    assert later(without, "lease") == pytest.approx({"2030-01": 15, "2031-01": 35})
    endless = problem(deals=[oracle(minimum_mw=5)])
    assert later(ledger(endless, signed=["oracle"]), "lease") == {}


def test_a_leased_unit_without_term_runs_to_the_end_of_its_life() -> None:
    """Life 6 years from 2026: due in 2030 and 2031. Without a life either, the lease ends with the horizon."""
    orders = [("abilene", "hall", "2026-01", 1, "oracle")]
    for life, due in ((6, {"2030-01": 30, "2031-01": 30}), (None, {})):
        world = problem(blocks=[block(life_years=life)], deals=[oracle()])
        assert later(ledger(world, openings=OPEN, orders=orders, signed=["oracle"]), "lease") == pytest.approx(due)


def test_dues_after_the_horizon_count_in_cost_at_their_dates() -> None:
    """One leased hall of 2029, 2 years, 10 % interest: 30/1.1^3 in 2029 and 30/1.1^4 in 2030."""
    world = problem(discount_rate=0.1, deals=[oracle(term_years=2)])
    fields = ledger(world, openings=OPEN, orders=[("abilene", "hall", "2029-01", 1, "oracle")], signed=["oracle"])
    assert fields["objectives"]["cost"] == pytest.approx(30 / 1.1**3 + 30 / 1.1**4)
    assert fields["objectives"]["spending"] == pytest.approx(30 / 1.1**3)


def test_terminal_credit_only_for_what_we_paid() -> None:
    """Two halls of 2028 at 100 + 15 %, life 3 years, term 3; at the end of 2029 one of three years is left.

    Own hall: 115 / 3. Leased with covers all or chips: none. With covers shell the chips are ours: 115 / 3 as well, over
    the block's life; but none once the lease ended inside the horizon.
    """
    hall, here = rich()
    for covers, term, share in (("all", 3, 1), ("chips", 3, 1), ("shell", 3, 2), ("shell", 1, 1)):
        world = problem(blocks=[hall], sites=[here], deals=[oracle(covers=covers, term_years=term)])
        orders = [("abilene", "hall", "2028-01", 1), ("abilene", "hall", "2028-01", 1, "oracle")]
        shells = [("abilene", "2026-01", 10), ("abilene", "2026-01", 10, "oracle")]
        fields = ledger(world, openings=OPEN, orders=orders, shells=shells, signed=["oracle"])
        credit = {c.line: c.musd for c in fields["terminal"]}
        assert credit["chips"] == pytest.approx(share * 115 / 3), (covers, term)
        whole = 20 if covers != "chips" else 40
        assert credit["construction"] == pytest.approx(whole * (1 - 4 / 30))


def test_a_lease_that_is_not_signed_makes_its_orders_our_own() -> None:
    """The check says that they should not be; here they are paid like any other, and no lease is."""
    hall, here = rich()
    world = problem(blocks=[hall], sites=[here], deals=[oracle(optional=True, minimum_mw=5, term_years=1)])
    fields = ledger(world, openings=OPEN, orders=[("abilene", "hall", "2026-01", 1, "oracle")])
    assert line(fields, "blocks") == {"2026-01": 100}
    assert line(fields, "lease") == {} and dealt(fields, "leased_mw") == [0] * 4
    assert periods(fields, "units") == [1, 1, 1, 0]


def test_leased_units_do_not_leave_early() -> None:
    """Three retired of one owned and two leased: the owned one leaves, the leased ones stay (M5.13)."""
    world = problem(blocks=[block(early_retirement=True, resale_musd=1)], deals=[oracle()])
    orders = [("abilene", "hall", "2026-01", 2, "oracle"), ("abilene", "hall", "2026-01", 1)]
    gone = [("abilene", "hall", "2027-01", 1)]
    fields = ledger(world, openings=OPEN, orders=orders, retirements=gone, signed=["oracle"])
    assert dealt(fields, "leased_mw") == [20] * 4
    assert periods(fields, "units") == [3, 2, 2, 2]


def test_lease_payments_belong_to_no_site_and_are_covered_by_the_budget() -> None:
    """100 MUSD a year less 30 of lease: 70, 140, 210, 280 in hand; the site spends nothing."""
    world = problem(deals=[oracle()], budget={"per_year_musd": 100})
    orders = [("abilene", "hall", "2026-01", 1, "oracle")]
    fields = ledger(world, openings=OPEN, orders=orders, signed=["oracle"])
    assert [b.cash_musd for b in fields["balances"]] == [70, 140, 210, 280]
    assert fields["sites"][0].spend_musd == 0
    assert fields["cost_split"]["other"] == 120
