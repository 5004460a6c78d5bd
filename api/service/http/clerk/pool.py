"""The service's side of the clerks: a few processes, a queue before them, a deadline for each task."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from typing import Any

from api.service.http.clerk.wire import HEAD, length, packed
from api.service.http.logs import say

MOST_WAITING = 2_000
WARM_SECONDS = 60.0
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "GDAL_DATA", "PROJ_DATA")
"""What a clerk sees of the environment: no database address, no key."""


class ClerkTooSlow(Exception):
    """The task was stopped at its deadline."""


class ClerksBusy(Exception):
    """Too many tasks wait already."""


class ClerkDied(Exception):
    """The clerk's process ended, ran out of memory or raised; the text is for the log."""


class Clerk:
    """One child process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def hire(cls, memory_mb: int) -> Clerk:
        """Start one. It loads its libraries with its first task."""
        environment = {k: v for k, v in os.environ.items() if k in KEPT_ENVIRONMENT}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PROJ_NETWORK": "OFF"}
        environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "api.service.http.clerk.child",
            str(memory_mb),
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        return cls(process)

    async def ask(self, data: bytes) -> dict[str, Any]:
        """Send one message and wait for its answer."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(data)
            await self.process.stdin.drain()
            head = await self.process.stdout.readexactly(HEAD)
            found: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length(head)))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            raise ClerkDied(f"the process ended ({type(error).__name__})") from None
        return found

    def dismiss(self) -> None:
        """End the process now."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


class Clerks:
    """``await clerks.do(task, seconds, ...)``. Processes start when they are first needed."""

    def __init__(self, number: int, memory_mb: int = 4096, first: str = "warm") -> None:
        self._first = first
        self._memory_mb = memory_mb
        self._places = asyncio.Semaphore(number)
        self._idle: list[Clerk] = []
        self._all: set[Clerk] = set()
        self._ending: set[asyncio.Future[Any]] = set()
        self._waiting = 0
        self._closed = False

    async def do(self, task: str, seconds: float, wait: float | None = None, **given: Any) -> Any:
        """What the task returns. Raises ClerksBusy (after ``wait`` seconds without a free clerk), ClerkTooSlow or ClerkDied."""
        if self._waiting >= MOST_WAITING:
            raise ClerksBusy
        data = packed({"task": task, "given": given})
        self._waiting += 1
        try:
            try:
                async with asyncio.timeout(wait):
                    await self._places.acquire()
            except TimeoutError:
                raise ClerksBusy from None
            try:
                return await self._done(task, data, seconds)
            finally:
                self._places.release()
        finally:
            self._waiting -= 1

    async def _done(self, task: str, data: bytes, seconds: float) -> Any:
        self._idle = [c for c in self._idle if c.process.returncode is None]  # one may have died while it waited
        clerk = self._idle.pop() if self._idle else await self._hired()
        kept = False
        try:
            async with asyncio.timeout(seconds):
                answer = await clerk.ask(data)
            kept = answer.get("failed") != "memory" and not self._closed
        except TimeoutError:
            raise ClerkTooSlow(task) from None
        finally:
            if kept:
                self._idle.append(clerk)
            else:
                clerk.dismiss()
                self._forget_later(clerk)
        if "failed" in answer:
            say("clerk failed", logging.ERROR, task=task, why=answer["failed"], traceback=answer.get("traceback"))
            raise ClerkDied(answer["failed"])
        return answer["done"]

    async def _hired(self) -> Clerk:
        """A new clerk that has loaded its libraries: that time is not the first task's."""
        clerk = await Clerk.hire(self._memory_mb)
        self._all.add(clerk)
        try:
            async with asyncio.timeout(WARM_SECONDS):
                await clerk.ask(packed({"task": self._first, "given": {}}))
        except BaseException as error:
            clerk.dismiss()
            self._forget_later(clerk)
            if isinstance(error, TimeoutError):
                raise ClerkTooSlow("warm") from None
            raise
        return clerk

    def _forget_later(self, clerk: Clerk) -> None:
        """Take note of the end of a process that was killed, so that it leaves no zombie. What it had still to say is read:
        asyncio never sees the end of a process whose pipe nobody has emptied."""
        task = asyncio.ensure_future(clerk.process.communicate())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        task.add_done_callback(lambda _: self._all.discard(clerk))

    async def warm(self) -> None:
        """Let one clerk load its libraries before the first caller waits for them."""
        with contextlib.suppress(ClerkTooSlow, ClerkDied, ClerksBusy):
            await self.do("warm", WARM_SECONDS)

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        self._idle.clear()
        for clerk in list(self._all):
            clerk.dismiss()
            await clerk.process.wait()
        self._all.clear()
