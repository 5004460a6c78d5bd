"""What worker and child say to each other: one specification in, lines of JSON out. No pickle, and every line bounded."""

from __future__ import annotations

import json
import math
import os
import threading
from dataclasses import asdict, dataclass
from typing import Any

LONGEST_LINE = 64 * 2**20
"""Bytes. A longer line ends the child."""


@dataclass(frozen=True)
class Spec:
    """What a child is to do. ``point`` are the best decisions of an earlier start; with ``finish`` it only prices, checks
    and writes them, because ``note`` says why nothing more is searched."""

    process: str
    document: dict[str, Any]
    base_dir: str
    out_dir: str
    memory_mb: int
    limit_s: float
    point: dict[str, Any] | None = None
    finish: bool = False
    note: str = ""

    def to_bytes(self) -> bytes:
        """For the child's standard input."""
        return json.dumps(asdict(self)).encode()

    @staticmethod
    def from_bytes(raw: bytes) -> Spec:
        """The inverse of :meth:`to_bytes`."""
        return Spec(**json.loads(raw))


class Line:
    """The child's side. Whatever a library prints goes to standard error instead."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, kind: str, **fields: Any) -> None:
        """One line. Numbers that JSON cannot carry become null."""
        text = json.dumps({"kind": kind, **{k: _finite(v) for k, v in fields.items()}})
        with self._lock:
            self._out.write(text.encode() + b"\n")
            self._out.flush()


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
