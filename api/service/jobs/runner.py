"""One job is one process: started from the event loop's own thread, told to stop politely once, killed with its group.

The parent-death signal follows the *thread* that started the child, so a pool's thread must never do it: it may end long
before the worker does. The event loop's thread lives as long as the worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.service.jobs.line import LONGEST_LINE, Spec

CHILD = (sys.executable, "-m", "api.service.jobs.child")
GRACE_S = 2.5
"""How long a child without a plan may take to end once it was asked to stop."""
HAND_BACK_S = 90.0
"""How long one that has a plan may take to check it and to write its files."""
TICK_S = 0.1
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TZ")
"""The only variables that a child sees: no database, no keys."""


RUNNING: set[int] = set()
"""Process ids of the children of this worker that live."""


@dataclass
class Ended:
    """How a child ended. ``result`` and ``failure`` are its last words, ``asked`` why it was told to stop, if it was."""

    code: int
    result: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None
    asked: str | None = None
    said: str = ""
    """The last line on standard error: for the worker's log, never for users."""


@dataclass
class Watch:
    """The worker's side of a running child. ``asked`` is set from outside to stop it: ``dismissed``, ``time`` or
    ``abandon`` (kill at once, its work is of no use any more)."""

    spec: Spec
    on_line: Callable[[dict[str, Any]], None]
    asked: str | None = None
    has_point: bool = False


async def run(watch: Watch, command: tuple[str, ...] = CHILD, wall_s: float = 7200.0) -> Ended:
    """Run a child to its end. Always returns, and never leaves a process behind, also when cancelled."""
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
        start_new_session=True,
        limit=LONGEST_LINE,
    )
    assert child.stdin and child.stdout and child.stderr
    RUNNING.add(child.pid)
    ended = Ended(0)
    tasks = [
        asyncio.create_task(_feed(child.stdin, watch.spec.to_bytes())),
        asyncio.create_task(_read(child.stdout, watch, ended)),
        asyncio.create_task(_tail(child.stderr, ended)),
    ]
    gone = asyncio.create_task(child.wait())
    try:
        await _until_gone(child, gone, watch, ended, time.monotonic() + wall_s)
        _kill(child)
        await asyncio.wait(tasks, timeout=5)  # what it said before it went
    finally:
        _kill(child)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            # bounded: asyncio reports an end only once all pipes are closed, and who holds one we cannot know
            await asyncio.wait({gone}, timeout=5)
        gone.cancel()
        RUNNING.discard(child.pid)
    ended.code = -1 if child.returncode is None else child.returncode
    return ended


async def _until_gone(
    child: asyncio.subprocess.Process, gone: asyncio.Task[int], watch: Watch, ended: Ended, deadline: float
) -> None:
    asked_at: float | None = None
    while child.returncode is None:
        await asyncio.wait({gone}, timeout=TICK_S)
        now = time.monotonic()
        if watch.asked is None and now > deadline:
            watch.asked = "time"
        if watch.asked == "abandon":
            return
        if watch.asked is not None and asked_at is None:
            asked_at, ended.asked = now, watch.asked
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
        patience = HAND_BACK_S if watch.has_point or ended.result is not None else GRACE_S
        if asked_at is not None and now > asked_at + patience:
            return


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k in KEPT} | {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MPLCONFIGDIR": str(Path(tempfile.gettempdir()) / "gigasite-matplotlib"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        "GIGASITE_PARENT": str(os.getpid()),
    }


async def _feed(stdin: asyncio.StreamWriter, raw: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(raw)
        await stdin.drain()
        stdin.close()


async def _read(stdout: asyncio.StreamReader, watch: Watch, ended: Ended) -> None:
    """Until the pipe closes. A line that is too long or is no JSON object ends the reading, and with it the child."""
    while True:
        try:
            raw = await stdout.readline()
            if not raw.endswith(b"\n"):
                return  # closed, or torn by a kill
            line = json.loads(raw)
            kind = line["kind"]
        except (ValueError, KeyError, TypeError, asyncio.LimitOverrunError):
            watch.asked = "abandon"
            return
        if kind == "result":
            ended.result = line
        elif kind == "failed":
            ended.failure = line
        else:
            watch.has_point = watch.has_point or kind == "point"
            watch.on_line(line)


async def _tail(stderr: asyncio.StreamReader, ended: Ended) -> None:
    kept = b""
    while chunk := await stderr.read(65536):
        kept = (kept + chunk)[-4000:]
    ended.said = (kept.decode(errors="replace").strip().splitlines() or [""])[-1]


def _kill(child: asyncio.subprocess.Process) -> None:
    """The child's whole group; a solver of its own session dies with it by its parent-death signal."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
