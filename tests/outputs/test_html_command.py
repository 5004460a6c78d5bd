"""``gigasite report``, ``export``, ``xlsx``: from the command line, with the request found, named, or not at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.outputs.canonical import pretty
from api.records.request_xlsx.cells import letter
from api.terminal import reporting
from api.usecases import evaluate, load_parsed
from planner.errors import RequestError

REQUEST: dict[str, Any] = {
    "name": "One campus",
    "horizon": {"start": "2027-01", "periods": 4, "period": "quarter"},
    "blocks": [{"id": "n", "vendor": "nvidia", "it_mw": 20, "pflops": 50000, "capex_musd": 500, "gpus": 9, "life_years": 5}],
    "sites": {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-99.7, 32.4]},
             "properties": {"id": "abilene", "grid_mw": 60, "buildable_ha": 40, "construction_musd_per_mw": 10}}
        ],
    },
    "objective": {"maximize": "compute"},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A request beside a folder with its plan."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "request.json").write_text(json.dumps(REQUEST))
    (tmp_path / "orders.csv").write_text("site,block,month,units\nabilene,n,2027-04,2\n")
    plan = evaluate(load_parsed(REQUEST, tmp_path), tmp_path / "orders.csv")
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "plan.json").write_text(pretty(plan.model_dump(mode="json")))
    return tmp_path


@pytest.mark.parametrize("ending", sorted(reporting.WRITERS))
def test_every_format_is_written_by_its_name(ending: str, folder: Path) -> None:
    """The request is found beside the plan; no draft is left behind."""
    reporting.run(folder / "plan", folder / f"out{ending}", None)
    assert (folder / f"out{ending}").stat().st_size > 200
    assert not [p for p in folder.iterdir() if p.name.startswith(".gigasite")]


def test_the_report_alone_is_written_without_the_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is left out; formats that need shapes and prices say what to do."""
    (folder / "request.json").unlink()
    reporting.run(folder / "plan" / "plan.json", folder / "r.html", None)
    assert "One campus" in (folder / "r.html").read_text() and "--request FILE" in capsys.readouterr().err
    with pytest.raises(RequestError, match="needs the request"):
        reporting.run(folder / "plan", folder / "r.xlsx", None)
    assert not (folder / "r.xlsx").exists()


def test_another_request_is_refused(folder: Path) -> None:
    """A plan is never shown with prices that it was not made with."""
    (folder / "other.json").write_text(json.dumps({**REQUEST, "name": "Another"}))
    with pytest.raises(RequestError, match="was not made from"):
        reporting.run(folder / "plan", folder / "r.html", folder / "other.json")


def test_unknown_formats_are_told(folder: Path) -> None:
    """With the known ones."""
    with pytest.raises(RequestError, match=r"\.html, \.xlsx"):
        reporting.run(folder / "plan", folder / "r.docx", None)


def test_a_request_goes_through_a_workbook_on_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """xlsx writes it, check reads it, faults name the cell, exit codes are those of any request."""
    from api.cli import main

    def call(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["gigasite", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return int(end.value.code or 0)

    assert call("xlsx", "request.json", "-o", "request.xlsx") == 0
    assert call("check", "request.xlsx") == 0 and "can be planned" in capsys.readouterr().out
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook("request.xlsx")
    column = {c.value: c.column for c in book["blocks"][1]}["use"]
    book["blocks"].cell(2, column).value = "nothing-hall"
    book.save("request.xlsx")
    assert call("check", "request.xlsx") == 2 and f"sheet blocks, cell {letter(column - 1)}2" in capsys.readouterr().err
    assert call("report", "plan", "-o", "deep/r.html") == 0 and Path("deep/r.html").is_file()
