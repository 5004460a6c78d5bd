"""rich's console with the manners of :mod:`api.terminal.streams`."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from api.terminal.streams import silence, speaking


class Screen(Console):
    """What tables and summaries are printed on."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as rich does."""
        with speaking(self.file):
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        """rich would end the program with 1, which says that something failed."""
        self.quiet = True
        silence(self.file)
