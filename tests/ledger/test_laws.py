"""Laws that hold for every plan: lines sum up, grains agree, order does not matter, nothing is minus zero."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from planner.ledger import complete, evaluate
from planner.plan import CAPEX_LINES, KIND_OF_LINE, OPEX_LINES, Decisions, Plan
from planner.problem.problem import Problem
from tests.ledger.worlds import block, decide, ground, problem, random_world, site

SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_sums(seed: int) -> None:
    """Sites add up to totals, lines to capex, opex and income, the split to all spending (M4.4)."""
    world, land, decisions = random_world(seed)
    plan = evaluate(world, land, decisions)
    rows = {(r.month, r.line): r.musd for r in plan.cash}
    for p, total in enumerate(plan.totals):
        for kind, amount in (("capex", total.capex_musd), ("opex", total.opex_musd), ("income", total.income_musd)):
            lines = [v for (m, x), v in rows.items() if m == total.month and KIND_OF_LINE[x] == kind]
            assert amount == pytest.approx(sum(lines), abs=1e-6)
        for what in ("it_mw", "facility_mw", "gpus", "units", "pflops"):
            assert getattr(total, what) == pytest.approx(sum(getattr(s.periods[p], what) for s in plan.sites))
        assert sum(total.it_mw_by_vendor.values()) == pytest.approx(total.it_mw)
        spent = sum(s.periods[p].spend_musd for s in plan.sites) + rows.get((total.month, "penalties"), 0)
        assert spent == pytest.approx(total.capex_musd + total.opex_musd)
    spending = sum(v for (_, x), v in rows.items() if x in (*CAPEX_LINES, *OPEX_LINES))
    assert sum(plan.cost_split.values()) == pytest.approx(spending)
    for before, row in zip(plan.balances, plan.balances[1:]):
        carried = before.cash_musd if world.budget and world.budget.carry_over else min(0.0, before.cash_musd)
        assert row.before_musd == pytest.approx(carried)
    for row in plan.balances:
        flow = row.before_musd + row.budget_musd + row.income_musd - row.covered_musd
        assert row.cash_musd == pytest.approx(flow)


@pytest.mark.parametrize("seed", SEEDS)
def test_round_trip_without_minus_zero(seed: int) -> None:
    """A plan survives JSON, and no figure in it is -0.0 or out of range."""
    world, land, decisions = random_world(seed)
    plan = evaluate(world, land, decisions)
    text = plan.model_dump_json()
    assert Plan.model_validate_json(text) == plan

    def walk(value: Any) -> None:
        if isinstance(value, float):
            assert math.isfinite(value) and not (value == 0 and math.copysign(1, value) < 0)
        elif isinstance(value, dict | list):
            for part in value.values() if isinstance(value, dict) else value:
                walk(part)

    walk(json.loads(text))


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_sites_blocks_and_decisions_does_not_matter(seed: int) -> None:
    world, land, decisions = random_world(seed)
    turned = world.model_copy(update={"sites": world.sites[::-1], "blocks": world.blocks[::-1]})
    backwards = Decisions.model_validate({k: list(reversed(v)) for k, v in decisions.model_dump().items()})
    here, there = complete(world, land, decisions), complete(turned, land, backwards)
    assert there["objectives"] == pytest.approx(here["objectives"])
    assert [(r.month, r.line) for r in there["cash"]] == [(r.month, r.line) for r in here["cash"]]
    assert [r.musd for r in there["cash"]] == pytest.approx([r.musd for r in here["cash"]])
    assert {s.id: s.spend_musd for s in there["sites"]} == pytest.approx({s.id: s.spend_musd for s in here["sites"]})


@pytest.mark.parametrize("seed", range(20))
def test_money_scales(seed: int) -> None:
    """Twice the prices of blocks are twice the block lines, and nothing else of capex moves."""
    world, land, decisions = random_world(seed)

    def twice(schedule: Any) -> Any:
        if isinstance(schedule, tuple):
            return tuple(s.model_copy(update={"value": 2 * s.value}) for s in schedule)
        return 2 * schedule

    dear = world.model_copy(
        update={"blocks": tuple(b.model_copy(update={"capex_musd": twice(b.capex_musd)}) for b in world.blocks)}
    )
    here = {(r.month, r.line): r.musd for r in complete(world, land, decisions)["cash"]}
    there = {(r.month, r.line): r.musd for r in complete(dear, land, decisions)["cash"]}
    for key, musd in here.items():
        factor = 2 if key[1] in ("blocks", "tariffs", "sales_tax", "property_tax") else 1
        assert there[key] == pytest.approx(factor * musd)


def grains(period: str, periods: int) -> tuple[Problem, Decisions]:
    """The same three-year world in another grain: dates start years, leads are whole years, no discounting (M1.5)."""
    world = problem(
        horizon={"start": "2026-01", "periods": periods, "period": period},
        blocks=[
            block(
                lead_months=12,
                capex_musd=[{"from": "2026-01", "value": 100}, {"from": "2027-01", "value": 90}],
                opex_musd_per_year=4,
                revenue_musd_per_year=[{"from": "2026-01", "value": 30}, {"from": "2028-01", "value": 20}],
                load_factor=0.8,
                life_years=1,
                payments=[{"months": 0, "share": 0.5}, {"months": 12, "share": 0.5}],
            )
        ],
        sites=[
            site(
                pue=1.2,
                electricity_usd_per_mwh=55,
                carbon_kg_per_mwh=300,
                fixed_opex_musd_per_year=7,
                property_tax_per_year=0.01,
                construction_musd_per_mw=11,
                build_months=12,
                tariff=0.1,
                opening_musd=30,
            )
        ],
        demand=[{"id": "d", "amount": 25, "by": "2027-01", "shortfall_musd_per_unit_year": 2}],
        budget={"per_year_musd": 500, "revenue_share": 0.5},
    )
    decisions = decide(
        openings=[("abilene", "2026-01")],
        orders=[("abilene", "hall", "2026-01", 2), ("abilene", "hall", "2027-01", 1)],
        shells=[("abilene", "2027-01", 12)],
    )
    return world, decisions


def test_grains_agree() -> None:
    """Year by year every cash line is the same in months, quarters and years, and so are the balances at year ends."""
    by_grain = []
    for period, periods in (("year", 3), ("quarter", 12), ("month", 36)):
        world, decisions = grains(period, periods)
        fields = complete(world, ground(world), decisions)
        years: dict[tuple[str, str], float] = {}
        for row in fields["cash"]:
            key = (row.month[:4], row.line)
            years[key] = years.get(key, 0) + row.musd
        ends = {b.month[:4]: b.cash_musd for b in fields["balances"]}
        sums = {k: fields["objectives"][k] for k in ("compute", "carbon", "cost", "value")}
        by_grain.append((years, ends, sums))
    year = by_grain[0]
    for other in by_grain[1:]:
        for here, there in zip(year, other):
            assert there == pytest.approx(here)


@pytest.mark.parametrize("seed", range(20))
def test_an_unused_site_changes_nothing_else(seed: int) -> None:
    world, land, decisions = random_world(seed)
    spare = problem(sites=[site("spare", opening_musd=9, fixed_opex_musd_per_year=9)]).sites[0]
    wider = world.model_copy(update={"sites": (*world.sites, spare)})
    wider_land = land.model_copy(update={"sites": (*land.sites, *ground(problem(sites=[site("spare")])).sites)})
    here, there = complete(world, land, decisions), complete(wider, wider_land, decisions)
    for name in ("objectives", "cost_split"):
        assert there[name] == pytest.approx(here[name])
    for name in ("cash", "balances", "terminal", "after_horizon"):
        assert len(there[name]) == len(here[name])
        for row, other in zip(here[name], there[name]):
            assert other.model_dump() == pytest.approx(row.model_dump())
    assert not there["sites"][-1].opened and there["sites"][-1].spend_musd == 0
