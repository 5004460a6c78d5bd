"""The notebook of the documents runs from top to bottom against a real service, and shows what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service.http.conftest import solve
from tests.service.http.live import served

NOTEBOOK = Path(__file__).parents[3] / "docs/notebooks/service.ipynb"


@pytest.mark.slow
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOK.parents[2]))
    book: Any = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    text = "".join(cell.source for cell in book.cells)
    assert text.count('Client("http://127.0.0.1:8000")') == 1 and text.count('"time_limit_s": 30') == 1
    with served(tmp_path / "service", solve) as address:
        for cell in book.cells:
            cell.source = cell.source.replace("http://127.0.0.1:8000", address)
            cell.source = cell.source.replace('"time_limit_s": 30', '"time_limit_s": 4')  # any plan will do here
        nbclient.NotebookClient(
            book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
        ).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    said = "".join(o.get("text", "") for o in outputs) + json.dumps([o.get("data", {}) for o in outputs])
    assert "2 faults; correct each" in said and "'holds': 'plan'" in said
    assert any("image/png" in o.get("data", {}) for o in outputs), "the build-up is drawn"
    for name in ("plan.gpkg", "plan.kml", "plan.xlsx", "plan.html"):
        assert f"{name} " in said, "every file is saved"
