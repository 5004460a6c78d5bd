"""The form of the service's logs: one JSON object a line on standard error. No body, no key, no document."""

from __future__ import annotations

import json
import logging
import sys
import time
from functools import lru_cache
from typing import Any


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


def send(logger: logging.Logger, level: str) -> None:
    """Let a logger of ours write to standard error from this level on; its lines go nowhere else. Once per process."""
    logger.setLevel(level.upper() if level.upper() in logging.getLevelNamesMapping() else "INFO")
    if not any(isinstance(handler.formatter, JsonLines) for handler in logger.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.propagate = False
