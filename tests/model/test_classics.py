"""Two classical problems as planning requests: small ones solved by hand, published ones where they are at hand."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from benchmarks.published import facility_location, holmberg, knapsack, optima, orlib, sac94
from planner.ground import Ground
from planner.problem.problem import Problem
from planner.problem.read import assemble, parse_request
from sites import prepare
from tests.worlds import near, proven

PUBLISHED = Path(__file__).parents[3] / "shared" / "published"
needs_published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published instances are not here")


def resolved(document: dict[str, Any]) -> tuple[Problem, Ground]:
    """The whole way of a request: parsed, its sites prepared, put together."""
    request, _, _ = parse_request(copy.deepcopy(document))
    ready = prepare(request, Path("."))
    problem, _ = assemble(request, ready.sites, ready.ground)
    return problem, ready.ground


def optimum(document: dict[str, Any]) -> float:
    """The proven optimum of a request."""
    found = proven(*resolved(document)).plan.objective
    assert found is not None
    return found


def test_facility_location_by_hand() -> None:
    """Two sites of 10 (fixed 5 and 8), three customers of 4, 4, 3; unit costs 1, 2, 4 from the first and 3, 2, 1 from the second.

    The first alone holds 10 of 11: both open (13). The first serves A (4), the second C (3), B costs 8 from either: 4 + 8 + 3 = 15.
    All together 28. Capacity plays: if the second had 15, it alone: 8 + 12 + 8 + 3 = 31 > 28.
    """
    costs = [[4.0, 8.0, 12.0], [12.0, 8.0, 3.0]]
    assert optimum(facility_location([10, 10], [5, 8], [4, 4, 3], costs)) == 28
    assert optimum(facility_location([10, 15], [5, 20], [4, 4, 3], costs)) == 40
    # The first at 11 alone: 5 + 4 + 8 + 12 = 29 against 28 with both.
    assert optimum(facility_location([11, 10], [5, 9.5], [4, 4, 3], costs)) == 29


def test_single_source_by_hand() -> None:
    """Sites of 5 and 7, customers of 4, 4, 4: split 5 + 7 in the multi-source case; one source each: 4 + 4 > 7, so impossible;
    with 5 and 8: 1 + 2 customers. Unit costs 1 and 2: 4 + 16 = 20; multi-source uses the fifth cheap unit: 5 + 14 = 19."""
    costs = [[4.0] * 3, [8.0] * 3]
    assert optimum(facility_location([5, 8], [0, 0], [4, 4, 4], costs)) == 19
    assert optimum(facility_location([5, 8], [0, 0], [4, 4, 4], costs, single_source=True)) == 20
    from tests.worlds import hopeless

    hopeless(*resolved(facility_location([5, 7], [0, 0], [4, 4, 4], costs, single_source=True)))


def test_knapsack_by_hand() -> None:
    """Items worth 10, 7, 6, 1; weights (5, 1), (4, 2), (3, 3), (1, 1); sack (8, 4).

    1 + 3: (8, 4) worth 16. 1 + 2: (9, 3) no. 2 + 3: (7, 5) no. 2 + 4 ..: less. Best 16.
    """
    assert optimum(knapsack([10, 7, 6, 1], [[5, 4, 3, 1], [1, 2, 3, 1]], [8, 4])) == 16


@needs_published
@pytest.mark.parametrize("name", ["cap41", "cap61"])
@pytest.mark.parametrize("kind", ["multi-source", "single-source"])
def test_or_library(name: str, kind: str) -> None:
    """The published optima, to all their digits."""
    folder = PUBLISHED / "cflp_orlib"
    published = optima(folder).get((name, kind))
    if published is None:
        pytest.skip("no published value")
    near(optimum(orlib(folder / f"{name}.txt", single_source=kind == "single-source")), published)


@needs_published
@pytest.mark.slow
def test_holmberg() -> None:
    """p1, single-source: 8848."""
    near(optimum(holmberg(PUBLISHED / "sscflp_holmberg" / "p1.txt")), 8848.0)


@needs_published
@pytest.mark.parametrize("name", ["hp/hp1", "pet/pet2", "weish/weish01"])
def test_knapsacks(name: str) -> None:
    """sac94: the optimum in the file."""
    document, published = sac94(PUBLISHED / "mkp" / "sac94" / f"{name}.dat")
    assert published > 0
    near(optimum(document), published)
