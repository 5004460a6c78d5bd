"""The command line. Heavy libraries are imported inside the commands, so that ``gigasite --help`` is immediate."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api import exits
from api.commands import COMMANDS
from api.terminal.guard import say

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
