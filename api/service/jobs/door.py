"""The API's side of durable jobs: accepts, reads, asks to stop. It solves nothing and starts nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from api.outputs.canonical import sha256
from api.service.jobs import durable, queries, tables
from api.service.jobs.feed import Feed
from api.service.jobs.intake import Intake, Key, Order, to_text
from api.service.jobs.interface import (
    Health,
    Job,
    JobEvent,
    JobFilter,
    JobNotFound,
    JobsUnavailable,
    NoResult,
    Page,
    Result,
    Stored,
    Submitted,
    UnknownProcess,
)
from api.service.jobs.processes import PROCESSES
from api.service.jobs.rows import from_cursor, job_of, position_of
from api.service.jobs.tables import JOBS
from api.service.settings import Settings

T = TypeVar("T")


async def open_door(settings: Settings) -> Door:
    """Tables are made where they are missing. Raises what the database says when it cannot be reached."""
    await asyncio.to_thread(tables.prepare, settings)
    return Door(settings)


class Door:
    """See :class:`api.service.jobs.interface.Jobs`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = tables.open_engine(settings)
        self._client = durable.client(self._engine)
        self._intake = Intake(self._engine, self._client, settings)
        self._threads = ThreadPoolExecutor(8, "gigasite-jobs")
        self._feed = Feed(self._last_events)

    async def submit(
        self,
        owner: str,
        document: dict[str, Any],
        *,
        process: str = "plan",
        idempotency_key: str | None = None,
        content_hash: str | None = None,
        base_dir: str = "",
        reuse: bool = False,
        most_unfinished: int | None = None,
    ) -> Submitted:
        """Accept a job; it is on the disk when this returns."""
        if process not in PROCESSES:
            raise UnknownProcess(f"there is no process {process!r}; there is: {', '.join(PROCESSES)}")
        if base_dir:
            tables.inside(self._settings, base_dir)
        name = document.get("name")
        values = {
            "process": process,
            "name": _one_line(name) if isinstance(name, str) else "",
            "document": to_text(document),
            "base_dir": base_dir,
            "request_hash": content_hash or sha256({"request": document, "files": {}}),
        }
        key = None
        if idempotency_key is not None:
            body = sha256({"process": process, "document": document, "base_dir": base_dir})
            key = Key(hashlib.sha256(idempotency_key.encode()).hexdigest(), body)
        reused = content_hash if reuse else None
        taken = await self._intake.accept(Order(owner, values, key, reused, most_unfinished))
        if taken.row is None:
            return Submitted(await self.get(owner, taken.id), False, taken.reused)
        return Submitted(self._job(taken.row, taken.position), True)

    async def get(self, owner: str, job_id: str) -> Job:
        """One job."""

        def read(c: sa.Connection) -> Job:
            row = queries.own(c, owner, job_id)
            return self._job(row, position_of(c, row))

        return await self._read(read)

    async def list(
        self, owner: str, *, limit: int = 50, cursor: str | None = None, where: JobFilter | None = None
    ) -> Page:
        """A page of jobs, newest first."""
        below = None if cursor is None else from_cursor(cursor)
        limit = max(1, min(limit, 1000))

        return await self._read(lambda c: queries.page(c, owner, limit, below, where, self._settings.keep_days))

    async def dismiss(self, owner: str, job_id: str) -> Job:
        """Stop it and keep the best plan."""

        def write(c: sa.Connection) -> Job:
            queries.ask_to_stop(c, owner, job_id)
            row = queries.own(c, owner, job_id)
            return self._job(row, position_of(c, row))

        return await self._write(write)

    async def remove(self, owner: str, job_id: str) -> Job:
        """Forget a finished job and its files."""
        job = await self.get(owner, job_id)
        if not job.is_finished:
            return await self.dismiss(owner, job_id)

        def write(c: sa.Connection) -> None:
            queries.own(c, owner, job_id)
            queries.forget(c, [job_id])

        await self._write(write)
        await self._in_thread(lambda: shutil.rmtree(tables.results_dir(self._settings) / job_id, ignore_errors=True))
        return job

    async def events(
        self, owner: str, job_id: str, after: int = 0, heartbeat_s: float = 15.0
    ) -> AsyncGenerator[JobEvent, None]:
        """News as it comes."""
        job = await self.get(owner, job_id)
        async with self._feed.following(job_id):
            while True:
                try:
                    fresh, done = await self._read(lambda c: queries.events_after(c, owner, job_id, after))  # noqa: B023
                except JobNotFound:
                    return  # removed while it was followed
                for event in fresh:
                    after = event.id
                    yield event
                if done and len(fresh) < queries.PAGE_OF_EVENTS:
                    return
                if not fresh and not await self._feed.newer(job_id, after, heartbeat_s):
                    job = await self.get(owner, job_id)
                    yield JobEvent(after, "heartbeat", job.updated, job.attempt, {})

    async def result(self, owner: str, job_id: str) -> Result:
        """The finished result's files."""

        def read(c: sa.Connection) -> tuple[Job, str | None, str | None]:
            row = queries.own(c, owner, job_id)
            return self._job(row, position_of(c, row)), row["folder"], row["files"]

        job, folder, files = await self._read(read)
        if not job.is_finished:
            raise NoResult("the job has not finished yet", job)
        if folder is None or files is None:
            raise NoResult("the job ended without a result", job)
        return Result(job, tables.results_dir(self._settings) / job_id / folder, tuple(json.loads(files)))

    async def request(self, owner: str, job_id: str) -> Stored:
        """What was submitted."""

        def read(c: sa.Connection) -> Any:
            query = sa.select(JOBS.c.document, JOBS.c.base_dir).where(JOBS.c.id == job_id, JOBS.c.owner == owner)
            return c.execute(query).mappings().first()

        row = await self._read(read)
        if row is None:
            raise JobNotFound("there is no such job")
        return Stored(json.loads(row["document"]), tables.inside(self._settings, row["base_dir"]))

    async def queue_length(self) -> int:
        """How many jobs wait."""
        query = sa.select(sa.func.count()).select_from(JOBS).where(JOBS.c.status == "accepted")
        return await self._read(lambda c: int(c.execute(query).scalar_one()))

    async def health(self) -> Health:
        """A round trip that commits, and what the queue looks like."""

        try:
            return await asyncio.wait_for(self._write(lambda c: queries.health(c, self._settings)), 5.0)
        except (JobsUnavailable, TimeoutError) as error:
            return Health(False, 0, 0, 0, detail=str(error) or "the database did not answer within 5 s")

    async def close(self) -> None:
        """Release what is held."""
        await self._feed.close()
        await asyncio.to_thread(self._intake.close)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()

    def _job(self, row: Any, position: int | None = None) -> Job:
        return job_of(row, position, self._settings.keep_days)

    async def _last_events(self, job_ids: Sequence[str]) -> dict[str, int]:
        return await self._read(lambda c: queries.last_events(c, job_ids))

    async def _read(self, work: Callable[[sa.Connection], T]) -> T:
        def run() -> T:
            with self._engine.connect() as c:
                return work(c)

        return await self._in_thread(run)

    async def _write(self, work: Callable[[sa.Connection], T]) -> T:
        def run() -> T:
            with tables.writing(self._engine) as c:
                return work(c)

        return await self._in_thread(run)

    async def _in_thread(self, run: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, run)
        except DBAPIError:
            raise JobsUnavailable("the job store does not answer just now; try again in a few seconds") from None


def _one_line(text: str) -> str:
    return "".join(ch if ch.isprintable() else " " for ch in text)[:200]
