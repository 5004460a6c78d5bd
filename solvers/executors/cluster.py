"""An existing Dask cluster. Lost workers are Dask's to make good; a lost scheduler ends its part, and this process goes on.

Whoever can reach a Dask scheduler can have it run anything: it belongs into a network of its own. Its workers need the same
versions of this program, of HiGHS and of NumPy, or answers could differ; each piece of work says so where they do not.
"""

from __future__ import annotations

import functools
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from typing import Any

from planner.errors import SolverError
from planner.installed import version_of
from solvers.executors.crew import AHEAD, Crew, Doing, Handed, R, T
from solvers.executors.threads import Threads
from solvers.executors.work import Stop, Work

CONNECT_S = 10.0
"""How long the scheduler, and then a first worker, is waited for."""
RETRIES = 2
"""How often a piece that failed for another reason than its own is tried again."""
ALIKE = ("gigasite", "highspy", "numpy", "scipy")
"""What the workers must have in the version that this process has."""
ASK_EVERY_S = 1.0


class Cluster(Crew):
    """As many workers as the cluster has threads. Without its scheduler: ``threads`` threads of this process."""

    patience_s = 2.0

    def __init__(
        self, address: str, threads: int, tell: Callable[[str], None] = lambda _: None, ahead: int = AHEAD
    ) -> None:
        super().__init__(threads, ahead)
        self._address, self._tell = address, tell
        self._here = Threads(threads, ahead)
        self._client = connect(address)
        self._theirs: Executor = self._client.get_executor(retries=RETRIES, pure=False)
        self._remote: Executor | None = self._theirs
        self._name, self._call, self._asked = f"gigasite-{uuid.uuid4().hex}", 0, 0

    def aside(self, work: Callable[[], R]) -> Future[R] | None:
        """See :meth:`Crew.aside`: a thread of this process."""
        return self._here.aside(work)

    def close(self) -> None:
        """Leave the cluster; what it still does for us is called off."""
        if self._remote is not None:
            self._ask_to_stop()
            self._remote = None
            self._client.close(timeout=1)
        self._here.close()

    def _begin(self) -> None:
        self._call += 1
        if not self._is_there():
            self._leave()
            return
        with suppress(OSError):  # it is going down: the next look at its state finds out
            self.workers = max(1, sum(self._client.nthreads().values()))

    def _ask_to_stop(self) -> None:
        from distributed import Event

        if self._is_there() and self._asked < self._call:
            self._asked = self._call
            with suppress(OSError):  # it is going down, and its workers with it
                Event(_event(self._name, self._call), client=self._client).set()

    def _hand_out(self, work: Doing[T, R], item: T) -> Handed[T, R]:
        if not self._is_there():
            self._leave()
        if self._remote is None or not isinstance(work, Work):
            return self._here._hand_out(work, item)
        future = self._remote.submit(_run, work.run, work.make(item), versions(), _event(self._name, self._call))
        return Handed(item, future, self._remote)

    def _is_lost(self, handed: Handed[T, R]) -> bool:
        if handed.by is not self._theirs:
            return False
        if not handed.future.done():
            return not self._is_there()  # what is handed out while the connection is lost, nobody ever ends
        return handed.future.cancelled() or isinstance(handed.future.exception(), CancelledError)

    def _result(self, handed: Handed[T, R]) -> R:
        try:
            return handed.future.result()
        except Exception as error:
            if handed.by is not self._theirs or isinstance(error, SolverError | MemoryError):
                raise
            raise SolverError(f"a worker of the cluster failed: {type(error).__name__}: {error}") from None

    def _again(self, work: Doing[T, R], handed: deque[Handed[T, R]]) -> None:
        self._leave()
        for i, h in enumerate(handed):
            if self._is_lost(h):
                handed[i] = self._hand_out(work, h.item)

    def _is_there(self) -> bool:
        """True while the scheduler is connected. Dask would wait for another one at the same address; a search has no time."""
        return self._remote is not None and self._client.status == "running"

    def _leave(self) -> None:
        """From here on everything is done in this process."""
        if self._remote is None:
            return
        self._tell(f"the Dask scheduler at {self._address} is gone: going on in this process")
        self._remote, self.workers = None, self._here.workers
        self._client.close(timeout=1)


def connect(address: str) -> Any:
    """A client of a scheduler that has workers. Raises SolverError saying what is missing."""
    try:
        from distributed import Client
    except ImportError:
        raise SolverError("Dask is not installed here; install the extra: pip install 'gigasite[cluster]'") from None
    # What it would log with tracebacks, the search says in a sentence.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        why = f"{error}".splitlines()[0] if f"{error}" else type(error).__name__
        raise SolverError(f"no Dask scheduler answers at {address}: {why}") from None
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        client.close(timeout=1)
        raise SolverError(
            f"the Dask scheduler at {address} has no workers; start some: dask worker {address}"
        ) from None
    try:
        for theirs in client.run(versions).values():
            compare(theirs, versions())
    except ImportError as error:
        client.close(timeout=1)
        raise SolverError(f"a worker of the cluster lacks gigasite ({error}); install the same version there") from None
    except SolverError:
        client.close(timeout=1)
        raise
    return client


def compare(there: dict[str, str], here: dict[str, str]) -> None:
    """Raises SolverError where a worker has other versions than who hands out the work."""
    if there != here:
        differ = ", ".join(f"{k} {there.get(k)} instead of {v}" for k, v in here.items() if there.get(k) != v)
        raise SolverError(f"a worker of the cluster has {differ}; install the same versions there")


@functools.cache
def versions() -> dict[str, str]:
    """What is installed here of what has to be alike."""
    return {package: version_of(package) for package in ALIKE}


def _event(name: str, call: int) -> str:
    return f"{name}-{call}"


# ------------------------------------------------------------------------------------------------ in the cluster's worker


def _run(run: Callable[[Any, Stop], R], job: Any, theirs: dict[str, str], event: str) -> R:
    compare(versions(), theirs)  # a worker may have come later
    return run(job, _Asked(event))


class _Asked:
    """Whether those at work should stop. The scheduler is asked at most every second, and when it is gone nobody waits."""

    def __init__(self, event: str) -> None:
        self._event, self._due, self._said = event, time.monotonic() + ASK_EVERY_S, False

    def __call__(self) -> bool:
        if self._said or time.monotonic() < self._due:
            return self._said
        from distributed import Event

        try:
            self._said = bool(Event(self._event).is_set())
        except Exception:  # whatever a lost connection raises
            self._said = True
        self._due = time.monotonic() + ASK_EVERY_S
        return self._said
