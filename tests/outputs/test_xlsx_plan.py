"""``plan.xlsx``: typed cells, every table, and read back by ``evaluate`` as the same decisions."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from api.outputs import xlsx
from api.outputs.bundle import Bundle
from api.records import read_decisions
from tests.outputs.deal_world import dealt

openpyxl = pytest.importorskip("openpyxl")


def test_cells_are_typed(bundle: Bundle, tmp_path: Path) -> None:
    """Months are dates, figures numbers, truths truths; the header is frozen and tells its unit."""
    xlsx.write(bundle, tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    orders = {c.value: c for c in book["orders"][1]}
    row = {name: book["orders"].cell(2, c.column) for name, c in orders.items()}
    assert row["month"].value == datetime.datetime(2026, 4, 1) and row["month"].number_format == "yyyy-mm"
    assert row["units"].value == 2 and row["capex_musd"].value == pytest.approx(2 * 700 * 1.1)
    assert "million US dollars" in orders["capex_musd"].comment.text
    assert all(sheet.freeze_panes == "B2" for sheet in book)
    periods = {c.value: c.column for c in book["by_period"][1]}
    assert isinstance(book["by_period"].cell(2, periods["open"]).value, bool)


def test_no_text_is_a_formula(world: Callable[..., Bundle], tmp_path: Path) -> None:
    """Names that begin like one stay names."""
    xlsx.write(world(names={"plan": "=1+1", "abilene": '=HYPERLINK("http://x")'}), tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"] and not [c for c in cells if c.hyperlink]
    assert [c for c in cells if c.value == '=HYPERLINK("http://x")']


def test_the_workbook_is_a_plan_of_record(tmp_path: Path) -> None:
    """Every decision, those on deals too, is read back from it."""
    made = dealt()
    xlsx.write(made, tmp_path / "p.xlsx")
    found = read_decisions(tmp_path / "p.xlsx", made.problem)
    wanted = made.plan.decisions()
    for name in ("openings", "orders", "shells", "draws", "sales", "retirements", "idle"):
        key = [sorted(str(sorted(r.model_dump().items())) for r in getattr(d, name)) for d in (found, wanted)]
        assert key[0] == key[1], name
    assert sorted(found.signed) == sorted(wanted.signed)


def test_the_same_plan_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    """No clock is in it."""
    for name in "ab":
        xlsx.write(bundle, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_search_without_a_plan_has_a_workbook_too(no_plan: Bundle, tmp_path: Path) -> None:
    """Its summary says so; the sheets of decisions have headers only."""
    xlsx.write(no_plan, tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book["orders"].max_row == 1 and "infeasible" in str(book["summary"]["B4"].value)
