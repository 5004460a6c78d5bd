"""A data folder, a PostgreSQL where one can be had, and workers that solve nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.service.settings import Settings
from benchmarks.service.postgres import NoPostgres, new_database, server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server that lives as long as the tests."""
    try:
        with server(tmp_path_factory.mktemp("postgres")) as url:
            yield url
    except NoPostgres as error:
        pytest.skip(f"no PostgreSQL could be started here: {error}")


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """On both databases: a data folder and a database of the test's own."""
    if request.param == "sqlite":
        return Settings(data=tmp_path / "data")
    return Settings(data=tmp_path / "data", database_url=new_database(request.getfixturevalue("postgres")))


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Settings:
    """On SQLite only."""
    return Settings(data=tmp_path / "data")
