"""Progress of a study: a live line for each search on a terminal, a line a search in a pipe. Ctrl-C keeps what is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from api.outputs import views
from api.outputs.text import gap_text, printable
from api.studies.proven import amount
from api.studies.searching import Hearing
from api.terminal import progress, summary
from api.terminal.guard import say
from planner.plan import Plan
from planner.problem.problem import Problem


class Teller:
    """Says which search runs and what each one found: a live line on a terminal, a line a search in a pipe."""

    def __init__(self, live: Progress | None, objective: str, quiet: bool) -> None:
        self._live, self._objective, self._quiet = live, objective, quiet
        self._places: dict[str, str] = {}
        self._tasks: dict[str, Any] = {}

    def search(self, name: str, number: int, of: int, seconds: float) -> Callable[[Any], None] | None:
        """A search begins."""
        self._places[name] = place = f"{number} of {max(number, of)}"
        title = f"{place}: {printable(name)}"
        if self._live is None:
            if not self._quiet:
                say(f"{title}, up to {seconds:.0f} s")
            return None
        self._tasks[name] = task = self._live.add_task(title.replace("[", "\\["), total=seconds, state="")
        watcher = progress.Watcher(None, None, "", "")

        def listen(event: Any) -> None:
            watcher(event)
            assert self._live is not None
            if name in self._tasks:
                self._live.update(task, completed=event.elapsed_s, state=watcher._state())

        return listen

    def found(self, name: str, plan: Plan) -> None:
        """A search has ended and its plan was checked."""
        if self._live is not None:
            self._live.remove_task(self._tasks.pop(name))
        if self._quiet:
            return
        what = views.status_text(plan)
        if plan.status.holds == "plan":
            what = f"{self._objective} {amount(plan.objective, plan.objective_unit)}, gap {gap_text(plan.gap)}, {plan.status.stopped}"
        line = printable(f"{self._places[name]} {name}: {what}")
        if self._live is not None:
            self._live.console.print(Text(line))
        else:
            say(line)


@contextmanager
def heard(problem: Problem, what: str, quiet: bool) -> Iterator[Hearing]:
    """Who hears a study's searches; ``what`` it keeps of those done when Ctrl-C stops it."""
    stopping = f"stopping: the {what} done so far are kept; press Ctrl-C again to quit without them"
    with progress.stoppable(lambda _: say(stopping)) as cancel, _telling(problem.objectives[0].name, quiet) as teller:
        yield Hearing(teller.search, teller.found, cancel.is_set, say)


@contextmanager
def _telling(objective: str, quiet: bool) -> Iterator[Teller]:
    err = summary.console(sys.stderr)
    if quiet or not err.is_terminal:
        yield Teller(None, objective, quiet)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=18),
        TimeElapsedColumn(),
        TextColumn("{task.fields[state]}"),
    )
    with Progress(*columns, console=err, transient=True) as live:
        yield Teller(live, objective, quiet)
