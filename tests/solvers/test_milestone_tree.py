"""Branching over milestones alone: the bound that HiGHS proves of the same program, and never above the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from solvers.engines.form import Form
from solvers.engines.highs import solve
from solvers.engines.increments import Increments
from solvers.strategies.common import Search
from solvers.strategies.milestone_tree import ENOUGH, MilestoneTree
from solvers.strategies.milestones import Decided, milestone_columns
from solvers.strategies.relaxation import relaxation
from solvers.strategies.site_by_site import SitePlans, site_by_site
from tests.model.tiny_deals import draw as draw_deals
from tests.solvers.portfolio import portfolio
from tests.solvers.test_crew import search_of


def grown(search: Search) -> tuple[MilestoneTree, SitePlans] | None:
    """A finished tree over a search's milestones; None where the world has none, or no relaxed point."""
    relaxed = relaxation(search)
    if relaxed is None or not len(milestone_columns(search)):
        return None
    plans = site_by_site(search, relaxed)
    tree = MilestoneTree(search, relaxed, plans)
    tree.grow(search)
    return tree, plans


def only_milestones_whole(tree: MilestoneTree) -> Form:
    """The tree's own program for HiGHS's branch and bound."""
    form = tree.program.form
    whole = np.zeros(len(form.cost), dtype=bool)
    whole[tree.milestones] = True
    return replace(form, whole=whole)


@pytest.mark.parametrize("seed", (0, *range(9300, 9330)))
def test_its_bound_is_that_of_the_milestones_and_below_the_optimum(seed: int) -> None:
    """A portfolio, and thirty random worlds with deals: HiGHS with only the milestones whole proves the same, and the optimum of
    the whole program is not below."""
    search = search_of(*draw_deals(seed)) if seed else search_of(*portfolio(sites=8, blocks=2, periods=6, deals=True))
    found = grown(search)
    if found is None:
        return
    tree, _ = found
    assert tree.finished
    same = solve(only_milestones_whole(tree), relative_gap=0.0)
    exact = solve(search.form, relative_gap=0.0)
    room = 1e-6 * max(1.0, abs(search.bound))
    if same.x is None:
        assert exact.x is None and tree.best is None
        return
    assert tree.best is not None
    assert abs(search.bound - max(search.bound, same.objective)) <= room  # the sites alone may have proven more
    assert search.bound >= same.objective - room
    if exact.x is not None:
        assert search.bound <= exact.objective + 1e-6 * max(1.0, abs(exact.objective))


def test_one_thread_and_two_grow_the_same_tree() -> None:
    ends = []
    for threads in (1, 2):
        search = search_of(*portfolio(sites=6, blocks=2, periods=5, deals=True), threads)
        found = grown(search)
        assert found is not None
        tree, _ = found
        assert tree.finished and tree.best is not None
        ends.append((tree.nodes, search.bound, tree.best.tolist()))
        search.crew.close()
    assert ends[0] == ends[1]


def test_a_tree_stops_with_its_time_and_goes_on_later() -> None:
    """Nothing is proven twice: grown in two goes it ends where one go ends."""
    search = search_of(*portfolio(sites=6, blocks=2, periods=5, deals=True))
    relaxed = relaxation(search)
    assert relaxed is not None
    plans = site_by_site(search, relaxed)
    tree = MilestoneTree(search, relaxed, plans)
    tree.grow(search, until_s=1e9)
    before = tree.nodes
    assert before <= 1
    tree.grow(search)
    other = MilestoneTree(search, relaxed, plans)
    other.grow(search)
    assert tree.finished and other.finished and tree.best is not None and other.best is not None
    assert tree.nodes == other.nodes and (tree.best == other.best).all()


def test_what_is_known_of_milestones_ends_it_early() -> None:
    """With the best milestones known beforehand and other work waiting, the bound is next to that of the whole tree; it is, too, with
    all of them unreached known, which is worth less."""
    search = search_of(*portfolio(sites=8, blocks=2, periods=6, deals=True))
    relaxed = relaxation(search)
    assert relaxed is not None
    plans = site_by_site(search, relaxed)
    before = search.bound
    whole = MilestoneTree(search, relaxed, plans)
    whole.grow(search)
    assert whole.best is not None
    bound = search.bound
    for values in (whole.best, np.zeros(len(whole.best))):
        search.bound = before
        short = MilestoneTree(search, relaxed, plans, Decided(values, {(0, True): 1.0, (0, False): 1.0}))
        short.grow(search, thorough=False)
        assert bound - ENOUGH * abs(bound) - 1e-6 <= search.bound <= bound + 1e-6 * abs(bound)


def test_nothing_known_of_milestones_does_not_end_it() -> None:
    """Other work waits, and nothing was decided before: it branches all the same, and proves more than its first node."""
    search = search_of(*portfolio(sites=8, blocks=2, periods=6, deals=True))
    relaxed = relaxation(search)
    assert relaxed is not None
    tree = MilestoneTree(search, relaxed, site_by_site(search, relaxed))
    before = search.bound
    tree.grow(search, thorough=False)
    assert tree.nodes > 1 and search.bound > before + 1e-6 * abs(before)


def test_without_room_for_its_milestones_nothing_is_a_leaf() -> None:
    """A milestone that has to be reached by half: the tree is finished without a leaf, and the bound stays what it was."""
    search = search_of(*portfolio(sites=4, blocks=2, periods=4, deals=True))
    form, half = search.form, np.array([0.5])
    row = sparse.csr_matrix(([1.0], ([0], milestone_columns(search)[:1])), shape=(1, len(form.cost)))
    search.form = replace(
        form,
        A=sparse.csc_matrix(sparse.vstack([form.A, row])),
        row_lower=np.concatenate([form.row_lower, half]),
        row_upper=np.concatenate([form.row_upper, half]),
    )
    search.increments = Increments.of(search.form, search.task.before)
    relaxed = relaxation(search)
    assert relaxed is not None
    tree = MilestoneTree(search, relaxed, site_by_site(search, relaxed))
    bound = search.bound
    tree.grow(search)
    assert tree.finished and tree.best is None and search.bound == bound
