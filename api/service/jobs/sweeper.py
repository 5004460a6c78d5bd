"""Keeping house: jobs that DBOS lost sight of go back into its queue, old jobs and files that nobody names are removed."""

from __future__ import annotations

import logging
import shutil
import time
from typing import Any

import sqlalchemy as sa

from api.service.jobs.enqueue import enqueue
from api.service.jobs.queries import forget
from api.service.jobs.results import Shelf
from api.service.jobs.tables import JOBS, UNFINISHED
from api.service.settings import Settings

LOG = logging.getLogger("gigasite.jobs")
DBOS_KEPT_S = 3600.0
"""DBOS's record of an ended workflow says nothing that ours does not."""
ORPHAN_S = 3600.0
"""A folder without a job is removed when it has been untouched for so long."""
BATCH = 200


def stranded(engine: sa.Engine, client: Any) -> int:
    """Unfinished jobs whose workflow has ended or is missing: put into the queue again. Our row is the truth."""
    table = "dbos.workflow_status" if engine.dialect.name == "postgresql" else "workflow_status"
    query = sa.text(
        f"SELECT j.id FROM gigasite_jobs j LEFT JOIN {table} w ON w.workflow_uuid = j.id "
        "WHERE j.status IN ('accepted', 'running') "
        "AND (w.status IS NULL OR w.status NOT IN ('ENQUEUED', 'PENDING', 'DELAYED'))"
    )
    with engine.connect() as c:
        found = [row[0] for row in c.execute(query)]
    put_back = 0
    for job_id in found:
        client.delete_workflow(job_id)
        with engine.begin() as c:
            # looked at again: it may have ended, in our table, since it was found
            ours = sa.select(JOBS.c.seq).where(JOBS.c.id == job_id, JOBS.c.status.in_(UNFINISHED))
            seq = c.execute(ours).scalar()
            if seq is not None:
                enqueue(c, client, job_id, seq)
                put_back += 1
    if put_back:
        LOG.warning("stranded jobs go on", extra={"fields": {"jobs": put_back}})
    return put_back


def retire(engine: sa.Engine, client: Any, settings: Settings, shelf: Shelf, now: float | None = None) -> int:
    """Forget jobs that ended ``keep_days`` ago: first the rows, then the files, so that no row names a missing folder."""
    now = time.time() if now is None else now
    _retire_workflows(client, now)
    removed = 0
    while settings.keep_days > 0:
        old = sa.select(JOBS.c.id).where(JOBS.c.finished < now - settings.keep_days * 86_400).limit(BATCH)
        with engine.begin() as c:
            ids = [row[0] for row in c.execute(old)]
            if ids:
                forget(c, ids)
        for job_id in ids:
            shelf.drop(job_id)
        removed += len(ids)
        if len(ids) < BATCH:
            break
    return removed


def orphans(engine: sa.Engine, settings: Settings, shelf: Shelf, now: float | None = None) -> int:
    """Remove folders of jobs that are no longer in the database."""
    now = time.time() if now is None else now
    names = sorted(shelf.jobs())
    removed = 0
    for i in range(0, len(names), 500):
        part = names[i : i + 500]
        with engine.connect() as c:
            known = {row[0] for row in c.execute(sa.select(JOBS.c.id).where(JOBS.c.id.in_(part)))}
        for name in set(part) - known:
            place = shelf.place(name)
            if place.exists() and place.stat().st_mtime < now - ORPHAN_S:
                shutil.rmtree(place, ignore_errors=True)
                removed += 1
    return removed


def _retire_workflows(client: Any, now: float) -> None:
    from datetime import UTC, datetime

    before = datetime.fromtimestamp(now - DBOS_KEPT_S, UTC).isoformat()
    while True:
        ended = client.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=BATCH,
            load_input=False,
            load_output=False,
        )
        if ended:
            client.delete_workflows([w.workflow_id for w in ended])
        if len(ended) < BATCH:
            return
