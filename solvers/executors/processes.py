"""Processes of this machine: a crash, or whoever kills one, costs the pieces under way, and they are done again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import sharedctypes
from typing import Any

from planner.errors import SolverError
from solvers.executors.crew import AHEAD, Crew, Doing, Handed, R, T
from solvers.executors.threads import Threads
from solvers.executors.work import Stop, Work

TRIES = 3
"""How often in a row the processes are started anew without any result in between."""


class Processes(Crew):
    """``workers`` processes, spawned clean; what is on the side, and what cannot travel, stays with threads of this one."""

    patience_s = 1.0

    def __init__(self, workers: int, tell: Callable[[str], None] = lambda _: None, ahead: int = AHEAD) -> None:
        super().__init__(workers, ahead)
        self._tell = tell
        self._here = Threads(workers, ahead)
        self._pool: ProcessPoolExecutor | None = None
        self._call, self._losses = 0, 0
        # Calls up to this number should stop. Plain shared memory: a process that dies holding a lock would block all others.
        self._ended = sharedctypes.RawValue("Q", 0)

    def aside(self, work: Callable[[], R]) -> Future[R] | None:
        """See :meth:`Crew.aside`: a thread beside the processes."""
        return self._here.aside(work)

    def close(self) -> None:
        """End the processes at once: nobody waits for what they still do."""
        self._end_pool()
        self._here.close()

    def _begin(self) -> None:
        self._call, self._losses = self._call + 1, 0

    def _ask_to_stop(self) -> None:
        self._ended.value = self._call

    def _hand_out(self, work: Doing[T, R], item: T) -> Handed[T, R]:
        if not isinstance(work, Work):
            return self._here._hand_out(work, item)
        job = work.make(item)
        while True:
            pool = self._open()
            try:
                return Handed(item, pool.submit(_run, work.run, job, self._call), pool)
            except BrokenProcessPool:
                self._anew(pool)

    def _is_lost(self, handed: Handed[T, R]) -> bool:
        if not handed.future.done():
            return False
        if _is_broken(handed.future):
            return True
        self._losses = 0
        return False

    def _again(self, work: Doing[T, R], handed: deque[Handed[T, R]]) -> None:
        self._anew(handed[0].by)
        for i, h in enumerate(handed):
            if h.future.done() and _is_broken(h.future):
                handed[i] = self._hand_out(work, h.item)

    def _anew(self, broken: Executor) -> None:
        """Another pool, unless there is one already. Raises SolverError where they break again and again."""
        if broken is not self._pool:
            return
        self._end_pool()
        self._losses += 1
        if self._losses > TRIES:
            raise SolverError(
                f"processes of the search died {self._losses} times in a row (too little memory?); "
                "try fewer threads or the executor threads"
            )
        self._tell("a process of the search died: what it had is done again")

    def _open(self) -> ProcessPoolExecutor:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, spawn, initializer=_settle_in, initargs=(self._ended,))
        return self._pool

    def _end_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # Python 3.14 has kill_workers() for this.
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


def _is_broken(future: Future[Any]) -> bool:
    return future.cancelled() or isinstance(future.exception(), BrokenProcessPool)


# ------------------------------------------------------------------------------------------------- in the other process

_ended: Any = None


def _settle_in(ended: Any) -> None:
    """Ctrl-C is the parent's to hear; without a parent there is nothing left to do."""
    global _ended
    _ended = ended
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def leave() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=leave, daemon=True).start()


def _run(run: Callable[[Any, Stop], R], job: Any, call: int) -> R:
    return run(job, lambda: bool(_ended.value >= call))
