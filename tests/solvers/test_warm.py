"""Starting from an earlier plan: it is in hand before the search begins, and nothing it says can spoil the answer."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import solvers
from planner.ground import Ground
from planner.model.write import start_point
from planner.plan import Decisions, Opening, Order, Units
from planner.problem.problem import Problem
from solvers.engines.increments import Increments
from solvers.search import _columns
from solvers.stages import run_stages
from solvers.task import Task
from tests.model.tiny import tiny_world
from tests.model.tiny_deals import draw as tiny_deals
from tests.solvers.portfolio import portfolio
from tests.worlds import answer, exact, near, proven
from tests.worlds import program as compiled

STARTING = "starting from the earlier plan"


def in_hand(problem: Problem, ground: Ground, start: Decisions, **solver: Any) -> float | None:
    """The first objective, in the request's sense, of the plan in hand when the search proper begins."""
    d, m, task, program = compiled(exact(problem, **solver), ground)
    task = Task.from_bytes(replace(task, start=_columns(program, start_point(m, d, start))).to_bytes())
    phases: list[str] = []
    values: list[float] = []

    def send(header: dict[str, Any], x: Any = None) -> None:
        if header["kind"] == "phase":
            phases.append(header["message"])
        elif header["kind"] == "incumbent" and phases == [STARTING]:
            values.append(task.stages[0].sign * header["objective"])

    run_stages(task, Increments.of(task.form, task.before), send, lambda: len(phases) > 1, time.monotonic())
    assert phases[0] == STARTING
    return values[-1] if values else None


@pytest.mark.parametrize("strategy", ["monolithic", "relax_and_repair"])
def test_its_own_plan_is_in_hand_at_once(strategy: str) -> None:
    """The same request from its own plan: the first plan in hand is as good, before anything is searched."""
    problem, ground = portfolio(sites=8, blocks=3, periods=6, seed=2)
    plan = answer(problem, ground, time_limit_s=3.0).plan
    value = in_hand(problem, ground, plan.decisions(), strategy=strategy, time_limit_s=10.0)
    assert value is not None and plan.objective is not None
    assert value >= plan.objective - 1e-6 * abs(plan.objective)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("world", [tiny_world, tiny_deals])
def test_decisions_survive_the_way_back(seed: int, world: Any) -> None:
    """What is read off a solved point is written back as the same values, for every column that is known."""
    problem, ground = world(seed)
    found = answer(problem, ground)
    if found.plan.status.holds != "plan" or found.x is None:
        return
    x = _columns(found.compiled, start_point(found.model, found.data, found.plan.decisions()))
    known = np.isfinite(x)
    names = np.array([v.parent_component().local_name for v in found.compiled.columns])
    for name in ("ordered", "leased", "open"):
        here = known & (names == name)
        assert np.array_equal(here, names == name)
        assert np.array_equal(x[here], np.round(found.x[here])), name


@pytest.mark.parametrize("change", ["budget", "grid", "site", "block"])
def test_a_small_change_keeps_most_of_it(change: str) -> None:
    """A 2 % smaller budget, a site's grid half a year later, a site or a block gone: most of the plan's worth is in hand at once."""
    problem, ground = portfolio(sites=8, blocks=3, periods=6, seed=2)
    plan = answer(problem, ground, time_limit_s=3.0).plan
    assert plan.objective is not None
    biggest = max(plan.sites, key=lambda s: s.it_mw).id
    work = {s.id: sum(p.pflops for p in s.periods) for s in plan.sites if s.opened}
    smallest = min(work, key=lambda s: work[s])
    lost = work[smallest] / sum(work.values()) if change == "site" else 0.0
    gone: dict[str, Any] = {}
    if change == "budget":
        assert problem.budget is not None
        gone = {"budget": problem.budget.model_copy(update={"per_year_musd": 0.98 * 330.0 * 8})}
    elif change == "grid":
        later = tuple(
            s.model_copy(update={"grid_mw": tuple(g.model_copy(update={"from_": "2026-07"}) for g in s.grid_mw[:1])})
            if s.id == biggest and isinstance(s.grid_mw, tuple)
            else s
            for s in problem.sites
        )
        gone = {"sites": later}
    elif change == "site":
        gone = {"sites": tuple(s for s in problem.sites if s.id != smallest)}
        ground = ground.model_copy(update={"sites": tuple(g for g in ground.sites if g.site != smallest)})
    else:
        units = {b.id: sum(o.units for o in plan.orders if o.block == b.id) for b in problem.blocks}
        least = min(units, key=lambda b: units[b])
        gone = {"blocks": tuple(b for b in problem.blocks if b.id != least)}
    value = in_hand(problem.model_copy(update=gone), ground, plan.decisions(), time_limit_s=20.0)
    assert value is not None and value >= (0.7 - lost) * plan.objective


@pytest.mark.parametrize("seed", range(8))
def test_a_strangers_plan_changes_no_optimum(seed: int) -> None:
    """A start from another world's plan, and one of names and months that mean nothing: the proven optimum stays."""
    problem, ground = tiny_world(seed)
    alone = answer(problem, ground).plan
    if alone.status.holds != "plan":
        return
    other = answer(*tiny_world(seed + 100)).plan.decisions()
    site, block = problem.sites[0].id, problem.blocks[0].id
    nonsense = Decisions(
        openings=[Opening(site="nowhere", month="2026-01"), Opening(site=site, month="never")],
        orders=[
            Order(site=site, block=block, month="1999-01", units=10**6),
            Order(site=site, block=block, month="2026-01", units=10**6),
            Order(site=site, block="nothing", month="2026-01", units=1, terms="nobody"),
        ],
        idle=[Units(site=site, block="nothing", month="2026-01", units=3)],
        signed=["nobody"],
    )
    for start in (other, nonsense):
        d, m, task, program = compiled(exact(problem), ground)
        task = replace(task, start=_columns(program, start_point(m, d, start)))
        found: dict[str, Any] = {}

        def send(header: dict[str, Any], x: Any = None, found: dict[str, Any] = found) -> None:
            if header["kind"] == "stage" and header["stage"] == 0:
                found.update(header)

        run_stages(task, Increments.of(task.form, task.before), send, lambda: False, time.monotonic())
        assert found["stopped"] == "optimal"
        near(task.stages[0].sign * found["objective"], alone.stages[0].value, "optimum with and without a start", 1e-5)


def test_through_the_child() -> None:
    """``plan(..., start=...)``: a plan of the same request comes back no worse."""
    problem, ground = tiny_world(1)
    alone = proven(problem, ground).plan
    again = solvers.plan(exact(problem), ground, start=alone.decisions())
    assert again.objective is not None and alone.objective is not None
    near(again.objective, alone.objective, "objective")
