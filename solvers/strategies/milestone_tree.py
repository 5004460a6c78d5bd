"""Branch and bound over milestones alone: the bound that tranches reached in part would hide.

Milestones (tranches, signatures, holders of a demand) are few and belong to no site, but the relaxation reaches them in part, and
that loosens its bound most. Here only they are whole; all sites stay relaxed, but for the cuts of their own programs. The column
to branch on is the one whose two sides promise to raise the bound most (pseudo-costs; Benichou et al. 1971), the node is the one
of the smallest bound, and simplex goes on from the basis of the node above. On 100 sites x 6 blocks x 16 quarters with deals
fourteen nodes raise the bound by 0.3 %; HiGHS, which branches on what it likes, raises it by 0.1 % in five minutes.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.errors import SolverError
from solvers.engines.form import Array
from solvers.engines.highs import Highs, Result
from solvers.strategies.common import Search
from solvers.strategies.milestones import BROKEN, milestone_columns
from solvers.strategies.site_by_site import SitePlans, strengthened

DONE = 1e-7
"""Relative distance from the best leaf at which the tree is finished."""
SOURCE = "milestones in whole numbers, sites relaxed with their own cuts"
DEAD = 0.01
"""What a side that is infeasible counts as having raised the bound by, relatively."""


@dataclass(order=True)
class Node:
    """Milestones between ``lower`` and ``upper``, the relaxation's ``at``; all by :func:`milestone_columns`."""

    bound: float
    number: int
    lower: Array = field(compare=False)
    upper: Array = field(compare=False)
    at: Array = field(compare=False)
    basis: Any = field(compare=False)

    @property
    def broken(self) -> NDArray[np.int64]:
        """Milestones reached in part."""
        return np.flatnonzero(np.abs(self.at - np.round(self.at)) > BROKEN)

    def side(self, j: int, up: bool) -> tuple[Array, Array]:
        """Bounds with milestone j above its value or below."""
        lower, upper = self.lower.copy(), self.upper.copy()
        if up:
            lower[j] = math.ceil(self.at[j])
        else:
            upper[j] = math.floor(self.at[j])
        return lower, upper


class MilestoneTree:
    """Grown as far as there is time, and further later."""

    def __init__(self, search: Search, plans: SitePlans) -> None:
        inc = search.increments
        cuts = replace(plans, cuts=sparse.csr_matrix(plans.cuts @ inc.T))
        self.form = strengthened(inc.rewrite(search.form), cuts)
        self.milestones = milestone_columns(search)
        self.nodes = 0
        self._sides: list[Highs] = []
        self._open: list[Node] = []
        self._leaf: Node | None = None
        self._gains: dict[tuple[int, bool], float] = {}

    @property
    def finished(self) -> bool:
        """No open node is better than the best leaf."""
        if not self.nodes or not self._open:
            return self.nodes > 0
        leaf = self._leaf
        return leaf is not None and self._open[0].bound >= leaf.bound - DONE * abs(leaf.bound)

    @property
    def best(self) -> Array | None:
        """The milestones of the best leaf; None where there is none yet."""
        return None if self._leaf is None else np.round(self._leaf.at)

    def grow(self, search: Search, until_s: float = 0.0) -> None:
        """Branch until it is finished, or ``until_s`` planned seconds are left. Raises the search's bound."""
        try:
            if not self.nodes and not self._plant(search):
                return
            while not self.finished and search.left_s > until_s and not search.over and self._branch(search):
                self._tell(search)
        except SolverError as error:
            search.notes.append(f"no further bound: {error}")

    def _plant(self, search: Search) -> bool:
        """The first node; False where it has no answer in its time."""
        self._sides = [Highs(self.form, integer=False, seed=search.task.options.seed) for _ in range(2)]
        result = search.relax(self._sides[0])
        if result.x is None:
            return False
        for side in self._sides:
            side.set("presolve", "off")
        mine = self.milestones
        at, basis = result.x[mine], self._sides[0].h.getBasis()
        self._open = [Node(result.objective, 1, self.form.lower[mine], self.form.upper[mine], at, basis)]
        self.nodes = 1
        return True

    def _branch(self, search: Search) -> bool:
        """The node of the smallest bound becomes a leaf or two nodes. False where the clock ended one of them."""
        node = self._open[0]
        broken = node.broken
        if not len(broken):
            self._leaf = heapq.heappop(self._open)
            return True
        j = int(broken[np.argmax([self._score(int(k), node.at[k]) for k in broken])])

        def one(up: bool) -> tuple[Result, Any]:
            highs = self._sides[int(up)]
            highs.h.setBasis(node.basis)
            highs.change_bounds(self.milestones, *node.side(j, up))
            result = highs.run(time_limit_s=max(search.clock_s, 0.1))
            return result, highs.h.getBasis()

        answers = list(search.crew.map(one, (False, True)))
        if any(result.outcome == "limit" for result, _ in answers):
            return False
        heapq.heappop(self._open)
        for up, (result, basis) in zip((False, True), answers, strict=True):
            search.spend(result, min(2, search.task.options.threads))
            self.nodes += 1
            part = node.at[j] - math.floor(node.at[j])
            raised = DEAD * abs(node.bound) if result.x is None else max(result.objective - node.bound, 0.0)
            self._learn(j, up, raised / max(1.0 - part if up else part, BROKEN))
            if result.x is not None:
                child = Node(
                    max(node.bound, result.objective), self.nodes, *node.side(j, up), result.x[self.milestones], basis
                )
                heapq.heappush(self._open, child)
        return True

    def _score(self, j: int, value: float) -> float:
        """What both sides promise to raise the bound by, multiplied."""
        part = value - math.floor(value)
        usual = float(np.mean(list(self._gains.values()))) if self._gains else 1.0
        down, up = self._gains.get((j, False), usual) * part, self._gains.get((j, True), usual) * (1.0 - part)
        return max(down, 1e-6 * usual) * max(up, 1e-6 * usual)

    def _learn(self, j: int, up: bool, each: float) -> None:
        """What one side raised the bound by, per unit."""
        self._gains[j, up] = 0.5 * (self._gains.get((j, up), each) + each)

    def _tell(self, search: Search) -> None:
        best = [n.bound for n in (*self._open[:1], *([self._leaf] if self._leaf else []))]
        if best:
            search.raise_bound(min(best), SOURCE)
