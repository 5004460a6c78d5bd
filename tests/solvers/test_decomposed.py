"""Requests cut into parts: shares add up to the whole, prices of a sample prove true bounds, and plans are plans of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvers.engines.highs import solve
from solvers.strategies import choose, groups
from solvers.strategies.common import dual_bound, feasible
from solvers.strategies.decomposed import decomposed as by_parts
from solvers.strategies.relaxation import relaxation
from solvers.strategies.sample import by_sample, sample
from solvers.strategies.shares import Shares
from solvers.strategies.site_by_site import row_sites
from solvers.strategies.site_relaxations import relax_sites
from tests.model.tiny import draw
from tests.model.tiny_deals import draw as draw_deals
from tests.solvers.portfolio import portfolio
from tests.solvers.test_site_by_site import search_of


def test_it_is_for_what_is_too_large_for_the_clock() -> None:
    assert choose("auto", 40_000, 0, 60.0) == "decomposed"
    assert choose("auto", 40_000, 0, 120.0) == "relax_and_repair"
    assert choose("auto", 2_000, 0, 1.0) == "monolithic"
    assert choose("relax_and_repair", 40_000, 0, 60.0) == "relax_and_repair"


@pytest.mark.parametrize("seed", range(9300, 9316))
def test_prices_of_a_sample_prove_a_bound_of_the_whole(seed: int) -> None:
    """Whatever the sample: at most the optimum, at most the relaxation (they are multipliers of it), and told to the end."""
    problem, ground = draw(seed) if seed % 2 else draw_deals(seed)
    search = search_of(problem, ground)
    exact = solve(search.form, relative_gap=0.0)
    owner = row_sites(search.form, search.task.site)
    sampled = by_sample(search, owner, size=2)
    if exact.x is None or sampled is None:
        return
    relaxed = relax_sites(search, owner, sampled.prices)
    room = 1e-6 * max(1.0, abs(exact.objective))
    assert search.bound <= exact.objective + room
    assert search.bound == pytest.approx(dual_bound(search.form, relaxed.row_dual))
    whole = relaxation(search_of(problem, ground))
    assert whole is not None and search.bound <= whole.value + room


def test_prices_of_all_sites_are_the_relaxation_s() -> None:
    """Where the sample is everybody, its bound is that of the relaxation."""
    problem, ground = portfolio(sites=8, blocks=3, periods=6)
    search, other = search_of(problem, ground), search_of(problem, ground)
    owner = row_sites(search.form, search.task.site)
    sampled = by_sample(search, owner, size=8)
    assert sampled is not None
    relax_sites(search, owner, sampled.prices)
    relaxation(other)
    assert search.bound == pytest.approx(other.bound, rel=1e-5)


def test_a_sample_has_large_and_small_sites() -> None:
    """Six sites that can hold 6, 5, 4, 3, 2 and 1 units; every second one from the middle of its pair: 5 + 3 + 1 of 21."""
    search = search_of(*portfolio(sites=6, blocks=1, periods=2))
    site = np.repeat(np.arange(6), 2)
    columns = len(site)
    form = replace(
        search.form,
        cost=np.zeros(columns),
        lower=np.zeros(columns),
        upper=np.tile([0.0, 1.0], 6) * np.repeat([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2),
        whole=np.ones(columns, dtype=bool),
    )
    chosen, share = sample(form, site, 3)
    assert chosen.tolist() in ([0, 2, 4], [1, 3, 5])
    assert share == pytest.approx(chosen.size * (float(chosen.mean()) + 1) / 21)


def test_groups_one_after_the_other_are_a_plan() -> None:
    """Two groups of sites with their shares, each solved exactly: a plan of the whole, above the bound."""
    problem, ground = portfolio(sites=10, blocks=3, periods=6)
    search = search_of(problem, ground)
    owner = row_sites(search.form, search.task.site)
    shares = Shares(search, search.form, owner, [np.arange(0, 10, 2), np.arange(1, 10, 2)], np.ones(10))
    x = np.zeros(len(search.form.cost))
    for k, waiting in ((0, [0, 1]), (1, [1])):
        part = shares.of_the_rest(k, waiting, x)
        best = solve(part.task.form, relative_gap=0.0)
        assert best.x is not None
        x = part.into(x, np.where(part.task.form.whole, np.round(best.x), best.x))
    assert feasible(search.form, x, 1e-5)
    relaxation(search)
    assert search.bound <= search.form.value(x) < 0.6 * search.bound


def test_it_plans_and_bounds_as_the_other_strategies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty sites in groups of ten: a plan within 6 % of the bound, which is no better than the exact optimum's bound."""
    monkeypatch.setattr(groups, "SITES", ((10, 0.0),))
    problem, ground = portfolio(sites=40, blocks=3, periods=8)
    search = search_of(problem, ground)
    search.deadline -= 45
    found = by_parts(search)
    assert found.x is not None and feasible(search.form, found.x)
    assert found.bound <= found.objective and search.gap < 0.06
    exact = solve(search.form, start=found.x, relative_gap=0.01, time_limit_s=20)
    assert found.bound <= exact.objective + 1e-6 * abs(exact.objective)
    assert exact.bound <= found.objective + 1e-6 * abs(found.objective)


@pytest.mark.parametrize("seed", range(9500, 9510))
def test_tiny_requests_keep_their_optimum_between_bound_and_plan(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one site in a group, deals, and three seconds."""
    monkeypatch.setattr(groups, "SITES", ((1, 0.0),))
    search = search_of(*(draw(seed) if seed % 2 else draw_deals(seed)))
    search.deadline -= 57
    exact = solve(search.form, relative_gap=0.0)
    found = by_parts(search)
    if exact.x is None:
        assert found.x is None
        return
    room = 1e-6 * max(1.0, abs(exact.objective))
    assert found.bound <= exact.objective + room
    assert found.x is not None and found.objective >= exact.objective - room
