"""Accepting jobs: one writer thread, many jobs in one commit.

A commit to the disk costs the same for one job as for a hundred, so whoever submits waits for the commit that holds his job
together with everybody else's. Our row and DBOS's queue entry are in that one transaction. The thread never ends by an
error: a batch that fails is tried again job by job, and what still fails is told to whom it belongs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.service.jobs.enqueue import enqueue_all
from api.service.jobs.interface import IdempotencyConflict, JobsError, JobsUnavailable, QueueFull
from api.service.jobs.queries import finished_with
from api.service.jobs.rows import clock
from api.service.jobs.tables import EVENTS, JOBS, KEYS, UNFINISHED, writing
from api.service.settings import Settings

BATCH = 200
TRIES = 3
MOST_WAITING = 20_000
STOPPING = "jobs cannot be accepted just now: the service is stopping"
NOT_STORED = "the job could not be stored just now, nothing was accepted; try again in a few seconds"


@dataclass
class Taken:
    """What became of an order: a new job with its row, or an earlier job (``row`` is None) that its key had brought or that
    has finished with the same content (``reused``)."""

    id: str
    row: dict[str, Any] | None = None
    position: int = 0
    reused: bool = False


class Key(NamedTuple):
    """An Idempotency-Key's digest, and that of what came with it."""

    digest: str
    body: str


@dataclass
class Order:
    """One job to be accepted: its row without what the writer adds, and who waits for the answer. The id is fixed here, so
    that an order written twice, because nobody could tell whether the first commit had got through, is one job."""

    owner: str
    values: dict[str, Any]
    key: Key | None = None
    reuse: str | None = None
    """The content of which a finished job would do."""
    most_unfinished: int | None = None
    answer: asyncio.Future[Taken] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


Answer = Taken | JobsError


class Intake:
    """See the module."""

    def __init__(self, engine: sa.Engine, client: Any, settings: Settings) -> None:
        self._engine, self._client, self._settings = engine, client, settings
        # A deque and one flag instead of a queue: a queue takes its lock, and with it the interpreter, for every order.
        self._orders: deque[Order] = deque()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="gigasite-intake", daemon=True)
        self._thread.start()

    async def accept(self, order: Order) -> Taken:
        """Waits until the job is on the disk."""
        if self._closing or not self._thread.is_alive():
            raise JobsUnavailable(STOPPING)
        if len(self._orders) >= MOST_WAITING:
            raise QueueFull("too many requests at once; try again in a few seconds", 5, False, MOST_WAITING)
        self._orders.append(order)
        if not self._wake.is_set():
            self._wake.set()
        return await order.answer

    def close(self) -> None:
        """Accept what waits, then stop."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=10)
        _tell([(order, JobsUnavailable(STOPPING)) for order in self._orders])

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait()
            self._wake.clear()  # before looking: who comes after this sets it again
            while self._orders:
                _tell(self._commit([self._orders.popleft() for _ in range(min(BATCH, len(self._orders)))]))

    def _commit(self, orders: list[Order]) -> list[tuple[Order, Answer]]:
        for attempt in range(TRIES):
            try:
                return list(zip(orders, self._write(orders), strict=True))
            except IntegrityError:
                continue  # another process took one of the keys between our look and our write: look again
            except DBAPIError as error:
                if attempt + 1 < TRIES and _may_pass(error):
                    time.sleep(0.2 * (attempt + 1))
                    continue
                break
            except Exception:
                break
        if len(orders) > 1:  # one bad job must not cost the others theirs
            return [answer for order in orders for answer in self._commit([order])]
        return [(orders[0], JobsUnavailable(NOT_STORED))]

    def _write(self, orders: list[Order]) -> list[Answer]:
        """One transaction for all of them. What is refused is refused before it writes anything."""
        with writing(self._engine) as c:
            accepted = sa.select(sa.func.count()).where(JOBS.c.status == "accepted").select_from(JOBS)
            waiting = int(c.execute(accepted).scalar_one())
            of_owner = self._unfinished(c, {order.owner for order in orders})
            known = self._known(c, orders)
            finished = finished_with(c, {(o.owner, o.reuse) for o in orders if o.reuse is not None})
            answers: list[Answer] = []
            fresh: list[Taken] = []
            keys: list[dict[str, str]] = []
            for order in orders:
                digest, body = order.key or Key(order.id, "")
                if (order.owner, digest) in known:
                    job_id, earlier = known[order.owner, digest]
                    answers.append(Taken(job_id) if body == earlier else IdempotencyConflict(CONFLICT))
                    continue
                done = finished.get((order.owner, order.values["process"], order.reuse or ""))
                unfinished = of_owner.get(order.owner, 0)
                if done is not None:
                    taken = Taken(done, reused=True)
                elif (refusal := self._refusal(order, waiting, unfinished)) is not None:
                    answers.append(refusal)
                    continue
                else:
                    waiting += 1
                    of_owner[order.owner] = unfinished + 1
                    taken = Taken(order.id, row_of(order), waiting)
                    fresh.append(taken)
                answers.append(taken)
                known[order.owner, digest] = (taken.id, body)
                if order.key is not None:
                    keys.append({"owner": order.owner, "key_hash": digest, "body_hash": body, "job": taken.id})
            if keys:
                c.execute(KEYS.insert(), keys)
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
        """Owner and key (without one: the order's own id, if it is written already) -> job and body."""
        digests = [order.key.digest for order in orders if order.key is not None]
        keys = sa.select(KEYS.c.owner, KEYS.c.key_hash, KEYS.c.job, KEYS.c.body_hash)
        known = {(o, k): (job, body) for o, k, job, body in c.execute(keys.where(KEYS.c.key_hash.in_(digests)))}
        ids = sa.select(JOBS.c.owner, JOBS.c.id).where(JOBS.c.id.in_([o.id for o in orders if o.key is None]))
        return known | {(owner, job_id): (job_id, "") for owner, job_id in c.execute(ids)}

    def _refusal(self, order: Order, waiting: int, of_owner: int) -> QueueFull | None:
        most, most_of_owner = self._settings.max_queue, self._settings.max_jobs_per_owner
        if order.most_unfinished is not None:
            most_of_owner = min(most_of_owner, order.most_unfinished)
        if of_owner >= most_of_owner:
            return QueueFull(
                f"you have {of_owner} unfinished jobs, the most allowed is {most_of_owner}; "
                "wait for one to finish or dismiss one",
                30,
                True,
                most_of_owner,
            )
        if waiting >= most:
            return QueueFull(f"{waiting} jobs wait already, the most is {most}; try again in a minute", 60, False, most)
        return None

    def _insert(self, c: sa.Connection, fresh: list[Taken]) -> None:
        if not fresh:
            return
        rows = [taken.row for taken in fresh if taken.row is not None]
        found = c.execute(JOBS.insert().returning(JOBS.c.id, JOBS.c.seq, sort_by_parameter_order=True), rows)
        first = {"id": 1, "time": rows[0]["created"], "attempt": 0, "kind": "status", "data": ACCEPTED}
        c.execute(EVENTS.insert(), [{"job": row["id"], **first} for row in rows])
        enqueue_all(c, self._client, [(job_id, seq) for job_id, seq in found])


ACCEPTED = json.dumps({"status": "accepted"})


def row_of(order: Order) -> dict[str, Any]:
    """The row of a job that has just been accepted, every column but the sequence number."""
    now = clock()
    empty = {column.name: None for column in JOBS.c if column.name != "seq"}
    begun = {"attempt": 0, "losses": 0, "released": False, "stopping": False, "last_event": 1, "message": ""}
    given = {"id": order.id, "owner": order.owner, **order.values}
    return {**empty, **begun, **given, "status": "accepted", "created": now, "updated": now}


CONFLICT = "this Idempotency-Key came with another request before; use a new key for a new request"


def _tell(answers: Sequence[tuple[Order, Answer]]) -> None:
    """Wake those who wait: each event loop once for all of its own."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Order, Answer]]] = {}
    for order, answer in answers:
        by_loop.setdefault(order.answer.get_loop(), []).append((order, answer))
    for loop, told in by_loop.items():
        with contextlib.suppress(RuntimeError):  # that loop has been closed, and nobody waits any more
            loop.call_soon_threadsafe(_wake, told)


def _wake(answers: Sequence[tuple[Order, Answer]]) -> None:
    for order, answer in answers:
        if order.answer.done():
            continue  # who waited has gone; the job is there all the same
        if isinstance(answer, JobsError):
            order.answer.set_exception(answer)
        else:
            order.answer.set_result(answer)


def _may_pass(error: DBAPIError) -> bool:
    """A lost connection or a busy file may pass; a full disk or a wrong value does not."""
    return error.connection_invalidated or "locked" in str(error.orig) or "connect" in str(error.orig)


def to_text(document: dict[str, Any]) -> str:
    """The document as it is stored: ASCII, so that no database can refuse a character of it."""
    return json.dumps(document, allow_nan=False, ensure_ascii=True)
