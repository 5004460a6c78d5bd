"""The worker's log: one JSON object a line on standard error, with the job's id, never its document."""

from __future__ import annotations

import logging
import sys


def log_to_stderr(level: str) -> None:
    """Once per process, in the form of the API's log."""
    from api.service.http.logs import JsonLines

    logger = logging.getLogger("gigasite.jobs")
    logger.setLevel(level.upper() if level.upper() in logging.getLevelNamesMapping() else "INFO")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.propagate = False
