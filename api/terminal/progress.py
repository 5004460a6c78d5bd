"""Progress while a plan is searched: a live line on a terminal, a plain one now and then elsewhere. Ctrl-C keeps the best plan."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from api.outputs.text import gap_text, short

FIRST_S, EVERY_S = 2.0, 10.0
"""Where nothing can be drawn: seconds to the first line, and between lines."""


class Watcher:
    """Receives the search's events; keeps a log for ``run.json`` and draws, or writes a line now and then on ``plain``."""

    def __init__(
        self, progress: Progress | None, task: TaskID | None, sense: str, unit: str, plain: Console | None = None
    ) -> None:
        self.log: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.sense = sense
        self.unit = unit
        self._progress = progress
        self._task = task
        self._plain = plain
        self._next_s = FIRST_S
        self._phase = ""
        self._objective: float | None = None
        self._bound: float | None = None
        self._gap: float | None = None

    def __call__(self, event: Any) -> None:
        """Take one :class:`solvers.events.Event`."""
        if event.kind in {"phase", "incumbent", "log", "done"} or (
            event.kind == "bound" and event.bound != self._bound
        ):
            self.log.append(
                {
                    "elapsed_s": round(event.elapsed_s, 3),
                    "kind": event.kind,
                    "objective": event.objective,
                    "bound": event.bound,
                    "gap": event.gap,
                    "message": event.message,
                }
            )
        if event.kind == "log":
            self.told.append(event.message)
        self._objective = event.objective if event.objective is not None else self._objective
        self._bound = event.bound if event.bound is not None else self._bound
        self._gap = event.gap if event.gap is not None else self._gap
        if event.kind == "phase" and event.message:
            self._phase = event.message
        if self._plain is not None and event.elapsed_s >= self._next_s:
            self._next_s = event.elapsed_s + EVERY_S
            self._line(f"{event.elapsed_s:.0f} s", self._phase, self._state())
        if self._progress is not None and self._task is not None:
            fields: dict[str, Any] = {"state": self._state()}
            if event.kind == "phase" and event.message:
                fields["description"] = Text(event.message).plain.replace("[", "\\[")
            self._progress.update(self._task, completed=event.elapsed_s, **fields)

    def phase(self, text: str) -> None:
        """Name the stage that follows the search."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=text)
        if self._next_s > FIRST_S:  # what is quick needs no words
            self._line(text)

    def _line(self, *words: str) -> None:
        if self._plain is not None:
            self._plain.print("  ".join(w for w in words if w), soft_wrap=True, markup=False, highlight=False)

    def _state(self) -> str:
        if self._objective is None and self._bound is None:
            return ""
        best = short(self._objective) if self._objective is not None else "none yet"
        bound = f"  bound {short(self._bound)}" if self._bound is not None else ""
        gap = f"  gap {gap_text(self._gap)}" if self._gap is not None else ""
        return f"best {best} {self.unit if self._objective is not None else ''}{bound}{gap}"


@contextmanager
def watching(console: Console, time_limit_s: float, sense: str, unit: str, quiet: bool) -> Iterator[Watcher]:
    """A watcher that draws on ``console`` (stderr) if it is a terminal, and else writes lines, unless it is to be quiet."""
    if quiet or not console.is_terminal:
        yield Watcher(None, None, sense, unit, None if quiet else console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=18),
        TimeElapsedColumn(),
        TextColumn("{task.fields[state]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("reading", total=time_limit_s, state="")
        yield Watcher(progress, task, sense, unit)


@contextmanager
def stoppable(say: Any) -> Iterator[threading.Event]:
    """An event that Ctrl-C (or a TERM signal) sets: the search then stops and keeps its best plan. Once more quits."""
    cancel = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()
        say("stopping: keeping the best plan so far; press Ctrl-C again to quit without it")

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancel
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)
