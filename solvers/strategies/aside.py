"""A second search beside the first, with a plan and a bound of its own.

What it finds joins the first search at its end, or where the first waits for it, never in between: when the first ends by
itself, its plan is the same whatever the other threads did meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from planner.errors import SolverError
from solvers.executors import Threads
from solvers.strategies.common import Search


class Aside:
    """``work`` on a search of its own, as long as the first goes on. Nothing happens where there is but one thread."""

    def __init__(self, first: Search, work: Callable[[Search], None]) -> None:
        self._stop = threading.Event()
        self._first = first
        self.search = replace(
            first,
            tell_point=lambda *_: None,
            tell_bound=self._tell_bound,
            tell_phase=lambda _: None,
            cancelled=lambda: self._stop.is_set() or first.cancelled(),
            notes=[],
            crew=Threads(1),
            lock=threading.RLock(),
        )
        self._future: Future[None] | None = first.crew.aside(lambda: work(self.search))

    def _tell_bound(self, _objective: float, bound: float) -> None:
        """Whoever watches sees the better bound at once."""
        self._first.tell_bound(self._first.objective, max(bound, self._first.bound))

    @property
    def exists(self) -> bool:
        """There is a thread for it. Whether it has ended must not matter to the first search."""
        return self._future is not None

    def join(self) -> None:
        """Wait for its end and take over what is better."""
        if self._future is not None:
            self._wait()
            self._take()

    def end(self, take: bool) -> None:
        """Stop it; take over what is better, or leave it."""
        self._stop.set()
        if self._future is not None:
            self._wait()
            if take:
                self._take()

    def _wait(self) -> None:
        assert self._future is not None
        try:
            self._future.result()
        except (SolverError, MemoryError) as error:  # what the first search found is not lost for that
            self.search.notes.append(f"the search on the side broke off: {error}")

    def _take(self) -> None:
        self._first.notes += self.search.notes
        self._first.hurried |= self.search.hurried
        self._first.raise_bound(self.search.bound, self.search.source)
        if self.search.x is not None:
            self._first.offer(self.search.x)
