"""Which units stand, run and idle when (M2.2, M2.7, M2.8, M3.3, M3.6)."""

from __future__ import annotations

import pytest

from planner.errors import RequestError
from tests.ledger.worlds import block, ground, ledger, line, periods, problem, site

QUARTERS = {"start": "2026-01", "periods": 8, "period": "quarter"}


def test_standing_from_the_order_online_after_the_lead() -> None:
    """Lead 5 months = 2 quarters, life 1 year = 4: ordered in 1, stands 1..6, online 3..6 (M2.2)."""
    world = problem(horizon=QUARTERS, blocks=[block(lead_months=5, life_years=1, footprint_ha=2)])
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=[("abilene", "hall", "2026-04", 3)])
    assert periods(fields, "it_mw") == [0, 0, 0, 30, 30, 30, 30, 0]
    assert periods(fields, "standing_ha") == [0, 6, 6, 6, 6, 6, 6, 0]
    assert periods(fields, "units") == [0, 0, 0, 3, 3, 3, 3, 0]
    assert periods(fields, "gpus") == [0, 0, 0, 3000, 3000, 3000, 3000, 0]


def test_facility_power_is_at_peak_pue_and_energy_at_the_mean() -> None:
    """20 MW IT: 1.4 * 20 = 28 MW at the meter; 8760 * 0.5 * 1.2 * 20 = 105,120 MWh; at 250 kg 26,280 t (M3.4, M4.3)."""
    world = problem(blocks=[block(load_factor=0.5)], sites=[site(pue=1.2, pue_peak=1.4, carbon_kg_per_mwh=250)])
    fields = ledger(world, openings=[("abilene", "2026-01")], orders=[("abilene", "hall", "2027-01", 2)])
    assert periods(fields, "facility_mw") == pytest.approx([0, 28, 28, 28])
    assert periods(fields, "energy_mwh") == pytest.approx([0, 105_120, 105_120, 105_120])
    assert periods(fields, "carbon_tonnes") == pytest.approx([0, 26_280, 26_280, 26_280])


def test_existing_units_age_from_before_the_start() -> None:
    """Online since 2024-06 = first year beginning on or after: 2025 (period -1); life 3 years: gone in 2028.

    On order for 2028-01 instead: stands from 2026, runs from 2028. Their shell (2 x 10 MW) comes with them and stays.
    """
    old = {"block": "hall", "units": 2, "online_from": "2024-06"}
    new = {"block": "hall", "units": 1, "online_from": "2028-01"}
    here = site(status="committed", existing_shell_mw=5, existing=[old, new])
    fields = ledger(problem(blocks=[block(life_years=3, footprint_ha=1)], sites=[here]))
    assert periods(fields, "it_mw") == [20, 20, 10, 10]
    assert periods(fields, "standing_ha") == [3, 3, 1, 1]
    assert periods(fields, "shell_mw") == [25, 25, 35, 35]
    assert periods(fields, "open") == [True] * 4


def test_retirement_takes_the_oldest_first() -> None:
    """Two existing (online 2024, life 4: end 2028) and three new of 2026 (end 2030).

    Three retire in 2027: both existing ones and one new. Nothing is left to expire in 2028; two stay to the end.
    Resale 3 x 7 = 21 MUSD in 2027 (M2.7).
    """
    here = site(status="committed", existing=[{"block": "hall", "units": 2, "online_from": "2024-01"}])
    world = problem(blocks=[block(life_years=4, early_retirement=True, resale_musd=7)], sites=[here])
    fields = ledger(world, orders=[("abilene", "hall", "2026-01", 3)], retirements=[("abilene", "hall", "2027-01", 3)])
    assert periods(fields, "units") == [5, 2, 2, 2]
    assert line(fields, "resale") == {"2027-01": 21}


def test_a_retirement_shortens_what_expires_later() -> None:
    """Three of 2026, two of 2027, life 2 years. One retires in 2027: 4 run; 2028: its companions expire, 2 run."""
    world = problem(blocks=[block(life_years=2, early_retirement=True, resale_musd=7)])
    fields = ledger(
        world,
        openings=[("abilene", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 3), ("abilene", "hall", "2027-01", 2)],
        retirements=[("abilene", "hall", "2027-01", 1)],
    )
    assert periods(fields, "units") == [3, 4, 2, 0]


def test_only_units_online_before_can_retire() -> None:
    """Nothing is online before the order of 2026 runs; what ends in 2028 ends then with or without a retirement.

    The stated resale is booked as it stands in the decisions; such a plan fails its check.
    """
    world = problem(blocks=[block(life_years=2, early_retirement=True, resale_musd=7)])
    fields = ledger(
        world,
        openings=[("abilene", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 3)],
        retirements=[("abilene", "hall", "2026-01", 1), ("abilene", "hall", "2028-01", 1)],
    )
    assert periods(fields, "units") == [3, 3, 0, 0]
    assert line(fields, "resale") == {"2026-01": 7, "2028-01": 7}


def test_idle_existing_units_draw_nothing_but_fill_the_shell() -> None:
    """Two of five existing units idle in 2026: 30 MW energised, 5 standing; opex of all five (M2.8)."""
    here = site(status="committed", grid_mw=30, existing=[{"block": "hall", "units": 5, "online_from": "2025-01"}])
    world = problem(blocks=[block(opex_musd_per_year=2, revenue_musd_per_year=9, footprint_ha=1)], sites=[here])
    fields = ledger(world, idle=[("abilene", "hall", "2026-01", 2)])
    assert periods(fields, "it_mw") == [30, 50, 50, 50]
    assert periods(fields, "idle_units") == [2, 0, 0, 0]
    assert periods(fields, "standing_ha") == [5, 5, 5, 5]
    assert line(fields, "block_opex")["2026-01"] == 10
    assert line(fields, "revenue")["2026-01"] == 27


def test_shell_counts_from_the_end_of_the_build() -> None:
    """18 months = 2 years: a start in 2026 stands from 2028 (M3.6)."""
    world = problem(sites=[site(existing_shell_mw=4, build_months=18)])
    fields = ledger(
        world, openings=[("abilene", "2026-01")], shells=[("abilene", "2026-01", 30), ("abilene", "2028-01", 9)]
    )
    assert periods(fields, "shell_mw") == [4, 4, 34, 34]


def test_unknown_names_are_all_reported() -> None:
    with pytest.raises(RequestError) as caught:
        ledger(problem(), openings=[("nowhere", "2026-01")], orders=[("abilene", "none", "2026-02", 1)])
    assert [f.where for f in caught.value.faults] == ["openings[0].site", "orders[0].block", "orders[0].month"]


def test_sites_keep_the_order_of_the_problem_and_show_their_land() -> None:
    world = problem(sites=[site("b"), site("a", grid_mw=0)], blocks=[block(footprint_ha=5)])
    land = ground(world, parcel_ha=400, buildable_ha=200)
    fields = ledger(world, land, openings=[("b", "2027-01")], orders=[("b", "hall", "2027-01", 4)])
    b, a = fields["sites"]
    assert (b.id, a.id) == ("b", "a")
    assert (b.opened, b.opening_month, a.opened, a.opening_month) == (True, "2027-01", False, None)
    assert (b.power_used_share, b.land_used_share) == (0.4, 0.1)
    assert (a.power_used_share, a.land_used_share) == (None, 0.0)
    assert b.units_by_block == {"hall": 4} and b.it_mw_by_vendor == {"nvidia": 40}
