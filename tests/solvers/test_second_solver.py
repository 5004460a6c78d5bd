"""The same program, two solvers: HiGHS through our bridge and SCIP find the same optimum (M8.2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.ground import Ground
from planner.problem.problem import Problem
from tests.model.tiny import draw
from tests.verify.worlds import ground, problem
from tests.worlds import answer, near

scip = pytest.importorskip("tests.solvers.scip")


def agree(w: Problem, land: Ground) -> str:
    """Compare the first stage of one request; how it ended."""
    found = answer(w, land)
    verdict = scip.solve(found.task.stage_form(0))
    if found.plan.status.stopped == "infeasible":
        assert verdict.status == "infeasible"
    else:
        assert verdict.status == "optimal" and verdict.objective is not None
        assert found.plan.objective is not None
        near(found.task.stages[0].sign * verdict.objective, found.plan.objective, w.name)
    return found.plan.status.stopped


@pytest.mark.parametrize("batch", range(8))
def test_random_requests(batch: int) -> None:
    """Eight tiny requests of all families each, optimal or infeasible."""
    ended = [agree(*draw(seed)) for seed in range(9000 + 8 * batch, 9008 + 8 * batch)]
    assert "optimal" in ended


def facility() -> tuple[Problem, Ground]:
    """Four sites, five markets, kilometres."""
    w = problem(
        sites=[{"id": f"s{i}", "grid_mw": 30.0, "opening_musd": 3 + i} for i in range(4)],
        blocks=[{"capex_musd": 1, "it_mw": 5.0}],
        markets=[
            {"id": f"m{j}", "location": [0, 0], "amount": 7 + j, "cost_musd_per_unit_km_year": 0.01} for j in range(5)
        ],
        objectives=[{"minimize": "cost"}],
        terminal="none",
    )
    return w, ground(
        w, markets=[(f"s{i}", f"m{j}", 10.0 + 37 * ((i * 3 + j * 2) % 5)) for i in range(4) for j in range(5)]
    )


def portfolio() -> tuple[Problem, Ground]:
    """Three sites, three blocks, four quarters, a budget that bites."""
    w = problem(
        sites=[
            {
                "id": f"s{i}",
                "region": f"R{i % 2}",
                "grid_mw": [{"from": "2026-01", "value": 20 + 7 * i}, {"from": "2027-01", "value": 45 + 9 * i}],
                "pue_peak": 1.2,
                "existing_shell_mw": 5.0,
                "build_months": 6,
                "construction_musd_per_mw": 1 + i / 10,
                "pace_mw_per_year": 30,
                "opening_musd": 4,
                "electricity_usd_per_mwh": 40 + 5 * i,
            }
            for i in range(3)
        ],
        blocks=[
            {
                "id": "a",
                "capex_musd": 30,
                "supply": [{"from": "2026-01", "value": 4}, {"from": "2026-10", "value": 11}],
            },
            {"id": "b", "capex_musd": 22, "it_mw": 7.0, "pflops": 61.0, "vendor": "amd", "lead_months": 3},
            {"id": "c", "capex_musd": 40, "it_mw": 12.0, "pflops": 170.0, "available_from": "2026-10"},
        ],
        budget={"per_year_musd": 320},
        policies=[{"kind": "vendor_share", "vendor": "nvidia", "max": 0.8}, {"kind": "site_count", "max": 2}],
        horizon={"start": "2026-01", "periods": 4, "period": "quarter"},
        discount_rate=0.08,
    )
    return w, ground(w)


@pytest.mark.parametrize("build", [facility, portfolio])
def test_larger_requests(build: Callable[[], tuple[Problem, Ground]]) -> None:
    """A facility location and a small portfolio, both closed."""
    assert agree(*build()) == "optimal"
