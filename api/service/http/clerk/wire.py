"""Messages between the service and a clerk: four bytes of length, then that much JSON."""

from __future__ import annotations

import json
from typing import Any

HEAD = 4
MOST_BYTES = 256 * 2**20


def packed(message: Any) -> bytes:
    """A message as bytes."""
    data = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii")
    if len(data) > MOST_BYTES:
        raise ValueError(f"a message of {len(data)} bytes is too long")
    return len(data).to_bytes(HEAD, "big") + data


def length(head: bytes) -> int:
    """How many bytes follow."""
    size = int.from_bytes(head, "big")
    if size > MOST_BYTES:
        raise ValueError(f"a message of {size} bytes is too long")
    return size
