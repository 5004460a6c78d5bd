"""Tiny worlds for the ledger: a problem, its ground and decisions in a few words; random ones for the laws."""

from __future__ import annotations

import random
from typing import Any

from planner.ground import Distance, Ground, SiteGround
from planner.ledger import complete
from planner.plan import Decisions
from planner.problem.problem import Problem


def problem(**fields: Any) -> Problem:
    """Yearly periods from 2026, no discounting, one 10 MW block and one site, unless said otherwise."""
    given: dict[str, Any] = {
        "name": "test",
        "horizon": {"start": "2026-01", "periods": 4, "period": "year"},
        "discount_rate": 0.0,
        "blocks": [block()],
        "sites": [site()],
        "objectives": [{"maximize": "compute"}],
        "terminal": "none",
        **fields,
    }
    return Problem.model_validate(given)


def block(id: str = "hall", **fields: Any) -> dict[str, Any]:
    return {"id": id, "vendor": "nvidia", "it_mw": 10, "pflops": 100, "gpus": 1000, **fields}


def site(id: str = "abilene", **fields: Any) -> dict[str, Any]:
    return {"id": id, "grid_mw": 100, "existing_shell_mw": 100, **fields}


def ground(given: Problem, parcel_ha: float = 0.0, buildable_ha: float = 1000.0) -> Ground:
    return Ground(
        sites=tuple(
            SiteGround(site=s.id, lon=-99, lat=32, parcel_ha=s.parcel_ha or parcel_ha, buildable_ha=buildable_ha)
            for s in given.sites
        )
    )


def decide(**tables: Any) -> Decisions:
    """``openings`` as (site, month), ``orders`` as (site, block, month, units[, terms]), ``shells`` as (site, month, mw
    [, terms]), ``draws`` as (deal, month, musd), ``sales`` as (deal, site, block, month, amount), ``signed`` as ids."""
    names = {
        "openings": ("site", "month"),
        "orders": ("site", "block", "month", "units", "terms"),
        "shells": ("site", "month", "mw", "terms"),
        "retirements": ("site", "block", "month", "units"),
        "idle": ("site", "block", "month", "units"),
        "served": ("site", "market", "month", "amount"),
        "draws": ("deal", "month", "musd"),
        "sales": ("deal", "site", "block", "month", "amount"),
    }
    given = {t: [dict(zip(names[t], row)) for row in rows] for t, rows in tables.items() if t != "signed"}
    return Decisions.model_validate({**given, "signed": tables.get("signed", [])})


def ledger(given: Problem, land: Ground | None = None, **tables: Any) -> dict[str, Any]:
    """Complete the decisions."""
    return complete(given, land or ground(given), decide(**tables))


def line(fields: dict[str, Any], name: str) -> dict[str, float]:
    """One cash line: month -> MUSD."""
    return {row.month: row.musd for row in fields["cash"] if row.line == name}


def periods(fields: dict[str, Any], what: str, site: int = 0) -> list[Any]:
    """One figure of one site in every period."""
    return [getattr(p, what) for p in fields["sites"][site].periods]


def dealt(fields: dict[str, Any], what: str, deal: int = 0) -> list[Any]:
    """One figure of one deal in every period."""
    return [getattr(p, what) for p in fields["deals"][deal].periods]


def later(fields: dict[str, Any], line: str) -> dict[str, float]:
    """What falls due after the horizon on one line: month -> MUSD."""
    return {row.month: row.musd for row in fields["after_horizon"] if row.line == line}


def random_world(seed: int) -> tuple[Problem, Ground, Decisions]:
    """A random problem with everything in it and random decisions, most of them breaking some limit."""
    r = random.Random(seed)
    P = r.randint(2, 9)
    grain = r.choice(["month", "quarter", "year"])
    step = {"month": 1, "quarter": 3, "year": 12}[grain]
    start = 2026 * 12 + r.choice([0, 0, 3, 6])

    def month(m: int) -> str:
        return f"{m // 12:04d}-{m % 12 + 1:02d}"

    def schedule(low: float, high: float, price: bool = True) -> Any:
        if r.random() < 0.6:
            return round(r.uniform(low, high), 3)
        at = [start - r.randint(0, 5)] if price else [start + r.randint(-3, 4)]
        while r.random() < 0.6:
            at.append(at[-1] + r.randint(1, step * P // 2 + 2))
        return [{"from": month(m), "value": round(r.uniform(low, high), 3)} for m in at]

    def rising(low: int, high: int) -> Any:
        values = sorted(r.randint(low, high) for _ in range(r.randint(1, 3)))
        at = start + r.randint(-2, 2)
        steps = []
        for v in values:
            steps.append({"from": month(at), "value": v})
            at += r.randint(1, step * P)
        return steps

    vendors = ["nvidia", "amd", "tpu"]
    regions = ["ERCOT", "PJM"]
    money = r.random() < 0.6
    blocks = []
    for k in range(r.randint(1, 4)):
        shares = r.choice([None, [(0, 1.0)], [(0, 0.3), (r.randint(1, 14), 0.7)], [(0, 0.2), (2, 0.3), (30, 0.5)]])
        blocks.append(
            block(
                f"b{k}",
                vendor=r.choice(vendors),
                it_mw=r.choice([5, 7.5, 12.25]),
                pflops=round(r.uniform(10, 90), 2),
                gpus=r.randint(1, 900),
                capex_musd=schedule(50, 300),
                opex_musd_per_year=schedule(0, 9),
                revenue_musd_per_year=schedule(0, 90),
                footprint_ha=r.choice([0, 1.5, 2.25]),
                lead_months=r.choice([0, 2, 6, 12]),
                life_years=r.choice([1, 1.5, 3, 8]) if money or r.random() < 0.7 else None,
                load_factor=r.choice([1, 0.83]),
                uses=r.choice([{}, {"water": 2.5}]),
                supply=rising(2, 20) if r.random() < 0.5 else None,
                payments=None if shares is None else [{"months": m, "share": s} for m, s in shares],
                min_per_site=r.choice([None, None, 2]),
                max_per_site=r.choice([None, None, 6]),
                allowed_regions=r.choice([None, None, ["ERCOT", "hot"]]),
                early_retirement=r.random() < 0.6,
                resale_musd=schedule(0, 40),
                available_from=r.choice([None, month(start + r.randint(-3, step * P + 2))]),
            )
        )
    sites = []
    for s in range(r.randint(1, 5)):
        status = r.choice(["candidate", "candidate", "candidate", "committed", "excluded"])
        existing = []
        if status == "committed":
            for b in r.sample(blocks, r.randint(0, len(blocks))):
                unpaid = [
                    {"month": month(start + r.randint(-4, step * P + 6)), "musd": r.randint(1, 90)}
                    for _ in range(r.randint(0, 2))
                ]
                online = month(start + r.randint(-30, step * P + 4))
                existing.append({"block": b["id"], "units": r.randint(0, 4), "online_from": online, "unpaid": unpaid})
        pue = schedule(1.05, 1.3)
        sites.append(
            site(
                f"s{s}",
                status=status,
                region=r.choice(regions),
                country=r.choice(["US", "DE", ""]),
                tags=r.choice([[], ["hot"], ["hot", "dry"]]),
                grid_mw=schedule(0, 120, price=False),
                pue=pue,
                pue_peak=r.choice([None, schedule(1.2, 1.5)]),
                electricity_usd_per_mwh=schedule(20, 90),
                carbon_kg_per_mwh=schedule(0, 400),
                land_usd_per_ha=schedule(0, 90000),
                opening_musd=schedule(0, 50),
                fixed_opex_musd_per_year=schedule(0, 9),
                construction_musd_per_mw=schedule(5, 15),
                build_months=r.choice([0, 4, 12, 18]),
                existing_shell_mw=r.choice([0, 30]),
                shell_step_mw=r.choice([None, 10]),
                pace_mw_per_year=r.choice([None, 40]),
                resources=r.choice([{}, {"water": 12}]),
                tariff=schedule(0, 0.25),
                sales_tax=schedule(0, 0.09),
                property_tax_per_year=schedule(0, 0.02),
                available_from=r.choice([None, month(start + r.randint(-3, step * P + 2))]),
                existing=existing,
            )
        )
    filters: list[dict[str, Any]] = [{}, {"vendors": ["nvidia"]}, {"regions": ["PJM"]}, {"tags": ["hot"]}]
    demand = [
        {
            "id": f"d{i}",
            "metric": r.choice(["it_mw", "pflops", "gpus", "units"]),
            "by": month(start + r.randint(-2, step * P + 3)),
            "amount": r.randint(1, 90),
            "single_site": r.random() < 0.3,
            "single_vendor": r.random() < 0.3,
            "filter": r.choice(filters),
            "shortfall_musd_per_unit_year": r.choice([None, schedule(0, 3)]),
        }
        for i in range(r.randint(0, 2))
    ]
    policies = [
        {"kind": "vendor_share", "vendor": blocks[0]["vendor"], "max": 0.7, "from": month(start + step)},
        {"kind": "limit", "filter": r.choice(filters), "max": schedule(20, 200), "of": r.choice(["online", "ordered"])},
        {"kind": "site_count", "max": 3},
        {"kind": "zone_headroom", "filter": {"regions": ["PJM"]}, "facility_mw": 80},
        {"kind": "forbid", "filter": {"sites": ["s0"], "vendors": ["tpu"]}},
        {"kind": "survive_any_site_loss", "amount": 20},
    ]
    objectives = [{"minimize": "cost"}] if money and demand else [{"maximize": "value"}] if money else None
    metric = r.choice(["it_mw", "pflops"])
    costs = [
        {"cost_musd_per_unit_year": schedule(0, 3)},
        {"cost_musd_per_unit_km_year": 0.01, "location": (-90, 40)},
        {"costs": {"s0": 1.5}},
        {},
    ]
    markets = [
        {"id": f"m{i}", "metric": metric, "amount": schedule(1, 30, price=False), **r.choice(costs)}
        for i in range(r.choice([0, 0, 2]))
    ]
    given = problem(
        markets=markets,
        horizon={"start": month(start), "periods": P, "period": grain},
        discount_rate=r.choice([0.0, 0.08]),
        blocks=blocks,
        sites=sites,
        demand=demand,
        policies=r.sample(policies, r.randint(0, len(policies))),
        supply_pools=[{"id": "pool", "filter": r.choice(filters), "amount": rising(3, 30)}] if r.random() < 0.3 else [],
        budget=r.choice(
            [
                None,
                {
                    "per_year_musd": schedule(100, 4000, price=False),
                    "opening_musd": r.choice([0, 500]),
                    "carry_over": r.random() < 0.5,
                    "covers": r.choice([["capex"], ["capex", "opex"]]),
                    "revenue_share": r.choice([0, 0.4]),
                    "min_cash_musd": r.choice([0, -100]),
                },
            ]
        ),
        objectives=objectives or [{"maximize": "compute"}],
        terminal=r.choice(["straight_line", "none"]),
    )
    land = Ground(
        sites=tuple(
            SiteGround(
                site=s.id,
                lon=r.uniform(-120, -70),
                lat=r.uniform(30, 48),
                parcel_ha=r.choice([0, 80.5]),
                buildable_ha=r.choice([0, 12, 60]),
                steps=(),
            )
            for s in given.sites
        ),
        markets=tuple(
            Distance(a=s.id, b=m.id, km=r.randint(1, 900)) for s in given.sites for m in given.markets if m.location
        ),
    )
    months = [month(start + p * step) for p in range(P)]
    candidates = [s.id for s in given.sites if s.status == "candidate"]
    openings = [(s, r.choice(months)) for s in candidates if r.random() < 0.7]
    everywhere = [s.id for s in given.sites]
    pairs = [(s, b["id"]) for s in everywhere for b in blocks]
    orders = {(s, b, r.choice(months)): r.randint(1, 4) for s, b in r.sample(pairs, r.randint(0, len(pairs)))}
    orders |= {(s, b, r.choice(months)): r.randint(1, 4) for s, b in r.sample(pairs, r.randint(0, len(pairs)))}
    shells = {(s, r.choice(months)): r.choice([10, 20, 12.5]) for s in everywhere if r.random() < 0.7}
    retirements = (
        {(s, b, r.choice(months)): r.randint(1, 3) for s, b, _ in list(orders)[:2]} if r.random() < 0.5 else {}
    )
    idle = {
        (s.id, e.block, r.choice(months)): r.randint(1, 5) for s in given.sites for e in s.existing if r.random() < 0.4
    }
    served = {(r.choice(everywhere), m["id"], r.choice(months)): round(r.uniform(1, 20), 2) for m in markets}
    decisions = decide(
        openings=openings,
        served=[(*key, amount) for key, amount in served.items()],
        idle=[(*key, n) for key, n in idle.items()],
        orders=[(*key, n) for key, n in orders.items()],
        shells=[(*key, mw) for key, mw in shells.items()],
        retirements=[(*key, n) for key, n in retirements.items()],
    )
    return given, land, decisions
