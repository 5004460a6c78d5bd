"""A worker process: holds its place among the living, runs jobs, takes up what the dead left, keeps house.

It is made to be killed: it keeps nothing that matters in memory, and whatever it cannot put right it answers by ending
(exit code 75), because whoever starts it again gets it right from the database.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa

from api.service.jobs import durable, tables, watchdog
from api.service.jobs.attempt import Attempts
from api.service.jobs.drive import Driver
from api.service.jobs.liveness import LockLost, hold
from api.service.jobs.results import Shelf
from api.service.jobs.runner import CHILD, RUNNING
from api.service.serve import EXIT_AGAIN
from api.service.settings import Settings
from api.service.stopping import Stop

LOG = logging.getLogger("gigasite.jobs")
LIVENESS_S = 2.0
REAP_S = 3.0
SWEEP_S = 30.0
WATCH_S = 10.0
RETIRE_S = 600.0
HAND_BACK_S = 5.0


def run_worker(settings: Settings, command: tuple[str, ...] = CHILD, ready: Callable[[], None] = lambda: None) -> int:
    """Run until SIGTERM or SIGINT. ``command`` is the process that solves: tests put another there, users cannot.

    Raises :class:`api.service.settings.SettingsError` where another worker has this one's place.
    """
    tables.prepare(settings)
    lock = hold(settings)
    from dbos import DBOS

    from api.service.jobs import flow

    engine = tables.open_engine(settings)
    client = durable.client(engine)
    driver = Driver(settings, Attempts(engine), Shelf(settings), command)
    flow.bind(driver)
    stop = Stop()
    DBOS(config=durable.config(settings, lock.executor_id))
    durable.register_queue(client, settings)
    DBOS.listen_queues([durable.QUEUE])
    DBOS.launch()
    _start_housekeeping(settings, engine, client, lock.executor_id, driver)
    LOG.info("worker is ready", extra={"fields": {"worker": lock.executor_id}})
    ready()
    while not stop.wait(LIVENESS_S):
        try:
            lock.check()
            watchdog.bark_at_hung(driver.seen)
        except (LockLost, watchdog.Hung) as error:
            # Others may take us for dead and have our jobs already: end at once, and the children with us.
            LOG.error("%s; this worker ends so that it can start anew", error)
            os._exit(EXIT_AGAIN)
    driver.stopping = True
    _wait_until_handed_back()
    LOG.info("worker has stopped", extra={"fields": {"worker": lock.executor_id}})
    logging.shutdown()
    # Not sys.exit: threads of DBOS may be in the middle of a wait. The kernel ends the children with us.
    os._exit(0)


def _wait_until_handed_back() -> None:
    until = time.monotonic() + HAND_BACK_S
    while RUNNING and time.monotonic() < until:
        time.sleep(0.05)


def _start_housekeeping(
    settings: Settings, engine: sa.Engine, client: object, executor_id: str, driver: Driver
) -> None:
    from api.service.jobs import reaper, sweeper

    shelf = Shelf(settings)
    forgotten = watchdog.Forgotten(executor_id, driver)
    chores: list[tuple[float, Callable[[], object]]] = [
        (SWEEP_S, lambda: sweeper.stranded(engine, client)),
        (WATCH_S, forgotten.look),
        (RETIRE_S, lambda: sweeper.retire(engine, client, settings, shelf)),
        (RETIRE_S, lambda: sweeper.orphans(engine, settings, shelf)),
    ]
    if not settings.is_sqlite:
        chores.append((REAP_S, lambda: reaper.reap(engine, executor_id)))
    for every_s, chore in chores:
        threading.Thread(target=_again_and_again, args=(every_s, chore), daemon=True).start()


def _again_and_again(every_s: float, chore: Callable[[], object]) -> None:
    while True:
        try:
            chore()
        except Exception as error:
            LOG.warning("housekeeping failed, it is tried again: %s", type(error).__name__)
        time.sleep(every_s)
