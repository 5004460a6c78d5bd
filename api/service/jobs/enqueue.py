"""Into DBOS's queue, in the transaction that holds our row.

DBOS takes one job at a time, and 0.3 ms of a processor for each, which is a third of what a submission costs. Of many jobs it
is given the first; the others' rows are copies of the rows that it wrote, with the id and the priority changed, whatever else
stands in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from api.service.jobs.durable import APP_VERSION, QUEUE, WORKFLOW

LAST = 2**31 - 1
OWN = {
    "workflow_uuid": "j.id",
    "priority": f"CASE WHEN j.seq < {LAST} THEN j.seq ELSE {LAST} END",
    "inputs": "replace(f.inputs, f.workflow_uuid, j.id)",
    # a token of the insertion; an id of ours is as good as any
    "creator_xid": "j.id",
}
"""What differs between two jobs' rows (j: our job, f: the first job's row of DBOS)."""


def enqueue(c: sa.Connection, client: Any, job_id: str, seq: int) -> None:
    """One job. The priority makes the queue first come, first served: DBOS orders by time otherwise, and on SQLite its
    clock has whole seconds."""
    options = {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": job_id,
        "app_version": APP_VERSION,
        "priority": min(seq, LAST),
    }
    client.enqueue_in_transaction(c, options, job_id)


def enqueue_all(c: sa.Connection, client: Any, jobs: Sequence[tuple[str, int]]) -> None:
    """Many jobs, whose rows of ours are there already."""
    if not jobs:
        return
    first, *others = jobs
    enqueue(c, client, *first)
    if others:
        given = {"first": first[0], "others": [job_id for job_id, _ in others]}
        for statement in _copies(c.engine):
            c.execute(statement, given)


@lru_cache(maxsize=8)
def _copies(engine: sa.Engine) -> tuple[sa.TextClause, ...]:
    """``INSERT ... SELECT`` for each of DBOS's two tables, with the columns that they have in this database."""
    schema = "dbos" if engine.dialect.name == "postgresql" else None
    inspector = sa.inspect(engine)
    found = []
    for name in ("workflow_status", "workflow_input"):
        table = f"{schema}.{name}" if schema else name
        columns = [str(column["name"]) for column in inspector.get_columns(name, schema=schema)]
        values = [OWN.get(column, f"f.{column}") for column in columns]
        text = (
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
            f"FROM {table} f, gigasite_jobs j WHERE f.workflow_uuid = :first AND j.id IN :others"
        )
        found.append(sa.text(text).bindparams(sa.bindparam("others", expanding=True)))
    return tuple(found)
