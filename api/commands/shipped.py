"""What comes with the program: the schema of a request, the catalogue, the examples."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.terminal.guard import guarded
from api.terminal.streams import tell


class CatalogueFormat(StrEnum):
    """How the catalogue is printed."""

    table = "table"
    csv = "csv"
    json = "json"


@guarded
def schema() -> None:
    """Print the JSON Schema of a request: every field with its unit and meaning."""
    import json

    from planner.problem.schema import schema as of_request

    tell(json.dumps(of_request(), indent=1, ensure_ascii=False))


@guarded
def catalogue(
    format: Annotated[CatalogueFormat, typer.Option("--format", help="How to print it.")] = CatalogueFormat.table,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False,
) -> None:
    """List the shipped blocks: every figure with its value, unit, low, high, basis and source."""
    from api.terminal import shelf

    shelf.show("json" if as_json else "csv" if as_csv else format.value)


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
