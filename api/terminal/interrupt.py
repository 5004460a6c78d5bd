"""Ctrl-C is remembered, because a library that is interrupted while it is being loaded may raise anything."""

from __future__ import annotations

import signal
from types import FrameType

_came = False


def listen() -> None:
    """From now on an interrupt is remembered and raised; where it is ignored (``nohup``, ``&`` in a script) it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _remember)


def came() -> bool:
    """Whether whatever goes wrong now follows from an interrupt."""
    return _came


def _remember(signum: int, frame: FrameType | None) -> None:
    global _came
    _came = True
    raise KeyboardInterrupt
