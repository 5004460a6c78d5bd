"""The model against every plan, with deals of every kind (M5.1-M5.7), on random tiny requests.

No plan that the ledger and the check let pass is better than the proven optimum, and the model's own plan passes the check at
the value that the model says. Draws and sales are looked at on a grid; without them the two must be equal.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from planner.ground import Ground
from planner.problem.deals import Loan, Offtake
from planner.problem.problem import Problem
from tests.model.brute_deals import best, size
from tests.model.tiny_deals import KINDS, draw
from tests.worlds import answer, near, proven

MOST = 700
"""Plans of one request."""
EACH = 5
MIXES: dict[str, tuple[str, ...]] = {kind: (kind,) for kind in KINDS} | {
    "all": KINDS,
    "leases": ("lease", "lease", "loan"),
    "shares": ("warrants", "equity_tranches", "lease"),
}


def requests(kinds: tuple[str, ...], first: int) -> Iterator[tuple[int, Problem, Ground]]:
    """The first requests from a seed on that are small enough to be looked at whole."""
    found, seed = 0, first
    while found < EACH:
        problem, ground = draw(seed, kinds)
        if 1 < size(problem, MOST) <= MOST:
            found += 1
            yield seed, problem, ground
        seed += 1


def agrees(seed: int, problem: Problem, ground: Ground) -> str:
    """Compare one world; what it was: ``plan``, ``beyond the grid`` or ``infeasible``."""
    continuous = any(isinstance(x, Loan | Offtake) for x in problem.deals)
    enumerated = best(problem, ground)
    if enumerated is None and not (continuous and answer(problem, ground).plan.status.holds == "plan"):
        status = answer(problem, ground).plan.status
        assert (status.stopped, status.holds) == ("infeasible", "no_plan"), (
            f"world {seed}: {status}, yet no plan passes"
        )
        return "infeasible"
    plan = proven(problem, ground).plan
    assert plan.objective is not None
    if enumerated is None:
        return "beyond the grid"
    sign = 1 if plan.objective_sense == "maximize" else -1
    ahead, slack = sign * (plan.objective - enumerated[0]), 1e-6 * max(1.0, abs(enumerated[0]))
    assert ahead >= -slack, f"world {seed}: {plan.objective_name} {plan.objective}, but {enumerated} is better"
    if continuous and ahead > slack:
        return "beyond the grid"
    near(plan.objective, enumerated[0], f"world {seed}: model and enumeration of {plan.objective_name}")
    return "plan"


@pytest.mark.parametrize("batch", range(4))
@pytest.mark.parametrize("mix", MIXES)
def test_no_plan_is_better(mix: str, batch: int) -> None:
    """M8.1 on ``EACH`` requests of each mix of deals."""
    first = 100_000 * list(MIXES).index(mix) + 1_000 * batch
    held = [agrees(*world) for world in requests(MIXES[mix], first)]
    assert "plan" in held
