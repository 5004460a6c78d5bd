"""Families of neighbourhoods, and which of them pays.

What a neighbourhood can gain, its relaxation shows in a tenth of a second: on a plan of 100 sites 2 % from the bound, half of the
sites with all their orders, two of six blocks at all sites, or eight of sixteen quarters each hold 1 to 1.5 %, ten sites 0.2 to
0.4 %, two sites next to nothing. What HiGHS finds of it in seconds depends on the size: nearly all of it up to some 1,000 whole
columns, nothing from 1,500. Openings held make a program as much smaller as they make it poorer, but its relaxation far tighter.
So families are large and cut down to a size that is solved, mostly hold openings and milestones, and the one that has gained
most for its work is next.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solvers.engines.form import Array
from solvers.strategies.common import Search
from solvers.strategies.losses import Losses
from solvers.task import OPEN, ORDERED

Mask = NDArray[np.bool_]

LITTLE = 2e-5
"""What a site loses, of the objective, that is not worth looking at."""
SHORT, LONG = 4, 8
"""Periods in a stretch with openings free, and with openings held."""
BLOCKS = 2
"""Blocks in a neighbourhood of blocks."""
MOST = 60
"""Sites in a neighbourhood at the most: what its relaxation takes grows with them."""
SOME = 0.6
"""Share of the sites in use in a neighbourhood next to its relaxation."""
FEW = 3
"""Sites in a neighbourhood in which nothing of them is held."""
LOSING, SHAKEN = (16, 12), 0.5
"""Sites in neighbourhoods of those where the plan loses most, in turn; what each loses counts by a random share from here to 1."""
TIRES, RESTS = 0.5, 1.15
"""What a site's loss counts after a neighbourhood had it, and by how much it counts more again with every other."""
FADES = 0.6
"""What an earlier try counts, for every later one."""
ALWAYS_S = 0.05
"""Work that any try counts as, so that empty ones are no bargain."""
TRIES = 3
"""Tries in vain after which a family has nothing more at its size."""
UNTRIED = 1e-5
"""What a family is expected to gain per second before it was tried; whichever pays more goes on."""
BELIEVED, BELIEVED_S = 4e-5, 4.0
"""The same for the first one, and how many seconds of trying that belief counts as."""


@dataclass
class Family:
    """``deal`` gives the free columns of its next neighbourhood, in no more whole columns than it is told."""

    name: str
    deal: Callable[[int], Mask]
    near: bool = False
    tries: int = TRIES
    """Tries in vain after which it rests."""
    expected: float = UNTRIED
    expected_s: float = 1e-9
    """Seconds of trying that the expectation counts as."""
    gained: float = field(init=False)
    work_s: float = field(init=False)
    vain: int = field(init=False)

    def __post_init__(self) -> None:
        self.afresh()

    def believe(self, expected: float, seconds: float) -> None:
        """Expect so much gain per second of work, and believe it like so many seconds of trying."""
        self.expected, self.expected_s = expected, seconds
        self.afresh()

    def afresh(self) -> None:
        """Forget what was tried."""
        self.gained, self.work_s, self.vain = self.expected * self.expected_s, self.expected_s, 0

    def learn(self, gained: float, work_s: float) -> None:
        """What a try was worth."""
        self.gained = FADES * self.gained + gained
        self.work_s = FADES * self.work_s + work_s + ALWAYS_S
        self.vain = 0 if gained > 0 else self.vain + 1

    @property
    def pays(self) -> float:
        """Gain per second of work."""
        return 0.0 if self.vain >= self.tries else self.gained / self.work_s


class Families:
    """All families over the plan in hand of a search, drawn from one stream of random numbers."""

    def __init__(self, search: Search, draw: np.random.Generator, weight: Array, losses: Losses) -> None:
        """``weight`` says how likely a site is to be drawn, shape (sites + 1,)."""
        self.search, self.draw, self.losses = search, draw, losses
        self.fresh = np.ones(len(losses.least))
        task, whole = search.task, search.form.whole
        self.periods = int(task.period.max(initial=0)) + 1
        self.sites = np.unique(task.site[(task.kind == ORDERED) & (task.site >= 0)])
        share = weight[self.sites] + 0.3 * max(float(weight[self.sites].mean()), 1e-12)
        self.share = share / share.sum()
        self.common = (task.site < 0) & ~whole
        blocks = np.unique(task.block[task.block >= 0])
        pairs = list(itertools.combinations([int(k) for k in blocks], min(BLOCKS, len(blocks))))
        short, long = self._dealt(self._starts(SHORT)), self._dealt(self._starts(LONG))
        two = self._dealt(pairs)
        rest, every = self.common, task.site < 0
        sizes = itertools.cycle(LOSING)

        def losing() -> Mask:
            out: Mask = np.isin(task.site, self._losing(next(sizes)))
            return out

        self.all = [
            Family("losing sites, near", lambda _: rest | losing(), near=True, tries=TRIES + self._rounds()),
            Family("orders, near", lambda _: rest | self._held(self._some()), near=True),
            Family("stretches, near", lambda _: rest | self._stretch(next(long), LONG), near=True),
            Family("orders", lambda most: rest | self._cut(self._held(self._used()), most)),
            Family("blocks", lambda most: rest | self._cut(self._held(self._of_blocks(next(two))), most)),
            Family("stretches", lambda most: rest | self._cut(self._stretch(next(short), SHORT), most)),
            Family("long stretches", lambda most: rest | self._cut(self._held(self._stretch(next(long), LONG)), most)),
            Family("sites, near", lambda _: rest | self._some(), near=True),
        ]
        if (every & whole).any():
            self.all += [
                Family("milestones", lambda most: every | self._cut(self._stretch(next(short), SHORT), most)),
                Family("milestones, near", lambda _: every | self._held(self._some()), near=True),
                Family("losing sites, milestones, near", lambda _: every | losing(), near=True),
            ]
        self.all.append(Family("few sites", lambda _: rest | np.isin(task.site, self._few())))
        self.all[0].believe(BELIEVED, BELIEVED_S)

    def _rounds(self) -> int:
        """Pairs of neighbourhoods that it takes to look at every site that loses anything."""
        assert self.search.x is not None
        losing = int((self.losses.of(self.search.x) > LITTLE * abs(self.search.objective)).sum())
        return losing // int(2 * np.mean(LOSING))

    def best(self) -> Family:
        """The one that pays most; of equals, the one that was in vain least often, and the first of those."""
        return max(self.all, key=lambda f: (f.pays, -f.vain))

    @property
    def exhausted(self) -> bool:
        """None has gained anything in its last tries."""
        return all(f.vain >= f.tries for f in self.all)

    def afresh(self) -> None:
        """Another size: everything may pay again."""
        for f in self.all:
            f.afresh()

    # ---------------------------------------------------------------------------------------------------- what is free

    def _used(self) -> Mask:
        out: Mask = used_sites(self.search)[self.search.task.site]
        return out

    def _some(self) -> Mask:
        """A share of the sites in use."""
        used = np.flatnonzero(used_sites(self.search))
        return self._few_of(used, max(1, int(SOME * len(used))))

    def _few_of(self, sites: NDArray[np.int64], count: int) -> Mask:
        """At so many of some sites, drawn anew, and never at more than :data:`MOST`."""
        count = min(count, MOST, len(sites))
        out: Mask = np.isin(self.search.task.site, self.draw.choice(sites, size=count, replace=False))
        return out

    def _held(self, free: Mask) -> Mask:
        """Without the openings."""
        out: Mask = free & (self.search.task.kind != OPEN)
        return out

    def _stretch(self, first: int, length: int) -> Mask:
        period, used = self.search.task.period, np.flatnonzero(used_sites(self.search))
        out: Mask = self._few_of(used, len(used)) & (period >= first) & (period < first + length)
        return out

    def _of_blocks(self, blocks: tuple[int, ...]) -> Mask:
        block = self.search.task.block
        out: Mask = self._used() & ((block < 0) | np.isin(block, blocks))
        return out

    def _losing(self, count: int) -> NDArray[np.int64]:
        """Sites at which the plan in hand loses most, shaken a little; those that were looked at lately count less."""
        assert self.search.x is not None
        lost = self.losses.of(self.search.x)
        order = np.argsort(-lost * self.fresh * self.draw.uniform(SHAKEN, 1.0, len(lost)), kind="stable")[:count]
        order = order[: max(1, int((lost[order] > 0).sum()))]
        self.fresh = np.minimum(1.0, self.fresh * RESTS)
        self.fresh[order] *= TIRES
        return order

    def _few(self) -> NDArray[np.int64]:
        return self.draw.choice(self.sites, size=min(FEW, len(self.sites)), replace=False, p=self.share)

    def _cut(self, free: Mask, most: int) -> Mask:
        """At as many of its sites, drawn anew, as there may be whole columns."""
        site = self.search.task.site
        inside = free & self.search.form.whole & (site >= 0)
        count = int(inside.sum())
        if count <= most:
            return free
        here = np.unique(site[inside])
        few = self.draw.choice(here, size=max(1, int(len(here) * most / count)), replace=False)
        out: Mask = free & np.isin(site, few)
        return out

    def _starts(self, length: int) -> list[int]:
        return list(range(max(1, self.periods - length + 1)))

    def _dealt(self, cards: list) -> Iterator:  # type: ignore[type-arg]
        """Every card once, in random order, before any comes again."""
        while True:
            for i in self.draw.permutation(len(cards)):
                yield cards[i]


def used_sites(search: Search) -> Mask:
    """Sites that order anything in the plan in hand, or all where none does; the last entry (index -1) stands for no site."""
    assert search.x is not None
    task = search.task
    used = np.zeros(int(task.site.max()) + 2, dtype=bool)
    used[np.unique(task.site[(task.kind == ORDERED) & (search.x > 0.5)])] = True
    used[-1] = False
    if not used.any():
        used[np.unique(task.site[task.site >= 0])] = True
    return used
