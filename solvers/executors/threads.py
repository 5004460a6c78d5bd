"""Threads of this process: HiGHS works outside Python's lock, so they use as many cores.

Which programs are tried, and from which plan, never depends on how many threads there are; only how far the clock lets them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from solvers.executors.crew import AHEAD, Crew, Doing, Handed, R, T


class Threads(Crew):
    """``workers`` threads. With one, everything happens in turn and nothing on the side."""

    def __init__(self, workers: int = 1, ahead: int = AHEAD) -> None:
        super().__init__(workers, ahead)
        self._pool: ThreadPoolExecutor | None = None

    def map(self, work: Doing[T, R], items: Iterable[T], go_on: Callable[[], bool] = lambda: True) -> Iterator[R]:
        """See :meth:`Crew.map`."""
        if self.workers > 1:
            yield from super().map(work, items, go_on)
            return
        for item in items:
            if not go_on():
                return
            yield work(item)

    def aside(self, work: Callable[[], R]) -> Future[R] | None:
        """See :meth:`Crew.aside`; it takes one of the threads."""
        return None if self.workers == 1 else self.open().submit(work)

    def close(self) -> None:
        """End the threads; what they do must know by itself when to stop."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def open(self) -> ThreadPoolExecutor:
        """The threads."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.workers, "search")
        return self._pool

    def _hand_out(self, work: Doing[T, R], item: T) -> Handed[T, R]:
        pool = self.open()
        return Handed(item, pool.submit(work, item), pool)
