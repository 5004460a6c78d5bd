"""SIGTERM and SIGINT as something to wait for, in the main thread."""

from __future__ import annotations

import signal
import time

TICK_S = 0.1


class Stop:
    """A plain flag: ``threading.Event`` must not be set by a signal's handler, which runs in the main thread and waits for
    ever for a lock that the main thread may just hold."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def wait(self, seconds: float) -> bool:
        """Sleep; True as soon as a stop is asked for."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, TICK_S))
        return self.asked
