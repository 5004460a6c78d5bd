"""The API's log: when, what, which request, which job. No body, no key, no address of a user's making."""

from __future__ import annotations

import logging
import sys
from typing import Any

LOG = logging.getLogger("gigasite.http")


def say(event: str, level: int = logging.INFO, exc_info: bool = False, **fields: Any) -> None:
    """Log one event with its fields. (Not by ``LOG.log``, which looks up the caller's line each time, and nobody reads it.)"""
    if not LOG.isEnabledFor(level):
        return
    trouble = sys.exc_info() if exc_info else None
    record = logging.LogRecord(LOG.name, level, "", 0, event, None, trouble)
    record.fields = {k: v for k, v in fields.items() if v is not None}
    LOG.handle(record)
