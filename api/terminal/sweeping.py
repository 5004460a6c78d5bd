"""``gigasite sweep``: progress while it solves, the table, the files."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from api import exits, usecases
from api.outputs.text import printable
from api.outputs.whole import probe
from api.studies import sweep, sweep_files
from api.studies.sweep import Report
from api.terminal import summary
from api.terminal.studying import heard
from solvers.executors import HERE, Where


def run(
    loaded: usecases.Loaded,
    vary: str,
    output: Path | None,
    time_limit_s: float | None,
    quiet: bool,
    where: Where = HERE,
) -> int:
    """Run the study, show and write it; returns the exit code."""
    if output is not None:
        probe(output)
    with heard(loaded.problem, "values", quiet) as hearing:
        report = sweep.run(loaded, vary, time_limit_s, hearing, where)
    files = sweep_files.write(report, output) if output is not None else []
    if not quiet:
        show(summary.console(), report)
        if output is not None:
            summary.say_files(summary.console(), output, files)
    return exit_code(report)


def exit_code(report: Report) -> int:
    """That of the plan as asked; where it holds, ``NO_PLAN_YET`` if a value is left without its answer."""
    base = report.base.point.plan
    code = exits.of_plan(base) if base is not None else exits.NO_PLAN_YET
    if code == exits.OK and any(r.open for r in report.rows):
        return exits.NO_PLAN_YET
    return code


def show(out: Console, report: Report) -> None:
    """The table, from the smallest value to the largest."""
    out.print()
    out.print(Text(printable(report.problem.name), style="bold"))
    rows = [sweep_files.cells(report, r) for r in report.rows]
    summary.grid(out, sweep_files.title(report), sweep_files.HEAD, rows, (0, 2, 7))
    summary.paragraph(out, sweep_files.notes(report))
