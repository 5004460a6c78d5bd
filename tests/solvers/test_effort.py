"""Counted work: the same in every run, an end at the same point, and a plan that does not ask how busy the machine is."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from solvers.engines.effort import INTERIOR_S, LOAD_S, NODE_S, ROOT_S, STEP_EACH_S, STEP_S, Effort
from solvers.engines.highs import GRACE, Highs, solve
from solvers.strategies.common import RAIL, SLACK_S, Search
from solvers.strategies.relax_and_repair import relax_and_repair
from tests.solvers.portfolio import portfolio
from tests.solvers.test_crew import search_of


def form_of(sites: int = 6, blocks: int = 2, periods: int = 4):  # type: ignore[no-untyped-def]
    return search_of(*portfolio(sites=sites, blocks=blocks, periods=periods)).form


def test_only_free_columns_count() -> None:
    """Two pulses at the root and one below, 10 + 30 simplex and 5 interior steps, over the coefficients of free columns."""
    form = form_of()
    half = form.with_bounds(form.lower, np.where(np.arange(len(form.cost)) % 2, form.lower, form.upper))
    free = sum(form.A[:, j].nnz for j in range(len(form.cost)) if half.upper[j] > half.lower[j])
    assert 0 < free < form.A.nnz
    effort = Effort(half)
    for nodes in (-1, 0, 7):
        effort.pulse(nodes)
    assert effort.seconds == pytest.approx(LOAD_S * form.A.nnz + free * (2 * ROOT_S + NODE_S))
    before = effort.seconds
    effort.steps(40, 5)
    assert effort.seconds - before == pytest.approx(40 * (STEP_EACH_S + STEP_S * free) + 5 * INTERIOR_S * free)


def test_a_limit_of_work_ends_at_the_same_point() -> None:
    """Half of what twenty nodes count: ended early, at the same incumbent and bound, slowed down or not."""
    form = form_of(8, 3, 6)
    whole = solve(form, max_nodes=20)
    assert not whole.late

    def slow(*_: float) -> bool:
        time.sleep(0.002)
        return False

    ends = [
        Highs(form, integer=True).run(work_limit_s=whole.work_s / 2, max_nodes=20, on_pulse=pulse)
        for pulse in (None, slow)
    ]
    for end in ends:
        assert end.outcome == "interrupted" and not end.late
        assert whole.work_s / 2 < end.work_s < whole.work_s
    a, b = ends
    assert (a.objective, a.bound, a.nodes, a.work_s) == (b.objective, b.bound, b.nodes, b.work_s)
    assert (a.x is None) == (b.x is None) and (a.x is None or (a.x == b.x).all())


def test_a_program_that_holds_nothing_good_goes_on() -> None:
    """Where no gap is good enough, three times the work; where any is, not more than was said."""
    form = form_of(8, 3, 6)
    whole = solve(form, max_nodes=20)
    limit = whole.work_s / 6
    good, poor = (
        Highs(form, integer=True).run(work_limit_s=limit, max_nodes=20, poor_gap=gap) for gap in (math.inf, 0.0)
    )
    assert limit < good.work_s < GRACE * limit < poor.work_s < whole.work_s
    assert poor.bound >= good.bound and poor.objective <= good.objective


def test_what_the_clock_ends_is_late() -> None:
    search = search_of(*portfolio(sites=9, blocks=3, periods=8))
    result = solve(search.form, time_limit_s=0.05)
    assert result.late
    search.spend(result)
    assert search.hurried and search.spent_s == result.work_s
    other = search_of(*portfolio(sites=5, blocks=2, periods=4))
    done = solve(other.form)
    other.spend(done, among=2)
    assert not other.hurried and other.spent_s == done.work_s / 2


def test_the_clock_takes_over_where_much_less_of_it_is_left() -> None:
    search = search_of(*portfolio(sites=3, blocks=1, periods=3))
    search.deadline, search.spent_s = time.monotonic() + 600, 20.0
    assert search.left_s == search.allowed_s - 20.0 and not search.hurried and not search.over
    assert search.patience_s(5.0) == RAIL * 5.0 + SLACK_S
    search.deadline = time.monotonic() + 10
    assert search.left_s == pytest.approx(10.0, abs=0.5) and search.hurried
    part = replace(search, bounded=True, hurried=False, spent_s=search.allowed_s)
    assert part.left_s == 0.0 and part.over and not search.over and not part.hurried
    fast = replace(search, hurried=False, spent_s=search.allowed_s)
    assert fast.left_s == pytest.approx(10.0, abs=0.5) and fast.hurried and not fast.over


def test_the_same_plan_however_busy_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large request's way, ended by its gap: every pulse slowed down, the same bound, plan and counted work."""
    monkeypatch.setattr("solvers.strategies.repair.LARGEST", 2)

    def run(pause_s: float) -> Search:
        search = search_of(*portfolio(sites=6, blocks=2, periods=5), 2)
        search.task = replace(search.task, options=replace(search.task.options, relative_gap=0.02))
        search.cancelled = lambda: bool(time.sleep(pause_s))
        relax_and_repair(search)
        search.crew.close()
        return search

    quick, slow = run(0.0), run(0.0005)
    assert quick.close_enough and not quick.hurried and not slow.hurried
    assert quick.x is not None and slow.x is not None
    assert (quick.bound, quick.objective, quick.spent_s) == (slow.bound, slow.objective, slow.spent_s)
    assert (quick.x == slow.x).all()
