"""A plan of any size for the page: made up, but of the real record, so that its form is the product's."""

from __future__ import annotations

import random
from typing import Any

from planner.plan import Check, PeriodTotal, Plan, SitePeriod, SiteResult, Status


def big_plan(sites: int, periods: int) -> dict[str, Any]:
    """``sites`` sites over the United States, each growing from one period to the next, as plan.json holds them."""
    dice = random.Random(7)
    months = [f"{2027 + p // 4}-{3 * (p % 4) + 1:02d}" for p in range(periods)]
    made = [_site(i, months, dice) for i in range(sites)]
    totals = [
        PeriodTotal(
            month=month,
            it_mw=sum(s.periods[p].it_mw for s in made),
            facility_mw=sum(s.periods[p].facility_mw for s in made),
            gpus=0,
            units=0,
            pflops=sum(s.periods[p].pflops for s in made),
            capex_musd=100.0,
            opex_musd=10.0,
            income_musd=0.0,
            it_mw_by_vendor={v: sum(s.periods[p].it_mw_by_vendor[v] for s in made) for v in ("nvidia", "amd")},
        )
        for p, month in enumerate(months)
    ]
    plan = Plan(
        name="Made up",
        status=Status(stopped="gap_reached", holds="plan"),
        objective_name="compute",
        objective_sense="maximize",
        objective_unit="PFLOPS-years",
        objective=1000.0,
        bound=1010.0,
        gap=0.01,
        gap_absolute=10.0,
        sites=made,
        totals=totals,
        check=Check(ok=True, violations=[], rules_checked=1),
    )
    return plan.model_dump(mode="json")


def _site(i: int, months: list[str], dice: random.Random) -> SiteResult:
    grid, nvidia = dice.uniform(20, 900), dice.random()
    rows = [_period(month, grid, grid / 1.3 * (p + 1) / len(months), nvidia) for p, month in enumerate(months)]
    last = rows[-1]
    return SiteResult(
        id=f"s{i}",
        name=f"Site {i}",
        region="",
        country="US",
        state="TX",
        status="candidate",
        opened=True,
        opening_month=months[0],
        lon=dice.uniform(-120, -75),
        lat=dice.uniform(28, 47),
        parcel_ha=100,
        buildable_ha=90,
        land=[],
        it_mw=last.it_mw,
        facility_mw=last.facility_mw,
        grid_mw=grid,
        power_used_share=last.facility_mw / grid,
        land_used_share=0.5,
        gpus=0,
        units=0,
        pflops=last.pflops,
        it_mw_by_vendor=last.it_mw_by_vendor,
        units_by_block={},
        spend_musd=sum(r.spend_musd for r in rows),
        main_limit=dice.choice(["power", "land", "budget", "none"]),
        why="made up",
        periods=rows,
    )


def _period(month: str, grid: float, it_mw: float, nvidia: float) -> SitePeriod:
    return SitePeriod(
        month=month,
        open=True,
        it_mw=it_mw,
        facility_mw=1.2 * it_mw,
        grid_mw=grid,
        shell_mw=it_mw,
        standing_ha=1.0,
        gpus=0,
        units=0,
        idle_units=0,
        pflops=100 * it_mw,
        energy_mwh=0.0,
        carbon_tonnes=0.0,
        spend_musd=1.0,
        it_mw_by_vendor={"nvidia": it_mw * nvidia, "amd": it_mw * (1 - nvidia)},
    )
