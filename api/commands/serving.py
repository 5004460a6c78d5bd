"""The HTTP service and its workers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api import exits
from api.terminal.guard import guarded, say


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
    from sqlalchemy.exc import DBAPIError

    from api.service.jobs.log import log_to_stderr
    from api.service.jobs.worker import run_worker
    from api.service.serve import unreachable
    from api.service.settings import read

    settings = read(worker_id=name, data=data, solves=solves, database_url=database_url)
    log_to_stderr(settings.log_level)
    try:
        raise typer.Exit(run_worker(settings))
    except DBAPIError as error:
        say(f"error: {unreachable(error)}")
        raise typer.Exit(exits.FAILED) from None
