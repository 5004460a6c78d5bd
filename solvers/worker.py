"""The solver process: one task in on standard input, events and incumbents out on standard output, then it is gone.

Frames are ``>II`` (length of a JSON header, length of raw float64 bytes), header, bytes. The parent keeps the last incumbent,
so nothing is lost when this process is stopped, killed or crashes.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import resource
import signal
import struct
import sys
import threading
import time
from typing import Any

import numpy as np

from planner.errors import GigasiteError
from solvers.engines.form import Array
from solvers.engines.increments import Increments
from solvers.stages import run_stages
from solvers.task import Task

HEAD = struct.Struct(">II")


class Wire:
    """Writes frames to the parent, one at a time."""

    def __init__(self) -> None:
        # Whatever a library prints must not land between frames: standard output now goes to standard error.
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, header: dict[str, Any], x: Array | None = None) -> None:
        """One frame."""
        raw = b"" if x is None else np.ascontiguousarray(x, dtype=np.float64).tobytes()
        text = json.dumps(
            {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in header.items()}
        ).encode()
        with self._lock:
            self._out.write(HEAD.pack(len(text), len(raw)) + text + raw)
            self._out.flush()


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies (Linux); leave at once if that already happened."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _began() -> float:
    """When the parent started this process: its start-up is part of the time limit (the monotonic clock is the machine's)."""
    now = time.monotonic()
    told = float(os.environ.get("GIGASITE_BEGAN", now))
    return told if 0 <= now - told < 60 else now


def main() -> int:
    """Run one task. Exit code 0 when the search ended by itself or was asked to stop."""
    parent = int(os.environ.get("GIGASITE_PARENT", os.getppid()))
    die_with_parent(parent)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wire = Wire()
    task = Task.from_bytes(sys.stdin.buffer.read())
    limit = task.options.memory_limit_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        run_stages(task, Increments.of(task.form, task.before), wire.send, stop.is_set, _began())
    except MemoryError:
        wire.send({"kind": "failed", "message": f"the solver ran out of its {task.options.memory_limit_mb} MB"})
        return 3
    except GigasiteError as error:
        wire.send({"kind": "failed", "message": str(error)})
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
