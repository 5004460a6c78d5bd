"""Hand-solved leases: what is ours, take or pay, and what goes on after the horizon (M5.4, M5.13, M5.14)."""

from __future__ import annotations

from typing import Any

import pytest

from planner.verify import objective, terminal
from tests.verify.deal_books import LEASE, account, near, order
from tests.verify.test_figures import line
from tests.verify.worlds import problem

RICH_SITE: dict[str, Any] = {
    "electricity_usd_per_mwh": 100,
    "fixed_opex_musd_per_year": 6,
    "opening_musd": 30,
    "land_usd_per_ha": 1_000_000,
    "parcel_ha": 7,
    "construction_musd_per_mw": 8,
    "existing_shell_mw": 0,
    "tariff": 0.5,
    "sales_tax": 0.1,
    "property_tax_per_year": 0.1,
}
RICH_BLOCK: dict[str, Any] = {"capex_musd": 100, "opex_musd_per_year": 4, "revenue_musd_per_year": 60, "life_years": 5}


WHOLE = {
    "openings": 30.0,
    "land": 7.0,
    "block_opex": 12.0,
    "energy": 26.28,
    "blocks": 300.0,
    "tariffs": 150.0,
    "sales_tax": 30.0,
    "property_tax": 30.0,
    "construction": 240.0,
}
PLACE, RUNNING, CHIPS = (
    {"openings", "land"},
    {"block_opex", "energy"},
    {"blocks", "tariffs", "sales_tax", "property_tax"},
)


@pytest.mark.parametrize(
    ("covers", "includes", "ours"),
    [
        ("all", (), PLACE | RUNNING),
        ("all", ("opening", "land", "opex", "energy"), set()),
        ("all", ("opening",), {"land"} | RUNNING),
        ("all", ("energy",), PLACE | {"block_opex"}),
        ("shell", ("land",), {"openings"} | RUNNING | CHIPS),
        ("chips", ("opex",), PLACE | {"energy", "construction"}),
    ],
)
def test_leases_leave_to_us_what_they_do_not_pay(covers: str, includes: tuple[str, ...], ours: set[str]) -> None:
    """M5.4, M5.13: 3 leased halls of 10 MW for a year (start 2026-01), 30 MW of shell started on the lease or by us.

    Ours in any case: site opex 6 and the lease, 2 x 30 = 60. Opening 30, land 7, opex 3 x 4 = 12, energy
    8760 x 30 x 100 / 1e6 = 26.28; chips 300, tariff 150, sales tax 30, property tax 30; construction 240 (chips lease).
    """
    year: dict[str, Any] = {"horizon": {"start": "2026-01", "periods": 1, "period": "year"}}
    p = problem([RICH_SITE], [RICH_BLOCK], deals=[{**LEASE, "covers": covers, "includes": includes}], **year)
    builder = "own" if covers == "chips" else "oracle"
    world, money, x = account(
        p, "oracle", orders=[order(3, terms="oracle")], shells=[("abilene", "2026-01", 30.0, builder)]
    )
    wanted = {name: WHOLE[name] for name in ours} | {"site_opex": 6.0, "lease": 60.0}
    lines = {name: float(money.total(name)[0]) for name in (*money.line, *money.alone)}
    assert lines == pytest.approx(dict.fromkeys(lines, 0.0) | wanted | {"revenue": 180.0})
    assert money.energy_mwh.tolist() == [near(262_800)]
    assert x.leased_mw.tolist() == near(30) and x.cash_out.tolist() == near(60)
    assert money.spend[0, 0] == pytest.approx(sum(wanted.values()) - 60)
    credit = {
        "chips": 300 * 1.6 * 4 / 5 if covers == "shell" else 0,
        "construction": 240 * 29 / 30 if covers == "chips" else 0,
        "openings": 30 * 29 / 30 if "opening" not in includes else 0,
        "land": 7 if "land" not in includes else 0,
    }
    assert terminal.credits(world) == pytest.approx(credit)


def test_leases_pay_for_the_opening_only_where_everything_is_on_one_of_them() -> None:
    """M5.13: one owned hall, one of another lease, or nothing ordered at all: the opening is ours; two orders are not."""
    leases = [{**LEASE, "includes": ["opening"]}, {**LEASE, "id": "coreweave", "includes": ["opening"]}]
    p = problem([{"opening_musd": 30}], deals=leases)
    for orders, ours in [
        ([order(1, terms="oracle"), order(1, "2026-07", terms="oracle")], 0),
        ([order(1, terms="oracle"), order(1, "2026-10")], 30),
        ([order(1, terms="oracle"), order(1, "2026-10", terms="coreweave")], 30),
        ([order(1)], 30),
        ([], 30),
        ([order(1, terms="oracle"), order(0)], 0),
    ]:
        _, money, _ = account(p, "oracle", orders=orders)
        assert line(money, "openings") == [ours, 0, 0, 0], orders


def test_leases_take_or_pay() -> None:
    """M5.4, M5.14: quarters, 2 MUSD per MW-year (4 from 2026-07, 8 from 2027-01), a minimum of 15 MW from 2026-04.

    10 MW from 2026-01, term one year: 2 x 10 / 4 = 5; then the minimum: 7.5, 15, 15. 2026-07 adds 10 MW: max(15, 20)
    = 20 x 4 / 4 = 20, twice. Later: 2027-01 the minimum (2026-04 to 2027-03) beats the 10 MW left: 15 x 8 / 4 = 30;
    2027-04 the second hall is on until 2027-06: 10 x 2 = 20; then nothing.
    """
    rate = [{"from": "2026-01", "value": 2}, {"from": "2026-07", "value": 4}, {"from": "2027-01", "value": 8}]
    deal = {**LEASE, "musd_per_mw_year": rate, "minimum_mw": [{"from": "2026-04", "value": 15}], "term_years": 1}
    p = problem(deals=[deal])
    orders = [order(1, terms="oracle"), order(1, "2026-07", terms="oracle")]
    _, money, x = account(p, "oracle", orders=orders)
    assert x.leased_mw.tolist() == near(10, 10, 20, 20)
    assert x.cash_out.tolist() == near(5, 7.5, 20, 20)
    assert line(money, "lease") == [5, 7.5, 20, 20]
    assert money.after == {(4, "lease"): pytest.approx(30), (5, "lease"): pytest.approx(20)}
    _, money, _ = account(problem(deals=[{**deal, "optional": True}]), "oracle", signed=[])
    assert line(money, "lease") == [0] * 4 and not money.after


def test_leases_after_the_horizon_without_a_term() -> None:
    """M5.14: the minimum ends with the horizon; units go on to the end of their life (6 quarters), those without never.

    10 MW x 2 / 4 = 5 in 2027-01 and 2027-04, discounted at their dates into cost (44 % a year).
    """
    deal = {**LEASE, "minimum_mw": 40}
    p = problem(blocks=[{"life_years": 1.5}], deals=[deal], discount_rate=0.44)
    world, money, x = account(p, "oracle", orders=[order(1, terms="oracle")])
    assert x.cash_out.tolist() == near(20, 20, 20, 20)
    assert money.after == {(4, "lease"): pytest.approx(5), (5, "lease"): pytest.approx(5)}
    spent = 20 * (1 + 1.44**-0.25 + 1 / 1.2 + 1.44**-0.75)
    assert objective.objectives(world, money)["cost"] == pytest.approx(spent + 5 / 1.44 + 5 * 1.44**-1.25)
    _, money, _ = account(problem(deals=[deal]), "oracle", orders=[order(1, terms="oracle")])
    assert not money.after
