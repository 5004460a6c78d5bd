"""``gigasite serve``: the API and its workers as processes of their own, watched, started again when they die.

The supervisor does nothing that could kill it. Its children die with it (parent-death signal), and a worker's solves die
with the worker; nothing is lost by that, since every accepted job is in the database.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from api import exits
from api.service import preflight
from api.service.settings import Settings, SettingsError, to_env
from api.service.stopping import Stop

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 15.0
CALM_S = 20.0
"""A child that lived so long is started again at once when it dies."""
MOST_QUICK = 5
"""A child that ends so often in a row before that will not do better: the service stops."""
EXIT_SETTINGS = 78
"""A child that ends with this (EX_CONFIG) would end so again: the service stops and says why."""
EXIT_AGAIN = 75
"""Start me again (EX_TEMPFAIL): the database does not answer, for one."""
STOP_S = 12.0


@dataclass
class Child:
    """A process of the service."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    wait_s: float = FIRST_WAIT_S
    due: float = 0.0
    quick: int = 0
    """How often in a row it has ended soon after its start."""


def children_of(settings: Settings) -> list[Child]:
    """The API and the workers that the settings ask for."""
    found = [Child("api", ("-m", "api.service.run_api"))]
    for i in range(settings.workers):
        extra = ("--id", f"{settings.worker_id}-{i}") if settings.worker_id and not settings.is_sqlite else ()
        found.append(Child(f"worker {i + 1}", ("-m", "api.service.run_worker", *extra)))
    return found


def serve(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code."""
    try:
        preflight.check(settings)
    except SettingsError as error:
        _say(str(error))
        return exits.BAD_REQUEST
    stop = Stop()
    env = {**os.environ, **to_env(settings), "GIGASITE_SUPERVISOR": str(os.getpid())}
    env["PYTHONPATH"] = os.pathsep.join(
        p for p in (str(Path(__file__).resolve().parents[2]), env.get("PYTHONPATH")) if p
    )
    children = children_of(settings)
    kept = "PostgreSQL" if not settings.is_sqlite else "SQLite"
    _say(f"{preflight.address(settings)} ({kept}, data in {settings.data})")
    code = exits.OK
    while not stop.asked:
        for child in children:
            ended = _tend(child, env)
            if ended is not None and (last := _final(child, ended, settings)) is not None:
                code, stop.asked = last, True
        stop.wait(0.1)
    _stop(children)
    return code


def _tend(child: Child, env: dict[str, str]) -> int | None:
    """Start the child when it is due; returns its exit code when it has just ended."""
    now = time.monotonic()
    if child.process is None:
        if now >= child.due:
            child.process = subprocess.Popen([sys.executable, *child.arguments], env=env, start_new_session=True)
            child.began = now
        return None
    code = child.process.poll()
    if code is None:
        return None
    child.process = None
    if now - child.began > CALM_S:
        child.wait_s, child.due, child.quick = FIRST_WAIT_S, now, 0
    else:
        child.wait_s, child.due = min(2 * child.wait_s, LONGEST_WAIT_S), now + child.wait_s
        child.quick += 1
    return code


def _final(child: Child, code: int, settings: Settings) -> int | None:
    """The exit code of the service where this end of a child is its own, too; None where the child is started again."""
    if code == EXIT_SETTINGS:  # the child has said why
        return EXIT_SETTINGS
    if code == EXIT_AGAIN and not settings.is_sqlite:
        child.quick = 0  # a database on another machine comes back, however long that takes
    if child.quick >= MOST_QUICK:
        _say(
            f"{child.name} ended {child.quick} times in a row soon after its start (code {code}), and the service stops; "
            "put right what the lines above tell, then start it again"
        )
        return exits.FAILED
    _say(f"{child.name} ended (code {code}), it is started again")
    return None


def _say(text: str) -> None:
    print(f"gigasite: {text}", file=sys.stderr, flush=True)


def _stop(children: list[Child]) -> None:
    """The API first, so that nothing new is accepted, then the workers, which hand back what runs."""
    for part in (children[:1], children[1:]):
        alive = [c.process for c in part if c.process is not None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_S
        for process in alive:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def told(error: Exception) -> int:
    """Say in one line why a child cannot start; returns its exit code. Raises what is a fault of ours again."""
    match error:
        case SettingsError():
            _say(str(error))
            return EXIT_SETTINGS
        case DBAPIError():
            _say(unreachable(error))
            return EXIT_AGAIN
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            _say(f"{where}{error.strerror or error}")
            return exits.FAILED
    raise error


def unreachable(error: Exception) -> str:
    """A database that does not answer, in one line without its URL."""
    words = str(getattr(error, "orig", error)).strip().splitlines() or [type(error).__name__]
    return f"the database cannot be used: {words[0][:200]}; check GIGASITE_DATABASE_URL and GIGASITE_DATA"
