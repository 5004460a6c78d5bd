"""How DBOS is set up: names that must not change, what is switched off, and the traps of its defaults.

=====================  ==============================================================================================
``APP_VERSION``        pinned by hand: the default is a hash of the source, and any edit would strand running jobs
serializer             plain JSON; the default is pickle, and rows outlive versions
``executor_id``        never the default ``local``, with which two processes take each other's running jobs
``max_recovery``       a backstop far above our own count of losses, which is what ends a job that kills its host
log                    warnings only: INFO advertises a hosted console, a cancellation is logged as an error
conductor and such     the parts that are not MIT are never configured, also where the environment holds a key
=====================  ==============================================================================================
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from api.service.jobs.tables import url
from api.service.settings import Settings

if TYPE_CHECKING:
    import sqlalchemy as sa
    from dbos import DBOSClient, DBOSConfig

APP_NAME = "gigasite"
APP_VERSION = "1"
"""Raise it only when the order of steps in :mod:`.flow` changes, and only when no job runs."""
WORKFLOW = "gigasite_job"
QUEUE = "gigasite_jobs"
POLL_S = 0.2
"""How often a worker with a free place looks for a job."""
BACKSTOP = 1000
"""DBOS's own limit of recoveries; ours (``settings.attempts``) ends a job long before."""


def config(settings: Settings, executor_id: str) -> DBOSConfig:
    """The configuration of a worker."""
    from dbos import DBOSPortableJSONSerializer

    hush()
    return {
        "name": APP_NAME,
        "system_database_url": url(settings),
        "application_version": APP_VERSION,
        "executor_id": executor_id,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
        "run_migrations": False,
        "enable_otlp": False,
        "sys_db_pool_size": 8,
    }


def client(engine: sa.Engine) -> DBOSClient:
    """What puts jobs into the queue, in the caller's own transaction. It raises rather than wait for a lost database."""
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    hush()
    return DBOSClient(
        system_database_engine=engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APP_NAME,
        lazy=True,
        retry_connection_errors=False,
    )


def register_queue(of: DBOSClient, settings: Settings) -> None:
    """The queue's row: every worker runs ``settings.solves`` at once."""
    of.register_queue(
        QUEUE, worker_concurrency=settings.solves, polling_interval_sec=POLL_S, on_conflict="always_update"
    )


def hush() -> None:
    """Warnings only, without the traceback that DBOS writes for every cancelled workflow; no cloud, no conductor."""
    for name in [name for name in os.environ if name.startswith("DBOS_")]:
        del os.environ[name]
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    if not any(isinstance(f, _NoCancellations) for f in logger.filters):
        logger.addFilter(_NoCancellations())


class _NoCancellations(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Drop what is no error: a cancelled workflow."""
        text = record.getMessage()
        return "CancelledError" not in text and "cancelled" not in text.lower()
