"""Two valid plans that use every table, with bound and gap: what mutations are tried on."""

from __future__ import annotations

from planner.ground import Distance, Ground, LandStep, SiteGround
from planner.ledger import complete
from planner.plan import Plan, Stage, Status
from planner.problem.problem import Problem
from tests.verify.worlds import plan

BLOCKS = [
    {
        "id": "rubin",
        "vendor": "nvidia",
        "gpus": 720,
        "it_mw": 10,
        "pflops": 640,
        "capex_musd": [{"from": "2025-01", "value": 100}, {"from": "2026-07", "value": 90}],
        "opex_musd_per_year": 2,
        "revenue_musd_per_year": 40,
        "footprint_ha": 1.5,
        "lead_months": 3,
        "life_years": 1.5,
        "load_factor": 0.8,
        "uses": {"water": 2},
        "supply": 30,
        "payments": [{"months": 0, "share": 0.3}, {"months": 6, "share": 0.5}, {"months": 15, "share": 0.2}],
        "max_per_site": 12,
    },
    {
        "id": "helios",
        "vendor": "amd",
        "gpus": 72,
        "it_mw": 6,
        "pflops": 400,
        "capex_musd": 50,
        "life_years": 1,
        "footprint_ha": 1,
        "early_retirement": True,
        "resale_musd": 7,
    },
]
SITES = [
    {
        "id": "abilene",
        "name": "Abilene",
        "region": "ERCOT",
        "country": "US",
        "grid_mw": [
            {"from": "2025-01", "value": 30},
            {"from": "2026-07", "value": 90},
            {"from": "2029-01", "value": 99},
        ],
        "pue": 1.2,
        "pue_peak": 1.3,
        "electricity_usd_per_mwh": 50,
        "carbon_kg_per_mwh": 370,
        "land_usd_per_ha": 20000,
        "opening_musd": 12,
        "fixed_opex_musd_per_year": 3,
        "construction_musd_per_mw": 9,
        "build_months": 6,
        "existing_shell_mw": 20,
        "pace_mw_per_year": 60,
        "resources": {"water": 40},
        "tariff": 0.1,
        "sales_tax": 0.05,
        "property_tax_per_year": 0.01,
    },
    {
        "id": "milam",
        "region": "ERCOT",
        "country": "US",
        "status": "committed",
        "grid_mw": 31,
        "electricity_usd_per_mwh": 40,
        "carbon_kg_per_mwh": 300,
        "fixed_opex_musd_per_year": 1,
        "existing": [
            {
                "block": "helios",
                "units": 6,
                "online_from": "2025-07",
                "unpaid": [{"month": "2026-02", "musd": 20}, {"month": "2028-01", "musd": 5}],
            }
        ],
    },
    {"id": "lordstown", "region": "PJM", "country": "US", "grid_mw": 50, "status": "excluded"},
]


def problem() -> Problem:
    """Six quarters, three sites, two blocks, a budget, a paid demand, a market and two policies."""
    return Problem.model_validate(
        {
            "name": "rich",
            "horizon": {"start": "2026-01", "periods": 6, "period": "quarter"},
            "discount_rate": 0.08,
            "blocks": BLOCKS,
            "sites": SITES,
            "budget": {"per_year_musd": 1200, "opening_musd": 100, "revenue_share": 0.5},
            "demand": [{"id": "train", "by": "2026-10", "amount": 60, "shortfall_musd_per_unit_year": 0.5}],
            "markets": [{"id": "dallas", "location": [-97, 33], "amount": 8, "cost_musd_per_unit_km_year": 0.001}],
            "policies": [
                {"kind": "vendor_share", "vendor": "nvidia", "max": 0.9},
                {"kind": "limit", "max": 200, "of": "ordered"},
            ],
            "objectives": [{"maximize": "compute"}, {"minimize": "cost", "tolerance": 0.01}],
            "terminal": "straight_line",
        }
    )


def ground() -> Ground:
    """Hectares and kilometres of the three sites."""
    steps = (LandStep(layer="setback", ha=12), LandStep(layer="flood", ha=3.5))
    return Ground(
        sites=(
            SiteGround(site="abilene", lon=-99.7, lat=32.4, parcel_ha=400, buildable_ha=384.5, steps=steps),
            SiteGround(site="milam", lon=-97, lat=30.8, parcel_ha=100, buildable_ha=80),
            SiteGround(site="lordstown", lon=-80.9, lat=41.2, parcel_ha=50, buildable_ha=50),
        ),
        markets=(Distance(a="abilene", b="dallas", km=260), Distance(a="milam", b="dallas", km=270)),
    )


def rich() -> tuple[Problem, Ground, Plan]:
    """The valid plan: orders at two sites, shell, retirement, idling, serving, money after the horizon, a bound."""
    request, land = problem(), ground()
    months = ("2026-01", "2026-04", "2026-07", "2026-10", "2027-01", "2027-04")
    decided = plan(
        openings=[("abilene", "2026-01")],
        orders=[
            ("abilene", "rubin", "2026-01", 2),
            ("abilene", "rubin", "2026-07", 3),
            ("milam", "helios", "2026-07", 4),
        ],
        shells=[("abilene", "2026-04", 32.5)],
        retirements=[("milam", "helios", "2026-04", 2)],
        idle=[("milam", "helios", "2026-01", 1)],
        served=[("milam", "dallas", m, 8.0) for m in months[:2]] + [("abilene", "dallas", m, 8.0) for m in months[2:]],
    ).decisions()
    figures = complete(request, land, decided)
    compute = figures["objectives"]["compute"]
    bound = compute * 1.0004
    cost = figures["objectives"]["cost"]
    stages = [
        Stage(
            name="compute",
            sense="maximize",
            value=compute,
            bound=bound,
            gap=(bound - compute) / compute,
            tolerance=1e-4,
            stopped="gap_reached",
        ),
        Stage(
            name="cost",
            sense="minimize",
            value=cost,
            bound=cost * 0.97,
            gap=abs(cost - cost * 0.97) / abs(cost),
            tolerance=0.01,
            stopped="time_limit",
        ),
    ]
    whole = Plan(
        name="rich",
        status=Status(stopped="gap_reached", holds="plan"),
        objective_name="compute",
        objective_sense="maximize",
        objective_unit="PFLOPS-years",
        objective=compute,
        bound=bound,
        gap=(bound - compute) / compute,
        gap_absolute=bound - compute,
        stages=stages,
        **dict(decided),
        **figures,
    )
    return request, land, whole
