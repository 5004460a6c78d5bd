"""Outputs appear whole or not at all, and nothing of the user's is touched."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from api import outputs
from api.outputs import whole
from api.outputs.bundle import Bundle

LIGHT = tuple(o for o in outputs.OUTPUTS if o.name not in {"plan.gpkg", "map.png"})


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_all_files_appear(bundle: Bundle, tmp_path: Path) -> None:
    target = tmp_path / "out" / "plan"
    written = outputs.write(bundle, target)
    assert set(written) == names(target) == {o.name for o in outputs.OUTPUTS}
    assert names(tmp_path / "out") == {"plan"}  # no hidden leftovers beside it


@pytest.mark.parametrize("broken", [o.name for o in LIGHT])
def test_a_failure_in_any_writer_leaves_nothing(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    genuine = outputs.writer

    def failing(output: outputs.Output) -> outputs.Writer:
        def full(_: Bundle, path: Path) -> None:
            path.write_text("half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

        return full if output.name == broken else genuine(output)

    monkeypatch.setattr(outputs, "writer", failing)
    with pytest.raises(OSError, match="No space left"):
        outputs.write(bundle, tmp_path / "new" / "deep", LIGHT)
    assert names(tmp_path) == set()  # not even the folder


def test_a_failure_keeps_the_older_plan(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs.write(bundle, tmp_path, LIGHT)
    (tmp_path / "notes.txt").write_text("mine")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    calls = 0
    genuine = os.replace

    def failing(a: Path, b: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == 9:  # in the middle of moving the new files in
            raise OSError(errno.EIO, "broken", str(b))
        genuine(a, b)

    monkeypatch.setattr(whole.os, "replace", failing)
    with pytest.raises(OSError):
        outputs.write(bundle, tmp_path, LIGHT)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_second_plan_replaces_the_first(bundle: Bundle, tmp_path: Path) -> None:
    """Files of an older plan that are not written this time are removed; other people's files stay."""
    outputs.write(bundle, tmp_path, LIGHT)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "sub").mkdir()
    outputs.write(bundle, tmp_path, LIGHT[:2])
    assert names(tmp_path) == {"plan.json", "run.json", "notes.txt", "sub"}


def test_a_search_without_a_plan_keeps_the_one_that_was_there(bundle: Bundle, no_plan: Bundle, tmp_path: Path) -> None:
    """The folder says what came of this search; the plan before it, which may have taken an hour, goes on beside, every time."""
    outputs.write(bundle, tmp_path, LIGHT)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    (tmp_path / "notes.txt").write_text("mine")
    told: list[str] = []
    outputs.write(no_plan, tmp_path, LIGHT, told.append)
    ours = {"plan.json", "run.json", "report.html", "report.md", "notes.txt"}
    assert names(tmp_path) == ours | {"earlier-plan"}
    assert {p.name: p.read_bytes() for p in (tmp_path / "earlier-plan").iterdir()} == before
    assert told == [
        f"no plan was found this time; the plan that was in {tmp_path} is kept in {tmp_path / 'earlier-plan'}"
    ]
    outputs.write(no_plan, tmp_path, LIGHT, told.append)  # nothing to keep
    assert names(tmp_path) == ours | {"earlier-plan"} and len(told) == 1
    outputs.write(bundle, tmp_path, LIGHT)
    outputs.write(no_plan, tmp_path, LIGHT)
    assert names(tmp_path / "earlier-plan-2") == set(before)


def test_a_failure_to_keep_the_earlier_plan_changes_nothing(
    bundle: Bundle, no_plan: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs.write(bundle, tmp_path, LIGHT)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    genuine = os.replace

    def failing(a: Path, b: Path) -> None:
        if Path(b).name == outputs.EARLIER:
            raise OSError(errno.EIO, "broken", str(b))
        genuine(a, b)

    monkeypatch.setattr(whole.os, "replace", failing)
    with pytest.raises(OSError, match="broken"):
        outputs.write(no_plan, tmp_path, LIGHT)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_without_a_plan_nothing_is_drawn(no_plan: Bundle, tmp_path: Path) -> None:
    written = outputs.write(no_plan, tmp_path / "x")
    assert written == ["plan.json", "run.json", "report.html", "report.md"]
    report = (tmp_path / "x" / "report.md").read_text()
    assert "abilene asks 190 MW in 2027-01; grid 100; short 90" in report and "map.png" not in report


def test_a_file_in_the_way(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(NotADirectoryError):
        outputs.write(bundle, tmp_path / "out", LIGHT)
    assert (tmp_path / "out").read_text() == "a file"
