"""What the API reads and writes of jobs, each in a transaction of the caller's. Every one is narrowed to an owner."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from api.service.jobs.interface import Health, JobEvent, JobFilter, JobNotFound, Page
from api.service.jobs.liveness import live_workers
from api.service.jobs.rows import LIGHT, add_event, clock, condition, event_of, job_of, positions_of, to_cursor
from api.service.jobs.tables import EVENTS, JOBS, KEYS, POINTS
from api.service.settings import Settings

PAGE_OF_EVENTS = 500


def own(c: sa.Connection, owner: str, job_id: str) -> Any:
    """A job's row. Raises JobNotFound, the same for what is not there and what is somebody else's."""
    row = c.execute(sa.select(*LIGHT).where(JOBS.c.id == job_id, JOBS.c.owner == owner)).mappings().first()
    if row is None:
        raise JobNotFound("there is no such job")
    return row


def page(
    c: sa.Connection, owner: str, limit: int, below: int | None, where: JobFilter | None, keep_days: float
) -> Page:
    """Jobs with a sequence number below ``below``, newest first."""
    query = sa.select(*LIGHT).where(JOBS.c.owner == owner, *condition(where))
    if below is not None:
        query = query.where(JOBS.c.seq < below)
    rows = c.execute(query.order_by(JOBS.c.seq.desc()).limit(limit + 1)).mappings().all()
    more = to_cursor(rows[limit - 1]["seq"]) if len(rows) > limit else None
    places = positions_of(c, rows[:limit])
    return Page(tuple(job_of(row, places.get(row["seq"]), keep_days) for row in rows[:limit]), more)


def ask_to_stop(c: sa.Connection, owner: str, job_id: str) -> None:
    """A waiting job is dismissed; a running one is marked, and its worker sees that."""
    row, now = own(c, owner, job_id), clock()
    last = row["last_event"] + 1
    ended = {"status": "dismissed", "finished": now, "updated": now, "last_event": last}
    waiting = JOBS.update().where(JOBS.c.id == job_id, JOBS.c.status == "accepted")
    if c.execute(waiting.values(message="dismissed before it started", **ended)).rowcount:
        add_event(c, job_id, last, row["attempt"], "status", {"status": "dismissed"})
    running = JOBS.update().where(JOBS.c.id == job_id, JOBS.c.status == "running", JOBS.c.stopping == sa.false())
    c.execute(running.values(stopping=True, stop_asked=now, updated=now))


def events_after(c: sa.Connection, owner: str, job_id: str, after: int) -> tuple[list[JobEvent], bool]:
    """The next events, and whether the job has finished."""
    row = own(c, owner, job_id)  # before the events: a job seen finished has told them all
    query = sa.select(EVENTS).where(EVENTS.c.job == job_id, EVENTS.c.id > after)
    rows = c.execute(query.order_by(EVENTS.c.id).limit(PAGE_OF_EVENTS)).mappings()
    return [event_of(r) for r in rows], row["finished"] is not None


def last_events(c: sa.Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """The last event's id of each job that is there."""
    found: dict[str, int] = {}
    for i in range(0, len(job_ids), 500):
        query = sa.select(JOBS.c.id, JOBS.c.last_event).where(JOBS.c.id.in_(job_ids[i : i + 500]))
        found |= {str(job): int(last) for job, last in c.execute(query)}
    return found


def finished_with(c: sa.Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str, str], str]:
    """The newest successful job with a result, by owner, process and content; ``wanted``: owners and contents."""
    if not wanted:
        return {}
    what = (JOBS.c.owner, JOBS.c.process, JOBS.c.request_hash)
    newest = (
        sa.select(sa.func.max(JOBS.c.seq))
        .where(
            JOBS.c.owner.in_(sorted({owner for owner, _ in wanted})),
            JOBS.c.request_hash.in_(sorted({content for _, content in wanted})),
            JOBS.c.status == "successful",
            JOBS.c.folder.is_not(None),
        )
        .group_by(*what)
    )
    rows = c.execute(sa.select(*what, JOBS.c.id).where(JOBS.c.seq.in_(newest)))
    return {(owner, process, content): job_id for owner, process, content, job_id in rows}


def health(c: sa.Connection, settings: Settings) -> Health:
    """What the queue looks like, after a row was written and taken back (an update of no row would write nothing): a full
    disk is no health."""
    c.execute(KEYS.insert().values(owner="", key_hash=uuid.uuid4().hex, body_hash="", job=""))
    c.execute(KEYS.delete().where(KEYS.c.owner == ""))
    by_status = c.execute(sa.select(JOBS.c.status, sa.func.count()).group_by(JOBS.c.status))
    counts = {str(status): int(n) for status, n in by_status}
    oldest = c.execute(sa.select(sa.func.min(JOBS.c.created)).where(JOBS.c.status == "accepted")).scalar()
    waited_s = None if oldest is None else max(0.0, time.time() - oldest)
    queued, running = counts.get("accepted", 0), counts.get("running", 0)
    return Health(True, live_workers(settings, c), queued, running, waited_s, counts=counts)


def forget(c: sa.Connection, job_ids: list[str]) -> None:
    """Remove jobs and all that is kept of them in the database."""
    for table, column in ((EVENTS, EVENTS.c.job), (POINTS, POINTS.c.job), (KEYS, KEYS.c.job), (JOBS, JOBS.c.id)):
        c.execute(table.delete().where(column.in_(job_ids)))
