"""Which sheets there are, which columns each one starts with, and how a nested record becomes one flat row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from planner.problem.block import Basis, Block, SupplyPool
from planner.problem.common import Filter
from planner.problem.deals import PROMISED_ALSO_AS, Deal, Promise, Tranche, WarrantTranche
from planner.problem.demand import Demand, Market
from planner.problem.faults import _branches
from planner.problem.land import Exclusion
from planner.problem.objective import Objective
from planner.problem.policies import LockOrder, Policy
from planner.problem.site import Existing, Site

RECORDS: dict[str, tuple[str, ...]] = {
    "objectives": ("objective",), "blocks": ("blocks",), "supply_pools": ("supply_pools",),
    "exclusions": ("land", "exclusions"),
    "deals": ("deals",), "demand": ("demand",), "markets": ("markets",), "policies": ("policies",),
}  # fmt: skip
"""Sheets of one row per entry, and where the entries stand in a request."""

CHILDREN: dict[str, tuple[str, str, str]] = {
    "existing": ("sites", "site", "existing"),
    "tranches": ("deals", "deal", "tranches"),
    "commitments": ("deals", "deal", "commitments"),
}
"""Sheets of lists inside entries: the entries' sheet, the column that names the entry, the list's key."""

SCHEDULES, BASIS, PARCELS, BUDGET, SETTINGS, SITES = "schedules", "basis", "parcels", "budget", "settings", "sites"
ORDER = (
    SETTINGS, "objectives", BUDGET, "blocks", SITES, "policies", "deals", "tranches", "commitments", "demand", "markets",
    "supply_pools", "exclusions", "existing", SCHEDULES, BASIS, PARCELS,
)  # fmt: skip
UNREAD = ("help", "notes", "readme")
LISTS = frozenset({"allowed_regions", "forbidden_regions", "exclusive_with", "includes", "budget.covers", "tags"})
"""Columns that hold several names, besides those of filters."""

TEXTS = frozenset(
    {
        "id", "use", "name", "vendor", "region", "country", "state", "site", "block", "deal", "figure", "counterparty", "source",
        "kind", "table", "field", "note", "path", "layer", "unit",
    }
)  # fmt: skip
"""Columns of words: a number typed there is meant as a name."""


def identity(record: Mapping[str, Any]) -> str:
    """What an entry is called by rows of other sheets."""
    for key in ("id", "use"):
        if isinstance(record.get(key), str) and record[key]:
            return str(record[key])
    return ""


def is_list(column: str) -> bool:
    """True where commas separate names."""
    return column in LISTS or column.startswith("filter.")


def is_steps(value: Any) -> bool:
    """True for a schedule in steps."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(s, dict) and set(s) == {"from", "value"} for s in value)
    )


def flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A nested record as (dotted column, value); keys with dots stay whole, as JSON."""
    for key, value in record.items():
        if value is None:
            continue
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and all(isinstance(k, str) and k and "." not in k for k in value):
            yield from flat(value, f"{name}.")
        else:
            yield name, value


def nest(record: dict[str, Any], column: str, value: Any) -> None:
    """Put a value at a dotted column's place."""
    *parents, last = column.split(".")
    for key in parents:
        inner = record.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        record = inner
    record[last] = value


def text_of(value: Any, column: str = "") -> Any:
    """A value as a cell holds it: numbers, booleans and words as they are, lists with commas, the rest as JSON."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        plain = value and value == value.strip() and value[0] not in '[{"' and "\n" not in value
        return value if plain else json.dumps(value, ensure_ascii=False)
    names = isinstance(value, list | tuple) and all(
        isinstance(v, str) and v and v == v.strip() and "," not in v and v[0] not in '[{"' for v in value
    )
    if is_list(column) and value and names:
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _fields(model: type[BaseModel], without: tuple[str, ...] = ()) -> dict[str, str]:
    """Flat columns of a model with each one's meaning; filters and orders are opened up."""
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        column = field.alias or name
        if column in without:
            continue
        inner = [b for b in _branches(field.annotation) if isinstance(b, type) and issubclass(b, BaseModel)]
        if inner and inner[0] in (Filter, LockOrder):
            found |= {f"{column}.{c}": d for c, d in _fields(inner[0]).items()}
        else:
            found[column] = field.description or ""
    return found


def _union(union: Any, without: tuple[str, ...] = ()) -> dict[str, str]:
    found: dict[str, str] = {}
    for model in _branches(union):
        found |= {c: d for c, d in _fields(model, without).items() if c not in found}
    kinds = [get_args(m.model_fields["kind"].annotation)[0] for m in _branches(union)]
    return {"kind": f"one of {', '.join(kinds)}", **{c: d for c, d in found.items() if c != "kind"}}


def known_columns() -> dict[str, dict[str, str]]:
    """Every sheet's known columns with their meaning."""
    lists = ("tranches", "commitments", *PROMISED_ALSO_AS)
    market = {"lon": "longitude, degrees", "lat": "latitude, degrees", **_fields(Market, ("location",))}
    return {
        SETTINGS: {"setting": "what is set, dotted", "value": "its value", "meaning": "not read"},
        "objectives": _fields(Objective),
        BUDGET: {"from": "first month; empty: always", "per_year_musd": "money that comes in, million USD per year"},
        "blocks": {"use": "id of a shipped block; other columns then change its figures", **_fields(Block, ("basis",))},
        SITES: _site_columns(),
        "policies": _union(Policy),
        "deals": _union(Deal, lists),
        "tranches": {"deal": "id of the deal", **_fields(Tranche), **_fields(WarrantTranche)},
        "commitments": {"deal": "id of the deal", **_fields(Promise)},
        "demand": _fields(Demand),
        "markets": market,
        "supply_pools": _fields(SupplyPool),
        "exclusions": _fields(Exclusion),
        "existing": {"site": "id of the site", **_fields(Existing)},
        SCHEDULES: {
            "table": "sheet of the field", "id": "the entry's id, or # and its row number", "field": "its column",
            "from": "first month of the step", "value": "the value from then on",
        },
        BASIS: {"block": "id of the block", "figure": "its column", **_fields(Basis)},
        PARCELS: {
            "site": "id of the site", "part": "1, 2, ... for parcels of several pieces",
            "ring": "1 the edge, 2, ... holes", "lon": "longitude, degrees", "lat": "latitude, degrees",
        },
    }  # fmt: skip


def _site_columns() -> dict[str, str]:
    fields = _fields(Site, ("existing",))
    first = {"id": fields.pop("id"), "name": fields.pop("name")}
    return {**first, "lon": "longitude of a point, degrees", "lat": "latitude of a point, degrees", **fields}
