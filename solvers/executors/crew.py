"""Many pieces of work at once, results in order. What threads, processes and a cluster have in common."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from solvers.executors.work import Work

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Pieces handed out per worker: the next is ready when one is done, and little is lost when the clock ends it."""
HELD = 8
"""Results held back for a first one that takes long, so many times the pieces handed out at once."""
POLL_S = 0.1
"""How long a wait may last before it is asked again whether to go on."""

Doing = Callable[[T], R] | Work[T, Any, R]


@dataclass
class Handed(Generic[T, R]):
    """A piece of work that somebody has. ``by``: the executor that took it."""

    item: T
    future: Future[R]
    by: Executor


class Crew(ABC):
    """``workers`` at work, ``ahead`` pieces handed out for each. Used by one thread."""

    patience_s: float | None = None
    """How long those who were asked to stop are waited for; None: until they are done."""

    def __init__(self, workers: int, ahead: int = AHEAD) -> None:
        self.workers, self.ahead = workers, ahead

    def map(self, work: Doing[T, R], items: Iterable[T], go_on: Callable[[], bool] = lambda: True) -> Iterator[R]:
        """Results in the order of the items, without gaps; no further item is begun once ``go_on`` says no.

        A plain function is done by threads of this process; only a :class:`~solvers.executors.work.Work` can be done elsewhere.
        """
        handed: deque[Handed[T, R]] = deque()
        self._begin()
        try:
            for item in items:
                if not go_on():
                    break
                handed.append(self._hand_out(work, item))
                while True:
                    while self._is_done(work, handed):
                        yield self._result(handed.popleft())
                    if not self._is_full(handed) or not go_on():
                        break
                    wait([h.future for h in handed if not h.future.done()], POLL_S, FIRST_COMPLETED)
            asked: float | None = None
            while handed:
                if self._is_done(work, handed):
                    yield self._result(handed.popleft())
                    continue
                if asked is None and not go_on():
                    asked = time.monotonic()
                    self._drop_what_is_not_begun(handed)
                    self._ask_to_stop()
                elif asked is not None and self.patience_s is not None and time.monotonic() > asked + self.patience_s:
                    return
                elif handed:
                    wait([handed[0].future], POLL_S)
        finally:
            if handed:
                for h in handed:
                    h.future.cancel()
                self._ask_to_stop()

    @abstractmethod
    def aside(self, work: Callable[[], R]) -> Future[R] | None:
        """Begin something on the side, always in this process; None where there is but one worker."""

    @abstractmethod
    def close(self) -> None:
        """End the workers."""

    # ------------------------------------------------------------------------------------------------ what differs

    @abstractmethod
    def _hand_out(self, work: Doing[T, R], item: T) -> Handed[T, R]:
        """Give an item to a worker."""

    def _begin(self) -> None:
        """A new map begins."""
        return

    def _ask_to_stop(self) -> None:
        """Those at work should end soon."""
        return

    def _is_lost(self, handed: Handed[T, R]) -> bool:
        """True where a piece is over, or will never be, because whoever had it is gone."""
        return False

    def _again(self, work: Doing[T, R], handed: deque[Handed[T, R]]) -> None:
        """Hand out anew what is lost."""
        return

    def _result(self, handed: Handed[T, R]) -> R:
        """What came of a piece, or what it raised."""
        return handed.future.result()

    # ------------------------------------------------------------------------------------------------------ helpers

    def _is_full(self, handed: deque[Handed[T, R]]) -> bool:
        """Every worker has enough to do, or too many results wait for a slow first one."""
        room = self.ahead * self.workers
        return sum(not h.future.done() for h in handed) >= room or len(handed) >= HELD * room

    def _is_done(self, work: Doing[T, R], handed: deque[Handed[T, R]]) -> bool:
        """True where the first result is there."""
        if not handed:
            return False
        done = handed[0].future.done()
        if self._is_lost(handed[0]):
            self._again(work, handed)
            return False
        return done

    def _drop_what_is_not_begun(self, handed: deque[Handed[T, R]]) -> None:
        """From the first piece that nobody has begun; what was begun out of turn goes with it, so that there are no gaps."""
        kept = 0
        for h in reversed(handed):
            h.future.cancel()
        while kept < len(handed) and not handed[kept].future.cancelled():
            kept += 1
        while len(handed) > kept:
            handed.pop()
