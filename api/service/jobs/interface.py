"""What the service needs of durable jobs, and nothing of how they are kept. The HTTP layer sees this file only.

A job is accepted when :meth:`Jobs.submit` returns: from then on it survives ``kill -9`` of anything and ends exactly once,
as ``successful``, ``failed`` or ``dismissed``. Whoever asks names the owner; another owner's job does not exist
(:class:`JobNotFound`, so 404 and never 403).

Every method is a coroutine and safe to call from the event loop; none of them solves anything.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

Status = Literal["accepted", "running", "successful", "failed", "dismissed"]
"""The words of OGC API - Processes. ``successful``: the search ended by itself and told the truth, which may be that the
request is infeasible; whether there is a plan in hand is ``holds``."""

TERMINAL: frozenset[str] = frozenset({"successful", "failed", "dismissed"})


@dataclass(frozen=True)
class JobError:
    """Why a job failed, in words for its owner: no traceback, no path. ``faults`` are those of a bad request."""

    code: str
    message: str
    faults: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Job:
    """One job as its owner sees it. Times are UTC; ``incumbent`` and ``bound`` in the objective's own sense and unit."""

    id: str
    owner: str
    process: str
    status: Status
    created: datetime
    updated: datetime
    started: datetime | None = None
    finished: datetime | None = None
    expires: datetime | None = None
    name: str = ""
    progress: int | None = None
    """Per cent of the time limit used, 100 when finished; a search may end long before 100."""
    message: str = ""
    objective_name: str | None = None
    objective_sense: str | None = None
    objective_unit: str | None = None
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None
    queue_position: int | None = None
    """1 is the next to start; None once it has started."""
    stopping: bool = False
    """It was asked to stop and is handing back its best plan."""
    attempt: int = 0
    """Which start this is; 2 and more after a worker was lost."""
    stopped: str | None = None
    """``plan.status.stopped`` of the result: optimal, gap_reached, time_limit, cancelled, infeasible or error."""
    holds: Literal["plan", "no_plan"] | None = None
    """``plan.status.holds`` of the result, once there is a result; a dismissed job may hold a plan, too."""
    request_hash: str = ""
    result_sha256: str | None = None
    """Of plan.json: the strong ETag of the results."""
    error: JobError | None = None

    @property
    def is_finished(self) -> bool:
        """It will not change any more."""
        return self.status in TERMINAL


@dataclass(frozen=True)
class Submitted:
    """What submitting gave. ``is_new`` is False when the same ``Idempotency-Key`` had already brought this job, or when the
    job had already finished with this content (``reused``)."""

    job: Job
    is_new: bool
    reused: bool = False


@dataclass(frozen=True)
class JobEvent:
    """One piece of news; ``id`` rises by job, so that ``Last-Event-ID`` resumes. ``kind`` is status, phase, incumbent,
    bound, log or heartbeat (nothing new; its ``id`` repeats the last one). A status event of a finished job is the last."""

    id: int
    kind: str
    time: datetime
    attempt: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Jobs, newest first, and the cursor of the next page (None: this was the last)."""

    jobs: tuple[Job, ...]
    cursor: str | None


@dataclass(frozen=True)
class JobFilter:
    """What a list is narrowed to; empty sets and None narrow nothing."""

    statuses: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    created_from: datetime | None = None
    created_to: datetime | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None


@dataclass(frozen=True)
class Result:
    """The verified result's files, all there or none: ``folder / name`` for each of ``files`` (plan.json always is one)."""

    job: Job
    folder: Path
    files: tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """The request as it was submitted, and the folder that file names in it are relative to."""

    document: dict[str, Any]
    base_dir: Path


@dataclass(frozen=True)
class Health:
    """``database`` is a round trip that commits. ``workers`` counts processes that hold their liveness lock now."""

    database: bool
    workers: int
    queued: int
    running: int
    oldest_queued_s: float | None = None
    detail: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Jobs by status, for the metrics page."""


class JobsError(Exception):
    """Base of what the jobs refuse to do. The text is for users."""


class JobNotFound(JobsError):
    """No such job, or another owner's, or removed after its retention (404)."""


class NoResult(JobsError):
    """Not finished yet, or finished without a result; ``job`` says which (OGC: 404 ResultNotReady, or the error)."""

    def __init__(self, message: str, job: Job) -> None:
        super().__init__(message)
        self.job = job


class IdempotencyConflict(JobsError):
    """The same Idempotency-Key came with another body (422)."""


class QueueFull(JobsError):
    """Too many jobs wait (503) or too many of this owner (429: ``of_owner``); ``retry_after_s`` is the advice, ``most`` the
    limit."""

    def __init__(self, message: str, retry_after_s: int, of_owner: bool, most: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.of_owner = of_owner
        self.most = most


class UnknownProcess(JobsError):
    """No process of this name (404)."""


class BadCursor(JobsError):
    """The cursor did not come from us (400)."""


class JobsUnavailable(JobsError):
    """The store cannot be reached or cannot write just now (503 with Retry-After); nothing was accepted."""


class Jobs(Protocol):
    """Durable jobs."""

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
        """Accept a job, durably. ``document`` is a request that was already validated; ``base_dir`` is the folder,
        relative to the data directory, that file names in it are relative to. ``content_hash`` is
        ``usecases.request_hash`` (computed from the document alone when absent). With ``reuse`` a successful job of this
        owner with the same content hash, whose result is there, is the answer. ``most_unfinished``: jobs of this owner, where
        that is fewer than the service's own limit. A key is looked up first and keeps its first answer for as long as that
        job is kept.

        Raises QueueFull, IdempotencyConflict, UnknownProcess or JobsUnavailable; then nothing was accepted.
        """
        ...

    async def get(self, owner: str, job_id: str) -> Job:
        """Raises JobNotFound."""
        ...

    async def list(
        self, owner: str, *, limit: int = 50, cursor: str | None = None, where: JobFilter | None = None
    ) -> Page:
        """Newest first. Raises BadCursor."""
        ...

    async def dismiss(self, owner: str, job_id: str) -> Job:
        """Stop and keep the best plan. A waiting job is dismissed at once; a running one is asked to stop (``stopping``)
        and ends ``dismissed`` within three seconds or so, with its best plan as result if it has one. A finished job stays
        as it is. Raises JobNotFound."""
        ...

    async def remove(self, owner: str, job_id: str) -> Job:
        """Forget a finished job and its files; an unfinished one is dismissed instead. Raises JobNotFound."""
        ...

    def events(
        self, owner: str, job_id: str, after: int = 0, heartbeat_s: float = 15.0
    ) -> AsyncGenerator[JobEvent, None]:
        """News with ids above ``after``, as they come, until the job has finished. Raises JobNotFound at the first step."""
        ...

    async def result(self, owner: str, job_id: str) -> Result:
        """The finished result's files. Raises JobNotFound or NoResult."""
        ...

    async def request(self, owner: str, job_id: str) -> Stored:
        """What was submitted. Raises JobNotFound."""
        ...

    async def queue_length(self) -> int:
        """Jobs of all owners that wait to be started."""
        ...

    async def health(self) -> Health:
        """Never raises: what is wrong is in the answer."""
        ...

    async def close(self) -> None:
        """Release connections and threads. Accepted jobs stay accepted."""
        ...
