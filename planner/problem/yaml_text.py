"""YAML as requests use it: mappings, lists, text, numbers, true, false and null; nothing else, and no surprises.

Read straight from the parser's events, without recursion: YAML 1.1's traps (``NO`` as false, ``2027-01-01`` as a date,
``1_000`` and ``12:30`` as integers, ``1e6`` as text), doubled keys, deep nesting, and aliases that grow without end
are each either plain or refused with their line.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from planner.errors import Fault, RequestError

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,4000})\Z")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")} | {"!"}
MERGE = "<<"


@dataclass
class _Open:
    """A mapping or list being read."""

    value: Any
    anchor: str | None
    line: int
    column: int
    size: int = 1
    key: str | None = None
    key_place: tuple[int, int] = (0, 0)
    merged: list[Any] = field(default_factory=list)


@dataclass
class _Reader:
    """Builds one document from parser events."""

    most_depth: int
    most_nodes: int
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    documents: int = 0
    root: Any = None

    def read(self, text: str) -> Any:
        for event in yaml.parse(text, Loader=LOADER):
            mark: Any = event.start_mark
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event, mark)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._opened(event, mark)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    done = self.stack.pop()
                    self._close(done)
                    self._placed(done.value, done.anchor, done.size, done.line, done.column)
                case yaml.AliasEvent():
                    if event.anchor not in self.anchors:
                        raise _refused(f"alias *{event.anchor} stands for nothing before it, or for itself", mark)
                    value, size = self.anchors[event.anchor]
                    self._placed(value, None, size, mark.line, mark.column)
                case yaml.DocumentStartEvent():
                    self.documents += 1
                    if self.documents > 1:
                        raise _refused("a request is one YAML document; a second one starts here", mark)
        return self.root

    def _opened(self, event: Any, mark: Any) -> None:
        if event.tag is not None and event.tag not in TAGS:
            raise _refused(f"tag {event.tag} is not used in requests", mark)
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            raise _refused("a key must be text, not a mapping or a list", mark)
        if len(self.stack) >= self.most_depth:
            raise _refused(f"nested more than {self.most_depth} levels deep", mark)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(value, event.anchor, mark.line, mark.column))

    def _scalar(self, event: Any, mark: Any) -> None:
        if event.tag is not None and event.tag not in TAGS:
            raise _refused(f"tag {event.tag} is not used in requests", mark)
        here = self.stack[-1] if self.stack else None
        if here is not None and isinstance(here.value, dict) and here.key is None:
            key = str(event.value)
            if key in here.value:
                raise _refused(f"key {key!r} stands twice in one mapping", mark)
            here.key, here.key_place = key, (mark.line, mark.column)
            if event.anchor:
                self.anchors[event.anchor] = (key, 1)
            return
        tagged = event.tag is not None and not event.tag.endswith((":str", "!"))
        unquoted = event.tag is None and event.implicit[0]
        value = plain(event.value, mark) if tagged or unquoted else event.value
        self._placed(value, event.anchor, 1, mark.line, mark.column)

    def _placed(self, value: Any, anchor: str | None, size: int, line: int, column: int) -> None:
        if anchor:
            self.anchors[anchor] = (value, size)
        if not self.stack:
            self.root = value
            return
        here = self.stack[-1]
        here.size += size
        if here.size > self.most_nodes:
            raise _refused_at("grows beyond all measure through aliases", line, column)
        if isinstance(here.value, list):
            here.value.append(value)
        elif here.key is None:  # an alias in a key's place
            if not isinstance(value, str):
                raise _refused_at("a key must be text", line, column)
            if value in here.value:
                raise _refused_at(f"key {value!r} stands twice in one mapping", line, column)
            here.key, here.key_place = value, (line, column)
        elif here.key == MERGE:
            here.merged.extend(value if isinstance(value, list) else [value])
            here.key = None
        else:
            here.value[here.key] = value
            here.key = None

    def _close(self, done: _Open) -> None:
        for other in done.merged:
            if not isinstance(other, dict):
                raise _refused_at("<< takes the keys of a mapping, or of a list of mappings", done.line, done.column)
            for key, value in other.items():
                done.value.setdefault(key, value)


def plain(text: str, mark: Any) -> Any:
    """What an unquoted word stands for: null, true, false, a decimal number, else the text as written."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if INTEGER.match(text):
        return int(text)
    if FLOAT.match(text):
        value = float(text)
        if not math.isfinite(value):
            raise _refused(f"number {text} is too large", mark)
        return value
    return text


def read_yaml(text: str, name: str, most_depth: int, most_nodes: int = 20_000_000) -> Any:
    """The document in ``text``; every failure is a :class:`RequestError` with line and column."""
    try:
        return _Reader(most_depth, most_nodes).read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise RequestError([Fault((), f"{name}: {place}not valid YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:
        raise RequestError([Fault((), f"{name}: not valid YAML: {' '.join(str(error).split())[:300]}")]) from None
    except _Refusal as refusal:
        raise RequestError([Fault((), f"{name}: {refusal}")]) from None


class _Refusal(Exception):
    """Well-formed YAML that no request uses."""


def _refused(message: str, mark: Any) -> _Refusal:
    return _refused_at(message, mark.line, mark.column)


def _refused_at(message: str, line: int, column: int) -> _Refusal:
    return _Refusal(f"line {line + 1}, column {column + 1}: {message}")
