"""What becomes of the words: a reader that leaves, a full device, an interrupt at any time; the files are written before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from api.terminal.streams import Unspoken, tell
from tests.api.conftest import ROOT, Run

FULL = Path("/dev/full")
ORDERS = "site,block,month,units\nabilene,n,2026-04,1\n"


def start(folder: Path, *words: object, stdout: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from api.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, stderr=subprocess.PIPE, stdout=stdout)


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_a_full_standard_output_is_no_full_disk(request_file: Path, tmp_path: Path) -> None:
    """Exit 1 and what is true: the files are there."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    for words in (
        ("evaluate", request_file, "orders.csv", "-o", "out"),
        ("schema",),
        ("check", request_file, "--json"),
    ):
        with FULL.open("w") as full:
            process = start(tmp_path, *words, stdout=full)
            _, said = process.communicate(timeout=60)
        assert process.returncode == 1 and "standard output cannot be written" in said, said
        assert "nothing was written" not in said and "Traceback" not in said and "Exception ignored" not in said
    assert (tmp_path / "out/plan.json").is_file()


@pytest.mark.parametrize(("units", "code"), [(1, 0), (500, 1)])
def test_a_reader_that_leaves_changes_no_exit_code(request_file: Path, tmp_path: Path, units: int, code: int) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS.replace(",1\n", f",{units}\n"))
    process = start(tmp_path, "evaluate", request_file, "orders.csv", "-o", "out", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(timeout=60)
    assert process.returncode == code and "Traceback" not in said and "Exception ignored" not in said
    assert (tmp_path / "out/plan.json").is_file()


def test_compare_writes_before_it_shows(call: Run, request_file: Path, tmp_path: Path) -> None:
    """A folder that cannot be is told and nothing shown; a reader that leaves finds the files."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert call("evaluate", request_file, "orders.csv", "-o", "a").returncode == 0
    (tmp_path / "file").write_text("mine")
    done = call("compare", "a", "a", "-o", "file/deeper")
    assert done.returncode == 1 and done.stdout == ""
    process = start(tmp_path, "compare", "a", "a", "-o", "out", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    process.communicate(timeout=60)
    assert process.returncode == 0 and (tmp_path / "out/compare.md").is_file()


def test_words_that_a_stream_does_not_take(tmp_path: Path) -> None:
    if not FULL.exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(Unspoken, match="No space left"), FULL.open("w") as full:
        tell("words", full)


@pytest.mark.parametrize("wait", [0.15, 0.3, 0.5, 0.7])
def test_ctrl_c_before_the_search(request_file: Path, tmp_path: Path, wait: float) -> None:
    """While libraries load: exit 130 and one word. Where the search had begun on a quick machine, its best plan is kept."""
    process = start(tmp_path, "plan", request_file, "-o", "out", stdout=subprocess.PIPE)
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "interrupted\n") or "keeping the best plan" in said
    assert "Traceback" not in said
