"""Jobs in this process's memory: the same behaviour without durability. For tests of what stands on the interface.

``Work`` does a job in a thread: it is given the document, the folder to write the result's files into, a function that
takes news (``kind``, ``data``) and one that says whether to stop, and returns what the result holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import uuid
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.outputs.canonical import sha256
from api.service.jobs.interface import (
    BadCursor,
    Health,
    IdempotencyConflict,
    Job,
    JobError,
    JobEvent,
    JobFilter,
    JobNotFound,
    NoResult,
    Page,
    QueueFull,
    Result,
    Stored,
    Submitted,
    UnknownProcess,
)

Work = Callable[[dict[str, Any], Path, Callable[[str, dict[str, Any]], None], Callable[[], bool]], dict[str, Any]]
"""Returns fields of :class:`Job` that the result sets (``holds``, ``stopped``, ``incumbent``, ``bound``, ``gap``)."""


@dataclass
class _Kept:
    job: Job
    document: dict[str, Any]
    base_dir: str
    folder: Path
    events: list[JobEvent] = field(default_factory=list)


class MemoryJobs:
    """See :class:`api.service.jobs.interface.Jobs`. One job at a time, in order of arrival."""

    def __init__(
        self, work: Work, data: Path | None = None, processes: tuple[str, ...] = ("plan",), max_queue: int = 1000
    ) -> None:
        self._work, self._processes, self._max_queue = work, processes, max_queue
        self._data = data or Path(tempfile.mkdtemp(prefix="gigasite-jobs-"))
        self._kept: dict[str, _Kept] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._bodies: dict[tuple[str, str], str] = {}
        self._news = asyncio.Condition()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

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
        """Accept a job."""
        if process not in self._processes:
            raise UnknownProcess(f"there is no process {process!r}; there is: {', '.join(self._processes)}")
        body = sha256({"process": process, "document": document, "base_dir": base_dir})
        known = self._keys.get((owner, idempotency_key)) if idempotency_key else None
        if known is not None and known in self._kept:
            if self._bodies[known, idempotency_key or ""] != body:
                raise IdempotencyConflict("this Idempotency-Key came with another body before; use a new key")
            return Submitted(self._seen(self._kept[known].job), False)
        done = self._finished(owner, content_hash, process) if reuse and content_hash else None
        if done is not None:
            self._note(owner, idempotency_key, done.id, body)
            return Submitted(done, False, True)
        if await self.queue_length() >= self._max_queue:
            words = f"{self._max_queue} jobs wait already; try again later"
            raise QueueFull(words, 10, False, self._max_queue)
        unfinished = sum(k.job.owner == owner and not k.job.is_finished for k in self._kept.values())
        if most_unfinished is not None and unfinished >= most_unfinished:
            raise QueueFull(f"you have {unfinished} unfinished jobs", 10, True, most_unfinished)
        now = datetime.now(UTC)
        job = Job(
            id=uuid.uuid4().hex,
            owner=owner,
            process=process,
            status="accepted",
            created=now,
            updated=now,
            name=str(document.get("name") or ""),
            request_hash=content_hash or sha256({"request": document, "files": {}}),
        )
        self._kept[job.id] = _Kept(job, document, base_dir, self._data / job.id)
        self._note(owner, idempotency_key, job.id, body)
        await self._tell(job.id, "status", {"status": "accepted"})
        task = asyncio.create_task(self._run(job.id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return Submitted(self._seen(job), True)

    async def get(self, owner: str, job_id: str) -> Job:
        """One job."""
        return self._seen(self._own(owner, job_id).job)

    async def list(
        self, owner: str, *, limit: int = 50, cursor: str | None = None, where: JobFilter | None = None
    ) -> Page:
        """A page of jobs, newest first."""
        try:
            start = int(cursor or 0)
        except ValueError:
            raise BadCursor("this cursor did not come from here") from None
        jobs = [self._seen(k.job) for k in reversed(self._kept.values()) if k.job.owner == owner]
        jobs = [job for job in jobs if where is None or fits(job, where)]
        more = str(start + limit) if start + limit < len(jobs) else None
        return Page(tuple(jobs[start : start + limit]), more)

    async def dismiss(self, owner: str, job_id: str) -> Job:
        """Stop it and keep the best."""
        kept = self._own(owner, job_id)
        if kept.job.status == "accepted":
            await self._finish(job_id, "dismissed", {"message": "dismissed before it started"})
        elif kept.job.status == "running":
            await self._change(job_id, stopping=True)
        return self._seen(kept.job)

    async def remove(self, owner: str, job_id: str) -> Job:
        """Forget a finished job."""
        kept = self._own(owner, job_id)
        if not kept.job.is_finished:
            return await self.dismiss(owner, job_id)
        del self._kept[job_id]
        return kept.job

    async def events(
        self, owner: str, job_id: str, after: int = 0, heartbeat_s: float = 15.0
    ) -> AsyncGenerator[JobEvent, None]:
        """News as it comes."""
        kept = self._own(owner, job_id)
        while True:
            fresh = [event for event in kept.events if event.id > after]
            for event in fresh:
                after = event.id
                yield event
            if kept.job.is_finished and after >= len(kept.events):
                return
            if not fresh:
                try:
                    async with self._news:
                        await asyncio.wait_for(self._news.wait(), heartbeat_s)
                except TimeoutError:
                    yield JobEvent(after, "heartbeat", datetime.now(UTC), kept.job.attempt, {})

    async def result(self, owner: str, job_id: str) -> Result:
        """The result's files."""
        kept = self._own(owner, job_id)
        if not kept.job.is_finished:
            raise NoResult("the job has not finished yet", kept.job)
        if kept.job.holds is None:
            raise NoResult("the job ended without a result", kept.job)
        return Result(kept.job, kept.folder, tuple(sorted(p.name for p in kept.folder.iterdir())))

    async def request(self, owner: str, job_id: str) -> Stored:
        """What was submitted."""
        kept = self._own(owner, job_id)
        return Stored(kept.document, self._data / kept.base_dir)

    async def queue_length(self) -> int:
        """How many wait."""
        return sum(k.job.status == "accepted" for k in self._kept.values())

    async def health(self) -> Health:
        """Always well."""
        counts: dict[str, int] = {}
        for kept in self._kept.values():
            counts[kept.job.status] = counts.get(kept.job.status, 0) + 1
        return Health(True, 1, counts.get("accepted", 0), counts.get("running", 0), counts=counts)

    async def close(self) -> None:
        """Stop what runs."""
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _note(self, owner: str, key: str | None, job_id: str, body: str) -> None:
        if key:
            self._keys[owner, key] = job_id
            self._bodies[job_id, key] = body

    def _finished(self, owner: str, content_hash: str, process: str) -> Job | None:
        """The newest successful one with this content."""
        for kept in reversed(self._kept.values()):
            job = kept.job
            if (job.owner, job.request_hash, job.process, job.status) == (owner, content_hash, process, "successful"):
                return job
        return None

    def _own(self, owner: str, job_id: str) -> _Kept:
        kept = self._kept.get(job_id)
        if kept is None or kept.job.owner != owner:
            raise JobNotFound("there is no such job")
        return kept

    def _seen(self, job: Job) -> Job:
        if job.status != "accepted":
            return job
        before = sum(k.job.status == "accepted" and k.job.created < job.created for k in self._kept.values())
        return replace(job, queue_position=before + 1)

    async def _change(self, job_id: str, **fields: Any) -> None:
        kept = self._kept[job_id]
        kept.job = replace(kept.job, updated=datetime.now(UTC), **fields)

    async def _tell(self, job_id: str, kind: str, data: dict[str, Any]) -> None:
        kept = self._kept[job_id]
        kept.events.append(JobEvent(len(kept.events) + 1, kind, datetime.now(UTC), kept.job.attempt, data))
        async with self._news:
            self._news.notify_all()

    async def _finish(self, job_id: str, status: Any, fields: dict[str, Any]) -> None:
        await self._change(job_id, status=status, finished=datetime.now(UTC), stopping=False, progress=100, **fields)
        await self._tell(job_id, "status", {"status": status})

    async def _run(self, job_id: str) -> None:
        kept = self._kept[job_id]
        async with self._turn:
            if kept.job.is_finished:
                return
            await self._change(job_id, status="running", started=datetime.now(UTC), attempt=1)
            await self._tell(job_id, "status", {"status": "running"})
            loop = asyncio.get_running_loop()

            def news(kind: str, data: dict[str, Any]) -> None:
                asyncio.run_coroutine_threadsafe(self._tell(job_id, kind, data), loop)

            kept.folder.mkdir(parents=True, exist_ok=True)
            try:
                fields = await asyncio.to_thread(
                    self._work, kept.document, kept.folder, news, lambda: self._kept[job_id].job.stopping
                )
            except Exception as error:
                await self._finish(job_id, "failed", {"error": JobError("failed", str(error))})
                return
            await self._finish(job_id, "dismissed" if kept.job.stopping else "successful", fields)


def fits(job: Job, where: JobFilter) -> bool:
    """The job is one of those that the filter asks for."""
    took = None
    if job.started is not None:
        took = ((job.finished or datetime.now(UTC)) - job.started).total_seconds()
    return (
        (not where.statuses or job.status in where.statuses)
        and (not where.processes or job.process in where.processes)
        and (where.created_from is None or job.created >= where.created_from)
        and (where.created_to is None or job.created <= where.created_to)
        and (where.min_duration_s is None or (took is not None and took >= where.min_duration_s))
        and (where.max_duration_s is None or (took is not None and took <= where.max_duration_s))
    )
