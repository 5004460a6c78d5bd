"""Two things that must not be, and are looked for: a job that nobody drives, and one whose driver hangs."""

from __future__ import annotations

import logging
import time

from api.service.jobs import durable
from api.service.jobs.drive import Driver

LOG = logging.getLogger("gigasite.jobs")
HUNG_S = 300.0
"""A driver looks after its job four times a second. The longest that it does not is the writing of results."""


class Hung(Exception):
    """A job is driven here, but its driver has not moved for minutes."""


def bark_at_hung(seen: dict[str, float], now: float | None = None) -> None:
    """Raises Hung."""
    now = time.monotonic() if now is None else now
    for job, last in list(seen.items()):
        if now - last > HUNG_S:
            raise Hung(f"job {job} has not moved for {now - last:.0f} s")


class Forgotten:
    """Jobs that DBOS says this worker runs, but that it does not drive: DBOS tries to recover a process's own jobs once, at
    its launch, and does not come back to one where that failed."""

    def __init__(self, executor_id: str, driver: Driver) -> None:
        self._executor_id, self._driver = executor_id, driver
        self._suspects: set[str] = set()

    def look(self) -> int:
        """What was forgotten at this look and at the one before goes back into the queue; how many."""
        from dbos import DBOS

        mine = DBOS.list_workflows(status="PENDING", executor_id=self._executor_id, load_input=False, load_output=False)
        idle = {w.workflow_id for w in mine} - set(self._driver.seen)
        forgotten, self._suspects = idle & self._suspects, idle
        for job in forgotten:
            LOG.warning("job was forgotten and goes on", extra={"fields": {"job": job}})
            DBOS.resume_workflow(job, queue_name=durable.QUEUE)
        return len(forgotten)
