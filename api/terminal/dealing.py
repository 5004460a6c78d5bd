"""``gigasite deals``: progress while it solves, the table, the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from api import exits, usecases
from api.outputs.text import printable
from api.outputs.whole import probe
from api.studies import deals, deals_files
from api.studies.deals import Report, moved_text, worth_text
from api.studies.proven import amount
from api.terminal import summary
from api.terminal.studying import heard
from solvers.executors import HERE, Where


def run(
    loaded: usecases.Loaded, output: Path | None, time_limit_s: float | None, quiet: bool, where: Where = HERE
) -> int:
    """Run the study, show and write it; returns the exit code."""
    if output is not None:
        probe(output)
    with heard(loaded.problem, "deals", quiet) as hearing:
        report = deals.run(loaded, time_limit_s, hearing, where)
    files = deals_files.write(report, output) if output is not None else []
    if not quiet:
        show(summary.console(), report)
        if output is not None:
            summary.say_files(summary.console(), output, files)
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
    summary.paragraph(out, deals_files.notes(report))


def _value(found: Any) -> str:
    if found.holds:
        return amount(found.plan.objective, found.plan.objective_unit)
    return "none" if found.infeasible else "open"
