"""One cell of a user's table or one GeoJSON property, made into what the field wants. Empty means not stated."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from sites.fields import JSON_FIELDS, NUMBERS, SCHEDULES, TEXT
from sites.units import scale

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def plain(value: Any) -> Any:
    """Python's own types from whatever a file reader hands out; None for NaN, NaT, null and blank text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):  # numpy's float64 is one too
        return None if math.isnan(value) else float(value)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, np.datetime64 | datetime.datetime | datetime.date):
        return None if str(value) == "NaT" else datetime.date.fromisoformat(str(value)[:10])
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, decimal.Decimal):
        return plain(float(value))
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return None if str(value) in {"<NA>", "NaT", "nan"} else value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def from_json(text: str) -> Any:
    """JSON text of a cell. ValueError when it is none, holds NaN or is nested too deeply."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _number(value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else ""
    return float(text) if NUMBER.fullmatch(text) else value


def _text(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():  # a table's reader made 12.0 of the parcel number 12
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _tags(value: Any) -> Any:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [t.strip() for t in value.split(",") if t.strip()]
    value = from_json(value) if isinstance(value, str) else value
    return [_text(v) for v in value] if isinstance(value, list) else value


def _schedule(value: Any) -> Any:
    return from_json(value) if isinstance(value, str) and value.lstrip()[:1] in "[{" else _number(value)


def _json(value: Any) -> Any:
    return from_json(value) if isinstance(value, str) else value


def _month(value: Any) -> Any:
    """A day inside a month takes effect in the first month that begins on or after it (M1.3)."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?", value.strip()):
        try:
            value = datetime.date.fromisoformat(value.strip()[:10])
        except ValueError:
            return value
    if isinstance(value, datetime.date):
        months = value.year * 12 + value.month - 1 + (value.day > 1)
        return f"{months // 12:04d}-{months % 12 + 1:02d}"
    return value


def _keep(value: Any) -> Any:
    return value


KIND: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(TEXT, _text),
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(SCHEDULES, _schedule),
    **dict.fromkeys(JSON_FIELDS, _json),
    "tags": _tags,
    "available_from": _month,
}


def typed(field: str, value: Any) -> Any:
    """The value as the field takes it; what cannot be read stays as it is, for the field's own check to refuse.

    Raises ValueError for broken JSON text.
    """
    if field.startswith("resources."):
        return _schedule(value)
    return KIND.get(field, _keep)(value)


def converted(value: Any, by: Fraction | None) -> Any:
    """A number or a schedule's values, multiplied; anything else untouched, for the field's own check."""
    if by is None or by == 1 or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return scale(value, by) if math.isfinite(value) else value
    if isinstance(value, list):
        return [{**s, "value": converted(s.get("value"), by)} if isinstance(s, dict) else s for s in value]
    return value
