"""``report.html``: the report as one file; see :mod:`api.outputs.html`."""

from __future__ import annotations

from pathlib import Path

from api.outputs.bundle import Bundle
from api.outputs.html import html, html_of_plan

__all__ = ["html", "html_of_plan", "write"]


def write(bundle: Bundle, path: Path) -> None:
    """Write ``report.html``."""
    path.write_text(html(bundle), encoding="utf-8", newline="\n")
