"""Work that takes a while and says who does it, for workers that are killed meanwhile. A module of its own: workers import it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

TAKES_S = 0.25


def square(job: tuple[int, str], stop: Callable[[], bool]) -> int:
    """The square of a number, slowly. ``job``: the number, and the folder in which a file with our process id appears."""
    number, folder = job
    (Path(folder) / f"{os.getpid()}-{number}").touch()
    time.sleep(TAKES_S)
    return number * number


def until_told(job: float, stop: Callable[[], bool]) -> float:
    """Seconds until ``stop`` said so, at most ``job``."""
    began = time.monotonic()
    while not stop() and time.monotonic() < began + job:
        time.sleep(0.02)
    return time.monotonic() - began


def deadly(job: int, stop: Callable[[], bool]) -> int:
    """Ends the process that does it, as running out of memory would."""
    os._exit(9)
