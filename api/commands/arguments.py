"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RequestPath = Annotated[Path, typer.Argument(metavar="REQUEST", help="A planning request: YAML, JSON or XLSX.")]
PlanPath = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan.json or the folder that holds it.")]
OfRequest = Annotated[
    Path | None, typer.Option("--request", metavar="REQUEST", help="The request that the plan was made from.")
]
Executor = Annotated[
    str | None,
    typer.Option("--executor", metavar="KIND", help="Who solves side by side: threads (default), processes, dask."),
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="An existing Dask cluster's scheduler: tcp://host:8786."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON on stdout instead of text.")]
