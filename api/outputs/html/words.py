"""Words and tables as HTML: everything that comes from a request or a plan is escaped here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from api.outputs.text import short

MOST_ROWS = 300
"""Longer tables are cut, and say so: the whole ones are in the workbook, the CSV files and plan.json."""


class Html(str):
    """Text that is markup already."""


def esc(value: Any) -> str:
    """A value as text inside HTML; text-direction and control characters become spaces."""
    if isinstance(value, Html):
        return value
    text = "".join(c if c.isprintable() or c in "\n\t" else " " for c in str(value))
    return escape(text)


VENDORS = {
    "nvidia": "NVIDIA", "amd": "AMD", "google": "Google", "broadcom": "Broadcom", "cerebras": "Cerebras", "intel": "Intel",
    "aws": "AWS", "amazon": "Amazon", "microsoft": "Microsoft", "oracle": "Oracle", "groq": "Groq", "qualcomm": "Qualcomm",
}  # fmt: skip
"""How these write themselves; every other name stands as the request gives it."""


def vendor(name: str) -> str:
    """A vendor or counterparty as a reader knows it."""
    return VENDORS.get(name, name)


def figure(value: float | None) -> str:
    """A figure of any size in few digits; a dash for nothing."""
    return "–" if value is None else short(value)


def joined(parts: Iterable[str]) -> Html:
    """Markup after markup."""
    return Html("".join(parts))


def paragraph(text: Any, kind: str = "") -> Html:
    """One paragraph."""
    return Html(f"<p{_kind(kind)}>{esc(text)}</p>")


def listed(items: Sequence[Any], kind: str = "") -> Html:
    """A list of points; nothing for none."""
    return Html(f"<ul{_kind(kind)}>" + "".join(f"<li>{esc(i)}</li>" for i in items) + "</ul>") if items else Html("")


def table(head: Sequence[str], rows: Sequence[Sequence[Any]], left: Sequence[int] = (0,), total: bool = False) -> Html:
    """A table that scrolls by itself on a narrow screen; columns not in ``left`` are figures. ``total``: last row stands out."""
    if not rows:
        return Html("")
    marks = ["" if i in left else ' class="n"' for i in range(len(head))]
    top = "".join(f'<th scope="col"{m}>{esc(h)}</th>' for h, m in zip(head, marks, strict=True))
    body = []
    for number, row in enumerate(rows[:MOST_ROWS]):
        cells = "".join(
            f'<th scope="row"{m}>{esc(c)}</th>' if i == 0 else f"<td{m or _whole(c)}>{esc(c)}</td>"
            for i, (c, m) in enumerate(zip(row, marks, strict=True))
        )
        last = total and number == len(rows) - 1
        body.append(f'<tr class="sum">{cells}</tr>' if last else f"<tr>{cells}</tr>")
    more = (
        f"<p class='note'>and {len(rows) - MOST_ROWS:,} more rows in the plan's tables</p>"
        if len(rows) > MOST_ROWS
        else ""
    )
    return Html(
        f'<div class="wide" tabindex="0" role="region" aria-label="{esc(head[0])}"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>{more}"
    )


def folded(title: str, inside: str) -> Html:
    """What only some readers want: closed on the screen, open on paper."""
    return Html(f"<details><summary>{esc(title)}</summary>{inside}</details>") if inside else Html("")


def bar(share: float, words: str) -> Html:
    """A figure with a bar behind it, whose length is a share of the column's largest."""
    width = 100 * min(max(share, 0.0), 1.0)
    return Html(f'<span class="bar"><i style="width:{width:.0f}%"></i><b>{esc(words)}</b></span>')


def _kind(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _whole(value: Any) -> str:
    """Short words, such as a month, stay on one line."""
    return ' class="k"' if len(str(value)) <= 13 else ""
