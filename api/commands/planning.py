"""Searching, checking and weighing plans."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api import exits
from api.commands.arguments import AsJson, Cluster, Executor, PlanPath, RequestPath
from api.commands.loading import load
from api.terminal.guard import guarded, say
from api.terminal.streams import tell

if TYPE_CHECKING:
    from api.outputs.bundle import Bundle
    from api.usecases import Loaded
    from planner.plan import Plan


@guarded
def plan(
    request: RequestPath,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for the plan's files.")],
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="S", help="Seconds to search (default: the request's).")
    ] = None,
    gap: Annotated[
        float | None, typer.Option("--gap", metavar="G", help="Relative gap to stop at, e.g. 0.01 for 1 %.")
    ] = None,
    threads: Annotated[int | None, typer.Option("--threads", metavar="N", help="Threads of the solver.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of the search.")] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="PLAN",
            help="Start from an earlier plan (plan.json or its folder), perhaps of a slightly different request.",
        ),
    ] = None,
    executor: Executor = None,
    cluster: Cluster = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary, no warnings.")] = False,
) -> None:
    """Plan REQUEST and write plan.json, GeoJSON, GeoPackage, CSV files, a map and a report into DIR.

    Ctrl-C stops the search and keeps the best plan so far. Exit code 0: a plan that passed its independent check;
    2: bad request; 3: infeasible; 4: a limit was reached without a plan; 1: anything else.
    """
    from api import outputs, usecases
    from api.outputs.whole import probe
    from api.terminal import progress, reading, running, starting, summary
    from api.terminal.timing import Clock

    clock = Clock()
    where = running.where(executor, cluster)
    loaded = usecases.with_solver(
        load(request, quiet), time_limit_s=time_limit, relative_gap=gap, threads=threads, seed=seed
    )
    told: list[str] = []
    earlier = None if start is None else reading.plan(reading.file_of(start))
    probe(output)  # a folder that cannot be written is told before the search, not after it
    if earlier is not None and not quiet:
        starting.tell_misfits(earlier, loaded.problem, say)
    clock.lap("load_s")
    stderr = summary.console(sys.stderr)
    objective = loaded.problem.objectives[0]
    with (
        progress.stoppable(say) as cancel,
        progress.watching(
            stderr, loaded.problem.solver.time_limit_s, objective.sense, objective.name, quiet
        ) as watcher,
    ):
        found = usecases.plan(
            loaded,
            on_event=watcher,
            cancelled=cancel.is_set,
            start=None if earlier is None else earlier.decisions(),
            where=where,
        )
        clock.lap("plan_and_check_s")
        watcher.phase("writing files")
        bundle = _bundle(loaded, found, {**clock.run(), "events": watcher.log})
        files = outputs.write(bundle, output, tell=told.append)
    for text in told:
        say(text)
    if not quiet:
        for text in watcher.told:
            say(text)
        summary.plan(summary.console(), bundle, str(output), files)
    if quiet or not sys.stdout.isatty():
        _say_outcome(found)
    raise typer.Exit(exits.of_plan(found))


@guarded
def check(request: RequestPath, as_json: AsJson = False) -> None:
    """Validate REQUEST, read its sites and derive their buildable land; no search. Exit code 0 or 2."""
    from api.terminal import checking, reporting
    from planner.errors import RequestError

    if not as_json:
        checking.show(load(request, quiet=False))
        return
    try:
        loaded = reporting.load(request)
    except RequestError as error:
        tell(checking.as_json(None, error.faults))
        raise typer.Exit(exits.BAD_REQUEST) from None
    tell(checking.as_json(loaded, loaded.warnings))


@guarded
def verify(
    request: RequestPath,
    plan: PlanPath,
    as_json: AsJson = False,
) -> None:
    """Re-check PLAN from REQUEST alone: every limit, whole number, dollar and hectare.

    Exit code 0, or 1 if anything does not hold.
    """
    from api import usecases
    from api.outputs.canonical import pretty
    from api.terminal import reading, summary

    found = reading.plan(reading.file_of(plan))
    loaded = load(request, quiet=as_json)
    result = usecases.verify(loaded, found)
    if as_json:
        tell(pretty(result.model_dump(mode="json")).rstrip())
    else:
        from api.outputs.views import check_text

        out = summary.console()
        out.print(f"{plan}: {check_text(found.model_copy(update={'check': result}))}")
        summary.violations(out, result)
    raise typer.Exit(exits.OK if result.ok else exits.FAILED)


@guarded
def evaluate(
    request: RequestPath,
    orders: Annotated[Path, typer.Argument(metavar="ORDERS", help="CSV, XLSX, JSON or a folder of CSV files.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Also write the plan's files there.")
    ] = None,
) -> None:
    """Score a plan of record (openings, orders, shells) under REQUEST: limits broken, cash, MW, compute, cost.

    Exit code 0 if every limit holds, 1 if one is broken, 2 if a file cannot be read.
    """
    from api import outputs, usecases
    from api.terminal import summary
    from api.terminal.timing import Clock

    clock = Clock()
    loaded = load(request, quiet=False)
    found = usecases.evaluate(loaded, orders)
    bundle = _bundle(loaded, found, clock.run())
    files = outputs.write(bundle, output) if output is not None else []
    summary.plan(summary.console(), bundle, None if output is None else str(output), files)
    raise typer.Exit(exits.OK if found.check.ok else exits.FAILED)


def _bundle(loaded: Loaded, found: Plan, run: dict[str, Any]) -> Bundle:
    from api.outputs.bundle import Bundle

    return Bundle(loaded.problem, found, loaded.prepared.geometries, run)


def _say_outcome(found: Plan) -> None:
    """Where there is no plan, whoever reads stderr gets the reasons too: one a line."""
    if found.status.holds == "plan":
        return
    from api.outputs.views import status_text

    say(f"no plan: {status_text(found)}")
    for clash in found.clashes:
        say(f"clash: {clash.message}")
    for violation in found.check.violations[:20]:
        say(f"check: {violation.rule} {violation.subject}: {violation.message}")
