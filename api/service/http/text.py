"""Which texts a stranger may hand in, and how any text is made safe to repeat."""

from __future__ import annotations

import re

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
"""Ids of jobs and datasets as they stand in addresses. They are looked up, never joined to a path as they come."""

IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,200}\Z")


def is_clean(text: str) -> bool:
    """No control, surrogate or text-direction characters."""
    from planner.problem.base import BIDI

    return not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 or ord(c) in BIDI for c in text)


def shown(text: str, most: int = 60) -> str:
    """A stranger's text inside a message: ASCII, on one line, short."""
    quoted = ascii(text)
    return quoted if len(quoted) <= most else quoted[: most - 4] + "...'"
