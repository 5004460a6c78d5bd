"""What the benchmark's report says about a search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import families, table

TRACE = [(1.0, None, 120.0), (2.0, 100.0, 120.0), (3.0, 100.0, 104.0), (9.0, 101.0, 102.01)]
"""A maximum: nothing; 20 %; 4 %; 1 %."""


def test_seconds_to_a_gap() -> None:
    assert table.gaps(TRACE)[0] == (2.0, 0.2)
    assert [table.seconds_to(TRACE, g) for g in (0.5, 0.05, 0.02, 0.001)] == [2.0, 3.0, 9.0, None]


def test_what_is_held() -> None:
    assert table.held({"objective": None, "bound": 5.0}) == "no plan"
    assert table.held({"objective": 0.0, "bound": 5.0}) == "empty plan"
    assert table.held({"objective": 4.0, "bound": 5.0}) == "25.00%"
    assert table.held({"objective": 1.0, "bound": 5.0}) == "over 100%"
    assert table.held({"objective": 4.0, "bound": None}) == "no bound"


def test_a_plan_beyond_the_others_bound_is_told() -> None:
    def of(objective: float, bound: float, sense: str = "maximize") -> dict[str, Any]:
        return {"objective": objective, "bound": bound, "sense": sense}

    assert not table.contradicted(of(9, 10), of(8, 12))
    assert table.contradicted(of(9, 10), of(11, 12))
    assert table.contradicted(of(9, 10), of(5, 8))
    assert table.contradicted(of(10, 9, "minimize"), of(8, 7, "minimize"))
    assert not table.contradicted(of(10, 9, "minimize"), of(9.5, 7, "minimize"))


def test_every_shipped_example_is_found() -> None:
    assert {i.name for i in families.shipped()} >= {"stargate", "world"}


def test_a_folder_of_requests(tmp_path: Path) -> None:
    for name in ("F300-cost-1.json", "mine.yaml", "notes.txt"):
        (tmp_path / name).write_text("{}")
    assert [(i.name, i.limit_s) for i in families.in_folder(tmp_path)] == [("F300-cost-1", 60.0), ("mine", None)]
