"""Laws of the optimum on random requests: more of anything never hurts, names and order mean nothing, money has no unit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from planner.ground import Ground
from planner.ledger import complete
from planner.plan import Plan
from planner.problem.problem import Problem
from planner.verify import verify
from tests.ledger.test_laws import grains
from tests.model.tiny import draw
from tests.verify.worlds import ground as flat_ground
from tests.verify.worlds import plan as stated
from tests.verify.worlds import problem as build
from tests.worlds import answer, near, openings, orders, proven

SEEDS = range(7000, 7016)


def worth(problem: Problem, ground: Ground) -> float:
    """The optimum as a maximum; minus infinity where nothing is feasible."""
    plan = answer(problem, ground).plan
    if plan.objective is None:
        assert plan.status.stopped == "infeasible"
        return -math.inf
    return plan.objective if plan.objective_sense == "maximize" else -plan.objective


def scaled(schedule: Any, factor: float) -> Any:
    """A schedule times a factor."""
    if isinstance(schedule, tuple):
        return tuple(s.model_copy(update={"value": s.value * factor}) for s in schedule)
    return None if schedule is None else schedule * factor


def each(parts: tuple[Any, ...], **change: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Every part with some fields changed."""
    return tuple(x.model_copy(update={f: g(getattr(x, f)) for f, g in change.items()}) for x in parts)


def without_existing(p: Problem) -> Problem:
    """More power may force resting units to run (M2.8), so they are left out of this law."""
    return p.model_copy(update={"sites": each(p.sites, existing=lambda _: ())})


def more_power(p: Problem, g: Ground) -> tuple[Problem, Ground]:
    return p.model_copy(update={"sites": each(p.sites, grid_mw=lambda x: scaled(x, 1.5))}), g


def more_land(p: Problem, g: Ground) -> tuple[Problem, Ground]:
    return p, g.model_copy(update={"sites": each(g.sites, buildable_ha=lambda x: x + 1)})


def more_supply(p: Problem, g: Ground) -> tuple[Problem, Ground]:
    bigger = {
        "blocks": each(p.blocks, supply=lambda x: scaled(x, 2)),
        "supply_pools": each(p.supply_pools, amount=lambda x: scaled(x, 2)),
    }
    return p.model_copy(update=bigger), g


def more_budget(p: Problem, g: Ground) -> tuple[Problem, Ground]:
    if p.budget is None:
        return p, g
    return p.model_copy(update={"budget": each((p.budget,), per_year_musd=lambda x: scaled(x, 1.5))[0]}), g


def more_pace(p: Problem, g: Ground) -> tuple[Problem, Ground]:
    return p.model_copy(update={"sites": each(p.sites, pace_mw_per_year=lambda x: scaled(x, 2))}), g


@pytest.mark.parametrize("seed", SEEDS)
def test_more_never_worsens(seed: int) -> None:
    """More power, land, supply, budget or pace, one by one: never a worse optimum."""
    problem, ground = draw(seed)
    problem = without_existing(problem)
    before = worth(problem, ground)
    for more in (more_power, more_land, more_supply, more_budget, more_pace):
        if (bigger := more(problem, ground)) != (problem, ground):
            after = worth(*bigger)
            assert after >= before - 1e-6 * max(1.0, abs(before)), f"{more.__name__}: {before} became {after}"


@pytest.mark.parametrize("seed", SEEDS)
def test_an_extra_site_that_cannot_be_used_changes_nothing(seed: int) -> None:
    problem, ground = draw(seed)
    spare = problem.sites[0].model_copy(
        update={"id": "spare", "status": "candidate", "existing": (), "grid_mw": 0.0, "opening_musd": 1.0}
    )
    wider = problem.model_copy(update={"sites": (spare, *problem.sites)})
    land = ground.sites[0].model_copy(update={"site": "spare"})
    far = tuple(x.model_copy(update={"a": "spare"}) for x in ground.markets if x.a == problem.sites[0].id)
    wider_ground = ground.model_copy(update={"sites": (land, *ground.sites), "markets": (*far, *ground.markets)})
    here, there = worth(problem, ground), worth(wider, wider_ground)
    assert here == there or abs(here - there) <= 1e-6 * max(1.0, abs(here))


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_sites_and_blocks_means_nothing(seed: int) -> None:
    """The optimum is the same; the plans are as good in the tie-break too."""
    problem, ground = draw(seed)
    turned = problem.model_copy(update={"sites": problem.sites[::-1], "blocks": problem.blocks[::-1]})
    here, there = answer(problem, ground).plan, answer(turned, ground).plan
    assert here.status == there.status
    if here.objective is not None:
        near(there.objective, here.objective, "objective")
        near(spending(there), spending(here), "spending")


def spending(plan: Plan) -> float:
    """Discounted spending, for ties; nominal after-horizon money is part of it where nothing is discounted."""
    return plan.objectives["spending"] if not plan.after_horizon else 0.0


def test_order_of_sites_and_blocks_gives_the_same_plan_where_it_is_unique() -> None:
    """Prices that differ make the optimum one plan: then it is found in any order."""
    w = build(
        sites=[{"id": f"s{i}", "grid_mw": 30.0 + 10 * i, "opening_musd": 1 + i / 10} for i in range(4)],
        blocks=[
            {"id": "n", "capex_musd": 3.1},
            {"id": "m", "vendor": "amd", "pflops": 101.0, "capex_musd": 3.7, "supply": 5, "max_per_site": 1},
        ],
        demand=[{"id": "d", "by": "2026-01", "amount": 110}],
        objectives=[{"minimize": "cost"}],
        terminal="none",
    )
    turned = w.model_copy(update={"sites": w.sites[::-1], "blocks": w.blocks[::-1]})
    # 110 MW: 11 halls of n, which only the two largest sites hold together (5 + 6): 34.1 + 1.2 + 1.3.
    here, there = proven(w).plan, proven(turned).plan
    near(here.objective, 34.1 + 1.2 + 1.3)
    assert openings(here) == openings(there) == {"s2": "2026-01", "s3": "2026-01"}
    assert sum(orders(here).values()) == sum(orders(there).values()) == 11


MONEY = {
    "blocks": ("capex_musd", "opex_musd_per_year", "revenue_musd_per_year", "resale_musd"),
    "sites": (
        "opening_musd",
        "land_usd_per_ha",
        "fixed_opex_musd_per_year",
        "construction_musd_per_mw",
        "electricity_usd_per_mwh",
    ),
    "demand": ("shortfall_musd_per_unit_year",),
    "markets": ("cost_musd_per_unit_year", "cost_musd_per_unit_km_year"),
}
FUNDS = ("per_year_musd", "opening_musd", "min_cash_musd", "after_horizon_limit_musd")


def dearer(p: Problem, by: float) -> Problem:
    """Every figure of money times ``by``."""
    update: dict[str, Any] = {
        name: each(getattr(p, name), **{f: lambda x: scaled(x, by) for f in fields}) for name, fields in MONEY.items()
    }
    update["markets"] = each(
        update["markets"], costs=lambda c: None if c is None else {k: v * by for k, v in c.items()}
    )
    update["sites"] = each(
        update["sites"],
        existing=lambda rows: each(rows, unpaid=lambda dues: each(dues, musd=lambda x: x * by)),
    )
    if p.budget is not None:
        update["budget"] = each((p.budget,), **{f: lambda x: scaled(x, by) for f in FUNDS})[0]
    return p.model_copy(update=update)


@pytest.mark.parametrize("seed", SEEDS)
def test_money_has_no_unit(seed: int) -> None:
    """All money times 1000: cost, net cost and value times 1000, compute and carbon as they were."""
    problem, ground = draw(seed)
    here, there = answer(problem, ground).plan, answer(dearer(problem, 1000.0), ground).plan
    assert here.status == there.status
    if here.objective is not None and there.objective is not None:
        factor = 1000.0 if here.objective_name in ("cost", "net_cost", "value") else 1.0
        near(there.objective / factor, here.objective)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lock_of_the_plan_keeps_its_objective(seed: int) -> None:
    """Locking every order and opening of an optimal plan leaves the optimum where it is."""
    problem, ground = draw(seed)
    plan = answer(problem, ground).plan
    if plan.objective is None:
        return
    locks = [
        {"kind": "lock", "order": {"site": o.site, "block": o.block, "month": o.month, "units": o.units}}
        for o in plan.orders
    ] + [{"kind": "lock", "site": o.site} for o in plan.openings]
    document = problem.model_dump(by_alias=True)
    document["policies"] = [*document["policies"], *locks]
    locked = answer(Problem.model_validate(document), ground).plan
    assert locked.objective is not None
    near(locked.objective, plan.objective)


def test_grains_agree_on_a_fixed_plan() -> None:
    """M1.5: the yearly optimum, read as a quarterly and a monthly plan, keeps its totals and passes the check."""
    yearly, _ = grains("year", 3)
    yearly = yearly.model_copy(update={"budget": None})
    plan = proven(yearly).plan
    assert plan.orders
    for period, periods in (("quarter", 12), ("month", 36)):
        finer, _ = grains(period, periods)
        finer = finer.model_copy(update={"budget": None})
        fields = complete(finer, flat_ground(finer), plan.decisions())
        for name in ("compute", "carbon", "cost", "net_cost", "value"):
            near(fields["objectives"][name], plan.objectives[name], f"{name} by {period}")
        rows = {t: [tuple(x.model_dump(exclude={"terms"}).values()) for x in v] for t, v in plan.decisions()}
        broken = [v for v in verify(finer, flat_ground(finer), stated(**rows)).violations if v.family in LIMITS]
        assert not broken, broken[0].message
        # Finer decisions can only be better.
        assert worth(finer, flat_ground(finer)) >= worth(yearly, flat_ground(yearly)) - 1e-6


LIMITS = {"openings", "orders", "supply", "power", "land", "shell", "pace", "resources", "demand"}
