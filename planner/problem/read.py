"""From a document to a request, and from a request with its sites to a problem. All faults are raised at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from planner.errors import Fault, RequestError, UnknownBlock
from planner.plan import Assumption
from planner.problem import crosschecks
from planner.problem.assumed import assumed
from planner.problem.deals import PROMISED_ALSO_AS
from planner.problem.document import MOST_DEPTH, load_document, read_document
from planner.problem.faults import faults_of, nearest, shown, suggestion
from planner.problem.problem import Problem
from planner.problem.request import LATER, Request
from planner.problem.site import Site

if TYPE_CHECKING:
    from planner.ground import Ground

__all__ = ["assemble", "load_document", "parse_request", "read_document"]


def parse_request(document: Any) -> tuple[Request, list[Fault], list[Assumption]]:
    """The request in a document, the warnings about it, and the figures it leaves to the catalogue and to defaults.

    Sites stay as written: the ``sites`` package reads them.

    Raises:
        RequestError: with every fault found, warnings among them.
    """
    if not isinstance(document, Mapping):
        raise RequestError([Fault((), f"a request is a mapping of keys, got {shown(document)}")])
    unsound = _unsound(document)
    if unsound:
        raise RequestError(unsound)
    plain = {key: value for key, value in document.items() if value is not None}
    faults = _later(plain)
    blocks = plain.get("blocks")
    if isinstance(blocks, list | tuple):
        plain["blocks"], unknown = _expanded(blocks)
        faults += unknown
    absent = [f.path for f in faults if f.path[:1] == ("blocks",)]
    try:
        request = Request.model_validate(plain)
    except ValidationError as error:
        found = [_as_written(f, document) for f in faults_of(error, Request, document=plain)]
        raise RequestError(faults + found + _still_told(plain, found, absent)) from None
    except (UnicodeError, RecursionError, OverflowError) as error:
        raise RequestError([*faults, Fault((), f"cannot be read: {error}")]) from None
    found = [_as_written(f, document) for f in _without(absent, crosschecks.of_request(request))]
    if faults or any(f.severity == "error" for f in found):
        raise RequestError(faults + found)
    return request, found, assumed(blocks, request)


def assemble(request: Request, sites: Sequence[Site], ground: Ground) -> tuple[Problem, list[Fault]]:
    """The problem that the mathematics and the check read, and the warnings of the cross-checks.

    Raises:
        RequestError: with every fault found, warnings among them.
    """
    found = crosschecks.of_problem(request, sites, ground)
    if any(f.severity == "error" for f in found):
        raise RequestError(found)
    problem = Problem(
        name=request.name,
        horizon=request.horizon,
        discount_rate=request.discount_rate,
        blocks=request.blocks,
        supply_pools=request.supply_pools,
        sites=tuple(sites),
        budget=request.budget,
        deals=request.deals,
        demand=request.demand,
        markets=request.markets,
        policies=request.policies,
        objectives=request.objective,
        terminal=request.terminal or "straight_line",
        solver=request.solver,
    )
    return problem, found


def _still_told(plain: dict[str, Any], faults: Sequence[Fault], absent: Sequence[tuple[str | int, ...]]) -> list[Fault]:
    """What the cross-checks find once unknown keys are left out, where these were all that was wrong: a slip of
    spelling does not hide the rest."""
    if not all(f.message.startswith("unknown key") for f in faults):
        return []
    rest = copy.deepcopy(plain)
    for fault in faults:
        here: Any = rest
        for part in fault.path[:-1]:
            here = here[part]
        here.pop(fault.path[-1], None)
    try:
        found = _without(absent, crosschecks.of_request(Request.model_validate(rest)))
        return [_as_written(f, plain) for f in found]
    except ValidationError:
        return []


def _without(absent: Sequence[tuple[str | int, ...]], faults: Sequence[Fault]) -> list[Fault]:
    """Faults that are not just the echo of a block that could not be expanded."""
    if not absent:
        return list(faults)
    echoes = ("no block is called", "no vendor is called")
    places = {path[:2] for path in absent}
    return [f for f in faults if f.path[:2] not in places and not f.message.startswith(echoes)]


def _later(plain: dict[str, Any]) -> list[Fault]:
    """Keys that are not planned yet are refused with clear words unless empty; empty ones are taken out."""
    faults = []
    for key, words in LATER.items():
        value = plain.pop(key, None)
        if value is not None and value != [] and value != {} and value != ():
            faults.append(Fault((key,), f"{words} cannot be planned yet", "leave this key out for now"))
    return faults


def _expanded(entries: Sequence[Any]) -> tuple[list[Any], list[Fault]]:
    """M2.6: catalogue ids and ``{use: id, ...}`` as full blocks. An unknown one is a fault and leaves a stand-in, so
    that everything else is still looked at."""
    from planner import catalogue

    out: list[Any] = []
    faults: list[Fault] = []
    for i, entry in enumerate(entries):
        used = entry.get("use") if isinstance(entry, dict) else entry
        try:
            if isinstance(entry, dict) and "use" in entry and not isinstance(used, str):
                faults.append(Fault(("blocks", i, "use"), f"must be the id of a catalogue block, got {shown(used)}"))
                out.append(_stand_in(i))
            else:
                out.append(catalogue.expand(entry) if isinstance(entry, str | dict) else entry)
        except UnknownBlock as unknown:
            path = ("blocks", i, "use") if isinstance(entry, dict) else ("blocks", i)
            message = f"no catalogue block is called {shown(unknown.id)}"
            faults.append(Fault(path, message, suggestion(unknown.id, unknown.known)))
            out.append(_stand_in(i))
    return out, faults


def _stand_in(i: int) -> dict[str, Any]:
    return {"id": f"blocks[{i}]", "vendor": "unknown", "it_mw": 1.0}


def _as_written(fault: Fault, document: Mapping[str, Any]) -> Fault:
    """A single objective is a mapping in the document; commitments may stand there under another name; a block without
    figures may be meant as the catalogue's."""
    path, hint = fault.path, fault.hint
    if path[:2] == ("objective", 0) and not isinstance(document.get("objective"), list | tuple):
        path = ("objective", *path[2:])
    if path[:1] == ("deals",) and path[2:3] == ("commitments",):
        path = (*path[:2], _promised_as(document["deals"][path[1]]), *path[3:])
    if path[:1] == ("blocks",) and len(path) == 3 and fault.message.startswith("is required"):
        hint = f"{hint}; {found}" if (found := _shipped(document, path)) else hint
    return Fault(path, fault.message, hint, fault.severity)


def _promised_as(deal: Mapping[str, Any]) -> str:
    """The name under which a deal of the document writes its commitments."""
    return next((name for name in PROMISED_ALSO_AS if name in deal), "commitments")


def _shipped(document: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    from planner import catalogue

    try:
        name = document["blocks"][path[1]]["id"]
        found = nearest(name, catalogue.blocks())
    except (KeyError, IndexError, TypeError, AttributeError):
        return ""
    return f"the shipped block is written {{use: {found}}}" if found else ""


def _unsound(document: Mapping[Any, Any]) -> list[Fault]:
    """What no validation survives: endless nesting, half characters, keys that are not text. Inline sites are the
    ``sites`` package's to look at."""
    faults: list[Fault] = []
    stack: list[tuple[tuple[str | int, ...], Any]] = []
    for key, value in document.items():
        if not isinstance(key, str):
            faults.append(Fault((), f"a key must be text, got {shown(key)}"))
        elif not _sound(key):
            faults.append(Fault((), f"key {ascii(key)[:60]} is not valid text"))
        elif key != "sites":
            stack.append(((key,), value))
        elif isinstance(value, str) and not _sound(value):
            faults.append(Fault((key,), f"{ascii(value)[:60]} is not valid text"))
    while stack and len(faults) < 100:
        path, value = stack.pop()
        if isinstance(value, str):
            if not _sound(value):
                faults.append(Fault(path, f"{ascii(value)[:60]} is not valid text"))
        elif isinstance(value, dict | list | tuple):
            if len(path) > MOST_DEPTH:
                faults.append(Fault(path[:6], f"nested more than {MOST_DEPTH} levels deep"))
                break
            if isinstance(value, dict):
                for key, inner in value.items():
                    if isinstance(key, str) and _sound(key):
                        stack.append(((*path, key), inner))
                    else:
                        faults.append(Fault(path, f"a key must be valid text, got {ascii(key)[:60]}"))
            else:
                stack.extend(((*path, i), inner) for i, inner in enumerate(value))
    return faults


def _sound(text: str) -> bool:
    """False for half a surrogate pair, which no file can hold."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
