"""One job's process: dies with its worker, has its own limits, does the work of one :class:`Spec`, tells, ends.

SIGTERM asks it to stop and keep the best; what happens when it does not listen is the worker's business.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys
import threading

from api.service.parent import die_with_parent

EXIT_FAILED = 3


def main() -> int:
    """Exit code 0 after a result, 3 after a failure that was told; anything else is a crash."""
    die_with_parent(int(os.environ.get("GIGASITE_PARENT", os.getppid())))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from api.service.jobs.line import Line, Spec
    from api.service.jobs.processes import PROCESSES

    line = Line()
    spec = Spec.from_bytes(sys.stdin.buffer.read())
    _limit(spec.memory_mb)
    module, function = PROCESSES[spec.process].work.split(":")
    try:
        getattr(importlib.import_module(module), function)(spec, line, stop.is_set)
    except MemoryError:
        line.send("failed", code="memory", message=f"the solve needed more than its {spec.memory_mb} MB", faults=[])
        return EXIT_FAILED
    return 0


def _limit(memory_mb: int) -> None:
    memory = memory_mb * 2**20
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 4 * 2**30),
        (resource.RLIMIT_NOFILE, 256),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    sys.exit(main())
