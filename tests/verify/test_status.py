"""Status, bound and gap (M8.2): what a plan may claim."""

from __future__ import annotations

from typing import Any

import pytest

from planner.plan import Plan, Status
from planner.verify import verify
from tests.verify.rich import rich
from tests.verify.worlds import ground, problem

PROBLEM, GROUND, PLAN = rich()


def faults(**changes: Any) -> list[str]:
    check = verify(PROBLEM, GROUND, PLAN.model_copy(update=changes))
    return [v.message for v in check.violations if v.family == "status"]


def bounded(factor: float, stopped: str) -> list[str]:
    assert PLAN.objective is not None
    bound = PLAN.objective * factor
    distance = abs(bound - PLAN.objective)
    return faults(
        bound=bound,
        gap=distance / PLAN.objective,
        gap_absolute=distance,
        status=Status.model_validate({"stopped": stopped, "holds": "plan"}),
    )


@pytest.mark.parametrize(
    ("factor", "stopped", "fine"),
    [
        (1.0, "optimal", True),
        (1.0001, "optimal", True),  # a list of objectives may give back the first one's tolerance, 1e-4
        (1.0003, "optimal", False),
        (1.001, "gap_reached", True),
        (1.002, "gap_reached", False),
        (1.5, "time_limit", True),
        (1.5, "cancelled", True),
        (1.0, "infeasible", False),
        (1.0, "error", False),
        (0.999, "time_limit", False),  # better than its bound
    ],
)
def test_claims(factor: float, stopped: str, fine: bool) -> None:
    """M8.2: a time-limited plan is never called optimal; the asked gap is 1e-3."""
    assert (bounded(factor, stopped) == []) is fine


def test_a_plan_without_bound_has_no_gap() -> None:
    cancelled = Status(stopped="cancelled", holds="plan")
    assert faults(bound=None, gap=None, gap_absolute=None, status=cancelled) == []
    assert len(faults(bound=None, gap=0.01, gap_absolute=None, status=cancelled)) == 1
    assert len(faults(bound=None, gap=None, gap_absolute=None)) == 1


@pytest.mark.parametrize(
    ("factor", "gap_factor", "fine"),
    [
        (1.0, 1.0, True),
        (1.5, 1.0, True),  # a rigorous bound may be as loose as the relaxation is
        (1 - 1e-8, 1.0, True),  # the books and the program round differently
        (0.999, 1.0, False),  # better than any plan can be
        (1.5, 1.01, False),  # a gap that is not the distance
    ],
)
def test_rigorous_bound(factor: float, gap_factor: float, fine: bool) -> None:
    """M8.14: the plan does not cross it, and its gap is arithmetic."""
    assert PLAN.objective is not None and PLAN.objective_sense == "maximize" and PLAN.objective > 1
    bound = PLAN.objective * factor
    gap = gap_factor * abs(bound - PLAN.objective) / PLAN.objective
    assert (faults(rigorous_bound=bound, rigorous_gap=gap) == []) is fine
    assert len(faults(rigorous_bound=None, rigorous_gap=0.1)) == 1
    assert len(faults(rigorous_bound=bound, rigorous_gap=None)) >= 1


def test_no_plan_holds_nothing() -> None:
    """M8.2: infeasible, with no decisions and no figures, is an honest answer; success without a plan is none."""
    p = problem()

    def empty(stopped: str, **more: Any) -> Plan:
        status = Status.model_validate({"stopped": stopped, "holds": "no_plan"})
        words = {
            "name": "x",
            "objective_name": "compute",
            "objective_sense": "maximize",
            "objective_unit": "PFLOPS-years",
        }
        return Plan(status=status, objective=None, bound=None, gap=None, gap_absolute=None, **words, **more)

    for stopped in ("infeasible", "time_limit", "cancelled", "error"):
        assert verify(p, ground(p), empty(stopped)).ok
    assert not verify(p, ground(p), empty("optimal")).ok
    assert not verify(p, ground(p), empty("infeasible", openings=[{"site": "abilene", "month": "2026-01"}])).ok


def test_absurd_figures_are_reported_not_raised() -> None:
    """Numbers of any size come back as violations."""
    sites = [row.model_copy(update={"gpus": 10**400, "it_mw": 1e308}) for row in PLAN.sites]
    sites[0] = sites[0].model_copy(
        update={"periods": [p.model_copy(update={"gpus": 10**400, "spend_musd": 1e308}) for p in sites[0].periods]}
    )
    cash = [row.model_copy(update={"musd": 1e308}) for row in PLAN.cash]
    check = verify(PROBLEM, GROUND, PLAN.model_copy(update={"sites": sites, "cash": cash}))
    assert {"sites", "cash"} <= {v.family for v in check.violations}


def test_floods_are_counted_not_listed() -> None:
    """Ten thousand wrong rows give a readable answer."""
    orders = [PLAN.orders[0].model_copy(update={"month": f"19{i:02d}-01"}) for i in range(100)] * 10
    check = verify(PROBLEM, GROUND, PLAN.model_copy(update={"orders": orders}))
    told = [v for v in check.violations if v.family == "decisions"]
    assert len(told) == 201
    assert told[-1].message == "800 more of M1.1 (decisions)" or any("800 more" in v.message for v in check.violations)
