"""Taking up what dead workers left: DBOS recovers only a process's own jobs, and a hosted product does the rest.

On PostgreSQL a worker holds a session lock on its name. Whoever can take that lock knows the holder is dead, lists its
running jobs while he has it, and puts them back into the queue. On SQLite there is one worker with one name, and DBOS
recovers its jobs at launch.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from dbos import DBOS

from api.service.jobs import durable
from api.service.jobs.liveness import dead

LOG = logging.getLogger("gigasite.jobs")


def reap(engine: sa.Engine, mine: str) -> int:
    """How many jobs were taken back from dead workers."""
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    others = {w.executor_id for w in pending if w.executor_id and w.executor_id != mine}
    reaped = 0
    for executor_id in sorted(others):
        with dead(engine, executor_id) as is_dead:
            if not is_dead:
                continue
            # listed again, now that nobody else can bury it: another may have done so before us
            left = DBOS.list_workflows(status="PENDING", executor_id=executor_id, load_input=False, load_output=False)
            for workflow in left:
                # our jobs have no DBOS deadline, so there is none that resuming could clear
                DBOS.resume_workflow(workflow.workflow_id, queue_name=durable.QUEUE)
            reaped += len(left)
            LOG.warning("worker is dead, its jobs go on", extra={"fields": {"worker": executor_id, "jobs": len(left)}})
    return reaped
