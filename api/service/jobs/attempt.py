"""One start of a job, as the database sees it. Every write carries the start's number, so that a worker which was taken
for dead and wakes up again writes nothing: its number is no longer the job's. That is what makes a job end once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api.service.jobs.rows import add_event, clock
from api.service.jobs.tables import JOBS, POINTS, UNFINISHED, writing


class Fenced(Exception):
    """The job has gone on without this start, or is gone: stop working on it and write nothing."""


@dataclass(frozen=True)
class Begun:
    """What a start is to do."""

    job: str
    number: int
    losses: int
    process: str
    document: dict[str, Any]
    base_dir: str
    stopping: bool
    point: dict[str, Any] | None


@dataclass
class News:
    """What is written together: columns of the job, events, and the newest point."""

    columns: dict[str, Any]
    events: list[tuple[str, dict[str, Any]]]
    point: dict[str, Any] | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing to write."""
        return not (self.columns or self.events or self.point)


class Attempts:
    """The starts of jobs in one database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def begin(self, job_id: str) -> Begun | None:
        """Start a job anew. None: it has ended (or is gone), there is nothing to do. A start that finds the job running
        and not handed back counts as a loss of the start before it."""
        with writing(self._engine) as c:
            row = self._locked(c, job_id)
            if row is None or row["status"] not in UNFINISHED:
                return None
            now, number = clock(), row["attempt"] + 1
            lost = row["status"] == "running" and not row["released"]
            last = row["last_event"] + 1
            add_event(c, job_id, last, number, "status", {"status": "running", "attempt": number})
            c.execute(
                JOBS.update()
                .where(JOBS.c.id == job_id)
                .values(
                    status="running",
                    attempt=number,
                    losses=row["losses"] + int(lost),
                    released=False,
                    started=row["started"] or now,
                    updated=now,
                    progress=0,
                    message="starting" if number == 1 else f"starting again (start {number})",
                    last_event=last,
                )
            )
            return Begun(
                job_id,
                number,
                row["losses"] + int(lost),
                row["process"],
                json.loads(row["document"]),
                row["base_dir"],
                bool(row["stopping"]),
                self._point(c, job_id),
            )

    def write(self, job_id: str, number: int, news: News) -> bool:
        """Write news; says whether the job was asked to stop. Raises Fenced."""
        with writing(self._engine) as c:
            row = self._mine(c, job_id, number)
            last = row["last_event"]
            for kind, data in news.events:
                last += 1
                add_event(c, job_id, last, number, kind, data)
            if news.point is not None:
                self._keep(c, job_id, number, news.point, news.columns.get("objective_sense") or row["objective_sense"])
            c.execute(JOBS.update().where(JOBS.c.id == job_id).values(last_event=last, updated=clock(), **news.columns))
            return bool(row["stopping"])

    def look(self, job_id: str, number: int) -> bool:
        """Whether the job was asked to stop. Raises Fenced."""
        query = sa.select(JOBS.c.attempt, JOBS.c.status, JOBS.c.stopping).where(JOBS.c.id == job_id)
        with self._engine.connect() as c:
            row = c.execute(query).mappings().first()
        if row is None or row["attempt"] != number or row["status"] != "running":
            raise Fenced(job_id)
        return bool(row["stopping"])

    def finish(self, job_id: str, number: int, status: str, columns: dict[str, Any]) -> None:
        """The one end of a job. Raises Fenced where it is not this start's to write."""
        with writing(self._engine) as c:
            row = self._mine(c, job_id, number)
            last, now = row["last_event"] + 1, clock()
            add_event(c, job_id, last, number, "status", {"status": status, "message": columns.get("message", "")})
            c.execute(
                JOBS.update()
                .where(JOBS.c.id == job_id)
                .values(status=status, finished=now, updated=now, progress=100, last_event=last, **columns)
            )
            c.execute(POINTS.delete().where(POINTS.c.job == job_id))

    def release(self, job_id: str, number: int) -> None:
        """Hand a running job back because this worker is stopping: the next start is no loss."""
        with self._engine.begin() as c:
            c.execute(
                JOBS.update()
                .where(JOBS.c.id == job_id, JOBS.c.attempt == number, JOBS.c.status == "running")
                .values(released=True, updated=clock(), message="waits for a worker to take it up again")
            )

    def point(self, job_id: str) -> dict[str, Any] | None:
        """The best decisions kept of this job."""
        with self._engine.connect() as c:
            return self._point(c, job_id)

    def _locked(self, c: sa.Connection, job_id: str) -> Any:
        query = sa.select(JOBS).where(JOBS.c.id == job_id).with_for_update()
        return c.execute(query).mappings().first()

    def _mine(self, c: sa.Connection, job_id: str, number: int) -> Any:
        row = self._locked(c, job_id)
        if row is None or row["attempt"] != number or row["status"] != "running":
            raise Fenced(job_id)
        return row

    def _point(self, c: sa.Connection, job_id: str) -> dict[str, Any] | None:
        row = c.execute(sa.select(POINTS).where(POINTS.c.job == job_id)).mappings().first()
        if row is None:
            return None
        return {"value": row["value"], "bound": row["bound"], "decisions": json.loads(row["decisions"])}

    def _keep(self, c: sa.Connection, job_id: str, number: int, point: dict[str, Any], sense: str | None) -> None:
        """A start's own later point is the better one by its own search's order; an earlier start's point is replaced only
        by one that is at least as good."""
        old = c.execute(sa.select(POINTS.c.attempt, POINTS.c.value).where(POINTS.c.job == job_id)).mappings().first()
        values = {
            "attempt": number,
            "time": clock(),
            "value": point["value"],
            "bound": point["bound"],
            "decisions": json.dumps(point["decisions"]),
        }
        if old is None:
            c.execute(POINTS.insert().values(job=job_id, **values))
        elif old["attempt"] == number or not _worse(point["value"], old["value"], sense):
            c.execute(POINTS.update().where(POINTS.c.job == job_id).values(**values))


def _worse(new: float | None, old: float | None, sense: str | None) -> bool:
    if new is None or old is None:
        return old is not None
    return new < old if sense == "maximize" else new > old
