"""The section on power: what is drawn against what the grid gives, and MW that wait for chips."""

from __future__ import annotations

from api.outputs.deal_views import percent
from api.outputs.html.chart import Chart, Series
from api.outputs.html.site_figures import idle, power_by_period
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, bar, joined, paragraph, table
from api.outputs.text import number


def section(subject: Subject) -> Html:
    """The section."""
    drawn, mine, every = power_by_period(subject)
    chart = Chart(
        "Power drawn against the grid",
        f"facility MW at peak by {subject.period_word}",
        subject.months,
        [Series("drawn", "drawn", drawn)],
        (),
        [Series("grid at open sites", "line0", mine), Series("grid at all candidates", "line1", every)],
    )
    found = idle(subject)
    most = max((i.idle_mw for i in found), default=0.0) or 1.0
    rows = [
        (
            i.site.name or i.site.id,
            number(i.grid_mw),
            number(i.drawn_mw),
            bar(i.idle_mw / most, number(i.idle_mw)),
            number(i.idle_mw_years) if i.idle_mw_years is not None else "–",
            number(i.empty_shell_mw),
            i.site.main_limit,
        )
        for i in found
    ]
    total = (
        "all", number(sum(i.grid_mw for i in found)), number(sum(i.drawn_mw for i in found)), number(sum(i.idle_mw for i in found)),
        number(sum(i.idle_mw_years or 0.0 for i in found)), number(sum(i.empty_shell_mw for i in found)), "",
    )  # fmt: skip
    head = (
        "site", "grid MW at the end", "drawn at peak", "idle MW at the end", "idle MW-years", "IT MW of "
        "shell without chips", "limited by",
    )  # fmt: skip
    words = (
        "Power without chips: what the grid gives at open sites less the peak draw, at the meter. Idle "
        "MW-years add it up from each site's opening. "
        "Shell is IT power."
    )
    return joined(
        [
            '<section id="power"><h2>Power</h2>',
            '<div class="pair">',
            chart.html(),
            "<div>",
            *(paragraph(p) for p in _said(subject)),
            "</div></div>",
            "<h3>Idle MW, site by site</h3>" if rows else "",
            paragraph(words, "note") if rows else "",
            table(head, [*rows, total], (0, 6), total=True) if rows else "",
            "</section>",
        ]
    )


def _said(subject: Subject) -> list[str]:
    """The chart in words: how much of the grid is used at the end of each year."""
    drawn, mine, every = power_by_period(subject)
    ends = {m[:4]: i for i, m in enumerate(subject.months)}
    used = ", ".join(
        f"{year} {number(drawn[i])} of {number(mine[i])} MW ({percent(drawn[i] / mine[i])})"
        for year, i in ends.items()
        if mine[i] > 0
    )
    said = [f"Drawn of the grid's power at open sites, at the end of each year: {used}."] if used else []
    if every and every[-1] - mine[-1] > 0.5:
        said.append(f"Candidates that stay closed would bring {number(every[-1] - mine[-1])} MW more by the end.")
    units = sum(s.periods[-1].idle_units for s in subject.open_sites if s.periods)
    if units:
        said.append(f"{number(units)} existing units stand idle at the end because power is short.")
    return said
