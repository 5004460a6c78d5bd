"""Catalogue blocks read from ``halls/*.yaml``: one block a file, every figure with its unit, range, source and basis.

Adding a block is adding a file; nothing here names one.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from planner.errors import UnknownBlock

BASES = ("reported", "derived", "assumed")
_OPTIONAL = ("low", "high", "scope")


@dataclass(frozen=True)
class Figure:
    """One figure of a block and where it comes from (M2.1).

    ``low`` and ``high`` are the range of readings, absent where there is none. ``basis`` is ``reported`` (a source
    states it), ``derived`` (arithmetic on stated figures) or ``assumed`` (our judgement). ``scope`` is ``all_in`` where
    power or price includes network, storage and hosts, ``rack`` where it is the rack alone.
    """

    value: float | int | str
    unit: str
    basis: str
    source: str
    date: str
    note: str
    low: float | None = None
    high: float | None = None
    scope: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The entry as a request's ``basis`` holds it; absent parts are left out."""
        out = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {k: v for k, v in out.items() if v is not None or k not in _OPTIONAL}


@dataclass(frozen=True)
class CatalogueBlock:
    """One shipped block: the request fields it stands for, and the basis of each figure.

    ``fields`` is what M2.1 calls a block (``id, vendor, name, gpus, it_mw, ...``), without ``basis`` and without
    ``supply``: what a vendor delivers to whom is the planner's to say. ``hall`` holds the rack arithmetic behind it.
    """

    id: str
    fields: Mapping[str, Any]
    basis: Mapping[str, Figure]
    hall: Mapping[str, Any]

    def as_request(self) -> dict[str, Any]:
        """A fresh request entry: fields and basis, safe to change."""
        out = copy.deepcopy(dict(self.fields))
        out["basis"] = {name: figure.as_dict() for name, figure in self.basis.items()}
        return out

    def bounds(self, field: str) -> tuple[float, float, float]:
        """(low, value, high) of a numeric figure; a figure without a range gives its value three times."""
        figure = self.basis[field]
        value = float(figure.value)
        low = value if figure.low is None else figure.low
        return low, value, value if figure.high is None else figure.high


def _read(text: str) -> CatalogueBlock:
    document = yaml.safe_load(text)
    basis = {name: Figure(**entry) for name, entry in document["figures"].items()}
    fields = {"id": document["id"], "vendor": document["vendor"], "name": document["name"]}
    fields |= {name: figure.value for name, figure in basis.items()}
    return CatalogueBlock(
        document["id"], MappingProxyType(fields), MappingProxyType(basis), MappingProxyType(document.get("hall", {}))
    )


@cache
def _all() -> Mapping[str, CatalogueBlock]:
    entries = sorted(
        (f for f in files(__package__).joinpath("halls").iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name
    )
    found = [_read(f.read_text(encoding="utf-8")) for f in entries]
    return MappingProxyType({b.id: b for b in found})


def blocks() -> dict[str, CatalogueBlock]:
    """Every shipped block by id, in alphabetical order."""
    return dict(_all())


def _named(block_id: object) -> CatalogueBlock:
    known = _all()
    if not isinstance(block_id, str) or block_id not in known:
        raise UnknownBlock(str(block_id), known)
    return known[block_id]


def expand(entry: str | Mapping[str, Any]) -> dict[str, Any]:
    """The full block that an entry of ``blocks`` stands for (M2.6).

    A string is the id of a shipped block; ``{use: id, ...overrides}`` takes one and replaces fields (``id`` too, so
    that one block can stand in a request twice); anything else is the user's own block and comes back unchanged.
    ``basis`` of the result covers the figures that still come from the catalogue, and what the user states himself.

    Raises:
        UnknownBlock: the id names no shipped block.
    """
    if isinstance(entry, str):
        return _named(entry).as_request()
    if "use" not in entry:
        return dict(entry)
    overrides = {k: copy.deepcopy(v) for k, v in entry.items() if k != "use"}
    out = _named(entry["use"]).as_request()
    shipped = {name: figure for name, figure in out["basis"].items() if name not in overrides}
    own = overrides.pop("basis", None)
    out |= overrides
    out["basis"] = shipped | own if isinstance(own, dict) else (shipped if own is None else own)
    return out
