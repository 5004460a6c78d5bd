"""A clerk's own process: ``python -m api.service.http.clerk.child MEMORY_MB``. One task at a time, until stdin closes."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from typing import Any, BinaryIO

from api.service.http.clerk.wire import HEAD, length, packed
from api.service.parent import die_with_parent


def limited(memory_mb: int) -> None:
    """No core files, no runaway memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """Do one task. Whatever goes wrong is told; the traceback is for the log only."""
    from api.service.http.clerk.tasks import TASKS

    try:
        return {"done": TASKS[message["task"]](**message["given"])}
    except MemoryError:
        return {"failed": "memory", "traceback": ""}
    except Exception as error:
        return {"failed": type(error).__name__, "traceback": traceback.format_exc(limit=-8)}


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer messages until there are no more."""
    while len(head := incoming.read(HEAD)) == HEAD:
        message = json.loads(incoming.read(length(head)))
        try:
            data = packed(answer(message))
        except ValueError:
            data = packed({"failed": "answer too long or not finite", "traceback": ""})
        outgoing.write(data)
        outgoing.flush()


def main() -> None:
    """Keep the pipe for messages alone: whatever else writes to stdout is silenced."""
    die_with_parent(int(sys.argv[2]))
    limited(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outgoing = os.fdopen(os.dup(1), "wb")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    serve(sys.stdin.buffer, outgoing)


if __name__ == "__main__":
    main()
