"""Faults in a reader's words: what pydantic found, rewritten, at its place, with the nearest known name."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from planner.errors import Fault
from planner.problem.request import FILE, INLINE, LATER_POLICIES, Request
from planner.problem.schedule import NUMBER, STEPS

MOST = 500
"""So many faults are told at once; the rest are counted."""

SCHEDULE = 'a number, or steps [{from: "YYYY-MM", value: number}]'
Path = tuple[str | int, ...]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` was probably meant to be, or None."""
    names = [k for k in known if k]
    folded = {k.casefold().replace("-", "_").replace(" ", "_"): k for k in reversed(names)}
    key = name.casefold().replace("-", "_").replace(" ", "_")
    if key in folded:
        return folded[key]
    found = difflib.get_close_matches(key[:200], list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def suggestion(name: str, known: Iterable[str], most: int = 12) -> str:
    """A hint: the nearest known name, else the known names as far as they fit."""
    names = list(dict.fromkeys(known))
    found = nearest(name, names)
    if found is not None:
        return f"did you mean {found}?"
    if not names:
        return ""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"known: {', '.join(names[:most])}{more}"


def shown(value: object, most: int = 60) -> str:
    """A value as a message shows it: short, on one line, never a whole document."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except ValueError:  # an integer too long to print
        return "a number too long to print"
    return text if len(text) <= most else text[: most - 1] + "…"


def names_of(model: type[BaseModel]) -> list[str]:
    """The keys that a model's documents may use."""
    return [field.alias or name for name, field in model.model_fields.items()]


def faults_of(
    error: ValidationError, model: type[BaseModel], prefix: Path = (), document: Any = None, subject: str = ""
) -> list[Fault]:
    """Every fault of a pydantic error, at its place in the document (``prefix`` before it), in a reader's words.

    ``document`` (what was validated) lets a message name the block, demand or site concerned; ``subject`` names it
    where the caller knows better.
    """
    found: dict[tuple[Path, str], Fault] = {}
    details = error.errors(include_url=False)
    places = {tuple(d["loc"]) for d in details}
    for detail in details:
        loc = tuple(detail["loc"])
        kind = detail["type"]
        if kind == "too_short" and any(len(p) > len(loc) and p[: len(loc)] == loc for p in places):
            continue  # pydantic also counts a list whose entries are wrong as empty
        path, owner, schedule = _walk(model, loc)
        message, hint = _told(detail, path, owner, schedule)
        who = subject or _who(document, path)
        named = kind == "value_error" and who.strip("'") in message
        fault = Fault((*prefix, *path), message if named or not who else f"{message} (in {who})", hint)
        found.setdefault((fault.path, message), fault)
    faults = list(found.values())
    if len(faults) > MOST:
        more = len(faults) - MOST
        faults = [*faults[:MOST], Fault(prefix, f"and {more:,} more faults", "correct the first ones and try again")]
    return faults


def _who(document: Any, path: Path) -> str:
    """The id of the nearest thing around ``path`` that has one."""
    who, here = "", document
    for part in path:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(here, dict) and isinstance(here.get("id"), str) and here["id"]:
            who = shown(here["id"])
    return who


def _walk(model: type[BaseModel], loc: Sequence[str | int]) -> tuple[Path, type[BaseModel] | None, bool]:
    """A pydantic location as the document's own path, the model that the last key belongs to, and whether the value
    there is a schedule. pydantic's location also names the branch of a union that it tried; those words are dropped."""
    path: list[str | int] = []
    here: Any = model
    owner: type[BaseModel] | None = None
    schedule = False
    for part in loc:
        schedule = part == NUMBER
        if part == "[key]" or part in (NUMBER, FILE, INLINE):
            continue
        if part == STEPS:
            here = next((t for t in _branches(here) if get_origin(t) is tuple), None)
            continue
        here = next(iter(_branches(here))) if len(_branches(here)) == 1 else here
        if isinstance(here, type) and issubclass(here, BaseModel):
            owner = here
            path.append(part)
            field = next((f for n, f in here.model_fields.items() if part in (f.alias, n)), None)
            here = field.annotation if field else None
        elif get_origin(here) is dict:
            path.append(part)
            here = get_args(here)[1]
        elif isinstance(part, int):
            path.append(part)
            args = get_args(here) or (None,)
            here = args[0]
        elif (chosen := _by_kind(here, part)) is not None:
            here = chosen
            owner = chosen
        else:
            path.append(part)
            here = None
    return tuple(path), owner, schedule


def _branches(annotation: Any) -> list[Any]:
    """The types that an annotation allows besides None, Annotated unwrapped."""
    if get_origin(annotation) is typing.Annotated:
        return _branches(get_args(annotation)[0])
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return [b for a in get_args(annotation) if a is not type(None) for b in _branches(a)]
    return [annotation]


def _by_kind(annotation: Any, tag: object) -> type[BaseModel] | None:
    """The model of a union that is told apart by ``kind``."""
    for branch in _branches(annotation):
        if isinstance(branch, type) and issubclass(branch, BaseModel) and "kind" in branch.model_fields:
            if tag in get_args(branch.model_fields["kind"].annotation):
                return branch
    return None


def _told(detail: Any, path: Path, owner: type[BaseModel] | None, schedule: bool) -> tuple[str, str]:
    """Message and hint for one pydantic error."""
    kind, got, ctx = detail["type"], shown(detail["input"]), detail.get("ctx", {})
    key = str(path[-1]) if path else ""
    match kind:
        case "missing":
            return "is required", _documented(owner, key)
        case "extra_forbidden":
            known = names_of(owner) if owner else []
            return f"unknown key {shown(key)}", suggestion(key, known)
        case "greater_than_equal":
            return f"must be {ctx['ge']:g} or more, got {got}", ""
        case "greater_than":
            return f"must be more than {ctx['gt']:g}, got {got}", ""
        case "less_than_equal":
            return f"must be {ctx['le']:g} or less, got {got}", _bound_hint(ctx["le"])
        case "less_than":
            return f"must be less than {ctx['lt']:g}, got {got}", ""
        case "float_parsing" | "float_type" | "finite_number":
            wanted = SCHEDULE if schedule else "a number"
            return f"must be {wanted}, got {got}", ""
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return f"must be a whole number, got {got}", ""
        case "bool_parsing" | "bool_type":
            return f"must be true or false, got {got}", ""
        case "string_type" if detail["loc"][-1] == FILE:
            return f"must be the path of a vector file or an inline FeatureCollection, got {got}", ""
        case "string_type":
            hint = "put it in quotes" if isinstance(detail["input"], int | float) else ""
            return f"must be text, got {got}", hint
        case "string_too_short":
            return "must not be empty", ""
        case "string_too_long":
            return f"must have at most {ctx['max_length']} characters, got {len(str(detail['input']))}", ""
        case "literal_error":
            known = [str(n) for n in _choices(ctx["expected"])]
            return f"must be {' or '.join(known)}, got {got}", _maybe(detail["input"], known)
        case "tuple_type" | "list_type":
            return f"must be a list, got {got}", "write it as [ ... ]"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"must be a mapping of keys to values, got {got}", ""
        case "too_short" if path and detail["loc"][-1] == "[key]":
            return "a key must not be empty", ""
        case "too_short":
            return f"must have at least {ctx['min_length']} entries, got {ctx['actual_length']}", ""
        case "too_long":
            return f"must have at most {ctx['max_length']} entries", ""
        case "union_tag_not_found":
            return f"needs a `kind`, got {got}", f"known: {', '.join(_kinds(path))}"
        case "union_tag_invalid":
            tag = str(ctx["tag"])
            if tag in LATER_POLICIES:
                return f"{tag} ({LATER_POLICIES[tag]}) is not planned yet", "leave this policy out for now"
            return f"unknown kind {shown(tag)}", suggestion(tag, _kinds(path))
        case "value_error":
            told = isinstance(detail["input"], str | int | float) and got not in str(ctx["error"])
            return f"{ctx['error']}{f', got {got}' if told else ''}", ""
        case _:
            text = str(detail["msg"]).replace("Input should be", "must be")
            return f"{text[:1].lower()}{text[1:]}, got {got}", ""


def _bound_hint(bound: float) -> str:
    return "is the unit right?" if bound >= 1e9 else "a fraction is written 0.25, not 25" if bound == 1 else ""


def _maybe(value: object, known: Iterable[str]) -> str:
    found = nearest(value, known) if isinstance(value, str) else None
    return f"did you mean {found}?" if found else ""


def _documented(owner: type[BaseModel] | None, key: str) -> str:
    """The missing field's own text."""
    for name, field in owner.model_fields.items() if owner else ():
        if key in (field.alias, name):
            return field.description or ""
    return ""


def _choices(expected: str) -> list[str]:
    """pydantic's ``'a', 'b' or 'c'`` as a list."""
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",")]


def _kinds(path: Path) -> list[str]:
    """The kinds of what stands at ``path``: policies or deals that can be planned."""
    entry = get_args(Request.model_fields[str(path[0])].annotation)[0]
    return [get_args(branch.model_fields["kind"].annotation)[0] for branch in _branches(entry)]
