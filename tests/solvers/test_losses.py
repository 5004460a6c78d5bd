"""Where a plan loses: the sites' parts of its distance from the bound, which add up to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvers.engines.highs import solve
from solvers.strategies.common import Search, dual_bound
from solvers.strategies.losses import losses_at_relaxation, losses_of_plan
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relaxation import Relaxed, relaxation
from solvers.strategies.site_by_site import SitePlans, row_sites, site_by_site
from tests.model.tiny_deals import draw as draw_deals
from tests.solvers.portfolio import portfolio
from tests.solvers.test_crew import search_of


def priced(deals: bool = False) -> tuple[Search, Relaxed, SitePlans]:
    """A portfolio, its relaxation and its sites' own plans, with some plan in hand."""
    search = search_of(*portfolio(sites=8, blocks=3, periods=8, deals=deals))
    relaxed = relaxation(search)
    assert relaxed is not None
    plans = site_by_site(search, relaxed, 0.9)
    found = solve(search.form, relative_gap=0.2)
    assert found.x is not None and search.offer(found.x)
    return search, relaxed, plans


@pytest.mark.parametrize("deals", [False, True])
def test_what_is_lost_adds_up_to_the_distance_from_the_bound(deals: bool) -> None:
    r"""For any point, :math:`cx - bound = \sum_s loss_s + \sum_i y_i (a_i x - b_i) + \sum_j (z_j x_j - \min z_j x_j)`, i over the rows
    between sites and j over columns of no site."""
    search, relaxed, plans = priced(deals)
    form, site, x, y = search.form, search.task.site, search.x, relaxed.row_dual
    assert x is not None
    losses = losses_at_relaxation(search, y, plans)
    y = np.where(row_sites(form, site) < 0, y, 0.0)
    y = np.where((y > 0) & ~np.isfinite(form.row_lower), 0.0, np.where((y < 0) & ~np.isfinite(form.row_upper), 0.0, y))
    side = np.where(y > 0, form.row_lower, np.where(y < 0, form.row_upper, 0.0))
    slack = float((y * (form.A @ x - side)).sum())
    z, none = form.cost - form.A.T @ y, site < 0
    at = np.where(z > 0, form.lower, form.upper)
    common = float((z * (x - np.where(np.isfinite(at), at, 0.0)))[none].sum())
    bound = dual_bound(form, relaxed.row_dual) + float(plans.raised.sum())
    room = 1e-5 * abs(search.objective)
    assert losses.of(x).sum() + slack + common == pytest.approx(search.objective - bound, abs=room)
    assert slack >= -room and losses.of(x).sum() > 0


def test_a_sites_own_best_plan_loses_nothing() -> None:
    search, relaxed, plans = priced()
    losses = losses_at_relaxation(search, relaxed.row_dual, plans)
    best = search.increments.states(np.where(plans.known, plans.point, 0.0))
    known = np.unique(search.task.site[plans.known & (search.task.site >= 0)])
    assert len(known) and (losses.of(best)[known] <= 1e-3 * abs(search.objective)).all()


def test_prices_are_those_at_the_milestones_of_the_plan() -> None:
    """With deals the relaxation is solved again with the plan's own tranches; without, or without a plan, its prices stay."""
    search, relaxed, plans = priced(deals=True)
    columns, x = milestone_columns(search), search.x
    assert x is not None and len(columns)
    lower, upper = search.form.lower.copy(), search.form.upper.copy()
    lower[columns] = upper[columns] = x[columns]
    there = relaxation(replace(search, form=search.form.with_bounds(lower, upper)))
    assert there is not None
    losses = losses_of_plan(search, relaxed, plans)
    assert (losses.priced == losses_at_relaxation(search, there.row_dual, plans).priced).all()
    assert not np.allclose(losses.priced, losses_at_relaxation(search, relaxed.row_dual, plans).priced)
    search.x = None
    assert (
        losses_of_plan(search, relaxed, plans).priced == losses_at_relaxation(search, relaxed.row_dual, plans).priced
    ).all()


@pytest.mark.parametrize("seed", range(9600, 9604))
def test_no_site_loses_less_than_nothing_under_any_deal(seed: int) -> None:
    """Whole points of any request: losses are not negative before they are cut off at zero."""
    search = search_of(*draw_deals(seed))
    relaxed = relaxation(search)
    found = solve(search.form, relative_gap=0.0)
    if relaxed is None or found.x is None:  # nothing is feasible: nothing can be lost
        assert found.outcome == "infeasible"
        return
    losses = losses_at_relaxation(search, relaxed.row_dual, site_by_site(search, relaxed, 0.9))
    spent = np.array([(losses.priced * found.x)[search.task.site == s].sum() for s in range(len(losses.least))])
    assert (spent >= losses.least - 1e-5 * max(1.0, abs(found.objective))).all()
