"""Standard output and standard error. A reader that leaves (``| head``) changes no exit code, and a full device behind one of
them is not taken for a full disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from planner.errors import GigasiteError


class Unspoken(GigasiteError):
    """Words that a stream did not take."""


@contextmanager
def speaking(stream: IO[str]) -> Iterator[None]:
    """Write to a stream inside. Raises :class:`Unspoken` where it takes nothing; one that nobody reads any more is let be."""
    try:
        yield
        stream.flush()  # here, and not when the interpreter ends, where nobody can tell
    except BrokenPipeError:
        silence(stream)
    except OSError as error:
        silence(stream)
        name = "standard error" if stream is sys.stderr else "standard output"
        lost = "only these words are lost, files that were asked for are written"
        raise Unspoken(f"{name} cannot be written: {error.strerror or error}; {lost}") from None


def tell(text: str, stream: IO[str] | None = None) -> None:
    """One line, on standard output where nothing else is said."""
    stream = stream or sys.stdout
    with speaking(stream):
        print(text, file=stream)


def silence(stream: IO[str]) -> None:
    """What is still to come goes nowhere, also what the interpreter flushes at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
