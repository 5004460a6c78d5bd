"""The workflow as DBOS knows it: one step, which runs a job to its end.

The step is asynchronous and preemptible: a synchronous one runs to its end whatever happens. Its order must not change
without :data:`api.service.jobs.durable.APP_VERSION`. It may run more than once; :mod:`.attempt` sees to one end.
"""

from __future__ import annotations

from dbos import DBOS

from api.service.jobs import durable
from api.service.jobs.drive import Driver

_driver: Driver | None = None


def bind(driver: Driver) -> None:
    """What drives the jobs of this process."""
    global _driver
    _driver = driver


@DBOS.step(name="gigasite_drive", preemptible=True)
async def drive(job_id: str) -> str:
    """Run a job to its end."""
    assert _driver is not None
    return await _driver.drive(job_id)


@DBOS.workflow(name=durable.WORKFLOW, max_recovery_attempts=durable.BACKSTOP)
async def run_job(job_id: str) -> str:
    """A job."""
    return await drive(job_id)
