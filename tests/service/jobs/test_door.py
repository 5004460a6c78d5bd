"""Accepting, reading and asking to stop: without any worker, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from api.service.jobs import open_jobs, tables
from api.service.jobs.interface import (
    BadCursor,
    IdempotencyConflict,
    JobFilter,
    JobNotFound,
    JobsUnavailable,
    NoResult,
    QueueFull,
    Submitted,
    UnknownProcess,
)
from api.service.settings import Settings
from tests.service.jobs.crew import ME, opened, stub


def test_what_was_accepted_is_there_for_its_owner_alone_and_after_a_restart(settings: Settings) -> None:
    async def run() -> None:
        async with opened(settings) as jobs:
            job = (await jobs.submit(ME, stub("first"))).job
            assert (job.status, job.queue_position, job.name, job.attempt) == ("accepted", 1, "first", 0)
        async with opened(settings) as jobs:
            assert await jobs.get(ME, job.id) == job
            assert (await jobs.request(ME, job.id)).document == stub("first")
            for somebody, job_id in (("you", job.id), (ME, "0" * 32), (ME, "")):
                for ask in (jobs.get, jobs.dismiss, jobs.remove, jobs.result, jobs.request):
                    with pytest.raises(JobNotFound, match=r"^there is no such job$"):
                        await ask(somebody, job_id)
                with pytest.raises(JobNotFound):
                    await anext(aiter(jobs.events(somebody, job_id)))
            assert (await jobs.list("you")).jobs == ()
            with pytest.raises(NoResult):
                await jobs.result(ME, job.id)

    asyncio.run(run())


def test_the_same_key_is_the_same_job_and_with_another_body_a_conflict(settings: Settings) -> None:
    async def run() -> None:
        async with opened(settings) as jobs, opened(settings) as other:
            doors = [jobs, other] * 10
            told = await asyncio.gather(*(d.submit(ME, stub("a"), idempotency_key="k") for d in doors))
            assert len({t.job.id for t in told}) == 1
            assert sum(t.is_new for t in told) == 1
            with pytest.raises(IdempotencyConflict):
                await jobs.submit(ME, stub("b"), idempotency_key="k")
            theirs = await jobs.submit("you", stub("b"), idempotency_key="k")
            assert theirs.is_new
            odd = await jobs.submit(ME, stub("c \x00 \ud800 \n"), idempotency_key="\x00" * 300)
            assert odd.job.name == "c      "
            assert await jobs.queue_length() == 3

    asyncio.run(run())


def test_a_thousand_at_once_come_in_order_and_are_all_there(settings: Settings) -> None:
    async def run() -> None:
        async with opened(replace(settings, max_jobs_per_owner=1000)) as jobs:
            told = await asyncio.gather(*(jobs.submit(ME, stub(f"{i}")) for i in range(1000)))
            ids = [t.job.id for t in told]
            assert len(set(ids)) == 1000 == await jobs.queue_length()
            with pytest.raises(QueueFull) as refused:
                await jobs.submit(ME, stub("one too many"))
            assert refused.value.of_owner and refused.value.retry_after_s > 0
            seen, places, cursor = [], [], None
            while True:
                page = await jobs.list(ME, limit=300, cursor=cursor)
                seen += [job.id for job in page.jobs]
                places += [job.queue_position for job in page.jobs]
                cursor = page.cursor
                if cursor is None:
                    break
            assert sorted(seen) == sorted(ids) and places == list(range(1000, 0, -1))
            positions = [(await jobs.get(ME, job_id)).queue_position for job_id in reversed(seen[-5:])]
            assert positions == [1, 2, 3, 4, 5]

    asyncio.run(run())


def test_a_full_queue_says_so_and_accepts_nothing(on_sqlite: Settings) -> None:
    async def run() -> None:
        async with opened(replace(on_sqlite, max_queue=3)) as jobs:
            told = await asyncio.gather(*(jobs.submit(f"o{i}", stub()) for i in range(10)), return_exceptions=True)
            assert sum(isinstance(t, QueueFull) for t in told) == 7
            assert await jobs.queue_length() == 3
            with pytest.raises(UnknownProcess):
                await jobs.submit(ME, stub(), process="../plan")
            with pytest.raises(ValueError, match="leaves the data directory"):
                await jobs.submit(ME, stub(), base_dir="../..")

    asyncio.run(run())


def test_a_waiting_job_is_dismissed_at_once_and_can_then_be_removed(settings: Settings) -> None:
    async def run() -> None:
        async with opened(settings) as jobs:
            first, second = [(await jobs.submit(ME, stub(n))).job for n in "ab"]
            assert second.queue_position == 2
            gone = await jobs.dismiss(ME, first.id)
            assert gone.status == "dismissed" and gone.finished is not None and gone.holds is None
            assert await jobs.dismiss(ME, first.id) == gone
            assert (await jobs.get(ME, second.id)).queue_position == 1
            kinds = [(e.id, e.data["status"]) async for e in jobs.events(ME, first.id)]
            assert kinds == [(1, "accepted"), (2, "dismissed")]
            assert [e.id async for e in jobs.events(ME, first.id, after=1)] == [2]
            await jobs.remove(ME, first.id)
            with pytest.raises(JobNotFound):
                await jobs.get(ME, first.id)

    asyncio.run(run())


def test_lists_are_narrowed_and_cursors_are_checked(on_sqlite: Settings) -> None:
    async def run() -> None:
        async with opened(on_sqlite) as jobs:
            job = (await jobs.submit(ME, stub("a"))).job
            await jobs.dismiss(ME, job.id)
            other = (await jobs.submit(ME, stub("b"))).job

            async def ids(**where: object) -> list[str]:
                return [j.id for j in (await jobs.list(ME, where=JobFilter(**where))).jobs]  # type: ignore[arg-type]

            assert await ids(statuses=frozenset({"dismissed"})) == [job.id]
            assert await ids(processes=frozenset({"compare"})) == []
            assert await ids(created_from=other.created) == [other.id]
            assert await ids(created_to=job.created) == [job.id]
            assert await ids(min_duration_s=0.0) == []
            for bad in ("", "x", "czE", "c2E", "0", "é", "c" * 500, "czk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"):
                if bad == "czE":  # the cursor of job 1
                    assert (await jobs.list(ME, cursor=bad)).jobs == ()
                    continue
                with pytest.raises(BadCursor):
                    await jobs.list(ME, cursor=bad)

    asyncio.run(run())


def test_followers_hear_a_heartbeat_and_then_the_news(on_sqlite: Settings) -> None:
    async def run() -> None:
        async with opened(on_sqlite) as jobs:
            job = (await jobs.submit(ME, stub())).job
            heard = []
            async for event in jobs.events(ME, job.id, after=1, heartbeat_s=0.3):
                heard.append((event.id, event.kind))
                if len(heard) == 1:
                    await jobs.dismiss(ME, job.id)
            assert heard == [(1, "heartbeat"), (2, "status")]

    asyncio.run(run())


def test_health_commits_and_counts(settings: Settings) -> None:
    async def run() -> None:
        async with opened(settings) as jobs:
            await jobs.submit(ME, stub())
            health = await jobs.health()
            assert (health.database, health.workers, health.queued, health.running) == (True, 0, 1, 0)
            assert health.oldest_queued_s is not None and health.oldest_queued_s < 60

    asyncio.run(run())


def test_health_writes_to_the_disk(on_sqlite: Settings) -> None:
    """A commit that changes no row writes nothing, and a full disk would go unnoticed."""

    async def run() -> None:
        async with opened(on_sqlite) as jobs:
            log = tables.sqlite_file(on_sqlite).with_name("jobs.sqlite-wal")
            await jobs.submit(ME, stub())
            before = log.stat().st_size
            assert (await jobs.health()).database
            assert log.stat().st_size > before

    asyncio.run(run())


def test_many_jobs_stand_in_the_queue_as_dbos_would_have_put_them_there(settings: Settings) -> None:
    """DBOS writes the first job's rows of a batch, the others' are copies: column for column what DBOS itself would write."""

    async def run() -> None:
        async with opened(settings) as jobs:
            told = await asyncio.gather(*(jobs.submit(ME, stub(f"{i}")) for i in range(20)))
            alone = await jobs.submit(ME, stub("alone"))
        ids = [t.job.id for t in told]
        engine = tables.open_engine(settings, 1)
        schema = "" if settings.is_sqlite else "dbos."
        with engine.connect() as c:
            for table in ("workflow_status", "workflow_input"):
                rows = {
                    r["workflow_uuid"]: dict(r) for r in c.execute(sa.text(f"SELECT * FROM {schema}{table}")).mappings()
                }
                assert set(rows) == {*ids, alone.job.id}
                wanted = rows[alone.job.id]
                for n, job_id in enumerate(ids):
                    for column, value in rows[job_id].items():
                        if column in {"created_at", "updated_at", "retention_timestamp", "creator_xid"}:
                            assert (value is None) == (wanted[column] is None)
                        elif column == "priority":
                            assert value == n + 1
                        elif isinstance(value, str):
                            assert value == wanted[column].replace(alone.job.id, job_id)
                        else:
                            assert value == wanted[column]
            tokens = c.execute(sa.text(f"SELECT count(DISTINCT creator_xid) FROM {schema}workflow_status")).scalar_one()
            assert tokens == 21
        engine.dispose()

    asyncio.run(run())


def test_who_waits_when_the_door_closes_is_told(on_sqlite: Settings) -> None:
    async def run() -> None:
        jobs = await open_jobs(on_sqlite)
        waiting = [asyncio.ensure_future(jobs.submit(ME, stub(f"{i}"))) for i in range(50)]
        await asyncio.sleep(0)
        await jobs.close()
        answers = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
        accepted = [a for a in answers if isinstance(a, Submitted)]
        assert all(isinstance(a, Submitted | JobsUnavailable) for a in answers)
        with pytest.raises(JobsUnavailable):
            await jobs.submit(ME, stub("late"))
        async with opened(on_sqlite) as again:
            assert await again.queue_length() == len(accepted)

    asyncio.run(run())
