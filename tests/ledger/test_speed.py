"""Five thousand sites with ten thousand orders are completed in seconds."""

from __future__ import annotations

import random
import time

import pytest

from planner.ledger import complete
from planner.plan import Decisions
from planner.problem.problem import Problem
from tests.ledger.worlds import block, decide, ground, problem, site


def large(sites: int, orders: int) -> tuple[Problem, Decisions]:
    """``sites`` x 8 blocks x 24 quarters with steps in grid and prices, and random orders."""
    r = random.Random(1)
    months = [f"{2026 + q // 4}-{q % 4 * 3 + 1:02d}" for q in range(24)]
    grid = [[{"from": months[r.randint(0, 8)], "value": 300}, {"from": "2029-01", "value": 500}] for _ in range(sites)]
    world = problem(
        horizon={"start": "2026-01", "periods": 24, "period": "quarter"},
        discount_rate=0.08,
        blocks=[
            block(
                f"b{k}",
                vendor=("nvidia", "amd")[k % 2],
                it_mw=10 + k,
                capex_musd=300,
                lead_months=6,
                life_years=5,
                footprint_ha=1,
                payments=[{"months": 0, "share": 0.3}, {"months": 6, "share": 0.7}],
                supply=[{"from": "2026-01", "value": 500}, {"from": "2028-01", "value": 2000}],
            )
            for k in range(8)
        ],
        sites=[
            site(
                f"s{i}",
                grid_mw=grid[i],
                existing_shell_mw=0,
                construction_musd_per_mw=11,
                build_months=18,
                pace_mw_per_year=200,
                electricity_usd_per_mwh=50,
                tariff=0.1,
                opening_musd=20,
            )
            for i in range(sites)
        ],
        demand=[{"id": "d", "amount": 900, "by": "2029-01", "shortfall_musd_per_unit_year": 1}],
        policies=[{"kind": "vendor_share", "vendor": "nvidia", "max": 0.7}],
        budget={"per_year_musd": 90_000},
        terminal="straight_line",
    )
    orders = {(f"s{r.randrange(sites)}", f"b{r.randrange(8)}", r.choice(months[:20])): 1 for _ in range(orders)}
    decisions = decide(
        openings=[(f"s{i}", "2026-01") for i in range(0, sites, 2)],
        shells=[(f"s{i}", "2026-01", 50) for i in range(0, sites, 2)],
        orders=[(*key, n) for key, n in orders.items()],
    )
    return world, decisions


@pytest.mark.slow
def test_five_thousand_sites_take_seconds() -> None:
    """Measured at 2 s on a shared laptop core; the bound leaves room for slower machines."""
    world, decisions = large(5000, 10_000)
    land = ground(world)
    begin = time.process_time()
    fields = complete(world, land, decisions)
    seconds = time.process_time() - begin
    assert len(fields["sites"]) == 5000 and len(fields["sites"][0].periods) == 24
    assert seconds < 12
