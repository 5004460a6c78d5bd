"""Wall times and the machine, for ``run.json`` only."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from typing import Any


class Clock:
    """Measures the stages of one run."""

    def __init__(self) -> None:
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._begin = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Everything since the last lap was spent on ``name``."""
        now = time.perf_counter()
        self._laps[name] = round(now - self._last, 3)
        self._last = now

    def run(self) -> dict[str, Any]:
        """What is known so far."""
        from api.usecases import versions

        return {
            "started": self._started,
            "elapsed_s": round(time.perf_counter() - self._begin, 3),
            "stages": dict(self._laps),
            "versions": {**versions(), "python": platform.python_version()},
            "machine": {"system": platform.system(), "machine": platform.machine(), "cpus": os.cpu_count()},
        }
