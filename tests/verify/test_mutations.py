"""M8.3: change any recomputable number of a valid plan beyond tolerance and it is caught."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from planner.plan import Plan
from planner.verify import verify
from tests.verify.rich import rich

FREE = {
    "name",
    "objective_unit",
    "bound_source",
    "format",
    "assumptions",
    "warnings",
    "provenance",
    "check",
    "bindings",
}
"""Words, wall facts and the search's own account: not recomputable from the request."""
Path = tuple[str | int, ...]


def leaves(part: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every number, truth value, month and id of a plan's document."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from leaves(value, (*path, key))
    elif isinstance(part, list):
        for i, value in enumerate(part):
            yield from leaves(value, (*path, i))
    else:
        yield path, part


def rows(part: Any, path: Path = ()) -> Iterator[Path]:
    """Every row of every table."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from rows(value, (*path, key))
    elif isinstance(part, list):
        for i, value in enumerate(part):
            yield (*path, i)
            yield from rows(value, (*path, i))


def at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def changed(document: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of the document with one leaf changed."""
    top = str(path[0])
    result: dict[str, Any] = {**document, top: copy.deepcopy(document[top])}
    if len(path) == 1:
        result[top] = value
    else:
        at(result, path[:-1])[path[-1]] = value
    return result


def mutants(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Numbers moved, rows deleted and doubled, months and ids exchanged, truth turned around."""
    months = [row["month"] for row in document["totals"]]
    for path, value in leaves(document):
        name = ".".join(map(str, path))
        if isinstance(value, bool):
            yield f"{name} turned", changed(document, path, not value)
        elif isinstance(value, int | float):
            for moved in (value * 1.01 + 0.01, value + 1, value - 1, -value):
                if abs(moved - value) > 1e-5 * max(1, abs(value)):
                    yield f"{name} {value} -> {moved}", changed(document, path, moved)
            yield f"{name} -> null", changed(document, path, None)
        elif path[-1] == "month" and value in months:
            other = months[(months.index(value) + 1) % len(months)]
            yield f"{name} {value} -> {other}", changed(document, path, other)
        elif path[-1] in {
            "site",
            "block",
            "market",
            "line",
            "id",
            "layer",
            "opening_month",
            "kind",
            "main_limit",
            "status",
        }:
            for other in (
                "milam",
                "abilene",
                "rubin",
                "helios",
                "land",
                "openings",
                "capex",
                "opex",
                "2026-04",
                "excluded",
            ):
                if other != value:
                    yield f"{name} {value} -> {other}", changed(document, path, other)
    for path in rows(document):
        table = at(document, path[:-1])
        yield f"{path} deleted", changed(document, path[:-1], [x for i, x in enumerate(table) if i != path[-1]])
        yield f"{path} doubled", changed(document, path[:-1], [*table, table[int(path[-1])]])
    for path, value in leaves(document):
        if isinstance(path[-1], str) and path[-2:-1] and path[-2] in {"it_mw_by_vendor", "units_by_block"} and value:
            holder = {k: v for k, v in at(document, path[:-1]).items() if k != path[-1]}
            yield f"{path} removed", changed(document, path[:-1], holder)
    for key in ("objectives", "cost_split"):
        for name in document[key]:
            yield f"{key} without {name}", {**document, key: {k: v for k, v in document[key].items() if k != name}}


@pytest.fixture(scope="module")
def valid() -> tuple[Any, Any, Plan]:
    return rich()


def test_the_plan_itself_is_valid(valid: tuple[Any, Any, Plan]) -> None:
    check = verify(*valid)
    assert check.violations == []
    assert check.rules_checked > 500


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_every_mutant_is_caught(valid: tuple[Any, Any, Plan], every: int) -> None:
    """All of them, or every seventh for a quick answer."""
    problem, ground, plan = valid
    document = {k: v for k, v in plan.model_dump().items() if k not in FREE}
    escaped: list[str] = []
    tried = 0
    for number, (name, mutant) in enumerate(mutants(document)):
        if number % every:
            continue
        tried += 1
        try:
            changed_plan = Plan.model_validate({"name": "mutant", "objective_unit": "", **mutant})
        except ValidationError:
            continue  # not even readable as a plan
        if verify(problem, ground, changed_plan).ok:
            escaped.append(name)
    free = [name for name in escaped if "main_limit" in name]  # another word that fits an open or shut site
    assert tried > 2000 / every
    assert [name for name in escaped if name not in free] == []
    assert len(free) < 0.01 * tried
