"""Reading the request that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.terminal.guard import say_faults

if TYPE_CHECKING:
    from api.usecases import Loaded


def load(request: Path, quiet: bool) -> Loaded:
    """Load a request; its warnings go to stderr."""
    from api.terminal import reporting

    loaded = reporting.load(request)
    if not quiet:
        say_faults(loaded.warnings, 20)
    return loaded
