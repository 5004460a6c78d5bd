"""One solve is one child process: spawned clean, limited in memory, stopped at its deadline, its best point kept."""

from __future__ import annotations

import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from planner.errors import SolverError
from solvers.engines.form import Array
from solvers.task import Task

HEAD = struct.Struct(">II")
GRACE_S = 2.0
"""How long a process that was asked to stop may take."""
OVERTIME_S = 10.0
"""How far past its own time limit a process may run before it is stopped from outside (tie-break and hand-back included)."""


@dataclass
class Solved:
    """What came back: the last point per stage, how each stage ended, and how the process ended."""

    x: Array | None = None
    stages: dict[int, dict[str, Any]] = field(default_factory=dict)
    final: bool = False
    stopped_from_outside: str | None = None
    failure: str | None = None
    bounds: dict[int, float] = field(default_factory=dict)
    multipliers: Array | None = None
    """The best multipliers of the first stage's rows told so far; see :mod:`solvers.rigorous`."""
    ended: str | None = None
    """How the child ended, in words, where it ended neither by itself nor because it was told to."""


def solve_in_child(
    task: Task,
    on_frame: Callable[[dict[str, Any]], None],
    cancelled: Callable[[], bool],
    deadline: float,
    on_point: Callable[[Array], None] = lambda x: None,
    on_multipliers: Callable[[Array], None] = lambda y: None,
) -> Solved:
    """Run a task in a child of its own.

    ``deadline`` is on the monotonic clock. Cancelling asks first (SIGTERM), waits two seconds, then kills the group; the best
    point told so far survives either way. Raises :class:`planner.errors.SolverError` only where the child failed with nothing.
    """
    env = {
        k: v
        for k, v in os.environ.items()
        if k in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    }
    if task.options.cluster:
        env |= {k: v for k, v in os.environ.items() if k.startswith("DASK_")}  # certificates, time-outs
    env |= {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "GIGASITE_PARENT": str(os.getpid()),
        "GIGASITE_BEGAN": repr(time.monotonic()),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "solvers.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        start_new_session=True,
    )
    assert child.stdin and child.stdout and child.stderr
    frames: queue.Queue[tuple[dict[str, Any], Array | None] | None] = queue.Queue()
    errors: list[bytes] = []
    threads = [
        threading.Thread(target=_read, args=(child.stdout, frames), daemon=True),
        threading.Thread(target=lambda: errors.append(child.stderr.read() if child.stderr else b""), daemon=True),
        threading.Thread(target=_feed, args=(child.stdin, task.to_bytes()), daemon=True),
    ]
    for t in threads:
        t.start()
    solved = Solved()
    try:
        _follow(child, frames, solved, on_frame, cancelled, deadline, on_point, on_multipliers)
    finally:
        _kill(child)
        child.wait()
        for t in threads:
            t.join(timeout=1.0)
    if not solved.final and solved.stopped_from_outside is None and solved.x is not None:
        why = solved.failure or f"the solver process ended with code {child.returncode}"
        solved.ended = f"{why}; this is the best plan it had told until then"
    if solved.x is None and not solved.stages and solved.stopped_from_outside is None:
        last = (b"".join(errors).decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise SolverError(
            solved.failure or f"the solver process ended with code {child.returncode}: {last}; try another seed"
        )
    return solved


def _follow(
    child: subprocess.Popen[bytes],
    frames: queue.Queue[tuple[dict[str, Any], Array | None] | None],
    solved: Solved,
    on_frame: Callable[[dict[str, Any]], None],
    cancelled: Callable[[], bool],
    deadline: float,
    on_point: Callable[[Array], None],
    on_multipliers: Callable[[Array], None],
) -> None:
    asked: float | None = None
    while True:
        try:
            frame = frames.get(timeout=0.05)
        except queue.Empty:
            frame = ({}, None)
        if frame is None:
            return
        header, x = frame
        if header:
            _note(solved, header, x)
            on_frame(header)
            if x is not None:
                (on_multipliers if header["kind"] == "multipliers" else on_point)(x)
        now = time.monotonic()
        if asked is None and (cancelled() or now > deadline):
            asked = now
            solved.stopped_from_outside = "cancelled" if cancelled() else "time_limit"
            child.send_signal(signal.SIGTERM)
        elif asked is not None and now > asked + GRACE_S:
            return


def _note(solved: Solved, header: dict[str, Any], x: Array | None) -> None:
    kind = header["kind"]
    if x is not None and kind == "multipliers":
        solved.multipliers = x
    elif x is not None:
        solved.x = x
    if kind in ("incumbent", "bound") and header.get("bound") is not None:
        solved.bounds[header["stage"]] = header["bound"]
    if kind == "stage":
        solved.stages[header["stage"]] = header
    elif kind == "final":
        solved.final = True
    elif kind == "failed":
        solved.failure = header["message"]


def _feed(stdin: IO[bytes], raw: bytes) -> None:
    try:
        stdin.write(raw)
        stdin.close()
    except BrokenPipeError:
        pass


def _read(stdout: IO[bytes], frames: queue.Queue[tuple[dict[str, Any], Array | None] | None]) -> None:
    import json

    while len(head := stdout.read(HEAD.size)) == HEAD.size:
        text, raw = (stdout.read(n) for n in HEAD.unpack(head))
        try:
            header = json.loads(text)
        except ValueError:
            break
        frames.put((header, np.frombuffer(raw, dtype=np.float64).copy() if raw else None))
    frames.put(None)


def _kill(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
