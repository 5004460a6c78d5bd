"""Decisions as arrays: what cannot be counted is a fault at its row, not an overflow."""

from __future__ import annotations

import pytest

from planner.errors import RequestError
from planner.ledger import evaluate
from tests.ledger.worlds import block, decide, ground, problem, site


@pytest.mark.parametrize("units", [10**9 + 1, -(10**30), 10**400])
def test_units_beyond_counting(units: int) -> None:
    world = problem(blocks=[block()], sites=[site()])
    month = world.horizon.start
    made = decide(orders=[("abilene", "hall", month, 1), ("abilene", "hall", month, 2)])
    wild = made.orders[1].model_copy(update={"units": units})
    with pytest.raises(RequestError, match=r"orders\[1\]\.units: .* is no number of units \(at most 1,000,000,000"):
        evaluate(world, ground(world), made.model_copy(update={"orders": [made.orders[0], wild]}))
