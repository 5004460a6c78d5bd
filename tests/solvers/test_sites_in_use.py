"""The relaxation over the sites in use alone proves what the relaxation of everything proves, whatever it began with."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.engines.highs import solve
from solvers.strategies.common import Search
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relaxation import relaxation
from solvers.strategies.site_by_site import site_by_site, strengthened
from solvers.strategies.sites_in_use import SitesInUse
from tests.solvers.portfolio import portfolio
from tests.solvers.test_crew import search_of


def begun(sites: int = 12, blocks: int = 3, periods: int = 6) -> tuple[Search, SitesInUse, float]:
    """A portfolio with deals, its program, and by simplex what the relaxation of everything with the sites' cuts is worth."""
    search = search_of(*portfolio(sites=sites, blocks=blocks, periods=periods, deals=True))
    relaxed = relaxation(search)
    assert relaxed is not None
    plans = site_by_site(search, relaxed)
    value = solve(strengthened(search.form, plans), integer=False).objective
    return search, SitesInUse(search, relaxed, plans), value


def test_the_sites_in_use_prove_as_much_as_all() -> None:
    search, program, value = begun()
    columns = milestone_columns(search)
    answer = program.solve(search, search.form.lower[columns], search.form.upper[columns])
    assert answer.at is not None and len(answer.at) == len(columns)
    assert answer.bound == pytest.approx(value, rel=1e-6)


def test_sites_that_were_left_out_wrongly_join() -> None:
    """No site is in use at first: all that promise something are found, and the bound is the same."""
    search, program, value = begun()
    columns = milestone_columns(search)
    program.used[:-1] = False
    answer = program.solve(search, search.form.lower[columns], search.form.upper[columns])
    assert answer.missing and answer.bound == pytest.approx(value, rel=1e-6)
    assert not program.used[:-1].any()  # several threads may ask: what an answer found joins later
    program.use(list(answer.missing))
    again = program.solve(search, search.form.lower[columns], search.form.upper[columns])
    assert not again.missing and again.bound == pytest.approx(value, rel=1e-6)


def test_milestones_that_contradict_each_other_have_no_answer() -> None:
    """A tranche reached by more than everything built: simplex over all sites says that there is no such plan."""
    search, program, _ = begun()
    columns = milestone_columns(search)
    every = search.form.upper[columns]
    none = search.form.with_bounds(search.form.lower, np.where(search.task.site >= 0, 0.0, search.form.upper))
    program.form = strengthened(none, program.plans)
    search.form = none
    assert program.solve(search, every, every).at is None
