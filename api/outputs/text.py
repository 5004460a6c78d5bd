"""How numbers and users' words are written: for people, for Markdown, for spreadsheets."""

from __future__ import annotations

import re
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet take a text cell for a formula."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|~$])")


def money(musd: float) -> str:
    """Million US dollars for a reader: ``$9.12 bn``, ``$350 M``, ``$1.5 M``."""
    sign, size = ("-" if musd < 0 else ""), abs(musd)
    if size >= 99_950:
        return f"{sign}${size / 1000:,.0f} bn"
    if size >= 9_995:
        return f"{sign}${size / 1000:.1f} bn"
    if size >= 999.5:
        return f"{sign}${size / 1000:.2f} bn"
    if size >= 9.995:
        return f"{sign}${size:.0f} M"
    return f"{sign}${size:.2f} M" if size >= 0.005 else "$0"


def number(value: float | None, digits: int = 0) -> str:
    """``12,345`` or ``12,345.6``; an en dash where there is nothing to say."""
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def short(value: float) -> str:
    """A figure of any size in at most five digits: ``12,345``, ``123.4``, ``0.0123``."""
    size = abs(value)
    if size >= 1000:
        return number(value)
    if size >= 100:
        return number(value, 1)
    return f"{value:.4g}" if size else "0"


def big(value: float) -> str:
    """``36,000``, ``4.10 million``, ``108 million``."""
    if abs(value) < 1e6:
        return number(value)
    return f"{value / 1e6:,.2f} million" if abs(value) < 1e7 else f"{value / 1e6:,.1f} million"


def share(value: float | None) -> str:
    """A fraction as per cent."""
    return "–" if value is None else f"{100 * value:.0f} %"


FAR = 1.0
"""A relative gap beyond which its figure says nothing: of a plan to do nothing it is a number of twenty digits."""


NOISE = 1e-9
"""A relative gap below this is what adding up in another order makes of none (that much M8.2 lets an objective be off)."""


def gap_text(gap: float | None) -> str:
    """A relative gap as per cent, never rounded down to a proud zero, but for what is no gap at all."""
    if gap is None:
        return "–"
    if gap <= NOISE:
        return "0 %"
    if gap > FAR:
        return f"over {100 * FAR:,.0f} %"
    return f"{100 * gap:.2f} %" if gap >= 5e-5 else f"{100 * gap:.1g} %"


def markdown(text: Any) -> str:
    """A user's words as plain text inside Markdown: one line, nothing in it is markup or HTML."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split())).replace("\\<", "&lt;").replace("\\>", "&gt;")


def printable(text: Any) -> str:
    """Text for a terminal: control characters, which could move the cursor or colour the screen, become ``?``."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in str(text))


def cell(value: Any) -> Any:
    """A CSV cell: text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def slug(text: str) -> str:
    """A vendor as part of a column name: ``Nvidia Corp.`` -> ``nvidia_corp``."""
    return re.sub(r"[\W_]+", "_", text.lower()).strip("_") or "vendor"


def slugs(names: tuple[str, ...]) -> dict[str, str]:
    """A distinct slug for every name, numbered where two would be the same."""
    taken: dict[str, str] = {}
    for name in names:
        base = candidate = slug(name)
        n = 2
        while candidate in taken.values():
            candidate, n = f"{base}_{n}", n + 1
        taken[name] = candidate
    return taken
