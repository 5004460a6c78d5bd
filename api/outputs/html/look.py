"""How things look: one colour and one pattern for each vendor and each kind of money, in light, dark and on paper."""

from __future__ import annotations

from collections.abc import Sequence

from api.outputs.html.words import esc

KNOWN = {"nvidia": "green", "amd": "orange"}
OTHERS = ("blue", "violet", "gold", "teal", "brown", "grey")
"""The same vendor has the same colour in every report; others take what is left, in order."""

LIGHT = {
    "green": "#4f8f14", "orange": "#d4511f", "blue": "#2f6fb3", "violet": "#8a5fb0", "gold": "#b98a00", "teal": "#1f8f8f",
    "brown": "#8c6d5a", "grey": "#767676", "navy": "#2f4a68", "steel": "#7f9bb8", "pale": "#c3cfdb", "red": "#b3382c",
}  # fmt: skip
DARK = {
    "green": "#8cc63f", "orange": "#f08a5d", "blue": "#6aa5e0", "violet": "#b694d8", "gold": "#e0b93c", "teal": "#4fc4c0",
    "brown": "#c09a83", "grey": "#a5a5a5", "navy": "#7fa3cc", "steel": "#58799c", "pale": "#3c5168", "red": "#f0786a",
}  # fmt: skip

STROKES = (
    "",
    "M-2,2l4,-4M0,8l8,-8M6,10l4,-4",
    "M2,2h.01M6,6h.01",
    "M0,4h8",
    "M-2,2l4,-4M0,8l8,-8M6,10l4,-4M-2,6l4,4M0,0l8,8M6,-2l4,4",
    "M4,0v8",
    "M0,4h8M4,0v8",
    "M0,0l8,8M-2,6l4,4M6,-2l4,4",
)
"""Drawn over the colour, so that areas can be told apart without it: none, rising, dots, lines, crosses, ..."""

FILLS = {
    "capex": ("navy", 0), "opex": ("steel", 1), "income": ("teal", 2), "revenue": ("gold", 3), "standing": ("navy", 0),
    "first": ("steel", 1), "later": ("pale", 2), "drawn": ("blue", 0),
}  # fmt: skip
"""Kinds of money and power: colour and pattern."""


def vendor_colours(vendors: Sequence[str]) -> dict[str, str]:
    """The name of each vendor's colour."""
    rest = iter(OTHERS * (1 + len(vendors) // len(OTHERS)))
    return {v: KNOWN.get(v.lower()) or next(rest) for v in vendors}


def fills(vendors: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Every fill of a report by its id: ``v0``, ``v1``, ... for the vendors in order, then the kinds of money."""
    colours = vendor_colours(vendors)
    return {**{f"v{i}": (colours[v], i % len(STROKES)) for i, v in enumerate(vendors)}, **FILLS}


def definitions(vendors: Sequence[str], land: str = "") -> str:
    """An unseen picture that holds the patterns (and the map's ground), for all others to use."""
    patterns = "".join(
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" style="fill:var(--{colour})"/>'
        + (f'<path class="over" d="{STROKES[stroke]}"/>' if stroke else "")
        + "</pattern>"
        for name, (colour, stroke) in fills(vendors).items()
    )
    return f'<svg class="defs" width="0" height="0" aria-hidden="true"><defs>{patterns}{land}</defs></svg>'


def key(entries: Sequence[tuple[str, str]]) -> str:
    """The legend of a chart: (fill, words). A fill that starts with ``line`` is drawn as a line."""
    items = "".join(f"<li>{_sample(fill)}{esc(words)}</li>" for fill, words in entries)
    return f'<ul class="key">{items}</ul>'


def _sample(fill: str) -> str:
    if fill.startswith("line"):
        return f'<svg width="26" height="12" aria-hidden="true"><path class="{fill}" d="M1,6H25"/></svg>'
    return f'<svg width="20" height="12" aria-hidden="true"><rect width="20" height="12" fill="url(#{fill})"/></svg>'
