"""The model against every plan: on random tiny requests of all families the proven optimum is the best of all plans.

Both directions: no plan that the ledger and the check let pass is better (nothing allowed is forbidden by the model), and the
model's plan passes the check at the value the model says (nothing forbidden is allowed).
"""

from __future__ import annotations

import pytest

from tests.model.brute import best
from tests.model.tiny import tiny_world
from tests.worlds import answer, near, proven

BATCHES, EACH = 24, 10


def agrees(seed: int) -> str:
    """Compare one world; what it was: ``plan`` or ``infeasible``."""
    problem, ground = tiny_world(seed)
    enumerated = best(problem, ground)
    if enumerated is None:
        status = answer(problem, ground).plan.status
        assert (status.stopped, status.holds) == ("infeasible", "no_plan"), (
            f"world {seed}: {status}, yet no plan passes"
        )
        return "infeasible"
    plan = proven(problem, ground).plan
    assert plan.objective is not None
    near(plan.objective, enumerated[0], f"world {seed}: model and enumeration of {plan.objective_name}")
    return "plan"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_optimum_is_the_best_of_all_plans(batch: int) -> None:
    """M8.1 on ``BATCHES * EACH`` requests."""
    held = [agrees(seed) for seed in range(batch * EACH, (batch + 1) * EACH)]
    assert "plan" in held
