"""Who follows jobs is woken when there is news: one look at the database for all followers of this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

LOOK_S = 0.25

Look = Callable[[Sequence[str]], Coroutine[Any, Any, dict[str, int]]]
"""The last event's id of each of these jobs; a job that is gone has none."""


class Feed:
    """Followers wait on :meth:`newer`; nobody looks while nobody follows."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._watched: Counter[str] = Counter()
        self._last: dict[str, int] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def following(self, job_id: str) -> AsyncIterator[None]:
        """While inside, this job is looked at."""
        self._watched[job_id] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._watched[job_id] -= 1
            if self._watched[job_id] <= 0:
                del self._watched[job_id]
                self._last.pop(job_id, None)

    async def newer(self, job_id: str, than: int, timeout_s: float) -> bool:
        """Waits for an event with a higher id. False when the time is up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while self._last.get(job_id, than) <= than:
            left = until - loop.time()
            if left <= 0:
                return False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)
        return True

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._watched:
            with contextlib.suppress(Exception):  # a database that is away just now has no news
                found = await self._look(list(self._watched))
                gone = {job: 2**31 for job in self._watched if job not in found}
                fresh = found | gone
                if any(fresh[job] != self._last.get(job) for job in fresh):
                    self._last = fresh
                    news, self._news = self._news, asyncio.Event()
                    news.set()
            await asyncio.sleep(LOOK_S)
