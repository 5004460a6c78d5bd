"""The check keeps up with portfolios: thousands of sites, ten thousand orders, in seconds."""

from __future__ import annotations

import random
import time

import pytest

from planner.ground import Ground, SiteGround
from planner.plan import Decisions, Opening, Order, Shell
from planner.problem.problem import Problem
from planner.verify import verify
from planner.verify.dates import Calendar
from tests.verify.test_against_ledger import completed


def portfolio(sites: int, blocks: int, periods: int, orders: int) -> tuple[Problem, Ground, Decisions]:
    """A random portfolio; its limits are wide, its schedules have steps."""
    r = random.Random(sites)
    ramp = [{"from": "2026-01", "value": 4000}, {"from": "2027-01", "value": 5000}, {"from": "2028-01", "value": 6000}]
    problem = Problem.model_validate(
        {
            "name": "large",
            "horizon": {"start": "2026-01", "periods": periods, "period": "quarter"},
            "discount_rate": 0.08,
            "blocks": [
                {
                    "id": f"b{k}",
                    "vendor": ("nvidia", "amd")[k % 2],
                    "it_mw": 10 + k,
                    "pflops": 100 + k,
                    "gpus": 720,
                    "capex_musd": 300 + k,
                    "opex_musd_per_year": 3,
                    "footprint_ha": 1,
                    "lead_months": 6,
                    "life_years": 4,
                    "payments": [{"months": 0, "share": 0.3}, {"months": 6, "share": 0.7}],
                }
                for k in range(blocks)
            ],
            "sites": [
                {
                    "id": f"s{i:04d}",
                    "region": f"R{i % 9}",
                    "country": "US",
                    "grid_mw": ramp,
                    "pue": 1.2,
                    "electricity_usd_per_mwh": 50 + i % 30,
                    "carbon_kg_per_mwh": 300,
                    "opening_musd": 10,
                    "construction_musd_per_mw": 11,
                    "build_months": 12,
                    "pace_mw_per_year": 3000,
                    "existing_shell_mw": 5000,
                }
                for i in range(sites)
            ],
            "budget": {"per_year_musd": 1e9},
            "policies": [{"kind": "vendor_share", "vendor": "amd", "max": 1.0}],
            "objectives": [{"maximize": "compute"}],
            "terminal": "straight_line",
        }
    )
    ground = Ground(
        sites=tuple(SiteGround(site=s.id, lon=0, lat=0, parcel_ha=900, buildable_ha=800) for s in problem.sites)
    )
    months = Calendar(problem.horizon).labels()[:-3]
    cells = {(r.randrange(sites), r.randrange(blocks), r.choice(months)) for _ in range(orders)}
    used = sorted({s for s, _, _ in cells})
    decisions = Decisions(
        openings=[Opening(site=f"s{s:04d}", month="2026-01") for s in used],
        orders=[Order(site=f"s{s:04d}", block=f"b{k}", month=m, units=r.randint(1, 4)) for s, k, m in sorted(cells)],
        shells=[Shell(site=f"s{s:04d}", month="2026-04", mw=50.5) for s in used],
    )
    return problem, ground, decisions


@pytest.mark.slow
def test_five_thousand_sites() -> None:
    """5,000 sites x 8 blocks x 24 quarters, 10,000 orders: a few seconds (the limit allows for busy machines)."""
    problem, ground, decisions = portfolio(5000, 8, 24, 10_000)
    plan = completed(problem, ground, decisions)
    start = time.process_time()
    check = verify(problem, ground, plan)
    seconds = time.process_time() - start
    assert check.violations == []
    assert check.rules_checked > 1_000_000
    assert seconds < 20
