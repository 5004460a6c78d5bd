"""Random tiny requests with random decisions: every field of the core of the contract is drawn now and then."""

from __future__ import annotations

import random
from typing import Any

from planner.ground import Distance, Ground, LandStep, SiteGround
from planner.plan import Decisions, Opening, Order, Served, Shell, Units
from planner.problem.problem import Problem
from planner.verify.dates import Calendar

STEP = {"month": 1, "quarter": 3, "year": 12}


class Draw:
    """A seeded source of months, schedules and figures inside and around a horizon."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.period = self.random.choice(["month", "quarter", "year"])
        self.periods = self.random.randint(1, 6)
        self.first = 2026 * 12 + self.random.randint(0, 11)

    def maybe(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def month(self, low: float = -1.0, high: float = 1.3) -> str:
        """A month from ``low`` to ``high`` horizons after the start."""
        length = self.periods * STEP[self.period]
        number = self.first + self.random.randint(int(low * length) - 2, int(high * length) + 1)
        return f"{number // 12:04d}-{number % 12 + 1:02d}"

    def number(self, low: float, high: float) -> float:
        return round(self.random.uniform(low, high), self.random.choice([0, 1, 3]))

    def schedule(self, low: float, high: float, price: bool = False, rising: bool = False) -> Any:
        """A number or steps; a price has its first step before the horizon."""
        if self.maybe(0.6):
            return self.number(low, high)
        months = sorted({self.month() for _ in range(self.random.randint(1, 3))})
        if price:
            months = sorted({"2000-01", *months})
        values = [self.number(low, high) for _ in months]
        return [{"from": m, "value": v} for m, v in zip(months, sorted(values) if rising else values)]

    def some(self, **fields: Any) -> dict[str, Any]:
        """A random half of the fields; each a callable."""
        return {name: draw() for name, draw in fields.items() if self.maybe()}


def block(d: Draw, i: int) -> dict[str, Any]:
    shares = [0.2, 0.5, 0.3]
    return {"id": f"b{i}", "vendor": d.random.choice(["nvidia", "amd"]), "it_mw": d.number(0, 20)} | d.some(
        gpus=lambda: d.random.randint(0, 5000),
        pflops=lambda: d.number(0, 900),
        capex_musd=lambda: d.schedule(0, 90, price=True),
        opex_musd_per_year=lambda: d.schedule(0, 9, price=True),
        revenue_musd_per_year=lambda: d.schedule(0, 50, price=True),
        footprint_ha=lambda: d.number(0, 3),
        available_from=lambda: d.month(),
        lead_months=lambda: d.random.choice([0, 1, 3, 4.5, 7, 12]),
        life_years=lambda: d.random.choice([0.1, 0.25, 0.5, 1, 1.4, 3, 5]),
        load_factor=lambda: d.number(0, 1),
        uses=lambda: {"water": d.number(0, 3)},
        supply=lambda: d.schedule(0, 20, rising=True),
        payments=lambda: [{"months": d.random.choice([0, 2, 3, 9, 14]), "share": s} for s in shares],
        max_per_site=lambda: d.random.randint(4, 9),
        min_per_site=lambda: d.random.randint(0, 3),
        early_retirement=lambda: True,
        resale_musd=lambda: d.schedule(0, 9, price=True),
        allowed_regions=lambda: ["R0", "R1"],
    )


def site(d: Draw, i: int, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    status = d.random.choice(["candidate", "candidate", "committed", "excluded"])
    existing = [
        {
            "block": d.random.choice(blocks)["id"],
            "units": d.random.randint(0, 6),
            "online_from": d.month(),
            "unpaid": [{"month": d.month(-0.5, 1.5), "musd": d.number(0, 40)} for _ in range(d.random.randint(0, 2))],
        }
        for _ in range(d.random.randint(0, 3) if status == "committed" else 0)
    ]
    common = {"id": f"s{i}", "region": f"R{i}", "country": "US", "tags": ["t"], "status": status, "existing": existing}
    return {**common, "grid_mw": d.schedule(0, 300)} | d.some(
        name=lambda: f"Site {i}",
        pue=lambda: d.schedule(1, 1.5, price=True),
        pue_peak=lambda: d.schedule(1, 1.7, price=True),
        electricity_usd_per_mwh=lambda: d.schedule(0, 120, price=True),
        carbon_kg_per_mwh=lambda: d.schedule(0, 700, price=True),
        land_usd_per_ha=lambda: d.schedule(0, 90_000, price=True),
        opening_musd=lambda: d.schedule(0, 90, price=True),
        fixed_opex_musd_per_year=lambda: d.schedule(0, 9, price=True),
        construction_musd_per_mw=lambda: d.schedule(0, 12, price=True),
        build_months=lambda: d.random.choice([0, 1, 3, 5, 12, 18]),
        existing_shell_mw=lambda: d.number(0, 90),
        pace_mw_per_year=lambda: d.number(0, 90),
        shell_step_mw=lambda: 2.5,
        resources=lambda: {"water": d.schedule(0, 20)},
        tariff=lambda: d.schedule(0, 0.3, price=True),
        sales_tax=lambda: d.schedule(0, 0.1, price=True),
        property_tax_per_year=lambda: d.schedule(0, 0.03, price=True),
        available_from=lambda: d.month(),
    )


def demand(d: Draw, i: int) -> dict[str, Any]:
    filters = [{}, {"vendors": ["amd"]}, {"sites": ["s0"]}, {"regions": ["R1"], "blocks": ["b0"]}]
    fields = {"id": f"d{i}", "by": d.month(), "amount": d.number(0, 60), "filter": d.random.choice(filters)}
    return fields | d.some(
        metric=lambda: d.random.choice(["it_mw", "units"]),
        single_site=lambda: True,
        single_vendor=lambda: True,
        shortfall_musd_per_unit_year=lambda: d.schedule(0, 5, price=True),
    )


def market(d: Draw, i: int) -> dict[str, Any]:
    prices = [
        {},
        {"cost_musd_per_unit_year": d.schedule(0, 2, price=True)},
        {"cost_musd_per_unit_km_year": d.schedule(0, 0.01, price=True)},
        {"costs": {"s0": d.number(0, 2), "s1": d.number(0, 2)}},
    ]
    return {"id": f"m{i}", "location": [0, 0], "amount": d.schedule(0, 9), **d.random.choice(prices)}


def random_world(seed: int) -> tuple[Problem, Ground, Decisions]:
    """A request, its ground, and decisions whose ids and months exist; limits may break."""
    d = Draw(seed)
    blocks = [block(d, i) for i in range(d.random.randint(1, 3))]
    sites = [site(d, i, blocks) for i in range(d.random.randint(1, 3))]
    budget = {"per_year_musd": d.schedule(0, 900)} | d.some(
        opening_musd=lambda: d.number(0, 200),
        carry_over=lambda: False,
        covers=lambda: d.random.choice([["capex"], ["opex"], []]),
        revenue_share=lambda: d.number(0, 1),
        min_cash_musd=lambda: d.number(-900, 50),
    )
    goals = [
        {"maximize": "compute"},
        {"maximize": "value"},
        {"minimize": "cost"},
        {"minimize": "net_cost"},
        {"minimize": "carbon"},
    ]
    problem = Problem.model_validate(
        {
            "name": f"random {seed}",
            "horizon": {"start": f"{d.first // 12}-{d.first % 12 + 1:02d}", "periods": d.periods, "period": d.period},
            "discount_rate": d.random.choice([None, 0.0, 0.08, 0.21]),
            "blocks": blocks,
            "sites": sites,
            "budget": budget if d.maybe(0.7) else None,
            "demand": [demand(d, i) for i in range(d.random.randint(0, 2))],
            "markets": [market(d, i) for i in range(d.random.randint(0, 2))],
            "objectives": [d.random.choice(goals)],
            "terminal": d.random.choice(["straight_line", "none"]),
        }
    )
    return problem, _ground(d, problem), _decisions(d, problem)


def _ground(d: Draw, problem: Problem) -> Ground:
    sites = tuple(
        SiteGround(
            site=s.id,
            lon=d.number(-180, 180),
            lat=d.number(-80, 80),
            parcel_ha=d.number(0, 500),
            buildable_ha=d.number(0, 90),
            steps=(LandStep(layer="setback", ha=d.number(0, 9)), LandStep(layer="flood", ha=d.number(0, 9))),
        )
        for s in problem.sites
    )
    km = tuple(Distance(a=s.id, b=m.id, km=d.number(1, 900)) for s in problem.sites for m in problem.markets)
    return Ground(sites=sites, markets=km)


def _decisions(d: Draw, problem: Problem) -> Decisions:
    months = Calendar(problem.horizon).labels()
    ids = [s.id for s in problem.sites if s.status != "excluded"]
    pairs = [(s, b.id) for s in ids for b in problem.blocks]

    old = {(s.id, there.block) for s in problem.sites for there in s.existing if there.units}
    leaving = {b.id for b in problem.blocks if b.early_retirement} if d.maybe(0.7) else set()

    def units(most: int, chance: float, of: list[tuple[str, str]]) -> list[tuple[str, str, str, int]]:
        return [(s, b, m, d.random.randint(1, most)) for s, b in of for m in months if d.maybe(chance)]

    candidates = [s.id for s in problem.sites if s.status == "candidate"]
    served = [(s, m.id, p) for s in ids for m in problem.markets for p in months if d.maybe(0.4)]
    return Decisions(
        openings=[Opening(site=s, month=d.random.choice(months)) for s in candidates if d.maybe(0.8)],
        orders=[Order(site=s, block=b, month=m, units=n) for s, b, m, n in units(4, 0.35, pairs)],
        shells=[Shell(site=s, month=m, mw=d.number(0, 50)) for s in ids for m in months if d.maybe(0.3)],
        retirements=[
            Units(site=s, block=b, month=m, units=n)
            for s, b, m, n in units(2, 0.15, [(s, b) for s, b in pairs if b in leaving])
        ],
        idle=[Units(site=s, block=b, month=m, units=n) for s, b, m, n in units(2, 0.1, sorted(old))],
        served=[Served(site=s, market=m, month=p, amount=d.number(0, 9)) for s, m, p in served],
    )
