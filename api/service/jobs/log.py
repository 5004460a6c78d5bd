"""The worker's log: with the job's id, never its document."""

from __future__ import annotations

import logging

from api.service.logs import send


def log_to_stderr(level: str) -> None:
    """Once per process."""
    send(logging.getLogger("gigasite.jobs"), level)
