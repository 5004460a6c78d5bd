"""The colour of a site by its status, the same in every map format that is handed out."""

from __future__ import annotations

STATUS_COLOURS = {"opened": "#176ca8", "committed": "#144066", "not_opened": "#a8a8a8", "excluded": "#c4786e"}
"""As HTML writes a colour: red, green, blue."""


def as_bgr(colour: str) -> str:
    """As KML writes it: blue, green, red, without a sign before it."""
    return colour[5:7] + colour[3:5] + colour[1:3]


def as_numbers(colour: str) -> str:
    """As QGIS writes it: ``23,108,168``."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
