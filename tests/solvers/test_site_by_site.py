"""Bounds from one program per site: between the relaxation's and the optimum; the sites' cuts hold at it."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from solvers.engines.highs import solve
from solvers.engines.increments import Increments
from solvers.strategies.common import Search, feasible
from solvers.strategies.dive import begin, hold_openings
from solvers.strategies.relaxation import relaxation
from solvers.strategies.site_by_site import (
    held_open,
    row_sites,
    site_by_site,
    site_shares,
    strengthened,
)
from solvers.task import OPEN
from tests.model.tiny import draw
from tests.model.tiny_deals import draw as draw_deals
from tests.solvers.portfolio import portfolio
from tests.worlds import program


def search_of(problem: object, ground: object) -> Search:
    """A search over the first stage of a request, a minute long, that nobody listens to."""
    _, _, task, _ = program(problem, ground)  # type: ignore[arg-type]
    form = task.stage_form(0)
    inc = Increments.of(form, task.before)
    silent = lambda *_: None  # noqa: E731
    return Search(task, form, inc, time.monotonic() + 60, silent, silent, silent, lambda: False)


@pytest.mark.parametrize("seed", range(9200, 9224))
def test_bounds_stand_between_the_relaxation_and_the_optimum(seed: int) -> None:
    """Every bound of the way is at most the optimum, and none falls; the optimum honours every cut."""
    problem, ground = draw(seed) if seed % 2 else draw_deals(seed)
    search = search_of(problem, ground)
    exact = solve(search.form, relative_gap=0.0)
    relaxed = relaxation(search)
    if exact.x is None or relaxed is None:
        return
    room = 1e-6 * max(1.0, abs(exact.objective))
    first = search.bound
    plans = site_by_site(search, relaxed)
    assert first <= search.bound <= exact.objective + room
    assert (plans.cuts @ exact.x >= plans.at_least - room).all()
    assert feasible(strengthened(search.form, plans), exact.x)


def test_sites_share_the_relaxation_bound() -> None:
    """A site's share is what its own rows and columns add to the bound of the multipliers; with what is nobody's they sum to it."""
    search = search_of(*portfolio(sites=8, blocks=3, periods=6))
    relaxed = relaxation(search)
    assert relaxed is not None
    owner = row_sites(search.form, search.task.site)
    shares = site_shares(search.form, search.task.site, relaxed.row_dual, owner)
    common = np.flatnonzero(owner < 0)
    y = relaxed.row_dual[common]
    low, high = search.form.row_lower[common], search.form.row_upper[common]
    rest = float(
        sum(
            v * (a if v > 0 else b)
            for v, a, b in zip(y, low, high, strict=True)
            if v and math.isfinite(a if v > 0 else b)
        )
    )
    assert shares.sum() + rest + search.form.offset == pytest.approx(search.bound, rel=1e-5)


def test_partly_opened_sites_are_what_it_closes() -> None:
    """On a portfolio with opening costs the bound gets strictly better than the relaxation's."""
    search = search_of(*portfolio(sites=12, blocks=4, periods=8))
    relaxed = relaxation(search)
    assert relaxed is not None
    before = search.bound
    site_by_site(search, relaxed)
    assert search.bound > before + 1e-4 * abs(before)
    assert search.source == "site by site at the relaxation's prices"


def test_a_dive_as_opened_is_the_program_with_openings_held() -> None:
    """Openings as wished; in value no better than with all free, or than all columns with openings held, and hardly worse."""
    search = search_of(*portfolio(sites=8, blocks=3, periods=8))
    free = relaxation(search)
    assert free is not None
    plans = site_by_site(search, free, 0.9)
    d = begin(search, free)
    assert hold_openings(search, d, plans)
    columns = held_open(search, plans)
    wished = search.increments.states(plans.point)[columns]
    steps = np.zeros(len(search.form.cost))
    steps[d.columns] = d.point
    assert len(columns) and wished.any() and search.increments.states(steps)[columns] == pytest.approx(wished)
    lower, upper = search.form.lower.copy(), search.form.upper.copy()
    lower[columns] = upper[columns] = wished
    other = solve(search.form.with_bounds(lower, upper), integer=False, solver="ipx")
    value, room = d.form.value(d.point), 1e-6 * abs(free.value)
    assert other.objective - room <= value <= other.objective + 0.01 * abs(free.value)
    assert value >= free.value - room


def test_openings_that_do_not_fit_are_not_held() -> None:
    search = search_of(*portfolio(sites=8, blocks=3, periods=8))
    free = relaxation(search)
    assert free is not None
    plans = site_by_site(search, free, 0.9)
    nobody = replace(plans, known=np.zeros_like(plans.known))
    assert hold_openings(search, begin(search, free), nobody)
    impossible = np.where(search.task.kind == OPEN, -1.0, plans.point)
    assert not hold_openings(search, begin(search, free), replace(plans, point=impossible))
