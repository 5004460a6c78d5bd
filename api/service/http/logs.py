"""One JSON object per line: when, what, which request, which job. No body, no key, no address of a user's making."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

LOG = logging.getLogger("gigasite.http")
HANDLER = "gigasite-json"


class JsonLines(logging.Formatter):
    """A record as one ASCII line: control characters and line ends of any text come out escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


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
    """Log one event with its fields."""
    LOG.log(level, event, extra={"fields": {k: v for k, v in fields.items() if v is not None}}, exc_info=exc_info)
