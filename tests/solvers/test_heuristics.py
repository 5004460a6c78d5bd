"""First plans: what settles everything at once, and when it stands back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from solvers.strategies import heuristics
from solvers.strategies.common import Search, feasible
from solvers.strategies.dive import Dive, begin, dive
from solvers.strategies.heuristics import settle_directly
from solvers.strategies.milestones import milestone_columns, reach
from solvers.strategies.relaxation import relaxation
from tests.solvers.portfolio import portfolio
from tests.solvers.test_crew import search_of

WORST = 0.1
"""From the bound of the relaxation, which knows nothing of whole halls."""


def dive_of(deals: bool) -> tuple[Search, Dive]:
    """A portfolio relaxed, its milestones decided; with deals twelve sites, or tranches cannot be reached in whole halls."""
    sites, blocks = (12, 4) if deals else (8, 3)
    search = search_of(*portfolio(sites=sites, blocks=blocks, periods=8, deals=deals))
    relaxed = relaxation(search)
    assert relaxed is not None
    d = begin(search, relaxed)
    assert reach(search, d)
    return search, d


@pytest.mark.parametrize("deals", [False, True])
def test_all_columns_of_a_small_dive_at_once(deals: bool) -> None:
    """The plan honours every row, reaches the milestones decided for, and is near the relaxation's bound."""
    search, d = dive_of(deals)
    columns = milestone_columns(search)
    decided = np.zeros(len(search.form.cost))
    decided[d.columns] = d.form.upper
    assert settle_directly(search, d) and search.x is not None and feasible(search.form, search.x)
    assert (search.increments.increments(search.x)[columns] >= decided[columns] - 1e-6).all()
    assert search.bound <= search.objective <= search.bound + WORST * abs(search.bound)


def test_a_large_dive_is_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    search, d = dive_of(deals=False)
    monkeypatch.setattr(heuristics, "FEW", int(d.form.whole.sum()) // 2)
    assert not settle_directly(search, d) and search.x is None and search.objective == math.inf


def test_where_time_is_short_sites_are_settled_one_after_the_other() -> None:
    """A tenth of four seconds is too little for everything at once; a plan comes of the sites within them."""
    search, d = dive_of(deals=False)
    search.allowed_s = search.spent_s + 4.0
    assert not settle_directly(search, d) and search.x is None
    assert dive(search, d) and search.x is not None and feasible(search.form, search.x)
    assert search.spent_s < search.allowed_s
