"""What neighbourhoods leave free, how large they are, which comes next; and programs next to a relaxation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from solvers.engines.form import Form
from solvers.engines.highs import solve
from solvers.engines.job import Job, solve_job
from solvers.engines.near import near
from solvers.strategies.common import Search, feasible
from solvers.strategies.families import TRIES, Families, Family, used_sites
from solvers.strategies.losses import Losses
from solvers.strategies.neighbourhoods import Batch, Part, around
from solvers.task import OPEN, ORDERED
from tests.solvers.portfolio import portfolio
from tests.solvers.test_crew import search_of


def with_a_plan(deals: bool = False) -> Search:
    """A small portfolio with the first plan that HiGHS finds of it."""
    search = search_of(*portfolio(sites=7, blocks=3, periods=10, deals=deals))
    found = solve(search.form, relative_gap=0.3)
    assert found.x is not None and search.offer(found.x)
    return search


def families_of(search: Search, seed: int = 0) -> Families:
    """Every site in use loses alike, no other does."""
    used = used_sites(search)[:-1]
    losses = Losses(np.zeros(len(search.task.site)), search.task.site, np.where(used, -1.0, np.inf))
    return Families(search, np.random.default_rng(seed), np.ones(len(used) + 1), losses)


@pytest.mark.parametrize("deals", [False, True])
def test_what_is_free(deals: bool) -> None:
    """Idle sites never; milestones only in families named after them; openings only where nothing else is held; no more whole
    columns than told, but for families next to their relaxation."""
    search = with_a_plan(deals)
    task, whole = search.task, search.form.whole
    idle = ~used_sites(search)[task.site] & (task.site >= 0)
    for family in families_of(search).all:
        for most in (40, 10**6):
            free = family.deal(most)
            assert free[(task.site < 0) & ~whole].all() and free[task.kind == ORDERED].any()
            if family.name != "few sites":
                assert not free[idle].any()
            assert free[(task.site < 0) & whole].all() == ("milestones" in family.name or not deals)
            if family.name in ("orders", "orders, near", "blocks", "long stretches", "milestones, near"):
                assert not free[task.kind == OPEN].any()
            if most == 40 and not family.near and family.name != "few sites":
                sites = np.unique(task.site[free & whole & (task.site >= 0)])
                assert (free & whole & (task.site >= 0)).sum() <= 40 or len(sites) == 1
    assert {f.name for f in families_of(search).all if "milestones" in f.name} == (
        {"milestones", "milestones, near", "losing sites, milestones, near"} if deals else set()
    )


def test_blocks_leave_two_of_three_free_at_all_sites() -> None:
    search = with_a_plan()
    family = next(f for f in families_of(search).all if f.name == "blocks")
    pairs = {tuple(np.unique(search.task.block[family.deal(10**6) & (search.task.block >= 0)])) for _ in range(3)}
    assert pairs == {(0, 1), (0, 2), (1, 2)}


def test_the_same_seed_deals_the_same() -> None:
    search = with_a_plan()
    one, two = families_of(search, 7), families_of(search, 7)
    for a, b in zip(one.all, two.all, strict=True):
        assert (a.deal(60) == b.deal(60)).all()


def test_who_pays_is_next_and_who_is_in_vain_rests() -> None:
    """Where the plan loses most first, twice in vain; then untried ones in order; then gain per second of work; three tries in vain
    and a family rests until sizes change."""
    families = families_of(with_a_plan())
    for family in [families.all[0], *families.all]:
        assert families.best() is family
        family.learn(0.0, 3.0)
    families.all[2].learn(0.02, 1.0)
    families.all[4].learn(0.02, 4.0)
    assert families.best() is families.all[2]
    for _ in range(TRIES):
        families.all[2].learn(0.0, 1.0)
    assert families.best() is families.all[4] and not families.exhausted
    for family in families.all:
        for _ in range(family.tries):
            family.learn(0.0, 1.0)
    assert families.exhausted
    families.afresh()
    assert not families.exhausted and families.best() is families.all[0]


def test_gains_fade() -> None:
    """Work 1 s and 0.05 s for any try: after a gain of 1 and a try in vain, 0.6 / (0.6 x 1.05 + 1.05)."""
    family = Family("any", lambda most: np.zeros(most, dtype=bool))
    family.learn(1.0, 1.0)
    assert family.pays == pytest.approx(1.0 / 1.05)
    family.learn(0.0, 1.0)
    assert family.pays == pytest.approx(0.6 / (0.6 * 1.05 + 1.05))


def test_near_holds_the_plan_and_the_relaxed_point() -> None:
    """Every whole column has its value in the plan, and both neighbours of the relaxed one; where both agree, nothing else."""
    search = with_a_plan()
    form = search.increments.rewrite(search.form)
    assert search.x is not None
    start = search.increments.increments(search.x)
    relaxed = solve(form, integer=False)
    assert relaxed.x is not None
    box = near(form, relaxed.x, start)
    w = form.whole
    assert (box.lower <= start + 1e-9).all() and (box.upper >= start - 1e-9).all()
    assert (box.lower[w] <= np.floor(relaxed.x[w] + 1e-6)).all() and (
        box.upper[w] >= np.ceil(relaxed.x[w] - 1e-6)
    ).all()
    same = w & (np.abs(relaxed.x - start) <= 1e-6)
    assert same.any() and (box.lower[same] == box.upper[same]).all()
    assert (box.lower[~w] == form.lower[~w]).all() and (box.upper[~w] == form.upper[~w]).all()
    first = near(form, relaxed.x)
    settled = w & (np.abs(relaxed.x - form.lower) <= 1e-6)
    assert (first.upper[settled] == first.lower[settled]).all() and (first.lower >= form.lower).all()


def test_a_job_near_its_relaxation_never_beats_the_bound_and_never_loses_the_start() -> None:
    search = with_a_plan()
    form = search.increments.rewrite(search.form)
    assert search.x is not None
    start = search.increments.increments(search.x)
    best = solve(form, relative_gap=0.1)
    part = solve_job(Job(form, 10.0, 60.0, 500, 1e-6, start=start, near=True), lambda: False)
    assert part is not None and part.x is not None
    room = 1e-6 * abs(best.objective)
    assert best.bound - room <= part.objective <= search.objective + room
    assert feasible(search.form, search.increments.states(np.where(form.whole, np.round(part.x), part.x)))


def test_a_batch_only_takes_what_is_better() -> None:
    """Every family once: the plan stays feasible and never gets worse."""
    search = with_a_plan(deals=True)
    batch = Batch(search, search.increments.rewrite(search.form))
    for family in families_of(search).all:
        before = search.objective
        paid = batch.improve([Part(family.deal(200), 50, 2.0, family.near)])
        assert search.x is not None and feasible(search.form, search.x)
        assert search.objective < before if paid else search.objective == before


def test_losing_sites_come_in_turn() -> None:
    """The sites at which the plan loses most come first; a site that was looked at makes room for others and comes back."""
    search = with_a_plan()
    sites = int(search.task.site.max()) + 1
    spent = np.arange(sites, dtype=float) ** 4
    first = [int(np.flatnonzero((search.task.site == s) & (search.x > 0))[0]) for s in used_and_positive(search)]
    priced = np.zeros(len(search.task.site))
    assert search.x is not None
    for s, j in zip(used_and_positive(search), first, strict=True):
        priced[j] = spent[s] / search.x[j]
    families = Families(
        search, np.random.default_rng(0), np.ones(sites + 1), Losses(priced, search.task.site, np.zeros(sites))
    )
    ranked = sorted(used_and_positive(search), key=lambda s: -spent[s])
    looked_at = [families._losing(1)[0] for _ in range(30)]
    assert looked_at[0] == ranked[0] and looked_at.count(ranked[0]) < 20 and len(set(looked_at)) > 1
    assert set(looked_at) <= set(ranked)


def used_and_positive(search: Search) -> list[int]:
    """Sites with a column that the plan in hand uses."""
    assert search.x is not None
    return sorted({int(s) for s in search.task.site[search.x > 0] if s >= 0})


def test_a_plan_that_misses_a_row_by_rounding_is_in_its_own_neighbourhood() -> None:
    """A row of ten thousand missed by a thousandth, within what a plan may: the relaxation around the plan still has an answer."""
    form = Form(
        np.array([1.0, 1.0]),
        0.0,
        sparse.csc_matrix([[1.0, 1.0]]),
        np.array([10_000.0]),
        np.array([np.inf]),
        np.zeros(2),
        np.array([9_000.0, 999.999]),
        np.array([True, False]),
    )
    start = np.array([9_000.0, 999.999])
    assert solve(form, integer=False).x is None and feasible(form, start)
    wider = around(form, start)
    found = solve(wider, integer=False)
    assert found.x is not None and found.x == pytest.approx(start)
    assert (wider.row_upper == form.row_upper).all() and wider.row_lower[0] == pytest.approx(9_999.999)
