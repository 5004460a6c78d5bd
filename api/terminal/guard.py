"""No traceback ever reaches a user: every error becomes a line on stderr and an exit code."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar, cast

import typer

from api import exits
from api.terminal import interrupt

F = TypeVar("F", bound=Callable[..., Any])

MAX_FAULTS = 200


def say(text: str) -> None:
    """One line on stderr, without control characters. Where stderr takes nothing, the exit code still tells."""
    from api.outputs.text import printable
    from api.terminal.streams import Unspoken, tell

    with contextlib.suppress(Unspoken):
        tell(printable(text), sys.stderr)


def say_faults(faults: Any, limit: int = MAX_FAULTS) -> None:
    """Every fault on its own line: ``error: sites[3].grid_mw: ...``."""
    for fault in faults[:limit]:
        say(f"{fault.severity}: " + str(fault).replace("\n", " "))
    if len(faults) > limit:
        say(f"... and {len(faults) - limit} more")


def os_error(error: OSError) -> str:
    """A file-system error in plain words."""
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{where}the disk is full; nothing was written"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where}no permission to read or write here"
    return f"{where}{error.strerror or error}"


def guarded(command: F) -> F:
    """Turn what a command raises into messages and an exit code. ``GIGASITE_DEBUG=1`` shows tracebacks."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from planner.errors import GigasiteError, RequestError

        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(exits.INTERRUPTED) from None  # said where the program ends
        except Exception as error:
            if interrupt.came():
                raise typer.Exit(exits.INTERRUPTED) from None
            if os.environ.get("GIGASITE_DEBUG"):
                raise
            if isinstance(error, RequestError):
                say_faults(error.faults)
                raise typer.Exit(exits.BAD_REQUEST) from None
            if isinstance(error, GigasiteError):
                say(f"error: {error}".replace("\n", " "))
            elif isinstance(error, OSError):
                say(f"error: {os_error(error)}")
            elif isinstance(error, MemoryError):
                say("error: not enough memory for this request on this machine")
            else:
                say(f"error: unexpected {type(error).__name__}: {error}".replace("\n", " "))
                say("This is a fault in gigasite, not in your request. GIGASITE_DEBUG=1 shows where it happened.")
            raise typer.Exit(exits.FAILED) from None

    return cast(F, run)
