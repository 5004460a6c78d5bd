"""Several programs at once: results in order, no more begun when told so, the same plan whatever the number of threads."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from planner.errors import SolverError
from solvers.engines.highs import solve
from solvers.engines.increments import Increments
from solvers.executors import Threads
from solvers.strategies.aside import Aside
from solvers.strategies.common import Search, feasible
from solvers.strategies.dive import begin, hold_openings
from solvers.strategies.heuristics import settle_near
from solvers.strategies.losses import losses_at_relaxation
from solvers.strategies.milestones import hold, milestone_columns, reach
from solvers.strategies.relaxation import relaxation
from solvers.strategies.repair import repair
from solvers.strategies.site_by_site import site_by_site
from tests.model.tiny_deals import draw as draw_deals
from tests.solvers.portfolio import portfolio
from tests.worlds import program


def search_of(problem: object, ground: object, threads: int = 1, **options: float) -> Search:
    """A search over the first stage of a request, a minute of counted work long, that nobody listens to."""
    _, _, task, _ = program(problem, ground)  # type: ignore[arg-type]
    silent = lambda *_: None  # noqa: E731
    form = task.stage_form(0)
    inc = Increments.of(form, task.before)
    deadline, crew = time.monotonic() + 600, Threads(threads)
    return Search(task, form, inc, deadline, silent, silent, silent, lambda: False, crew=crew, allowed_s=60.0)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    """The later an item, the sooner it is done; still the first comes first."""
    crew = Threads(threads)
    work = lambda i: (time.sleep(0.02 * (8 - i)), i)[1]  # noqa: E731
    assert list(crew.map(work, range(8))) == list(range(8))
    crew.close()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_nothing_is_begun_once_it_is_over(threads: int) -> None:
    """After four results it is over: what is already under way may end, nothing else begins, and all results are the first ones."""
    crew, begun, seen = Threads(threads), [], []

    def work(i: int) -> int:
        begun.append(i)
        return i

    for result in crew.map(work, range(100), lambda: len(seen) < 4):
        seen.append(result)
    crew.close()
    assert seen == list(range(len(seen))) and len(seen) >= 4
    assert len(begun) <= 4 + 3 * threads


def test_what_fails_inside_is_raised_outside() -> None:
    crew = Threads(2)
    with pytest.raises(ZeroDivisionError):
        list(crew.map(lambda i: 1 // i, [1, 0, 1]))
    side = crew.aside(lambda: 1 // 0)
    assert side is not None
    with pytest.raises(ZeroDivisionError):
        side.result()
    crew.close()


def test_one_thread_does_nothing_on_the_side() -> None:
    assert Threads(1).aside(lambda: 1) is None
    crew, release = Threads(2), threading.Event()
    side = crew.aside(release.wait)
    assert side is not None and not side.done()
    release.set()
    assert side.result() is True
    crew.close()


def test_the_same_bound_and_plan_whatever_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Site programs, a first plan and neighbourhoods until they no longer pay, limited by counted work: equal to the last unit."""
    monkeypatch.setattr("solvers.strategies.repair.LARGEST", 2)
    ends = []
    for threads in (1, 3):
        search = search_of(*portfolio(sites=7, blocks=3, periods=5), threads)
        relaxed = relaxation(search)
        assert relaxed is not None
        plans = site_by_site(search, relaxed)
        d = begin(search, relaxed)
        assert hold_openings(search, d, plans) and reach(search, d)
        assert settle_near(search, d)
        first = search.objective
        repair(search, relaxed, losses_at_relaxation(search, relaxed.row_dual, plans))
        assert search.x is not None and search.objective <= first
        ends.append((search.bound, search.objective, search.x))
        search.crew.close()
    (bound, objective, x), (other_bound, other_objective, other_x) = ends
    assert bound == other_bound and objective == other_objective and (x == other_x).all()


@pytest.mark.parametrize("seed", range(9300, 9320))
def test_milestones_end_whole_and_first_plans_end_feasible(seed: int) -> None:
    """With deals: after the milestones' dive every one is whole at the relaxed point; what is settled near it is a plan."""
    search = search_of(*draw_deals(seed))
    relaxed = relaxation(search)
    if relaxed is None:
        return
    d = begin(search, relaxed)
    if not reach(search, d):
        return
    mine = np.isin(d.columns, milestone_columns(search))
    assert np.allclose(d.point[mine], np.round(d.point[mine]), atol=1e-6)
    assert (d.form.upper[mine] == np.round(d.point[mine])).all()
    lower, upper = d.form.lower.copy(), d.form.upper.copy()
    ended = settle_near(search, d)
    assert (d.form.lower == lower).all() and (d.form.upper == upper).all()
    assert not ended or (search.x is not None and feasible(search.form, search.x))
    assert search.x is None or search.bound <= search.objective + 1e-6 * max(1.0, abs(search.objective))
    hold(search, d)
    assert (d.form.lower[mine] == d.form.upper[mine]).all()


def test_what_the_side_finds_joins_only_where_it_is_taken() -> None:
    """A better plan and bound on the side change nothing until the first search takes them; left, they never do."""
    first = search_of(*portfolio(sites=5, blocks=2, periods=4), 2)
    exact = solve(first.form, relative_gap=0.0)
    x, value = exact.x, exact.objective
    assert x is not None

    def work(side: Search) -> None:
        side.raise_bound(value, "the side")
        assert side.offer(x) and side.close_enough

    left = Aside(first, work)
    left.end(take=False)
    assert first.x is None and first.bound == -math.inf and not first.over
    taken = Aside(first, work)
    taken.join()
    assert first.objective == pytest.approx(value) and first.bound == value and first.source == "the side"
    first.crew.close()


def test_a_side_that_breaks_off_harms_nobody() -> None:
    first = search_of(*portfolio(sites=5, blocks=2, periods=4), 2)

    def work(_side: Search) -> None:
        raise SolverError("no answer")

    aside = Aside(first, work)
    aside.join()
    assert first.notes == ["the search on the side broke off: no answer"]
    assert not Aside(search_of(*portfolio(sites=5, blocks=2, periods=4), 1), work).exists
    stopped = Aside(first, lambda side: wait_for(side.cancelled))
    assert stopped.exists
    stopped.end(take=True)
    assert stopped.search.cancelled()
    first.crew.close()


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds, at most ten seconds."""
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
