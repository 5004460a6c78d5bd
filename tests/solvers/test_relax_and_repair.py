"""The strategy for large requests, forced on small ones whose optimum is known: bounds hold, plans pass, endings are honest."""

from __future__ import annotations

import pytest

from planner.verify import verify
from tests.model.brute import best
from tests.model.tiny import draw, tiny_world
from tests.worlds import RELATIVE, answer


@pytest.mark.parametrize("batch", range(6))
def test_against_every_plan(batch: int) -> None:
    """On enumerated requests the bound is never on the wrong side, and what is called optimal is the best of all plans."""
    closed = 0
    for seed in range(500 + batch * 6, 506 + batch * 6):
        problem, ground = tiny_world(seed, most=200)
        enumerated = best(problem, ground)
        found = answer(problem, ground, strategy="relax_and_repair", time_limit_s=10.0)
        plan = found.plan
        if enumerated is None:
            assert plan.status.stopped == "infeasible", f"world {seed}"
            continue
        assert plan.objective is not None and plan.bound is not None, f"world {seed}: {plan.status}"
        check = verify(found.problem, ground, plan)
        assert check.ok, f"world {seed}: {check.violations[:3]}"
        sign = 1.0 if plan.objective_sense == "minimize" else -1.0
        room = RELATIVE * max(1.0, abs(enumerated[0]))
        assert sign * plan.bound <= sign * enumerated[0] + room, (
            f"world {seed}: bound {plan.bound}, optimum {enumerated[0]}"
        )
        assert sign * plan.objective >= sign * enumerated[0] - room, f"world {seed}"
        if plan.status.stopped == "optimal":
            assert abs(plan.objective - enumerated[0]) <= room, f"world {seed}"
            closed += 1
    assert closed


@pytest.mark.parametrize("seed", range(9100, 9116))
def test_against_the_other_strategy(seed: int) -> None:
    """On somewhat larger requests: the same optimum, bounds on the right side, infeasible where the other says so."""
    problem, ground = draw(seed)
    exact = answer(problem, ground, strategy="monolithic").plan
    found = answer(problem, ground, strategy="relax_and_repair", time_limit_s=10.0)
    plan = found.plan
    assert plan.status == exact.status
    if exact.objective is not None and plan.objective is not None:
        assert abs(plan.objective - exact.objective) <= RELATIVE * max(1.0, abs(exact.objective))
        assert verify(found.problem, ground, plan).ok
