"""A plan with every kind of deal, worked out on paper, passes; change any figure or decision of it and it is caught (M8.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from planner.verify import verify
from tests.verify.deal_plan import Y26, Y27, document, read, request
from tests.verify.test_mutations import at, changed, leaves, rows
from tests.verify.worlds import ground, problem

FIGURES = (
    "objectives",
    "cost_split",
    "cash",
    "balances",
    "after_horizon",
    "deals",
    "circularity",
    "years",
    "concentration",
    "tariff_exposure",
)
DECISIONS = ("orders", "signed", "draws", "sales")
NOT_WRITTEN = {"sites", "totals"}
"""Families whose tables the plan on paper leaves out; they have tests of their own."""
NAMES = (
    "abilene",
    "milam",
    "hall",
    "rack",
    "own",
    "oracle",
    "bank",
    "letter",
    "customer",
    "option",
    "nvidia",
    "amd",
    "lease",
)


def found(plan: dict[str, Any]) -> list[str]:
    """What the check says of a document, tables that are not on paper left out."""
    wanted = request()
    check = verify(wanted, ground(wanted), read(plan))
    return [f"{v.rule} {v.family}: {v.message}" for v in check.violations if v.family not in NOT_WRITTEN]


def mutants(plan: dict[str, Any], tables: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Numbers moved, words and months exchanged, truth turned around, rows deleted and doubled."""
    part = {name: plan[name] for name in tables}
    for path, value in leaves(part):
        name = ".".join(map(str, path))
        if path[-1] == "note":
            continue
        if isinstance(value, bool):
            yield f"{name} turned", changed(plan, path, not value)
        elif isinstance(value, int | float):
            for moved in (value * 1.01 + 0.01, value + 1, value - 1, -value):
                if abs(moved - value) > 1e-5 * max(1, abs(value)):
                    yield f"{name} {value} -> {moved}", changed(plan, path, moved)
            yield f"{name} -> null", changed(plan, path, None)
        elif value is None:
            yield f"{name} null -> 0.5", changed(plan, path, 0.5)
            yield f"{name} null -> {Y27}", changed(plan, path, Y27)
        else:
            for other in (Y26, Y27, "2028-01", "2026-04", *NAMES):
                if other != value:
                    yield f"{name} {value} -> {other}", changed(plan, path, other)
    for path in rows(part):
        table = at(plan, path[:-1])
        yield f"{path} deleted", changed(plan, path[:-1], [x for i, x in enumerate(table) if i != path[-1]])
        yield f"{path} doubled", changed(plan, path[:-1], [*table, table[int(path[-1])]])
        if isinstance(table, list) and len(table) > 1 and path[0] == "deals":
            yield f"{path} first", changed(plan, path[:-1], table[::-1])
    for path, _ in leaves({"concentration": plan["concentration"]}):
        if path[-2] == "shares":
            holder = {k: v for k, v in at(plan, path[:-1]).items() if k != path[-1]}
            yield f"{path} removed", changed(plan, path[:-1], holder)


def escaped(plan: dict[str, Any], tables: tuple[str, ...]) -> tuple[int, list[str]]:
    """How many mutants were tried, and those that pass."""
    tried, free = 0, []
    for name, mutant in mutants(plan, tables):
        tried += 1
        try:
            if not found(mutant):
                free.append(name)
        except ValidationError:
            continue  # not even readable as a plan
    return tried, free


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The plan with every default written out."""
    return read(document()).model_dump()


def test_deals_on_paper_pass(whole: dict[str, Any]) -> None:
    assert found(whole) == []


@pytest.mark.parametrize("table", FIGURES)
def test_every_figure_of_deals_is_compared(whole: dict[str, Any], table: str) -> None:
    """M8.3, M8.11"""
    tried, free = escaped(whole, (table,))
    assert tried > 20 and free == []


@pytest.mark.parametrize("table", DECISIONS)
def test_every_decision_on_deals_is_followed(whole: dict[str, Any], table: str) -> None:
    """Figures that were right for the decisions are wrong for others."""
    tried, free = escaped(whole, (table,))
    assert tried > 20 and free == []


@pytest.mark.parametrize("table", FIGURES)
def test_a_table_left_out_is_missed(whole: dict[str, Any], table: str) -> None:
    empty: Any = {} if isinstance(whole[table], dict) else []
    assert found({**whole, table: empty})


def test_tables_of_older_plans_may_be_empty() -> None:
    """A request without deals: a plan that states none of the newer tables passes; one that states some states all."""
    older = problem(blocks=[{"capex_musd": 100}])
    plan = read(document()).model_dump() | {
        name: [] for name in (*FIGURES, *DECISIONS) if name not in {"objectives", "cost_split"}
    }

    def families(**stated: Any) -> set[str]:
        return {v.family for v in verify(older, ground(older), read({**plan, **stated})).violations}

    new = {"years", "concentration", "tariff_exposure", "deals", "circularity"}
    assert not families() & new
    row = {"by": "vendor", "measure": "it_mw", "shares": {}, "hhi": 0.0}
    assert families(concentration=[row]) & new == {"years", "concentration"}
