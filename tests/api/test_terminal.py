"""Progress, interruption and the guard, without a search."""

from __future__ import annotations

import errno
import io
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from api import exits
from api.terminal import progress
from api.terminal.guard import guarded, os_error
from planner.errors import Fault, ModelError, RequestError
from planner.plan import Plan, Status


@dataclass
class Event:
    kind: str
    elapsed_s: float
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    message: str = ""


EVENTS = (
    Event("phase", 0.1, message="building [the] model"),
    Event("log", 0.2, message="a worker is gone"),
    Event("incumbent", 1.0, 900.0, 1000.0, 0.111),
    Event("bound", 2.0, bound=950.0),
    Event("bound", 2.1, bound=950.0),
    Event("done", 3.0, 940.0, 950.0, 0.0106),
)


def test_progress_on_a_terminal_and_its_log() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120)
    with progress.watching(console, 60, "maximize", "compute", quiet=False) as watcher:
        for event in EVENTS:
            watcher(event)
        watcher.phase("writing files")
    assert "building [the] model" in out.getvalue() or "writing files" in out.getvalue()
    assert [e["kind"] for e in watcher.log] == ["phase", "log", "incumbent", "bound", "done"]  # no repeated bound
    assert watcher.told == ["a worker is gone"]


def test_a_line_now_and_then_in_a_pipe() -> None:
    """The first after two seconds, then every ten; what comes after a search that was told of is told, too."""
    out = io.StringIO()
    later = [Event("phase", 3.5, message="repairing"), Event("incumbent", 11.9, 940.0), Event("incumbent", 12.5, 945.0)]
    with progress.watching(Console(file=out, width=60), 60, "maximize", "compute", quiet=False) as watcher:
        for event in (*EVENTS[:-1], *later):
            watcher(event)
        watcher.phase("writing files")
    assert out.getvalue().splitlines() == [
        "2 s  building [the] model  best 900.0 compute  bound 950.0  gap 11.10 %",
        "12 s  repairing  best 945.0 compute  bound 950.0  gap 11.10 %",
        "writing files",
    ]


@pytest.mark.parametrize(("quiet", "events"), [(True, EVENTS), (False, EVENTS[:3])])
def test_silence_where_it_is_asked_for_or_quick(quiet: bool, events: tuple[Event, ...]) -> None:
    out = io.StringIO()
    with progress.watching(Console(file=out), 60, "maximize", "compute", quiet) as watcher:
        for event in events:
            watcher(event)
        watcher.phase("writing files")
    assert out.getvalue() == "" and len(watcher.log) == len([e for e in events if e != EVENTS[4]])


def test_ctrl_c_asks_first_and_quits_second() -> None:
    said: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    with progress.stoppable(said.append) as cancel:
        os.kill(os.getpid(), signal.SIGINT)
        assert cancel.is_set() and "keeping the best plan" in said[0]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (RequestError([Fault(("a", 1), "is wrong"), Fault(("b",), "a\nb", "shorten")]), 2, "error: a[1]: is wrong\n"),
        (ModelError("coefficient of 1e15"), 1, "error: coefficient of 1e15\n"),
        (OSError(errno.ENOSPC, "x", "out"), 1, "the disk is full; nothing was written"),
        (PermissionError(errno.EACCES, "x", "out"), 1, "out: no permission"),
        (MemoryError(), 1, "not enough memory"),
        (ZeroDivisionError("1/0"), 1, "GIGASITE_DEBUG=1"),
        (ValueError("\x1b[31mred"), 1, "unexpected ValueError: ?[31mred"),
    ],
)  # fmt: skip
def test_every_error_is_words_and_a_code(
    error: Exception, code: int, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GIGASITE_DEBUG", raising=False)

    @guarded
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as left:
        command()
    assert left.value.exit_code == code
    assert words in capsys.readouterr().err


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGASITE_DEBUG", "1")

    @guarded
    def command() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command()


def test_os_errors_name_the_file() -> None:
    assert os_error(IsADirectoryError(21, "Is a directory", "x")) == "x: Is a directory"


@pytest.mark.parametrize(
    ("stopped", "holds", "code"),
    [
        ("optimal", "plan", 0), ("time_limit", "plan", 0), ("cancelled", "plan", 0), ("infeasible", "no_plan", 3),
        ("time_limit", "no_plan", 4), ("cancelled", "no_plan", 4), ("error", "no_plan", 1),
    ],
)  # fmt: skip
def test_exit_codes(stopped: Any, holds: Any, code: int) -> None:
    plan = Plan(
        name="x", status=Status(stopped=stopped, holds=holds), objective_name="compute", objective_sense="maximize",
        objective_unit="", objective=None, bound=None, gap=None, gap_absolute=None,
    )  # fmt: skip
    assert exits.of_plan(plan) == code


def test_the_examples_folder_is_shipped() -> None:
    from api.terminal.shelf import examples

    assert all((p / "request.yaml").is_file() for p in examples().values())
    assert Path(next(iter(examples().values()))).parent.name == "examples"
