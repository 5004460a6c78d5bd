"""Users' own column names and units become ours: ``property_names`` (M3.10)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from planner.problem.faults import shown, suggestion
from planner.problem.schedule import MONTH
from sites.faults import Faults, feature_path
from sites.fields import ALIASES, FIELDS, INNOCENT, UNIT, is_field
from sites.units import conversion
from sites.values import converted, typed

GEOMETRY_COLUMNS = ("lon", "lat")
"""Targets that a CSV's reader uses: they name the columns of coordinates and are no site fields."""

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """Where one field comes from: a column, or for a schedule one column per month; and the factor to our unit."""

    field: str
    columns: tuple[tuple[str, str], ...]
    """(month, column); the month is empty for a plain column."""
    by: dict[str, Fraction | None]
    path: tuple[str | int, ...]


def _factor(field: str, unit: Any) -> Fraction | None:
    if unit is None:
        return None
    if not isinstance(unit, str):
        raise ValueError(f"a unit is a text such as acre or USD/kWh, got {unit!r}")
    if field not in UNIT:
        raise ValueError(f"{field} has no unit of ours to convert into")
    return conversion(unit, UNIT[field])


def _column(field: str, spec: Any, unit: Any) -> tuple[str, Fraction | None]:
    if isinstance(spec, dict):
        if set(spec) - {"from", "unit"} or not isinstance(spec.get("from"), str):
            raise ValueError("write {from: COLUMN, unit: UNIT}")
        spec, unit = spec["from"], spec.get("unit", unit)
    if not isinstance(spec, str) or not spec:
        raise ValueError(
            'write a column\'s name, {from: COLUMN, unit: UNIT}, or {"YYYY-MM": COLUMN, ...} for a schedule'
        )
    return spec, _factor(field, unit)


def _source(target: str, spec: Any) -> Source:
    """One entry of ``property_names``, understood. ValueError says what is wrong with it."""
    field, unit = ALIASES.get(target, (target, None))
    if not is_field(field):
        raise ValueError(f"{shown(target)} is no property of a site; {suggestion(target, [*FIELDS, *ALIASES], 40)}")
    if isinstance(spec, dict) and isinstance(spec.get("from"), dict) and not set(spec) - {"from", "unit"}:
        spec, unit = spec["from"], spec.get("unit", unit)
    path = ("property_names", target)
    if isinstance(spec, dict) and spec and all(isinstance(k, str) and MONTH.match(k) for k in spec):
        months = {month: _column(field, spec[month], unit) for month in sorted(spec)}
        return Source(
            field, tuple((m, c) for m, (c, _) in months.items()), {m: f for m, (_, f) in months.items()}, path
        )
    column, by = _column(field, spec, unit)
    return Source(field, (("", column),), {"": by}, path)


def sources(property_names: Mapping[str, Any], columns: set[str], faults: Faults) -> tuple[dict[str, Source], set[str]]:
    """(field -> where it comes from, columns that are not ours although named like ours: mapped to null)."""
    found: dict[str, Source] = {}
    ignored: set[str] = set()
    for target, spec in property_names.items():
        path = ("property_names", str(target))
        if spec is None:
            ignored.add(str(target))
            continue
        if target in GEOMETRY_COLUMNS:
            continue
        try:
            source = _source(str(target), spec)
        except ValueError as error:
            faults.error(path, str(error))
            continue
        if source.field in found:
            faults.error(
                path, f"{source.field} is mapped twice, here and at {'.'.join(map(str, found[source.field].path))}"
            )
            continue
        for _, column in source.columns:
            if column not in columns:
                faults.error(path, f"the sites have no column {column!r}", suggestion(column, sorted(columns), 30))
        found[source.field] = source
    return found, ignored


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _mapped(source: Source, row: Properties) -> Any:
    if len(source.columns) == 1 and source.columns[0][0] == "":
        value = row.get(source.columns[0][1])
        return None if _blank(value) else converted(typed(source.field, value), source.by[""])
    steps = []
    for month, column in source.columns:
        value = row.get(column)
        if not _blank(value):
            steps.append({"from": month, "value": converted(typed("grid_mw", value), source.by[month])})
    return steps or None


def _put(stated: dict[str, Any], field: str, value: Any) -> None:
    """Set a field; a dotted one joins its resources."""
    if value is None:
        return
    if field.startswith("resources."):
        resources = stated.setdefault("resources", {})
        if isinstance(resources, dict):
            resources[field.removeprefix("resources.")] = value
    else:
        stated[field] = value


def stated_by(rows: list[dict[str, Any]], property_names: Mapping[str, Any], faults: Faults) -> list[dict[str, Any]]:
    """What each site states, under our names and in our units.

    A column that bears one of our names is read as it is, unless ``property_names`` takes that field from elsewhere or
    maps the name to null. Every other column is ignored; one whose name is nearly ours is named in a warning.
    """
    columns = {name for row in rows for name in row}
    mapped, ignored = sources(property_names, columns, faults)
    used = {column for s in mapped.values() for _, column in s.columns}
    direct = [c for c in sorted(columns) if is_field(c) and c not in mapped and c not in ignored]
    _near_misses(columns - used - ignored, rows, faults)
    out: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        stated: dict[str, Any] = {}
        for field in sorted(direct, key=lambda f: f.startswith("resources.")):
            if _blank(value := row.get(field)):
                continue
            try:
                _put(stated, field, typed(field, value))
            except ValueError as error:
                faults.error(
                    feature_path(index, "properties", field), f"{field} holds JSON text that cannot be read: {error}"
                )
        for field, source in mapped.items():
            try:
                _put(stated, field, _mapped(source, row))
            except ValueError as error:
                faults.error(
                    feature_path(index, "properties", source.columns[0][1]), f"{field} cannot be read: {error}"
                )
        out.append(stated)
    return out


def _near_misses(columns: set[str], rows: list[dict[str, Any]], faults: Faults) -> None:
    """Each unknown column that looks like a slip of one of our names, once, at the first site that has it."""
    for column in sorted(columns):
        if is_field(column) or column.casefold() in INNOCENT:
            continue
        match = difflib.get_close_matches(column.casefold(), FIELDS, n=1, cutoff=0.8)
        cut = [f for f in FIELDS if len(column) == 10 and len(f) > 10 and f.startswith(column.casefold())]
        if near := (match or cut)[:1]:
            first, count = 0, 0
            for index, row in enumerate(rows):
                if column in row:
                    first, count = (first if count else index), count + 1
            faults.suspect(
                feature_path(first, "properties", column),
                f"property {column!r} is not read ({count} site{'s' * (count > 1)}); did you mean {near[0]!r}?",
                f"rename it, or map it: property_names: {{{near[0]}: {column}}}; or {{{column}: null}} to pass over it",
            )
