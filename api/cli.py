"""The command line. Heavy libraries are imported inside the commands, so that ``gigasite --help`` is immediate."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api import exits
from api.terminal.guard import guarded, say, say_faults

if TYPE_CHECKING:
    from api.usecases import Loaded
    from planner.plan import Plan

app = typer.Typer(
    name="gigasite",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Plans physical AI data-center capacity: which sites open, what is built and bought there, and when.",
    epilog=exits.TEXT,
)

RequestPath = Annotated[Path, typer.Argument(metavar="REQUEST", help="A planning request: YAML, JSON or XLSX.")]
PlanPath = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan.json or the folder that holds it.")]
OfRequest = Annotated[
    Path | None, typer.Option("--request", metavar="REQUEST", help="The request that the plan was made from.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON on stdout instead of text.")]


class CatalogueFormat(StrEnum):
    """How the catalogue is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def _version(wanted: bool) -> None:
    if wanted:
        from api.usecases import versions

        print(", ".join(f"{name} {v}" for name, v in versions().items()))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print versions and exit.")
    ] = False,
) -> None:
    pass


@app.command()
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
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary, no warnings.")] = False,
) -> None:
    """Plan REQUEST and write plan.json, GeoJSON, GeoPackage, CSV files, a map and a report into DIR.

    Ctrl-C stops the search and keeps the best plan so far. Exit code 0: a plan that passed its independent check;
    2: bad request; 3: infeasible; 4: a limit was reached without a plan; 1: anything else.
    """
    from api import outputs, usecases
    from api.outputs.whole import probe
    from api.terminal import progress, reading, summary
    from api.terminal.timing import Clock

    clock = Clock()
    loaded = usecases.with_solver(
        _load(request, quiet), time_limit_s=time_limit, relative_gap=gap, threads=threads, seed=seed
    )
    earlier = None if start is None else reading.plan(start / "plan.json" if start.is_dir() else start)
    probe(output)  # a folder that cannot be written is told before the search, not after it
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
        )
        clock.lap("plan_and_check_s")
        watcher.phase("writing files")
        bundle = _bundle(loaded, found, {**clock.run(), "events": watcher.log})
        files = outputs.write(bundle, output)
    if not quiet:
        summary.plan(summary.console(), bundle, str(output), files)
    if quiet or not sys.stdout.isatty():
        _say_outcome(found)
    raise typer.Exit(exits.of_plan(found))


@app.command()
@guarded
def check(request: RequestPath, as_json: AsJson = False) -> None:
    """Validate REQUEST, read its sites and derive their buildable land; no search. Exit code 0 or 2."""
    from api.terminal import checking, reporting
    from planner.errors import RequestError

    if not as_json:
        checking.show(_load(request, quiet=False))
        return
    try:
        loaded = reporting.load(request)
    except RequestError as error:
        print(checking.as_json(None, error.faults))
        raise typer.Exit(exits.BAD_REQUEST) from None
    print(checking.as_json(loaded, loaded.warnings))


@app.command()
@guarded
def verify(
    request: RequestPath,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan.json.")],
    as_json: AsJson = False,
) -> None:
    """Re-check PLAN from REQUEST alone: every limit, whole number, dollar and hectare.

    Exit code 0, or 1 if anything does not hold.
    """
    from api import usecases
    from api.outputs.canonical import pretty
    from api.terminal import reading, summary

    found = reading.plan(plan)
    loaded = _load(request, quiet=as_json)
    result = usecases.verify(loaded, found)
    if as_json:
        print(pretty(result.model_dump(mode="json")), end="")
    else:
        from api.outputs.views import check_text

        out = summary.console()
        out.print(f"{plan}: {check_text(found.model_copy(update={'check': result}))}")
        summary.violations(out, result)
    raise typer.Exit(exits.OK if result.ok else exits.FAILED)


@app.command()
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
    loaded = _load(request, quiet=False)
    found = usecases.evaluate(loaded, orders)
    bundle = _bundle(loaded, found, clock.run())
    files = outputs.write(bundle, output) if output is not None else []
    summary.plan(summary.console(), bundle, None if output is None else str(output), files)
    raise typer.Exit(exits.OK if found.check.ok else exits.FAILED)


@app.command()
@guarded
def compare(
    plans: Annotated[list[Path], typer.Argument(metavar="PLAN PLAN...", help="plan.json files or plan folders.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Also write CSV, Markdown and GeoJSON there.")
    ] = None,
) -> None:
    """Show plans side by side; the first is the base. What changed, then status, money, MW, openings, units, deals.

    With -o: compare.csv, compare.md and compare.geojson, a layer with each site's MW in every plan and the difference.
    """
    from api.terminal import comparing

    comparing.run(plans, output)


@app.command()
@guarded
def deals(
    request: RequestPath,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Also write the study and its plans there.")
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            "--time-limit", metavar="S", help="Seconds for all searches together (default: the request's for each)."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no table, no warnings.")] = False,
) -> None:
    """Say of each deal in REQUEST what it is worth: the plan with it, without it, and the MW it moves. Last: no deal at all.

    Ctrl-C keeps the deals done so far. Exit code 0: every deal is answered; 2: bad request; 3: the request is infeasible;
    4: a limit was reached before a plan, or before every deal was answered.
    """
    from api.terminal import dealing

    raise typer.Exit(dealing.run(_load(request, quiet), output, time_limit, quiet))


@app.command()
@guarded
def report(
    plan: PlanPath,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Its name says the format: .html, .xlsx, .md, .png.")
    ],
    request: OfRequest = None,
) -> None:
    """Write PLAN as one file to mail around: report.html (a board's report with charts and map), plan.xlsx, report.md, map.png.

    The request is looked for beside the plan; --request names it. Only .html can do without.
    """
    from api.terminal import reporting

    reporting.run(plan, output, request)


@app.command()
@guarded
def export(
    plan: PlanPath,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Its name says the format: .kml, .kepler.json, .simplestyle.geojson, .geojson, .timeline.geojson, .gpkg, .zip (CSV).",
        ),
    ],
    request: OfRequest = None,
) -> None:
    """Write PLAN for a map: KML, kepler.gl, GeoJSON (also with simplestyle colours), GeoPackage, or its CSV tables in one file."""
    from api.terminal import reporting

    reporting.run(plan, output, request)


@app.command()
@guarded
def xlsx(
    request: RequestPath,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="The workbook to write.")],
) -> None:
    """Write REQUEST as a workbook, one sheet per table, to be edited and planned: gigasite plan FILE.xlsx -o DIR."""
    from api.terminal import reporting

    reporting.workbook(request, output)


@app.command()
@guarded
def schema() -> None:
    """Print the JSON Schema of a request: every field with its unit and meaning."""
    import json

    from planner.problem.schema import schema as of_request

    print(json.dumps(of_request(), indent=1, ensure_ascii=False))


@app.command()
@guarded
def catalogue(
    format: Annotated[CatalogueFormat, typer.Option("--format", help="How to print it.")] = CatalogueFormat.table,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False,
) -> None:
    """List the shipped blocks: every figure with its value, unit, low, high, basis and source."""
    from api.terminal import shelf

    shelf.show("json" if as_json else "csv" if as_csv else format.value)


@app.command()
@guarded
def example(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which example; without it they are listed.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where to write it (default: ./NAME).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there already.")] = False,
) -> None:
    """Write a shipped example request and its site files into a folder, ready to change."""
    from api.terminal import shelf

    if name is None:
        shelf.list_examples()
    else:
        shelf.copy_example(name, output, force)


@app.command()
@guarded
def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on (default 8000).")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="What the service keeps (default ./gigasite-data).")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Worker processes to start (default 1).")] = None,
    solves: Annotated[int | None, typer.Option("--solves", help="Solves at once in each worker (default 1).")] = None,
    database_url: Annotated[
        str | None, typer.Option("--database-url", metavar="URL", help="postgresql://... (default: SQLite in DIR).")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="FILE", help="API keys, hashed; needed beyond 127.0.0.1.")
    ] = None,
) -> None:
    """Start the HTTP service: the API and its workers. Ctrl-C stops it; accepted jobs go on at the next start.

    Every setting can also be given in the environment, as GIGASITE_ and its name: GIGASITE_DATA, GIGASITE_DATABASE_URL.
    """
    from api.service.serve import serve as run
    from api.service.settings import read

    settings = read(
        host=host, port=port, data=data, workers=workers, solves=solves, database_url=database_url, keys_file=keys
    )
    raise typer.Exit(run(settings))


@app.command()
@guarded
def worker(
    name: Annotated[
        str | None, typer.Option("--id", metavar="NAME", help="The worker's own name (PostgreSQL; default: made up).")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="What the service keeps (default ./gigasite-data).")
    ] = None,
    solves: Annotated[int | None, typer.Option("--solves", help="Solves at once (default 1).")] = None,
    database_url: Annotated[
        str | None, typer.Option("--database-url", metavar="URL", help="postgresql://... (default: SQLite in DIR).")
    ] = None,
) -> None:
    """Start one more worker for a service on PostgreSQL: it takes jobs from the queue and up those of dead workers."""
    from api.service.jobs.log import log_to_stderr
    from api.service.jobs.worker import run_worker
    from api.service.settings import read

    settings = read(worker_id=name, data=data, solves=solves, database_url=database_url)
    log_to_stderr(settings.log_level)
    raise typer.Exit(run_worker(settings))


def _load(request: Path, quiet: bool) -> Loaded:
    """Load a request; its warnings go to stderr."""
    from api.terminal import reporting

    loaded = reporting.load(request)
    if not quiet:
        say_faults(loaded.warnings, 20)
    return loaded


def _bundle(loaded: Loaded, found: Plan, run: dict[str, Any]) -> Any:
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


def main() -> None:
    """Entry point. The last line of defence against tracebacks, also while the command line itself is read."""
    import os

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without our signs shows ? instead of failing
    try:
        app()
    except SystemExit:
        raise
    except BaseException as error:
        if os.environ.get("GIGASITE_DEBUG"):
            raise
        if isinstance(error, KeyboardInterrupt):
            say("interrupted")
            sys.exit(exits.INTERRUPTED)
        say(f"error: unexpected {type(error).__name__}: {error} (GIGASITE_DEBUG=1 shows where)")
        sys.exit(exits.FAILED)
