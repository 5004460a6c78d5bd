"""The four tables of ours, beside DBOS's own in the same database: jobs, their news, their best points, and the keys they came with.

One database holds both, so that accepting a job is one transaction: our row and DBOS's queue entry are there or neither.
SQLite is one file in WAL mode with FULL synchronisation (an answer of 201 is on the disk); PostgreSQL is what the URL names.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.service.preflight import make_folder
from api.service.settings import Settings

META = sa.MetaData()

JOBS = sa.Table(
    "gigasite_jobs",
    META,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    # times are seconds since 1970, UTC
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("updated", sa.Float(53), nullable=False),
    sa.Column("started", sa.Float(53)),
    sa.Column("finished", sa.Float(53)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("base_dir", sa.Text, nullable=False),
    sa.Column("request_hash", sa.Text, nullable=False),
    # the fence: it rises with every start, and a write of an earlier start finds no row
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    # starts whose worker was lost
    sa.Column("losses", sa.Integer, nullable=False, default=0),
    sa.Column("released", sa.Boolean, nullable=False, default=False),
    sa.Column("stopping", sa.Boolean, nullable=False, default=False),
    sa.Column("stop_asked", sa.Float(53)),
    sa.Column("last_event", sa.Integer, nullable=False, default=0),
    sa.Column("progress", sa.Integer),
    sa.Column("message", sa.Text, nullable=False, default=""),
    sa.Column("objective_name", sa.Text),
    sa.Column("objective_sense", sa.Text),
    sa.Column("objective_unit", sa.Text),
    sa.Column("incumbent", sa.Float(53)),
    sa.Column("bound", sa.Float(53)),
    sa.Column("gap", sa.Float(53)),
    sa.Column("stopped", sa.Text),
    sa.Column("holds", sa.Text),
    # the folder of the result beside its job's; None: no result
    sa.Column("folder", sa.Text),
    sa.Column("files", sa.Text),
    sa.Column("result_sha256", sa.Text),
    sa.Column("error", sa.Text),
    sa.Index("gigasite_jobs_queue", "status", "seq"),
    sa.Index("gigasite_jobs_owner", "owner", "seq"),
    sa.Index("gigasite_jobs_content", "owner", "request_hash"),
    sqlite_autoincrement=True,
)

EVENTS = sa.Table(
    "gigasite_events",
    META,
    sa.Column("job", sa.String(32), primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.Float(53), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)

POINTS = sa.Table(
    "gigasite_points",
    META,
    sa.Column("job", sa.String(32), primary_key=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("time", sa.Float(53), nullable=False),
    # the objective in the request's own sense, the bound told with it, and the decisions as JSON
    sa.Column("value", sa.Float(53)),
    sa.Column("bound", sa.Float(53)),
    sa.Column("decisions", sa.Text, nullable=False),
)

KEYS = sa.Table(
    "gigasite_keys",
    META,
    # each Idempotency-Key (its SHA-256), what came with it, and the job that answered: a new one or one that had finished
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key_hash", sa.Text, primary_key=True),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("job", sa.String(32), nullable=False, index=True),
)

UNFINISHED = ("accepted", "running")


def url(settings: Settings) -> str:
    """The database as SQLAlchemy and DBOS name it."""
    if settings.is_sqlite:
        return f"sqlite:///{sqlite_file(settings)}"
    return "postgresql+psycopg://" + settings.database_url.split("://", 1)[1]


def sqlite_file(settings: Settings) -> Path:
    """The file that holds the jobs where no PostgreSQL does."""
    return settings.data.resolve() / "jobs.sqlite"


def open_engine(settings: Settings, connections: int = 10) -> sa.Engine:
    """Connections to the database. SQLite writers queue for the write lock at their transaction's begin."""
    if not settings.is_sqlite:
        return sa.create_engine(url(settings), pool_size=connections, max_overflow=2, pool_pre_ping=True)
    engine = sa.create_engine(url(settings), pool_size=connections, max_overflow=2, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


@contextlib.contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that holds SQLite's write lock from its beginning: what it reads stays true until it writes."""
    with engine.begin() as c:
        if c.dialect.name == "sqlite":
            c.exec_driver_sql("BEGIN IMMEDIATE")
        yield c


def prepare(settings: Settings) -> None:
    """Make the folders and tables where they are missing. Any number of processes may do so at once. Raises SettingsError
    where the data cannot be kept there."""
    from dbos import DBOS

    make_folder(settings)
    results_dir(settings).mkdir(exist_ok=True)
    with _one_at_a_time(settings):
        engine = open_engine(settings, 1)
        try:
            if settings.is_sqlite:
                with engine.connect() as c:
                    c.exec_driver_sql("PRAGMA journal_mode=WAL")
            META.create_all(engine)
        finally:
            engine.dispose()
        DBOS.migrate(url(settings))


def results_dir(settings: Settings) -> Path:
    """Where results are: ``results / job id / attempt``."""
    return settings.data.resolve() / "results"


@contextlib.contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[None]:
    if settings.is_sqlite:
        with (settings.data / "prepare.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    engine = sa.create_engine(url(settings), poolclass=sa.NullPool)
    # Asked again and again instead of waited for, and without a transaction: DBOS builds indexes concurrently, which waits
    # for everybody's transactions and statements, also for one that waits for this lock.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        while not c.execute(sa.text("SELECT pg_try_advisory_lock(:k)"), {"k": lock_key("prepare")}).scalar_one():
            time.sleep(0.1)
        yield
    engine.dispose()


def lock_key(name: str) -> int:
    """A PostgreSQL advisory lock's key (64 bits, signed) for a name."""
    import hashlib

    return int.from_bytes(hashlib.sha256(f"gigasite/{name}".encode()).digest()[:8], "big", signed=True)


def inside(settings: Settings, base_dir: str) -> Path:
    """The folder that a job's files are relative to. Raises ValueError for one outside the data directory."""
    data = settings.data.resolve()
    if not base_dir:
        return data
    folder = (data / base_dir).resolve()
    if not folder.is_relative_to(data):
        raise ValueError("base_dir leaves the data directory")
    return folder
