"""Questions that take more than one plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.arguments import Cluster, Executor, RequestPath
from api.commands.loading import load
from api.terminal.guard import guarded

Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Also write the study and its plans there.")
]
Together = Annotated[
    float | None,
    typer.Option(
        "--time-limit", metavar="S", help="Seconds for all searches together (default: the request's for each)."
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no table, no warnings.")]


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


@guarded
def deals(
    request: RequestPath,
    output: Output = None,
    time_limit: Together = None,
    executor: Executor = None,
    cluster: Cluster = None,
    quiet: Quiet = False,
) -> None:
    """Say of each deal in REQUEST what it is worth: the plan with it, without it, and the MW it moves. Last: no deal at all.

    Ctrl-C keeps the deals done so far. Exit code 0: every deal is answered; 2: bad request; 3: the request is infeasible;
    4: a limit was reached before a plan, or before every deal was answered.
    """
    from api.terminal import dealing, running

    where = running.where(executor, cluster)
    raise typer.Exit(dealing.run(load(request, quiet), output, time_limit, quiet, where))


@guarded
def sweep(
    request: RequestPath,
    vary: Annotated[
        str,
        typer.Option(
            "--vary",
            metavar="PATH=V,V,V",
            help="A figure and its values: budget.per_year_musd=80%,100%,120%; sites.*.grid_mw=+0m,+6m; discount_rate=0.06,0.1.",
        ),
    ],
    output: Output = None,
    time_limit: Together = None,
    executor: Executor = None,
    cluster: Cluster = None,
    quiet: Quiet = False,
) -> None:
    """Plan REQUEST at several values of one of its figures: what more money buys, what a later grid costs.

    Ctrl-C keeps the values done so far. Exit code 0: every value is answered; 2: bad request or value; 3: the request as asked is
    infeasible; 4: a limit was reached before a plan, or before every value was answered.
    """
    from api.terminal import running, sweeping

    where = running.where(executor, cluster)
    raise typer.Exit(sweeping.run(load(request, quiet), vary, output, time_limit, quiet, where))
