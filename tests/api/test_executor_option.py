"""``--executor`` and ``--cluster``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api import usecases
from solvers.executors import Where
from solvers.executors.where import choose
from tests.api.conftest import Run


def test_what_cannot_be_chosen(call: Run, request_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before anything is read, exit code 2; the missing extra by its name."""
    assert choose(None, None) == Where() and choose("processes", None) == Where("processes")
    cases = [
        (("--executor", "ray"), "there is no executor 'ray'; known: threads, processes, dask"),
        (("--executor", "dask"), "needs --cluster"),
        (("--executor", "threads", "--cluster", "tcp://127.0.0.1:1"), "goes with the executor dask"),
        (("--cluster", "127.0.0.1"), "is no address of a Dask scheduler"),
    ]
    for words, message in cases:
        for command in (("plan", request_file, "-o", "a"), ("deals", request_file)):
            done = call(*command, *words)
            assert done.returncode == 2 and message in done.stderr, done.stderr
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=re.escape("pip install 'gigasite[cluster]'")):
        choose(None, "tcp://127.0.0.1:8786")


def test_the_command_over_processes(call: Run, request_file: Path, tmp_path: Path) -> None:
    """The plan's bytes do not say who worked on it."""
    assert call("plan", request_file, "-o", "a", "-q").returncode == 0
    assert call("plan", request_file, "-o", "b", "-q", "--executor", "processes").returncode == 0
    assert (tmp_path / "a/plan.json").read_bytes() == (tmp_path / "b/plan.json").read_bytes()
    assert usecases.OVERRIDABLE == ("time_limit_s", "relative_gap", "threads", "seed")  # no service hands out addresses
