"""From a row to a :class:`Job`, from a filter to a condition, and the cursor of a list."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from api.service.jobs.interface import BadCursor, Job, JobError, JobEvent, JobFilter
from api.service.jobs.tables import EVENTS, JOBS

LIGHT = tuple(c for c in JOBS.c if c.name != "document")
"""Every column but the request itself, which may be megabytes."""


def clock() -> float:
    """Now, in whole milliseconds, so that a time that was shown finds its row again."""
    return round(time.time(), 3)


def moment(seconds: float | None) -> datetime | None:
    """UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def job_of(row: Any, position: int | None = None, keep_days: float = 0.0) -> Job:
    """The job of a row (a mapping of :data:`LIGHT`)."""
    error = json.loads(row["error"]) if row["error"] else None
    expires = row["finished"] + keep_days * 86_400 if row["finished"] and keep_days else None
    created, updated = moment(row["created"]), moment(row["updated"])
    assert created is not None and updated is not None
    return Job(
        id=row["id"],
        owner=row["owner"],
        process=row["process"],
        status=row["status"],
        created=created,
        updated=updated,
        started=moment(row["started"]),
        finished=moment(row["finished"]),
        expires=moment(expires),
        name=row["name"],
        progress=row["progress"],
        message=row["message"],
        objective_name=row["objective_name"],
        objective_sense=row["objective_sense"],
        objective_unit=row["objective_unit"],
        incumbent=row["incumbent"],
        bound=row["bound"],
        gap=row["gap"],
        queue_position=position,
        stopping=bool(row["stopping"]) and row["finished"] is None,
        attempt=row["attempt"],
        stopped=row["stopped"],
        holds=row["holds"],
        request_hash=row["request_hash"],
        result_sha256=row["result_sha256"],
        error=None if error is None else JobError(error["code"], error["message"], tuple(error["faults"])),
    )


def position_of(c: sa.Connection, row: Any) -> int | None:
    """1 for the job that starts next; None for one that has started."""
    if row["status"] != "accepted":
        return None
    before = sa.select(sa.func.count()).select_from(JOBS)
    return int(c.execute(before.where(JOBS.c.status == "accepted", JOBS.c.seq < row["seq"])).scalar_one()) + 1


def positions_of(c: sa.Connection, rows: Sequence[Any]) -> dict[int, int]:
    """The same for many rows, by sequence number: the queue is counted once, not once for each."""
    waiting = [row["seq"] for row in rows if row["status"] == "accepted"]
    if not waiting:
        return {}
    place = sa.func.row_number().over(order_by=JOBS.c.seq).label("place")
    queue = sa.select(JOBS.c.seq, place).where(JOBS.c.status == "accepted").subquery()
    found = c.execute(sa.select(queue.c.seq, queue.c.place).where(queue.c.seq.in_(waiting)))
    return {int(seq): int(at) for seq, at in found}


def event_of(row: Any) -> JobEvent:
    """The event of a row."""
    told = moment(row["time"])
    assert told is not None
    return JobEvent(row["id"], row["kind"], told, row["attempt"], json.loads(row["data"]))


def add_event(c: sa.Connection, job_id: str, event_id: int, attempt: int, kind: str, data: dict[str, Any]) -> None:
    """One event more; the caller keeps ``last_event`` in step, in the same transaction."""
    c.execute(
        EVENTS.insert().values(job=job_id, id=event_id, time=clock(), attempt=attempt, kind=kind, data=json.dumps(data))
    )


def condition(where: JobFilter | None) -> list[sa.ColumnElement[bool]]:
    """What a list is narrowed to."""
    if where is None:
        return []
    took = sa.func.coalesce(JOBS.c.finished, time.time()) - JOBS.c.started
    parts: list[sa.ColumnElement[bool]] = []
    if where.statuses:
        parts.append(JOBS.c.status.in_(sorted(where.statuses)))
    if where.processes:
        parts.append(JOBS.c.process.in_(sorted(where.processes)))
    if where.created_from is not None:
        parts.append(JOBS.c.created >= where.created_from.timestamp())
    if where.created_to is not None:
        parts.append(JOBS.c.created <= where.created_to.timestamp())
    if where.min_duration_s is not None:
        parts.append(took >= where.min_duration_s)
    if where.max_duration_s is not None:
        parts.append(took <= where.max_duration_s)
    return parts


def to_cursor(seq: int) -> str:
    """Opaque to users: where the next page begins."""
    return base64.urlsafe_b64encode(f"s{seq}".encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> int:
    """Raises BadCursor for anything that :func:`to_cursor` did not make."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        if text[0] != "s" or not text[1:].isdecimal() or len(text) > 20:
            raise ValueError(text)
        return int(text[1:])
    except (ValueError, IndexError):
        raise BadCursor("this cursor did not come from here; begin again without one") from None
