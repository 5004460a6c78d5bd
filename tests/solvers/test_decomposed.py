"""Requests cut into parts: shares add up to the whole, prices of a sample prove true bounds, and plans are plans of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from solvers.engines.highs import solve
from solvers.executors import Threads
from solvers.strategies import choose, groups
from solvers.strategies.common import dual_bound, feasible
from solvers.strategies.decomposed import decomposed as by_parts
from solvers.strategies.milestones import milestone_columns
from solvers.strategies.relaxation import relaxation
from solvers.strategies.sample import by_samples, sample
from solvers.strategies.shares import Shares
from solvers.strategies.site_by_site import row_sites
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
    sampled = by_samples(search, owner, samples=(2, 2))
    if exact.x is None or sampled is None:
        return
    relaxed = sampled.relaxed
    room = 1e-6 * max(1.0, abs(exact.objective))
    assert search.bound <= exact.objective + room
    assert search.bound == pytest.approx(dual_bound(search.form, relaxed.row_dual)) == pytest.approx(relaxed.value)
    whole = relaxation(search_of(problem, ground))
    assert whole is not None and search.bound <= whole.value + room


def test_prices_of_all_sites_are_the_relaxation_s() -> None:
    """Where the sample is everybody, its bound is that of the relaxation."""
    problem, ground = portfolio(sites=8, blocks=3, periods=6)
    search, other = search_of(problem, ground), search_of(problem, ground)
    owner = row_sites(search.form, search.task.site)
    assert by_samples(search, owner, samples=(1, 8)) is not None
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


def test_several_samples_share_no_site_and_the_best_counts() -> None:
    """Two of three sites each of six; the bound of both, or of their mean, is at least that of either alone."""
    problem, ground = portfolio(sites=6, blocks=2, periods=6)
    search = search_of(problem, ground)
    owner = row_sites(search.form, search.task.site)
    first, second = (sample(search.form, search.task.site, 3, k, 2)[0] for k in (0, 1))
    assert sorted([*first, *second]) == list(range(6))
    alone = search_of(problem, ground)
    both, one = by_samples(search, owner, (2, 3)), by_samples(alone, owner, (1, 3))
    assert (
        both is not None
        and one is not None
        and both.relaxed.value >= one.relaxed.value - 1e-9 * abs(one.relaxed.value) - 1
    )
    assert search.bound == pytest.approx(both.relaxed.value)


def test_a_sample_decides_milestones_on_the_side_as_in_turn() -> None:
    """With two threads and with one; the values are within the milestones' bounds, and whole."""
    problem, ground = portfolio(sites=12, blocks=2, periods=6, deals=True)
    found = []
    for threads in (1, 2):
        search = search_of(problem, ground)
        search.task = replace(search.task, options=replace(search.task.options, threads=threads))
        search.crew = Threads(threads)
        sampled = by_samples(search, row_sites(search.form, search.task.site), (2, 4))
        assert sampled is not None
        before = search.spent_s
        found.append(sampled.milestones())
        assert search.spent_s > before  # counted where it is asked for
        columns = milestone_columns(search)
        assert (found[-1] == np.round(found[-1])).all() and (found[-1] <= search.form.upper[columns]).all()
        assert (sampled.milestones() == found[-1]).all()
        search.crew.close()
    assert (found[0] == found[1]).all()


def test_whole_units_are_shared_in_whole_units() -> None:
    """What counts in whole units is dealt out whole, and the groups' parts add up to all there is."""
    problem, ground = portfolio(sites=9, blocks=3, periods=6)
    search = search_of(problem, ground)
    owner = row_sites(search.form, search.task.site)
    groups = [np.arange(k, 9, 3) for k in range(3)]
    shares = Shares(search, search.form, owner, groups, np.array([5.0, 1, 1, 3, 2, 2, 1, 4, 3]))
    A = sparse.csr_matrix(search.form.A)
    counting = [
        i for i in np.flatnonzero((owner < 0) & np.isfinite(search.form.row_upper))
        if search.form.whole[A[i].indices].all() and (A[i].data == 1.0).all()
    ]  # fmt: skip
    assert counting
    parts = [shares.of_the_rest(k, [0, 1, 2], np.zeros(len(search.form.cost))) for k in range(3)]
    for i in counting:
        dealt = [float(p.task.form.row_upper[list(p.rows).index(i)]) for p in parts]
        assert dealt == [round(x) for x in dealt] and min(dealt) >= 0
        assert sum(dealt) == pytest.approx(np.floor(search.form.row_upper[i] + 1e-6))


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
