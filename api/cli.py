"""Where ``gigasite`` begins. The rest is imported inside, so that Ctrl-C while it loads is no traceback either."""

import os
import sys

from api import exits


def main() -> None:
    """Entry point. The last line of defence against tracebacks, also while the command line itself is read."""
    try:
        _run()
    except SystemExit as end:
        code = end.code
    except BaseException as error:
        if os.environ.get("GIGASITE_DEBUG"):
            raise
        code = _code(error)
    if code == exits.INTERRUPTED:
        print("interrupted", file=sys.stderr)
    sys.exit(code)


def _run() -> None:
    from api.terminal import interrupt

    interrupt.listen()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without our signs shows ? instead of failing
    from api.commands.app import app

    app()


def _code(error: BaseException) -> int:
    """The exit code of what nothing else has caught; what is no interrupt is told."""
    from api.terminal import interrupt

    if isinstance(error, KeyboardInterrupt) or interrupt.came():
        return exits.INTERRUPTED
    from api.terminal.guard import say

    say(f"error: unexpected {type(error).__name__}: {error} (GIGASITE_DEBUG=1 shows where)")
    return exits.FAILED
