"""One figure of a request at several values: ``budget.per_year_musd`` at 80 %, ``sites.*.grid_mw`` six months later.

A path walks the request: keys, and in lists the ``id`` of an entry or ``*`` for all of them. It leads to numbers, months or
schedules. A value is a share of what is stated (``80%``), months of delay (``+6m``, ``-3m``) or a figure or month to put there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from planner.errors import Fault, RequestError
from planner.problem import crosschecks
from planner.problem.faults import faults_of, shown, suggestion
from planner.problem.problem import Problem
from planner.problem.read import assemble
from planner.problem.request import Request
from planner.problem.schedule import MONTH, month_number
from planner.problem.site import Site

if TYPE_CHECKING:
    from planner.ground import Ground

Kind = Literal["share", "delay", "figure", "month"]
NEUTRAL = {"share": 1.0, "delay": 0.0}
WORDS = {"share": "80%", "delay": "+6m", "figure": "12000", "month": "2027-04"}
MOST = 50
"""Values in one variation."""
ALL = "*"
LAND = ("buildable_ha", "parcel_ha", "location", "id")
"""Fields of a site that hectares and kilometres were measured from."""
SHARE, DELAY, FIGURE = (
    re.compile(r"(\d+(?:\.\d*)?)\s*%"),
    re.compile(r"([+-]\d+)\s*m"),
    re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?"),
)


@dataclass(frozen=True)
class Value:
    """One value: ``text`` as written; ``amount`` a share, months, a figure or the number of a month."""

    text: str
    kind: Kind
    amount: float


@dataclass(frozen=True)
class Variation:
    """A path and the values it takes, smallest first."""

    path: tuple[str, ...]
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        """The path as written."""
        return ".".join(self.path)


def parse(text: str) -> Variation:
    """``budget.per_year_musd=80%,100%,120%``. Raises RequestError (of ``--vary``) with everything wrong."""
    path, equals, values = text.partition("=")
    parts = tuple(part.strip() for part in path.split("."))
    if not equals or not all(parts):
        raise _wrong(f"{shown(text)} is no PATH=VALUE,VALUE", "e.g. budget.per_year_musd=80%,100%,120%")
    faults, found = [], []
    for word in dict.fromkeys(v.strip() for v in values.split(",")):
        value = _value(word)
        if value is None:
            hint = "a share of what is stated (80%), months of delay (+6m), a figure (12000) or a month (2027-04)"
            faults.append(Fault(("--vary",), f"{shown(word)} is no value", hint))
        else:
            found.append(value)
    kinds = dict.fromkeys(v.kind for v in found)
    if len(kinds) > 1:
        faults.append(
            Fault(("--vary",), f"values of {len(kinds)} kinds", f"all like {WORDS[found[0].kind]}, or a second run")
        )
    if len(found) > MOST:
        faults.append(Fault(("--vary",), f"{len(found)} values; {MOST} at the most"))
    if faults:
        raise RequestError(faults)
    return Variation(parts, tuple(sorted(found, key=lambda v: v.amount)))


def _value(word: str) -> Value | None:
    if MONTH.match(word):
        return Value(word, "month", month_number(word))
    for kind, pattern, part in (("share", SHARE, 0.01), ("delay", DELAY, 1.0)):
        if match := pattern.fullmatch(word):
            return Value(word, kind, float(match[1]) * part)  # type: ignore[arg-type]
    if FIGURE.fullmatch(word) and math.isfinite(float(word)):
        return Value(word, "figure", float(word))
    return None


def neutral(variation: Variation, request: Request, sites: Sequence[Site]) -> float | None:
    """The amount at which nothing changes; None where there is no one such value."""
    kind = variation.values[0].kind
    if kind in NEUTRAL:
        return NEUTRAL[kind]
    stated = {v if isinstance(v, int | float) else None for v in _stated(variation.path, request, sites)}
    return float(stated.pop()) if kind == "figure" and len(stated) == 1 and None not in stated else None  # type: ignore[arg-type]


def vary(
    request: Request, sites: Sequence[Site], ground: Ground, path: tuple[str, ...], value: Value
) -> tuple[Request, Problem]:
    """The request and its problem with what ``path`` leads to at ``value``, cross-checked as any request is.

    Raises:
        RequestError: a path that leads nowhere, or a value that makes the request wrong; with every fault found.
    """
    document = _plain(request, sites)
    _walk(document, path, lambda here: _changed(here, value, path))
    places, faults = [], []
    for row in document["sites"]:
        try:
            places.append(Site.model_validate(row))
        except ValidationError as error:
            faults += faults_of(error, Site, ("sites", row["id"]))
    try:
        altered = Request.model_validate({**document, "sites": request.sites})
        faults += [f for f in crosschecks.of_request(altered) if f.severity == "error"]
    except ValidationError as error:
        faults += faults_of(error, Request)
    if faults:
        raise RequestError(faults)
    return altered, assemble(altered, places, ground)[0]


def _plain(request: Request, sites: Sequence[Site]) -> dict[str, Any]:
    """As plain values, only what is stated; the sites in a list."""
    how: dict[str, Any] = {"mode": "json", "by_alias": True, "exclude_unset": True}
    return {**request.model_dump(**how), "sites": [site.model_dump(**how) for site in sites]}


def _stated(path: tuple[str, ...], request: Request, sites: Sequence[Site]) -> list[Any]:
    """What the path leads to."""
    found: list[Any] = []

    def look(here: Any) -> Any:
        found.append(here)
        return here

    _walk(_plain(request, sites), path, look)
    return found


def _walk(root: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> None:
    """Put ``change(what stands there)`` wherever the path leads. Of all entries of a list those count that can be changed; a
    fault where none can."""
    if path[0] == "sites" and path[-1] in LAND:
        raise _wrong(f"{path[-1]} of a site cannot be varied: the land is measured once", "run plan on two requests")
    if path[0] in ("solver", "horizon", "land"):
        raise _wrong(f"{path[0]} cannot be varied", "it is no figure of sites, blocks, money or deals")
    _put(root, path[0], path[1:], path[:1], change)


def _put(holder: Any, key: Any, rest: tuple[str, ...], path: tuple[str, ...], change: Callable[[Any], Any]) -> None:
    """From a key of a holder along the rest of the path, whose part up to here is for messages."""
    here = _at(holder, key, path)
    if not rest:
        holder[key] = change(here)
        return
    keys, faults = list(_keys(here, rest[0], path)), []
    for inner in keys:
        try:
            _put(here, inner, rest[1:], (*path, rest[0]), change)
        except RequestError as error:
            faults.append(error)
    if faults and len(faults) == len(keys):
        raise faults[0]


def _at(holder: Any, key: Any, path: tuple[str, ...]) -> Any:
    """What stands at a key. A fault where nothing does."""
    if isinstance(holder, list):
        return holder[key]
    if not isinstance(holder, Mapping) or key not in holder:
        known = holder if isinstance(holder, Mapping) else ()
        raise _wrong(f"the request states no {'.'.join(path)}", suggestion(str(key), known) or "state it to vary it")
    return holder[key]


def _keys(inner: Any, part: str, path: tuple[str, ...]) -> Iterator[Any]:
    """The keys that a part of a path means: of a list the places of entries with that id."""
    if not isinstance(inner, list):
        yield part
        return
    ids = {str(e["id"]): i for i, e in enumerate(inner) if isinstance(e, dict) and "id" in e}
    if part == ALL:
        yield from range(len(inner))
    elif part in ids:
        yield ids[part]
    elif part.isdigit() and int(part) < len(inner):
        yield int(part)
    else:
        raise _wrong(f"{'.'.join(path)} has no {part}", suggestion(part, ids) or f"it has {len(inner)} entries")


def _changed(here: Any, value: Value, path: tuple[str, ...]) -> Any:
    """What stands at the end of a path, at a value."""
    name = ".".join(path)
    steps = isinstance(here, list) and all(isinstance(s, dict) and set(s) == {"from", "value"} for s in here)
    number = isinstance(here, int | float) and not isinstance(here, bool)
    month = isinstance(here, str) and MONTH.match(here)
    if value.kind == "share" and number:
        return here * value.amount
    if value.kind == "share" and steps:
        return [{**s, "value": s["value"] * value.amount} for s in here]
    if value.kind == "delay" and month:
        return _later(here, int(value.amount))
    if value.kind == "delay" and steps:
        return [{**s, "from": _later(s["from"], int(value.amount))} for s in here]
    if value.kind == "figure" and (number or steps):
        return int(value.amount) if isinstance(here, int) and value.amount.is_integer() else value.amount
    if value.kind == "month" and month:
        return value.text
    if value.kind == "delay" and number:
        raise _wrong(f"{name} is one number in every period, so there is nothing to delay", "state it as steps")
    what = "a schedule" if steps else shown(here)
    raise _wrong(f"{name} is {what}, which cannot be {value.text}", _inside(here))


def _inside(here: Any) -> str:
    """What a path could go on to."""
    if isinstance(here, dict):
        return f"it has {', '.join(list(here)[:12])}"
    if isinstance(here, list):
        return f"name one entry, or {ALL} for all {len(here)}"
    return ""


def _later(month: str, by: int) -> str:
    number = month_number(month) + by
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _wrong(message: str, hint: str = "") -> RequestError:
    return RequestError([Fault(("--vary",), message, hint)])
