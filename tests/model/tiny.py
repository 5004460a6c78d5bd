"""Random tiny requests whose every plan can be looked at: all families of the contract are drawn now and then."""

from __future__ import annotations

import random
from typing import Any

from planner.ground import Distance, Ground, SiteGround
from planner.problem.problem import Problem
from tests.model.brute import size

STEP = {"month": 1, "quarter": 3, "year": 12}
MOST = 400
"""Plans of one request."""


class Draw:
    """A seeded source of figures around a horizon."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.period = self.r.choice(["year", "year", "quarter", "month"])
        self.P = self.r.choice([1, 2, 2, 3, 3, 4])
        self.step = STEP[self.period]
        self.first = 2026 * 12

    def maybe(self, chance: float = 0.5) -> bool:
        return self.r.random() < chance

    def month(self, p: float) -> str:
        """The month ``p`` periods from the start."""
        m = self.first + int(p * self.step)
        return f"{m // 12:04d}-{m % 12 + 1:02d}"

    def within(self) -> str:
        """A month in or just before the horizon."""
        return self.month(self.r.randint(-1, self.P - 1) + self.r.choice([0, 0, 0.5]))

    def schedule(self, values: list[float], price: bool = True, rising: bool = False) -> Any:
        """One of the values, or steps of them."""
        if self.maybe(0.6):
            return self.r.choice(values)
        steps = sorted({self.r.randint(0, self.P) for _ in range(2)})
        months = [self.month(0 if price and i == 0 else p) for i, p in enumerate(steps)]
        drawn = [self.r.choice(values) for _ in steps]
        return [{"from": m, "value": v} for m, v in zip(months, sorted(drawn) if rising else drawn)]

    def some(self, chance: float, **fields: Any) -> dict[str, Any]:
        """Some of the fields; each a callable."""
        return {name: draw() for name, draw in fields.items() if self.maybe(chance)}


def block(d: Draw, k: int, leaves: bool) -> dict[str, Any]:
    periods = d.step / 12
    drawn = {
        "id": f"b{k}",
        "vendor": ["nvidia", "amd"][k % 2],
        "it_mw": d.r.choice([1, 1, 1, 2]),
        "pflops": d.r.choice([1, 3, 4, 7]),
        "gpus": 100,
        "max_per_site": 1 if leaves else d.r.choice([1, 1, 2]),
        "life_years": d.r.choice([1, 2, 3, 9]) * periods,
        "early_retirement": leaves,
        "revenue_musd_per_year": d.schedule([6, 20, 60]) if d.maybe(0.7) else 0,
    } | d.some(
        0.35,
        capex_musd=lambda: d.schedule([5, 8, 13]) if not leaves else d.r.choice([5, 8, 13]),
        opex_musd_per_year=lambda: d.schedule([0.5, 2]),
        footprint_ha=lambda: d.r.choice([0.5, 1]),
        available_from=lambda: d.within(),
        lead_months=lambda: d.r.choice([d.step, d.step - 0.5, 2 * d.step]),
        load_factor=lambda: 0.8,
        uses=lambda: {"water": d.r.choice([1, 2])},
        supply=lambda: d.schedule([1, 2, 2.5, 3], price=False, rising=True),
        payments=lambda: [{"months": 0, "share": 0.25}, {"months": d.r.choice([1, d.step, 3 * d.step]), "share": 0.75}],
        forbidden_regions=lambda: ["R1"] if d.maybe() else [],
        resale_musd=lambda: d.schedule([1, 4]) if leaves else 0,
    )
    if drawn["max_per_site"] == 2 and d.maybe(0.4):
        drawn["min_per_site"] = 2
    return drawn


def site(d: Draw, s: int, blocks: list[dict[str, Any]], free_shell: bool) -> dict[str, Any]:
    status = d.r.choice(["candidate", "candidate", "candidate", "committed"])
    existing = []
    if status == "committed" and d.maybe(0.6):
        existing = [
            {
                "block": d.r.choice(blocks)["id"],
                "units": 1,
                "online_from": d.month(d.r.randint(-2, 1)),
                "unpaid": [{"month": d.within(), "musd": 2}] if d.maybe(0.3) else [],
            }
        ]
    out = {
        "id": f"s{s}",
        "region": f"R{s}",
        "country": "US",
        "status": status,
        "existing": existing,
        "existing_shell_mw": 0,
        "grid_mw": d.schedule([2, 3, 4, 6], price=False, rising=d.maybe(0.7)),
    } | d.some(
        0.35,
        pue=lambda: d.r.choice([1.25, 1.5]),
        pue_peak=lambda: d.r.choice([1.5, 2]),
        electricity_usd_per_mwh=lambda: d.schedule([40, 90]),
        carbon_kg_per_mwh=lambda: d.schedule([100, 400]),
        land_usd_per_ha=lambda: d.schedule([50_000, 100_000]),
        opening_musd=lambda: d.schedule([1, 6]),
        fixed_opex_musd_per_year=lambda: d.schedule([0.5, 2]),
        build_months=lambda: d.r.choice([d.step, 2 * d.step]),
        pace_mw_per_year=lambda: d.r.choice([1, 2, 3]),
        shell_step_mw=lambda: d.r.choice([1, 2]),
        existing_shell_mw=lambda: d.r.choice([1, 3]),
        resources=lambda: {"water": d.schedule([1, 2, 3], price=False, rising=True)},
        tariff=lambda: 0.25,
        sales_tax=lambda: 0.1,
        property_tax_per_year=lambda: 0.02,
        available_from=lambda: d.within(),
    )
    return out if free_shell else out | d.some(0.6, construction_musd_per_mw=lambda: d.r.choice([0.7, 2]))


def demand(d: Draw, i: int) -> dict[str, Any]:
    filters: list[dict[str, Any]] = [{}, {}, {"vendors": ["nvidia"]}, {"sites": ["s0"]}, {"regions": ["R0", "R1"]}]
    soft = {"shortfall_musd_per_unit_year": d.schedule([4, 30, 90])} if d.maybe(0.75) else {}
    fields = {
        "id": f"d{i}",
        "by": d.month(d.r.choice([0, d.P - 1, d.P - 0.5]) if soft else d.P - 1),
        "amount": d.r.choice([1, 1, 2, 3]),
        "filter": d.r.choice(filters),
    }
    return (
        fields
        | soft
        | d.some(
            0.35,
            metric=lambda: d.r.choice(["it_mw", "units", "pflops"]),
            single_site=lambda: True,
            single_vendor=lambda: True,
        )
    )


def policy(d: Draw) -> dict[str, Any]:
    some: dict[str, Any] = d.r.choice([{}, {"sites": ["s0"]}, {"vendors": ["nvidia"]}, {"blocks": ["b0"]}])
    kinds: list[dict[str, Any]] = [
        {"kind": "limit", "filter": some, "of": d.r.choice(["online", "ordered"]), "max": d.schedule([1, 2, 3])},
        {"kind": "limit", "filter": some, "metric": "units", "min": [{"from": d.month(d.P - 1), "value": 1}]},
        {"kind": "vendor_share", "vendor": "nvidia", "max": d.r.choice([0.5, 0.7])},
        {"kind": "vendor_share", "vendor": "amd", "min": 0.3, "from": d.within()},
        {"kind": "site_count", "max": 1},
        {"kind": "site_count", "min": 1, "filter": {"sites": ["s0"]}},
        {"kind": "site_minimum", "it_mw": d.r.choice([1, 2])},
        {"kind": "lock", "site": "s0"},
        {"kind": "lock", "order": {"site": "s0", "block": "b0", "month": d.within(), "units": 1}},
        {"kind": "forbid", "filter": {"sites": ["s0"], "vendors": ["nvidia"]}},
        {"kind": "forbid", "filter": {"regions": ["R0"]}},
        {"kind": "separation", "km": 50},
        {"kind": "zone_headroom", "facility_mw": d.schedule([2, 4, 6])},
        {"kind": "survive_any_site_loss", "amount": 1, "from": d.month(d.P - 1)},
    ]
    return d.r.choice(kinds)


def market(d: Draw, j: int) -> dict[str, Any]:
    prices: list[dict[str, Any]] = [
        {"cost_musd_per_unit_year": d.schedule([1, 2])},
        {"cost_musd_per_unit_km_year": 0.01},
        {"costs": {"s0": 1.5, "s1": 0.5}},
        {"max_km": 60},
        {"single_source": True, "costs": {"s0": 1.5, "s1": 2.5}},
    ]
    amount = d.r.choice([1, [{"from": d.month(d.P - 1), "value": 2}]])
    return {"id": f"m{j}", "metric": "it_mw", "location": [0, 0], "amount": amount, **d.r.choice(prices)}


def draw(seed: int) -> tuple[Problem, Ground]:
    """One request, whatever its size."""
    d = Draw(seed)
    leaves = d.maybe(0.3)
    markets = not leaves and d.maybe(0.2)
    if leaves or markets:
        d.P = min(d.P, 3 if leaves else 2)
    K = d.r.choice([1, 2]) if not leaves and not markets else 1
    S = d.r.choice([1, 2, 2, 3])
    budget: dict[str, Any] | None = None
    if d.maybe(0.4):
        budget = {"per_year_musd": d.schedule([6 / d.step * 12, 15, 40])} | d.some(
            0.35,
            opening_musd=lambda: 6,
            carry_over=lambda: False,
            covers=lambda: d.r.choice([["capex"], ["opex"]]),
            revenue_share=lambda: 0.5,
            min_cash_musd=lambda: d.r.choice([-5, -5, 1]),
            after_horizon_limit_musd=lambda: d.r.choice([0, 4]),
        )
    free_shell = budget is not None and not budget.get("carry_over", True)
    blocks = [block(d, k, leaves) for k in range(K)]
    if markets:  # amounts must be met in every period: nothing that comes late
        blocks = [
            {x: v for x, v in b.items() if x not in ("lead_months", "available_from", "supply")} | {"life_years": 9}
            for b in blocks
        ]
    goals: list[dict[str, Any]] = [
        {"maximize": "compute"},
        {"maximize": "value"},
        {"minimize": "cost"},
        {"minimize": "net_cost"},
        {"minimize": "carbon"},
    ]
    needs = [demand(d, i) for i in range(d.r.choice([0, 0, 1, 1, 2]))]
    if not needs and not markets:
        goals = goals[:2]  # a minimum of money or carbon needs something to be met (M8.1)
    problem = Problem.model_validate(
        {
            "name": f"tiny {seed}",
            "horizon": {"start": "2026-01", "periods": d.P, "period": d.period},
            "discount_rate": d.r.choice([0.0, 0.1]),
            "blocks": blocks,
            "sites": [site(d, s, blocks, free_shell) for s in range(S)],
            "supply_pools": [{"id": "pool", "metric": "it_mw", "amount": d.schedule([1, 3, 4], False, True)}]
            if d.maybe(0.15)
            else [],
            "budget": budget,
            "demand": needs,
            "markets": [market(d, j) for j in range(d.r.choice([1, 2]))] if markets else [],
            "policies": [policy(d) for _ in range(d.r.choice([0, 0, 0, 1, 2]))],
            "objectives": [d.r.choice(goals)],
            "terminal": d.r.choice(["straight_line", "none"]),
        }
    )
    ids = [s.id for s in problem.sites]
    ground = Ground(
        sites=tuple(SiteGround(site=i, lon=0, lat=0, parcel_ha=10, buildable_ha=d.r.choice([1, 2, 5])) for i in ids),
        markets=tuple(Distance(a=i, b=m.id, km=d.r.choice([10, 50, 90])) for i in ids for m in problem.markets),
        close_pairs=tuple(Distance(a=a, b=b, km=d.r.choice([20, 80])) for n, a in enumerate(ids) for b in ids[n + 1 :]),
    )
    return problem, ground


def tiny_world(seed: int, most: int = MOST) -> tuple[Problem, Ground]:
    """The first request drawn from a seed that is small enough to be looked at whole."""
    for attempt in range(1000):
        problem, ground = draw(seed * 1000 + attempt)
        if size(problem) <= most:
            return problem, ground
    raise AssertionError(f"no tiny request of at most {most} plans from seed {seed}")
