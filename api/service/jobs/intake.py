"""Accepting jobs: one writer thread, many jobs in one commit.

A commit to the disk costs the same for one job as for a hundred, so whoever submits waits for the commit that holds his job
together with everybody else's. Our row and DBOS's queue entry are in that one transaction. The thread never ends by an
error: a batch that fails is tried again job by job, and what still fails is told to whom it belongs.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.service.jobs.durable import APP_VERSION, QUEUE, WORKFLOW
from api.service.jobs.interface import IdempotencyConflict, JobsError, JobsUnavailable, QueueFull
from api.service.jobs.rows import clock
from api.service.jobs.tables import EVENTS, JOBS, UNFINISHED
from api.service.settings import Settings

BATCH = 200
TRIES = 3


@dataclass
class Taken:
    """What became of an order: a new job with its row, or the earlier job (``row`` is None) that its key had brought."""

    id: str
    row: dict[str, Any] | None = None
    position: int = 0


@dataclass
class Order:
    """One job to be accepted: its row without what the writer adds, and who waits for the answer. The id is fixed here, so
    that an order written twice, because nobody could tell whether the first commit had got through, is one job."""

    owner: str
    values: dict[str, Any]
    key_hash: str | None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    answer: Future[Taken] = field(default_factory=Future)


class Intake:
    """See the module."""

    def __init__(self, engine: sa.Engine, client: Any, settings: Settings) -> None:
        self._engine, self._client, self._settings = engine, client, settings
        self._orders: queue.Queue[Order | None] = queue.Queue(maxsize=20_000)
        self._thread = threading.Thread(target=self._run, name="gigasite-intake", daemon=True)
        self._thread.start()

    async def accept(self, order: Order) -> Taken:
        """Waits until the job is on the disk."""
        if not self._thread.is_alive():
            raise JobsUnavailable("jobs cannot be accepted just now: the service is stopping")
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            raise QueueFull("too many requests at once; try again in a few seconds", 5, False) from None
        return await asyncio.wrap_future(order.answer)

    def close(self) -> None:
        """Accept what waits, then stop."""
        self._orders.put(None)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            batch = [self._orders.get()]
            while len(batch) < BATCH:
                try:
                    batch.append(self._orders.get_nowait())
                except queue.Empty:
                    break
            orders = [order for order in batch if order is not None]
            if orders:
                self._commit(orders)
            if len(orders) < len(batch):
                return

    def _commit(self, orders: list[Order]) -> None:
        for attempt in range(TRIES):
            try:
                answers = self._write(orders)
            except IntegrityError:
                continue  # another process took one of the keys between our look and our write: look again
            except DBAPIError as error:
                if attempt + 1 < TRIES and _may_pass(error):
                    time.sleep(0.2 * (attempt + 1))
                    continue
                break
            except Exception:
                break
            for order, answer in zip(orders, answers, strict=True):
                if isinstance(answer, JobsError):
                    order.answer.set_exception(answer)
                else:
                    order.answer.set_result(answer)
            return
        if len(orders) > 1:
            for order in orders:  # one bad job must not cost the others theirs
                self._commit([order])
        else:
            orders[0].answer.set_exception(
                JobsUnavailable(
                    "the job could not be stored just now, nothing was accepted; try again in a few seconds"
                )
            )

    def _write(self, orders: list[Order]) -> list[Taken | JobsError]:
        """One transaction for all of them. What is refused is refused before it writes anything."""
        with self._engine.begin() as c:
            if self._engine.dialect.name == "sqlite":
                c.exec_driver_sql("BEGIN IMMEDIATE")
            accepted = sa.select(sa.func.count()).where(JOBS.c.status == "accepted").select_from(JOBS)
            waiting = int(c.execute(accepted).scalar_one())
            of_owner = self._unfinished(c, {order.owner for order in orders})
            known = self._known(c, orders)
            answers: list[Taken | JobsError] = []
            fresh: list[Taken] = []
            for order in orders:
                place = (order.owner, order.key_hash or order.id)
                if place in known:
                    job_id, body = known[place]
                    same = body == order.values["body_hash"]
                    answers.append(Taken(job_id) if same else IdempotencyConflict(CONFLICT))
                    continue
                refusal = self._refusal(waiting, of_owner.get(order.owner, 0))
                if refusal is not None:
                    answers.append(refusal)
                    continue
                waiting += 1
                of_owner[order.owner] = of_owner.get(order.owner, 0) + 1
                known[place] = (order.id, order.values["body_hash"])
                fresh.append(Taken(order.id, row_of(order), waiting))
                answers.append(fresh[-1])
            self._insert(c, fresh)
            return answers

    def _unfinished(self, c: sa.Connection, owners: set[str]) -> dict[str, int]:
        rows = c.execute(
            sa.select(JOBS.c.owner, sa.func.count())
            .where(JOBS.c.owner.in_(sorted(owners)), JOBS.c.status.in_(UNFINISHED))
            .group_by(JOBS.c.owner)
        )
        return {str(owner): int(count) for owner, count in rows}

    def _known(self, c: sa.Connection, orders: list[Order]) -> dict[tuple[str, str], tuple[str, str]]:
        keys = [order.key_hash for order in orders if order.key_hash is not None]
        query = sa.select(JOBS.c.owner, JOBS.c.key_hash, JOBS.c.id, JOBS.c.body_hash).where(
            sa.or_(JOBS.c.key_hash.in_(keys), JOBS.c.id.in_([order.id for order in orders]))
        )
        return {(owner, key or job_id): (job_id, body) for owner, key, job_id, body in c.execute(query)}

    def _refusal(self, waiting: int, of_owner: int) -> QueueFull | None:
        most, most_of_owner = self._settings.max_queue, self._settings.max_jobs_per_owner
        if of_owner >= most_of_owner:
            return QueueFull(
                f"you have {of_owner} unfinished jobs, the most allowed is {most_of_owner}; "
                "wait for one to finish or dismiss one",
                30,
                True,
            )
        if waiting >= most:
            return QueueFull(f"{waiting} jobs wait already, the most is {most}; try again in a minute", 60, False)
        return None

    def _insert(self, c: sa.Connection, fresh: list[Taken]) -> None:
        if not fresh:
            return
        rows = [taken.row for taken in fresh if taken.row is not None]
        found = c.execute(JOBS.insert().returning(JOBS.c.id, JOBS.c.seq, sort_by_parameter_order=True), rows)
        first = {"id": 1, "time": rows[0]["created"], "attempt": 0, "kind": "status", "data": ACCEPTED}
        c.execute(EVENTS.insert(), [{"job": row["id"], **first} for row in rows])
        for job_id, seq in found.all():
            enqueue(c, self._client, job_id, seq)


ACCEPTED = json.dumps({"status": "accepted"})


def row_of(order: Order) -> dict[str, Any]:
    """The row of a job that has just been accepted, every column but the sequence number."""
    now = clock()
    empty = {column.name: None for column in JOBS.c if column.name != "seq"}
    begun = {"attempt": 0, "losses": 0, "released": False, "stopping": False, "last_event": 1, "message": ""}
    given = {"id": order.id, "owner": order.owner, "key_hash": order.key_hash, **order.values}
    return {**empty, **begun, **given, "status": "accepted", "created": now, "updated": now}


def enqueue(c: sa.Connection, client: Any, job_id: str, seq: int) -> None:
    """Into DBOS's queue, in this transaction. The priority makes the queue first come, first served: DBOS orders by
    time otherwise, and on SQLite its clock has whole seconds."""
    options = {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": job_id,
        "app_version": APP_VERSION,
        "priority": min(seq, 2**31 - 1),
    }
    client.enqueue_in_transaction(c, options, job_id)


CONFLICT = "this Idempotency-Key came with another request before; use a new key for a new request"


def _may_pass(error: DBAPIError) -> bool:
    """A lost connection or a busy file may pass; a full disk or a wrong value does not."""
    return error.connection_invalidated or "locked" in str(error.orig) or "connect" in str(error.orig)


def to_text(document: dict[str, Any]) -> str:
    """The document as it is stored: ASCII, so that no database can refuse a character of it."""
    return json.dumps(document, allow_nan=False, ensure_ascii=True)
