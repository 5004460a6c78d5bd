"""M7.2: as many sites open as it takes to serve everybody; implied, but not by the relaxation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.published import facility_location
from planner.model.constraints.markets import fewest_sites
from solvers.engines.highs import solve
from tests.model.test_classics import optimum, resolved
from tests.worlds import program

COSTS = [[4.0, 8.0, 12.0], [12.0, 8.0, 3.0], [5.0, 5.0, 5.0]]


def test_the_row_by_hand() -> None:
    """Sites of 10, 9, 4, customers of 4, 4, 3: 11 do not fit into the largest, and fit into the two largest: two open."""
    _, m, _, _ = program(*resolved(facility_location([10, 9, 4], [5, 8, 1], [4, 4, 3], COSTS)))
    assert list(m.market_sites) == [0]
    text = str(m.market_sites[0].expr)
    assert all(f"open[{s},0]" in text for s in range(3)) and "2.0" in text


@pytest.mark.parametrize("capacities", [[11, 9, 4], [12, 12, 12]])
def test_no_row_where_one_site_is_enough(capacities: list[float]) -> None:
    """What the openings' own rows say already is not said again."""
    _, m, _, _ = program(*resolved(facility_location(capacities, [5, 8, 1], [4, 4, 3], COSTS)))
    assert not len(m.market_sites)


def test_no_row_where_all_together_are_not_enough() -> None:
    """Infeasible is told by what is short, not by a number of sites. 10 + 9 + 4 = 23: 20 needs three sites, 24 none."""
    d, _, _, _ = program(*resolved(facility_location([10, 9, 4], [5, 8, 1], [4, 4, 3], COSTS)))
    assert [fewest_sites(d, 0, total) for total in (9, 10, 11, 19, 20, 23, 24)] == [1, 1, 2, 2, 3, 3, 0]


@pytest.mark.parametrize("seed", range(6))
def test_it_cuts_off_no_optimum_and_tightens_the_relaxation(seed: int) -> None:
    """Random facility location of equal and unequal capacities, with and without the row: the same optimum, a better relaxation."""
    r = np.random.default_rng(seed)
    m, n = 6, 10
    capacities = [30.0] * m if seed % 2 else r.integers(15, 45, size=m).astype(float).tolist()
    fixed = r.integers(20, 90, size=m).astype(float).tolist()
    demands = r.integers(3, 12, size=n).astype(float).tolist()
    document = facility_location(capacities, fixed, demands, r.integers(5, 60, size=(m, n)).astype(float).tolist())
    problem, ground = resolved(document)
    _, _, task, _ = program(problem, ground)
    form = task.stage_form(0)
    kept = np.array([name != "market_sites" for name, _ in form.rows])
    assert (~kept).sum() == 1
    free = np.where(kept, form.row_lower, -np.inf)
    without = type(form)(
        form.cost, form.offset, form.A, free, form.row_upper, form.lower, form.upper, form.whole, form.rows
    )
    best = solve(without, relative_gap=0.0).objective
    assert math.isclose(best, solve(form, relative_gap=0.0).objective, rel_tol=1e-9)
    assert math.isclose(best, optimum(document), rel_tol=1e-9)
    assert solve(form, integer=False).objective >= solve(without, integer=False).objective - 1e-9
