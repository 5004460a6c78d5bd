"""The command line. Heavy libraries are imported inside the commands, so that ``gigasite --help`` is immediate."""

from __future__ import annotations

from typing import Annotated

import typer

from api import exits
from api.commands import COMMANDS

app = typer.Typer(
    name="gigasite",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Plans physical AI data-center capacity: which sites open, what is built and bought there, and when.",
    epilog=exits.TEXT,
)
for command in COMMANDS:
    app.command()(command)


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
