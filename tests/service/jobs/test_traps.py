"""The traps of DBOS (docs/decisions/0009), each held shut; those about dead workers are in test_worker."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.service.jobs import durable, open_jobs, sweeper, tables
from api.service.jobs.attempt import Attempts
from api.service.jobs.interface import JobNotFound
from api.service.jobs.liveness import SessionLock, dead, live_workers
from api.service.jobs.results import Shelf
from api.service.settings import Settings, SettingsError, read, to_env
from tests.service.jobs.crew import ME, stub


def submitted(settings: Settings, count: int = 1) -> list[str]:
    async def run() -> list[str]:
        jobs = await open_jobs(settings)
        found = [(await jobs.submit(ME, stub(f"{i}"))).job.id for i in range(count)]
        await jobs.close()
        return found

    return asyncio.run(run())


def workflows(settings: Settings) -> list[dict[str, object]]:
    engine = tables.open_engine(settings, 1)
    table = "workflow_status" if settings.is_sqlite else "dbos.workflow_status"
    with engine.connect() as c:
        rows = [dict(r) for r in c.execute(sa.text(f"SELECT * FROM {table} ORDER BY priority")).mappings()]
    engine.dispose()
    return rows


def test_a_job_s_workflow_is_pinned_plain_json_and_in_order(settings: Settings) -> None:
    ids = submitted(settings, 3)
    rows = workflows(settings)
    assert [row["workflow_uuid"] for row in rows] == ids
    for row in rows:
        assert (row["application_version"], row["application_name"]) == ("1", "gigasite")
        assert row["serialization"] == "portable_json"
        assert row["executor_id"] is None and row["workflow_timeout_ms"] is None


def test_the_worker_s_configuration_names_itself_and_nothing_that_is_not_ours(
    on_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBOS_CONDUCTOR_KEY", "key")
    monkeypatch.setenv("DBOS__CLOUD", "true")
    config = durable.config(on_sqlite, "worker-7")
    assert (config["executor_id"], config["application_version"]) == ("worker-7", durable.APP_VERSION)
    assert not [
        key for key in config if "conductor" in key or "enterprise" in key or "upgrade" in key or key == "sharding"
    ]
    import os

    assert not [name for name in os.environ if name.startswith("DBOS_")]
    assert logging.getLogger("dbos").level == logging.WARNING


def test_a_cancelled_workflow_is_no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    durable.hush()
    logger = logging.getLogger("dbos")
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    try:
        logger.error("Workflow 1 was cancelled")
        logger.info("To view and manage workflows, connect to ...")
        logger.error("the disk is full")
    finally:
        logger.removeHandler(handler)
    assert kept == ["the disk is full"]


def test_a_job_that_dbos_lost_sight_of_goes_back_into_its_queue(settings: Settings) -> None:
    """One workflow is gone, one ended in error; both jobs are unfinished in our table, which is the truth."""
    first, second, third = submitted(settings, 3)
    engine = tables.open_engine(settings)
    client = durable.client(engine)
    client.delete_workflow(first)
    client.cancel_workflow(second)
    Attempts(engine).begin(third)
    Attempts(engine).finish(third, 1, "successful", {})
    client.delete_workflow(third)
    assert sweeper.stranded(engine, client) == 2
    assert sweeper.stranded(engine, client) == 0
    assert {row["workflow_uuid"]: row["status"] for row in workflows(settings)} == {
        first: "ENQUEUED",
        second: "ENQUEUED",
    }
    engine.dispose()


def test_old_jobs_go_with_their_files_and_young_ones_stay(settings: Settings) -> None:
    first, second, third = submitted(settings, 3)
    engine, shelf = tables.open_engine(settings), Shelf(settings)
    client = durable.client(engine)
    attempts = Attempts(engine)
    for job in (first, second):
        attempts.begin(job)
        (shelf.draft(job, 1) / "plan.json").write_text("{}")
        folder = shelf.publish(job, 1)
        attempts.finish(job, 1, "successful", {"folder": folder, "files": json.dumps(["plan.json"])})
    with engine.begin() as c:
        c.execute(tables.JOBS.update().where(tables.JOBS.c.id == first).values(finished=time.time() - 31 * 86_400))
    orphan = shelf.draft("f" * 32, 1)
    assert sweeper.retire(engine, client, replace(settings, keep_days=0), shelf) == 0
    assert sweeper.retire(engine, client, settings, shelf) == 1
    assert sweeper.orphans(engine, settings, shelf) == 0
    assert sweeper.orphans(engine, settings, shelf, now=time.time() + 7200) == 1
    assert not orphan.exists() and shelf.jobs() == {second}

    async def look() -> None:
        jobs = await open_jobs(settings)
        with pytest.raises(JobNotFound):
            await jobs.get(ME, first)
        result = await jobs.result(ME, second)
        assert (result.folder / "plan.json").read_text() == "{}"
        assert (await jobs.get(ME, third)).status == "accepted"
        await jobs.close()

    asyncio.run(look())
    engine.dispose()


def test_a_draft_of_an_earlier_start_is_cleared_away(on_sqlite: Settings) -> None:
    tables.prepare(on_sqlite)
    shelf = Shelf(on_sqlite)
    (shelf.draft("a", 1) / "half").write_text("x")
    shelf.publish("a", 1)
    (shelf.draft("a", 2) / "half").write_text("x")
    assert sorted(p.name for p in shelf.place("a").iterdir()) == ["draft-2"]
    assert list(shelf.draft("a", 3).iterdir()) == []
    shelf.draft("a", 2)  # a start that was taken for dead and wakes up leaves the later one's alone
    assert sorted(p.name for p in shelf.place("a").iterdir()) == ["draft-2", "draft-3"]


def test_news_that_could_not_be_written_are_not_counted_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from api.service.jobs import notes

    monkeypatch.setattr(notes, "MOST_EVENTS", 2)
    kept = notes.Notes()
    for words in "ab":
        kept.take({"kind": "event", "event": "phase", "message": words})
    first = kept.due(everything=True)
    assert len(first.events) == 2
    kept.put_back(first)
    assert kept.due(everything=True).events == first.events


def test_names_of_workers_on_postgres_are_their_own_and_the_dead_are_known(tmp_path: Path, postgres: str) -> None:
    from benchmarks.service.postgres import new_database

    settings = Settings(data=tmp_path / "data", database_url=new_database(postgres), worker_id="a")
    tables.prepare(settings)
    engine = tables.open_engine(settings)
    lock = SessionLock(settings)
    with pytest.raises(SettingsError, match="'a' is alive"):
        SessionLock(settings)
    other = SessionLock(replace(settings, worker_id=""))
    assert other.executor_id not in ("a", "local", "")
    with engine.connect() as c:
        assert live_workers(settings, c) == 2
    with dead(engine, "a") as is_dead:
        assert not is_dead
    lock.close()
    assert eventually(lambda: _is_dead(engine, "a"))  # the server notices a closed connection a moment later
    with dead(engine, "a") as is_dead, pytest.raises(SettingsError):
        assert is_dead
        SessionLock(settings)  # while somebody buries it, nobody takes its name
    SessionLock(settings).close()
    other.close()
    engine.dispose()


def _is_dead(engine: sa.Engine, worker: str) -> bool:
    with dead(engine, worker) as is_dead:
        return is_dead


def eventually(true: Callable[[], bool]) -> bool:
    """Within ten seconds."""
    end = time.monotonic() + 10
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_settings_are_read_checked_and_passed_on(tmp_path: Path) -> None:
    env = {"GIGASITE_DATA": str(tmp_path), "GIGASITE_SOLVES": "3", "GIGASITE_PORT": "", "GIGASITE_KEEP_DAYS": "0.5"}
    found = read(env, host="::1", port=None)
    assert (found.data, found.solves, found.port, found.keep_days, found.host) == (tmp_path, 3, 8000, 0.5, "::1")
    assert read(to_env(found)) == found
    for wrong, words in (
        ({"GIGASITE_SOLVES": "many"}, "must be a number"),
        ({"GIGASITE_SOLVES": "0"}, "at least 1"),
        ({"GIGASITE_WORKERS": "2"}, "GIGASITE_DATABASE_URL"),
        ({"GIGASITE_DATABASE_URL": "mysql://x"}, "postgresql://"),
    ):
        with pytest.raises(SettingsError, match=words):
            read(wrong)
    assert read({"GIGASITE_WORKERS": "2", "GIGASITE_DATABASE_URL": "postgresql://h/d"}).workers == 2
