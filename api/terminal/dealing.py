"""``gigasite deals``: progress while it solves, the table, the files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from api import exits, usecases
from api.outputs import views
from api.outputs.text import gap_text, printable
from api.outputs.whole import probe
from api.studies import deals, deals_files
from api.studies.deals import Report, amount, moved_text, worth_text
from api.terminal import progress, summary
from api.terminal.guard import say
from planner.plan import Plan
from solvers.executors import HERE, Where
from solvers.studies.worlds import World

STOPPING = "stopping: the deals done so far are kept; press Ctrl-C again to quit without them"


class Teller:
    """Says which search runs and what each one found: a live line on a terminal, a line a search in a pipe."""

    def __init__(self, live: Progress | None, name: str, unit: str, quiet: bool) -> None:
        self._live, self._name, self._unit, self._quiet = live, name, unit, quiet
        self._places: dict[str, str] = {}
        self._tasks: dict[str, Any] = {}

    def search(self, world: World, number: int, of: int, seconds: float) -> Callable[[Any], None] | None:
        """A search begins."""
        self._places[world.name] = place = f"{number} of {max(number, of)}"
        if self._live is None:
            return None
        title = f"{place}: {printable(world.name)}".replace("[", "\\[")
        self._tasks[world.name] = task = self._live.add_task(title, total=seconds, state="")
        watcher = progress.Watcher(None, None, "", self._unit)

        def listen(event: Any) -> None:
            watcher(event)
            assert self._live is not None
            if world.name in self._tasks:
                self._live.update(task, completed=event.elapsed_s, state=watcher._state())

        return listen

    def found(self, world: World, plan: Plan) -> None:
        """A search has ended and its plan was checked."""
        if self._live is not None:
            self._live.remove_task(self._tasks.pop(world.name))
        if self._quiet:
            return
        what = views.status_text(plan)
        if plan.status.holds == "plan":
            what = f"{self._name} {amount(plan.objective, plan.objective_unit)}, gap {gap_text(plan.gap)}, {plan.status.stopped}"
        line = printable(f"{self._places[world.name]} {world.name}: {what}")
        if self._live is not None:
            self._live.console.print(Text(line))
        else:
            say(line)


@contextmanager
def _telling(loaded: usecases.Loaded, quiet: bool) -> Iterator[Teller]:
    err = summary.console(sys.stderr)
    objective = loaded.problem.objectives[0]
    if quiet or not err.is_terminal:
        yield Teller(None, objective.name, "", quiet)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=18),
        TimeElapsedColumn(),
        TextColumn("{task.fields[state]}"),
    )
    with Progress(*columns, console=err, transient=True) as live:
        yield Teller(live, objective.name, "", quiet)


def run(
    loaded: usecases.Loaded, output: Path | None, time_limit_s: float | None, quiet: bool, where: Where = HERE
) -> int:
    """Run the study, show and write it; returns the exit code."""
    if output is not None:
        probe(output)
    with progress.stoppable(lambda _: say(STOPPING)) as cancel, _telling(loaded, quiet) as teller:
        report = deals.run(loaded, time_limit_s, teller.search, teller.found, cancel.is_set, where, say)
    files = deals_files.write(report, output) if output is not None else []
    if not quiet:
        show(summary.console(), report)
        if output is not None:
            summary.console().print(
                Text.assemble(("files   ", summary.HEAD), printable(f"{output}: {', '.join(files)}"))
            )
    return exit_code(report)


def exit_code(report: Report) -> int:
    """That of the plan as asked; where it holds, ``NO_PLAN_YET`` if a deal is left without its answer."""
    base = report.study.base.plan
    code = exits.of_plan(base) if base is not None else exits.NO_PLAN_YET
    if code == exits.OK and any(a.open for a in report.answers):
        failed = any(f.plan is not None and f.plan.status.stopped == "error" for f in report.study.worlds)
        return exits.FAILED if failed else exits.NO_PLAN_YET
    return code


def show(out: Console, report: Report) -> None:
    """The table: what each deal is worth and what it moves."""
    first = report.problem.objectives[0]
    unit = next((a.unit for a in report.answers if a.unit), "")
    out.print()
    out.print(Text(printable(report.problem.name), style="bold"))
    rows = []
    for a in report.answers:
        rows.append(
            (
                a.deal,
                a.as_asked,
                _value(a.with_it),
                _value(a.without),
                worth_text(a),
                moved_text(a.vendors),
                moved_text(a.sites, 2),
            )
        )
    head = ("deal", "as asked", "with", "without", "worth", "MW by vendor, last period", "MW by site, last period")
    foot = 1 if rows and report.answers[-1].deal == deals.ALL else 0
    summary.grid(out, f"What each deal is worth in {first.name} ({unit})", head, rows, (0, 1, 4, 5, 6), foot)
    for line in deals_files.notes(report):
        out.print(Text(f" {line}", style=summary.DIM))


def _value(found: Any) -> str:
    if found.holds:
        return amount(found.plan.objective, found.plan.objective_unit)
    return "none" if found.infeasible else "open"
