"""Who is alive: every worker holds a lock that the operating system or PostgreSQL takes back when it dies.

SQLite: an exclusive lock on ``worker.lock``, so there is exactly one worker process. PostgreSQL: a session's advisory lock
on the worker's name; who can take it knows that its holder is dead.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from typing import IO

import sqlalchemy as sa

from api.service.jobs import tables
from api.service.settings import Settings, SettingsError

FAMILY = 0x67696761
"""The first half of our workers' advisory locks (the second is a hash of the worker's name)."""
ONLY_WORKER = "sqlite-worker"


class LockLost(Exception):
    """The connection that held the lock is gone: others may take this worker for dead, so it must end."""


class FileLock:
    """The one worker of a SQLite file."""

    executor_id = ONLY_WORKER

    def __init__(self, settings: Settings) -> None:
        self._handle: IO[str] = (settings.data / "worker.lock").open("a+")
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._handle.close()
            raise SettingsError(
                f"another worker already runs on {tables.sqlite_file(settings).name} in this data folder, and SQLite allows "
                "one; stop it, ask it for more solves at once (GIGASITE_SOLVES), or use PostgreSQL (GIGASITE_DATABASE_URL)"
            ) from None

    def check(self) -> None:
        """A file lock lives as long as its process."""

    def close(self) -> None:
        """Let go."""
        self._handle.close()


class SessionLock:
    """One worker of many on PostgreSQL, on a connection of its own that does nothing else."""

    def __init__(self, settings: Settings) -> None:
        self.executor_id = settings.worker_id or f"{os.uname().nodename}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._engine = sa.create_engine(tables.url(settings), poolclass=sa.NullPool)
        self._c = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not _take(self._c, self.executor_id):
            self._c.close()
            raise SettingsError(
                f"a worker named {self.executor_id!r} is alive; each worker needs a name of its own (GIGASITE_WORKER_ID or "
                "--id), or none at all"
            )

    def check(self) -> None:
        """Raises LockLost when the session has ended."""
        try:
            self._c.execute(sa.text("SELECT 1"))
        except sa.exc.DBAPIError as error:
            raise LockLost("the connection to PostgreSQL was lost") from error

    def close(self) -> None:
        """Let go."""
        with contextlib.suppress(sa.exc.DBAPIError):
            self._c.close()
        self._engine.dispose()


def hold(settings: Settings) -> FileLock | SessionLock:
    """This process's place among the workers. Raises SettingsError where it is taken."""
    return FileLock(settings) if settings.is_sqlite else SessionLock(settings)


@contextlib.contextmanager
def dead(engine: sa.Engine, executor_id: str) -> Iterator[bool]:
    """Whether a worker on PostgreSQL is dead; while inside, it cannot come back and nobody else buries it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        taken = _take(c, executor_id)
        try:
            yield taken
        finally:
            if taken:
                c.execute(sa.text("SELECT pg_advisory_unlock(:f, :k)"), {"f": FAMILY, "k": _half(executor_id)})


def live_workers(settings: Settings, c: sa.Connection) -> int:
    """How many workers hold their lock now."""
    if settings.is_sqlite:
        return int(_is_held(settings))
    query = (
        "SELECT count(DISTINCT objid) FROM pg_locks WHERE locktype = 'advisory' AND classid = :f AND objsubid = 2 AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return int(c.execute(sa.text(query), {"f": FAMILY}).scalar_one())


def _is_held(settings: Settings) -> bool:
    try:
        with (settings.data / "worker.lock").open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _take(c: sa.Connection, executor_id: str) -> bool:
    found = c.execute(sa.text("SELECT pg_try_advisory_lock(:f, :k)"), {"f": FAMILY, "k": _half(executor_id)})
    return bool(found.scalar_one())


def _half(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)
