"""One JSON object per line: when, what, which request, which job. No body, no key, no address of a user's making."""

from __future__ import annotations

import json
import logging
import sys
import time
from functools import lru_cache
from typing import Any

LOG = logging.getLogger("gigasite.http")
HANDLER = "gigasite-json"


class JsonLines(logging.Formatter):
    """A record as one ASCII line: control characters and line ends of any text come out escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = _second(int(record.created))
        line: dict[str, Any] = {
            "time": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return ENCODE(line)


ENCODE = json.JSONEncoder(ensure_ascii=True, default=str).encode


@lru_cache(maxsize=2)
def _second(since_1970: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since_1970))


def set_up(level: str) -> None:
    """Send our log to stderr as JSON lines, once per process."""
    LOG.setLevel(level.upper() if level.upper() in logging.getLevelNamesMapping() else "INFO")
    if any(h.get_name() == HANDLER for h in LOG.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(HANDLER)
    handler.setFormatter(JsonLines())
    LOG.addHandler(handler)
    LOG.propagate = False


def say(event: str, level: int = logging.INFO, exc_info: bool = False, **fields: Any) -> None:
    """Log one event with its fields. (Not by ``LOG.log``, which looks up the caller's line each time, and nobody reads it.)"""
    if not LOG.isEnabledFor(level):
        return
    trouble = sys.exc_info() if exc_info else None
    record = logging.LogRecord(LOG.name, level, "", 0, event, None, trouble)
    record.fields = {k: v for k, v in fields.items() if v is not None}
    LOG.handle(record)
