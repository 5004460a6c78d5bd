"""Durable jobs: accepted, run in processes of their own, finished exactly once. Start at :mod:`.interface`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.service.jobs.interface import Job, Jobs, JobsError

if TYPE_CHECKING:
    from api.service.settings import Settings

__all__ = ["Job", "Jobs", "JobsError", "open_jobs"]


async def open_jobs(settings: Settings) -> Jobs:
    """The door to the job store that the settings name. It starts no worker: ``gigasite worker`` does."""
    from api.service.jobs.door import open_door

    return await open_door(settings)
