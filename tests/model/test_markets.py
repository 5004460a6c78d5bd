"""Hand-solved worlds: markets (M7.2). One year in one period, halls of 10 MW at 1 MUSD, two sites."""

from __future__ import annotations

from typing import Any

import pytest

from planner.ground import Ground
from planner.problem.problem import Problem
from tests.verify.worlds import ground, problem
from tests.worlds import hopeless, line, near, proven

COST: dict[str, Any] = {
    "objectives": [{"minimize": "cost"}],
    "terminal": "none",
    "horizon": {"start": "2026-01", "periods": 1, "period": "year"},
}


def world(*markets: dict[str, Any], near_mw: float = 100.0, far_mw: float = 100.0) -> Problem:
    """Site ``near`` costs 5 to open, ``far`` nothing."""
    return problem(
        sites=[{"id": "near", "grid_mw": near_mw, "opening_musd": 5}, {"id": "far", "grid_mw": far_mw}],
        blocks=[{"capex_musd": 1}],
        markets=[{"id": f"m{i}", "location": [0, 0], **m} for i, m in enumerate(markets)],
        **COST,
    )


def land(w: Problem, near_km: float = 10.0, far_km: float = 500.0) -> Ground:
    """Kilometres from each site to every market."""
    return ground(w, markets=[(s, m.id, km) for m in w.markets for s, km in (("near", near_km), ("far", far_km))])


def test_kilometres_against_opening() -> None:
    """20 MW, 0.001 MUSD per MW, km and year: near 5 + 2 + 0.2 = 7.2; far 2 + 10 = 12."""
    w = world({"amount": 20, "cost_musd_per_unit_km_year": 0.001})
    plan = proven(w, land(w)).plan
    near(plan.objective, 7.2)
    assert line(plan, "serving") == {"2026-01": pytest.approx(0.2)}
    # At 100 km apart: far 2 + 20 x 0.1 = 4 wins.
    near(proven(w, land(w, far_km=100.0)).plan.objective, 4.0)


def test_max_km() -> None:
    """Far is beyond 400 km: near, 5 + 2; where near is beyond as well: infeasible."""
    w = world({"amount": 20, "max_km": 400})
    assert proven(w, land(w)).plan.objective == 7
    hopeless(w, land(w, near_km=401.0))


def test_costs_by_site_and_who_is_not_listed() -> None:
    """20 MW at 0.5 from near or 1.0 from far: 5 + 2 + 10 = 17 against 2 + 20 = 22; listed far only: 22."""
    assert proven(world({"amount": 20, "costs": {"near": 0.5, "far": 1.0}})).plan.objective == 17
    assert proven(world({"amount": 20, "costs": {"far": 1.0}})).plan.objective == 22


def test_a_flat_price_changes_no_choice() -> None:
    """20 MW at 0.25: far, 2 + 5 = 7."""
    assert proven(world({"amount": 20, "cost_musd_per_unit_year": 0.25})).plan.objective == 7


def test_capacity_is_shared_by_markets() -> None:
    """Far holds 20 MW, markets of 15 and 15: 10 MW must come from near, at 0.1 more per MW: 3 halls + 5 + 10 x 0.1 = 9."""
    m = {"amount": 15, "costs": {"near": 0.1, "far": 0.0}}
    plan = proven(world(m, m, far_mw=20.0)).plan
    near(plan.objective, 9.0)
    served = sum(x.amount for x in plan.served)
    near(served, 30.0)


def test_single_source() -> None:
    """The same with one source each: one market (15) from far, the other from near: 2 + 2 halls + 5 + 1.5 = 10.5."""
    m = {"amount": 15, "costs": {"near": 0.1, "far": 0.0}, "single_source": True}
    plan = proven(world(m, m, far_mw=20.0)).plan
    near(plan.objective, 10.5)
    assert len(plan.served) == 2


def test_amounts_over_time() -> None:
    """Two years, nothing first, then 20 MW at 1 a year: halls (2 MUSD) and 20 of serving in the second year only."""
    w = problem(
        blocks=[{"capex_musd": 1}],
        markets=[{"id": "m", "amount": [{"from": "2027-01", "value": 20}], "cost_musd_per_unit_year": 1}],
        **COST | {"horizon": {"start": "2026-01", "periods": 2, "period": "year"}},
    )
    plan = proven(w).plan
    assert plan.objective == 22
    assert line(plan, "serving") == {"2027-01": 20.0}


def test_gpus_as_metric() -> None:
    """1,500 GPUs need two halls of 1,000: 2 + 1,500 x 0.001 = 3.5, from far."""
    w = world({"amount": 1500, "metric": "gpus", "cost_musd_per_unit_year": 0.001})
    near(proven(w).plan.objective, 3.5)
