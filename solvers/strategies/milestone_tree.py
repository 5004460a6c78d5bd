"""Branch and bound over milestones alone: the bound that tranches reached in part would hide.

Milestones (tranches, signatures, holders of a demand) are few and belong to no site, but the relaxation reaches them in part, and
that loosens its bound most. Here only they are whole; all sites stay relaxed, but for the cuts of their own programs. The node is
the one of the smallest bound, the column to branch on the one whose two sides promise to raise that bound most (pseudo-costs;
Benichou et al. 1971).

A node is the relaxation of the sites in use alone, by interior point without crossover (:mod:`sites_in_use`), whose multipliers
prove its bound. On 100 sites x 6 blocks x 16 quarters with deals that takes 1.3 s; simplex over all sites, from the basis of the
node above, took 4.5 s. Twenty nodes raise the bound by 0.3 %; HiGHS, which branches on what it likes, raises it by 0.1 % in five
minutes.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner.errors import SolverError
from solvers.engines.form import Array
from solvers.strategies.common import Search
from solvers.strategies.milestones import Decided, milestone_columns
from solvers.strategies.relaxation import Relaxed
from solvers.strategies.site_by_site import SitePlans
from solvers.strategies.sites_in_use import Answer, SitesInUse

DONE = 1e-7
"""Relative distance from the best leaf at which the tree is finished."""
SOURCE = "milestones in whole numbers, sites relaxed with their own cuts"
ENOUGH = 1e-4
"""The same where other work waits for the time."""
DEAD = 0.01
"""What a side that is infeasible counts as having raised the bound by, relatively."""
BROKEN = 1e-4
"""An interior point comes no nearer to whole numbers."""
USELESS = 2e-5
"""Where both sides raise the bound by less, relatively, the node is left as it was, and another column is tried."""


@dataclass(order=True)
class Node:
    """Milestones between ``lower`` and ``upper``, the relaxation's ``at``; all by :func:`milestone_columns`."""

    bound: float
    number: int
    lower: Array = field(compare=False)
    upper: Array = field(compare=False)
    at: Array = field(compare=False)

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

    def __init__(self, search: Search, relaxed: Relaxed, plans: SitePlans, decided: Decided | None = None) -> None:
        """``decided`` is what is known of milestones before."""
        self.milestones = milestone_columns(search)
        self.program = SitesInUse(search, relaxed, plans)
        self.nodes = 0
        self._open: list[Node] = []
        self._leaf: Node | None = None
        self._gains = dict(decided.raised) if decided else {}
        self._known = decided.values if decided else None
        self._known_bound = math.inf

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

    def grow(self, search: Search, until_s: float = 0.0, thorough: bool = True) -> None:
        """Branch until it is finished, or ``until_s`` planned seconds are left. Raises the search's bound.

        Unless ``thorough``, it also ends where the leaf that was known before is hardly better, or no single milestone raises the
        bound.
        """
        try:
            if not self.nodes and not self._plant(search):
                return
            while not self.finished and search.left_s > until_s and not search.over:
                if not (thorough or self._promises()) or not self._branch(search):
                    return
                self._tell(search)
        except SolverError as error:
            search.notes.append(f"no further bound: {error}")

    def _plant(self, search: Search) -> bool:
        """The first node; False where it has no answer in its time."""
        sides = [(search.form.lower[self.milestones], search.form.upper[self.milestones])]
        if self._known is not None:
            sides.append((self._known, self._known))
        answers = list(search.crew.map(lambda side: self.program.solve(search, *side), sides))
        self._count(search, answers, min(len(sides), search.task.options.threads))
        first = answers[0]
        if first.at is None:
            return False
        self._open = [Node(first.bound, 1, *sides[0], first.at)]
        if self._known is not None and answers[-1].at is not None:
            self._known_bound = answers[-1].bound
        self.nodes = 1
        return True

    def _branch(self, search: Search) -> bool:
        """The node of the smallest bound becomes a leaf or two nodes. False where the clock ended one of them."""
        node = self._open[0]
        broken = node.broken
        if not len(broken):
            self._leaf = heapq.heappop(self._open)
            return True
        useful = self._useful(node)
        j = max(useful or [int(j) for j in broken], key=lambda j: self._score(j, float(node.at[j])))
        sides = [node.side(j, up) for up in (False, True)]
        answers = list(search.crew.map(lambda side: self.program.solve(search, *side), sides))
        self._count(search, answers, min(2, search.task.options.threads))
        if any(answer.late for answer in answers):
            return False
        part, raised = node.at[j] - math.floor(node.at[j]), []
        for up, answer in zip((False, True), answers, strict=True):
            raised.append(DEAD * abs(node.bound) if answer.at is None else max(answer.bound - node.bound, 0.0))
            self._learn(j, up, raised[-1] / max(1.0 - part if up else part, BROKEN))
        if useful and max(raised) <= USELESS * abs(node.bound):
            self._gains[j, False] = self._gains[j, True] = 0.0
            return True
        heapq.heappop(self._open)
        for (lower, upper), answer in zip(sides, answers, strict=True):
            self.nodes += 1
            if answer.at is not None:
                child = Node(max(node.bound, answer.bound), self.nodes, lower, upper, answer.at)
                heapq.heappush(self._open, child)
        return True

    def _count(self, search: Search, answers: list[Answer], among: int) -> None:
        """What the answers cost, and the sites that they found to be of use."""
        for answer in answers:
            search.spent_s += answer.work_s / among
            search.hurried |= answer.late
        self.program.use([site for answer in answers for site in answer.missing])

    def _useful(self, node: Node) -> list[int]:
        """Milestones reached in part that raised the bound when they were tried last, or were not tried yet."""
        return [int(j) for j in node.broken if any(self._gains.get((int(j), up), 1.0) > 0.0 for up in (False, True))]

    def _promises(self) -> bool:
        """Branching may raise the bound by anything worth the time."""
        node = self._open[0]
        best = min(self._known_bound, self._leaf.bound if self._leaf else math.inf)
        reached = math.isfinite(best) and node.bound >= best - ENOUGH * abs(best)
        return not reached and (not len(node.broken) or bool(self._useful(node)))

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
