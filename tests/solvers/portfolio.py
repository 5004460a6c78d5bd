"""A portfolio that no search closes in seconds: many sites, blocks of odd sizes, a budget and pace that bite."""

from __future__ import annotations

import random

from planner.ground import Ground
from planner.problem.problem import Problem
from tests.verify.worlds import ground, problem


def portfolio(
    sites: int = 25, blocks: int = 5, periods: int = 10, seed: int = 1, deals: bool = False, **solver: object
) -> tuple[Problem, Ground]:
    """The same for the same numbers. ``deals``: with tranches of money at marks of odd size."""
    r = random.Random(seed)
    tranches = {
        v: [{"at": round(sites * x * (j + 1)), "musd": sites * 60.0} for j in range(4)]
        for v, x in (("nvidia", 2.3), ("amd", 1.7))
    }
    equity = [
        {
            "id": f"{v}-equity",
            "kind": "equity_tranches",
            "counterparty": v,
            "vendor": v,
            "metric": "it_mw",
            "tranches": t,
        }
        for v, t in tranches.items()
    ]
    w = problem(
        sites=[
            {
                "id": f"s{i:03d}",
                "region": f"R{i % 4}",
                "grid_mw": [
                    {"from": "2026-01", "value": r.randint(20, 90)},
                    {"from": "2027-01", "value": r.randint(90, 200)},
                ],
                "pue_peak": round(r.uniform(1.1, 1.4), 3),
                "existing_shell_mw": 0.0,
                "build_months": 6,
                "construction_musd_per_mw": round(r.uniform(9, 14), 2),
                "pace_mw_per_year": 60,
                "opening_musd": r.randint(20, 90),
                "electricity_usd_per_mwh": r.randint(30, 90),
            }
            for i in range(sites)
        ],
        blocks=[
            {
                "id": f"b{k}",
                "vendor": ["nvidia", "amd"][k % 2],
                "it_mw": round(r.uniform(4, 17), 2),
                "pflops": round(r.uniform(50, 240), 1),
                "capex_musd": r.randint(150, 420),
                "footprint_ha": round(r.uniform(0.5, 2), 2),
                "lead_months": 3 * (k % 3),
                "min_per_site": 2,
                "supply": [
                    {"from": "2026-01", "value": r.randint(5, 30)},
                    {"from": "2027-07", "value": r.randint(30, 90)},
                ],
            }
            for k in range(blocks)
        ],
        budget={"per_year_musd": 330.0 * sites},
        policies=[{"kind": "vendor_share", "vendor": "nvidia", "max": 0.6}, {"kind": "site_count", "max": sites // 2}],
        horizon={"start": "2026-01", "periods": periods, "period": "quarter"},
        discount_rate=0.08,
        deals=equity if deals else [],
        solver={"relative_gap": 0.0, "time_limit_s": 60.0, **solver},
    )
    return w, ground(w, ha=14.0)
