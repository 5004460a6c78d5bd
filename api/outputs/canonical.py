"""JSON text that is the same for the same content: no ``-0.0``, no NaN, one record a line."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def clean(value: Any) -> Any:
    """The same value with ``-0.0`` written as 0.0, throughout."""
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, dict):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    return value


def dumps(value: Any, sort_keys: bool = False) -> str:
    """Compact JSON, one line; refuses NaN and infinities."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "), sort_keys=sort_keys)
    if "-0.0" in text:
        text = json.dumps(
            clean(value), ensure_ascii=False, allow_nan=False, separators=(", ", ": "), sort_keys=sort_keys
        )
    return text


def pretty(document: dict[str, Any]) -> str:
    """A document with one key a line and, in lists, one record a line: quick to write, and a diff shows what moved."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            rows = ",\n  ".join(dumps(row) for row in value)
            text = f"[\n  {rows}\n ]"
        else:
            text = dumps(value, sort_keys=isinstance(value, dict))
        parts.append(f" {dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def sha256(value: Any) -> str:
    """Hash of a document's content: the order of keys and the file's layout do not matter."""
    return hashlib.sha256(dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
