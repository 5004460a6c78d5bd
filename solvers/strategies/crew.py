"""Several programs at once: HiGHS works outside Python's lock, so threads of one process use as many cores.

Which programs are tried, and from which plan, never depends on how many threads there are; only how far the clock lets them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Programs handed out per thread: the next is ready when one is done, and little is lost when the clock ends it."""


@dataclass
class Crew:
    """``threads`` workers. With one, everything happens in turn and nothing on the side."""

    threads: int = 1
    _pool: ThreadPoolExecutor | None = field(default=None, repr=False)

    def map(self, work: Callable[[T], R], items: Iterable[T], go_on: Callable[[], bool] = lambda: True) -> Iterator[R]:
        """Results in the order of the items; no further item is begun once ``go_on`` says no."""
        if self.threads == 1:
            for item in items:
                if not go_on():
                    return
                yield work(item)
            return
        pool, waiting = self._open(), deque[Future[R]]()
        for item in items:
            if not go_on():
                break
            waiting.append(pool.submit(work, item))
            if len(waiting) >= AHEAD * self.threads:
                yield waiting.popleft().result()
        while waiting:
            first = waiting.popleft()
            if not go_on():
                for future in waiting:
                    future.cancel()
                waiting = deque(f for f in waiting if not f.cancelled())
            yield first.result()

    def aside(self, work: Callable[[], R]) -> Future[R] | None:
        """Begin something on the side; None where there is but one thread."""
        return None if self.threads == 1 else self._open().submit(work)

    def close(self) -> None:
        """End the threads; what they do must know by itself when to stop."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _open(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, "search")
        return self._pool
