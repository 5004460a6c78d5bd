"""From accepted to ended, whatever dies on the way: with a worker whose children solve nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from api.service.jobs import tables
from api.service.jobs.attempt import Attempts, Fenced, News
from api.service.jobs.interface import NoResult, Submitted
from api.service.jobs.tables import JOBS
from api.service.settings import Settings
from benchmarks.service.faults import storm
from tests.service.jobs.crew import ME, finished, opened, running, start, stub, until, worker

CALM_S = 8.0
"""Cancelling takes 0.2 s and 2.7 s here; a machine busy with other things is given longer. Measured in benchmarks."""


def test_submit_run_follow_fetch_dismiss_and_hand_back(settings: Settings) -> None:
    """The whole life of jobs with one worker, which at the end is asked to stop and another takes up what it handed back."""

    async def run() -> None:
        async with opened(settings) as jobs:
            first = start(settings)
            try:
                document = stub("a", seconds=0.6, points=3)
                job = (await jobs.submit(ME, document)).job
                events = [e async for e in jobs.events(ME, job.id) if e.kind != "heartbeat"]
                assert [e.id for e in events] == list(range(1, len(events) + 1))
                statuses = [e.data["status"] for e in events if e.kind == "status"]
                assert statuses == ["accepted", "running", "successful"]
                job = await jobs.get(ME, job.id)
                assert (job.holds, job.stopped, job.incumbent, job.bound, job.attempt) == ("plan", "optimal", 3, 100, 1)
                assert (job.objective_name, job.objective_sense, job.progress) == ("compute", "maximize", 100)
                result = await jobs.result(ME, job.id)
                raw = (result.folder / "plan.json").read_bytes()
                assert hashlib.sha256(raw).hexdigest() == job.result_sha256 and result.files == ("plan.json",)
                again = {"content_hash": job.request_hash, "reuse": True}
                assert await jobs.submit(ME, document, **again) == Submitted(job, False, True)
                assert (await jobs.submit("you", document, **again)).is_new
                assert (await jobs.health()).workers == 1

                failed = await finished(jobs, (await jobs.submit(ME, stub("b", fail="no such site"))).job.id)
                assert failed.status == "failed" and failed.error is not None
                assert failed.error.message == "no such site"
                with pytest.raises(NoResult):
                    await jobs.result(ME, failed.id)

                asked = (await jobs.submit(ME, stub("c", seconds=60, points=2))).job
                await running(jobs, asked.id)
                began = time.monotonic()
                assert (await jobs.dismiss(ME, asked.id)).stopping
                ended = await finished(jobs, asked.id)
                assert time.monotonic() - began < CALM_S
                assert (ended.status, ended.holds) == ("dismissed", "plan")
                assert (await jobs.result(ME, asked.id)).files

                mute = (await jobs.submit(ME, stub("d", seconds=60, points=0, deaf=True))).job
                await running(jobs, mute.id, with_point=False)
                await asyncio.sleep(0.5)
                began = time.monotonic()
                await jobs.dismiss(ME, mute.id)
                ended = await finished(jobs, mute.id)
                assert time.monotonic() - began < CALM_S and (ended.status, ended.holds) == ("dismissed", None)

                back = (await jobs.submit(ME, stub("e", seconds=2, points=1))).job
                await running(jobs, back.id)
                first.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(first.wait, 10) == 0
            finally:
                first.kill()
                first.wait()
            with worker(settings):
                ended = await finished(jobs, back.id)
                assert (ended.status, ended.attempt) == ("successful", 2)
                assert _row(settings, back.id)["losses"] == 0

    asyncio.run(run())


def test_a_lost_worker_s_job_goes_on_and_after_the_last_loss_ends_from_its_last_plan(settings: Settings) -> None:
    """Two losses allowed: the first is started anew, at the second the job ends from the plan that was told, not lost."""

    async def run() -> None:
        few = replace(settings, attempts=2)
        async with opened(few) as jobs:
            job = (await jobs.submit(ME, stub("a", seconds=60, points=2))).job
            for number in (1, 2):
                with worker(few) as process:

                    async def started(number: int = number) -> bool:
                        row = _row(few, job.id)
                        return row["attempt"] == number and _has_point(few, job.id, number)

                    await until(started)
                    process.send_signal(signal.SIGKILL)
            with worker(few):
                ended = await finished(jobs, job.id)
            assert (ended.status, ended.holds, ended.attempt) == ("successful", "plan", 3)
            assert ended.stopped == "cancelled" and "lost 2 times" in ended.message
            plan = json.loads(((await jobs.result(ME, job.id)).folder / "plan.json").read_text())
            assert plan["value"] == 1.0 and "lost 2 times" in plan["note"]

    asyncio.run(run())


def test_a_killed_solver_ends_from_its_plan_or_is_started_again(on_sqlite: Settings) -> None:
    async def run() -> None:
        async with opened(on_sqlite) as jobs:
            with worker(on_sqlite) as process:
                with_plan = (await jobs.submit(ME, stub("a", seconds=60, points=2))).job
                await running(jobs, with_plan.id)
                os.kill(_child(process.pid).pid, signal.SIGKILL)
                ended = await finished(jobs, with_plan.id)
                assert (ended.status, ended.holds, ended.attempt) == ("successful", "plan", 1)
                assert "process was lost" in ended.message

                again = (await jobs.submit(ME, stub("b", points=0, crash=2))).job
                ended = await finished(jobs, again.id)
                assert (ended.status, ended.attempt) == ("successful", 3)

                hopeless = (await jobs.submit(ME, stub("c", points=0, crash=True))).job
                ended = await finished(jobs, hopeless.id)
                assert (ended.status, ended.attempt) == ("failed", 3) and ended.error is not None
                assert "lost 3 times" in ended.error.message

    asyncio.run(run())


def test_no_process_outlives_its_worker(on_sqlite: Settings) -> None:
    async def run() -> None:
        async with opened(on_sqlite) as jobs:
            with worker(on_sqlite) as process:
                job = (await jobs.submit(ME, stub(seconds=60))).job
                await running(jobs, job.id)
                child = _child(process.pid)
                process.kill()
                process.wait()
                child.wait(2)
                assert not child.is_running()

    asyncio.run(run())


def test_sqlite_has_one_worker_and_a_second_says_why_it_ends(on_sqlite: Settings) -> None:
    with worker(on_sqlite):

        async def alive() -> bool:
            async with opened(on_sqlite) as jobs:
                return (await jobs.health()).workers == 1

        asyncio.run(until(alive))
        script = Path(__file__).parents[3] / "benchmarks" / "service" / "stub_worker.py"
        second = start(on_sqlite, (str(script),))
        _, said = second.communicate(timeout=30)
        assert second.returncode != 0
        assert b"another worker already runs" in said and b"GIGASITE_DATABASE_URL" in said


def test_a_worker_taken_for_dead_writes_nothing_any_more(settings: Settings) -> None:
    """The zombie: start 1 goes on after start 2 has begun. None of its writes may land."""
    tables.prepare(settings)

    async def submit() -> str:
        async with opened(settings) as jobs:
            return (await jobs.submit(ME, stub())).job.id

    job = asyncio.run(submit())
    engine = tables.open_engine(settings)
    attempts = Attempts(engine)
    zombie = attempts.begin(job)
    heir = attempts.begin(job)
    assert zombie is not None and heir is not None
    assert (zombie.number, heir.number, heir.losses) == (1, 2, 1)
    for write in (
        lambda: attempts.write(job, 1, News({"message": "zombie"}, [("phase", {})])),
        lambda: attempts.look(job, 1),
        lambda: attempts.finish(job, 1, "failed", {"message": "zombie"}),
    ):
        with pytest.raises(Fenced):
            write()
    attempts.release(job, 1)
    assert not _row(settings, job)["released"]
    attempts.finish(job, 2, "successful", {"message": "heir"})
    with pytest.raises(Fenced):
        attempts.finish(job, 2, "failed", {"message": "twice"})
    assert attempts.begin(job) is None
    assert (_row(settings, job)["status"], _row(settings, job)["message"]) == ("successful", "heir")
    engine.dispose()


def test_an_earlier_start_s_better_plan_is_not_replaced_by_a_worse_one(on_sqlite: Settings) -> None:
    tables.prepare(on_sqlite)

    async def submit() -> str:
        async with opened(on_sqlite) as jobs:
            return (await jobs.submit(ME, stub())).job.id

    job, engine = asyncio.run(submit()), tables.open_engine(on_sqlite)
    attempts = Attempts(engine)

    def told(number: int, value: float) -> float:
        point = {"value": value, "bound": None, "decisions": {}}
        attempts.write(job, number, News({"objective_sense": "maximize"}, [], point))
        kept = attempts.point(job)
        assert kept is not None
        return float(kept["value"])

    attempts.begin(job)
    assert told(1, 5.0) == 5.0
    attempts.begin(job)
    assert told(2, 3.0) == 5.0  # worse than what start 1 had
    assert told(2, 6.0) == 6.0
    assert told(2, 5.5) == 5.5  # its own search prefers it, by a later objective
    engine.dispose()


@pytest.mark.slow
def test_storm_of_kills(settings: Settings) -> None:
    """Twelve kill -9 of API, worker and solver while 36 jobs flow in: all end once, with whole results."""
    report = asyncio.run(storm(replace(settings, attempts=1000, solves=2), 12, 1 if settings.is_sqlite else 2, seed=7))
    assert report.audit is not None
    assert report.audit.faults == []
    assert report.audit.acknowledged == 36 and sum(report.kills.values()) == 12


def _child(pid: int) -> psutil.Process:
    [child] = psutil.Process(pid).children()
    return child


def _row(settings: Settings, job: str) -> dict[str, object]:
    engine = tables.open_engine(settings, 1)
    with engine.connect() as c:
        row = dict(c.execute(sa.select(JOBS).where(JOBS.c.id == job)).mappings().one())
    engine.dispose()
    return row


def _has_point(settings: Settings, job: str, _number: int) -> bool:
    engine = tables.open_engine(settings, 1)
    point = Attempts(engine).point(job)
    engine.dispose()
    return point is not None
