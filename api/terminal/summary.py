"""The summary at the end of a run: rich tables on a terminal, the same as plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

from rich import box
from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.outputs import deal_views, views
from api.outputs.bundle import Bundle
from api.outputs.text import money, number, printable, share, short
from api.terminal.fitting import Part, fit
from api.terminal.screen import Screen
from planner.plan import Check, Plan

PIPE_WIDTH = 140
GOOD, BAD, DIM, HEAD = "green", "bold red", "bright_black", "bold"


def console(file: IO[str] | None = None) -> Console:
    """A console that is as wide as the terminal, or wide enough for the tables where there is none."""
    file = file or sys.stdout
    terminal = hasattr(file, "isatty") and file.isatty()
    return Screen(file=file, width=None if terminal else PIPE_WIDTH, highlight=False, markup=False, emoji=False)


def _text(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(printable(value))


def grid(
    out: Console,
    title: str,
    head: Sequence[str],
    rows: Iterable[Sequence[Any]],
    left: Sequence[int] = (0,),
    foot: int = 0,
) -> None:
    """A titled table; columns not in ``left`` are right-aligned; the last ``foot`` rows are set apart. Too wide a table becomes
    several below each other."""
    cells = [[_text(c) for c in row] for row in rows]
    out.print(Text(title, style="bold cyan"))
    for part in fit(head, [[c.plain for c in row] for row in cells], left, out.width):
        out.print(_table(out, part, head, cells, left, foot), crop=False)


def _table(
    out: Console, part: Part, head: Sequence[str], rows: Sequence[Sequence[Text]], left: Sequence[int], foot: int
) -> Table:
    frame = box.ASCII2 if not out.is_terminal and _ascii(out) else box.SIMPLE_HEAD
    table = Table(box=frame, pad_edge=False, width=part.width)
    for i, width in zip(part.columns, part.widths, strict=True):
        justify: JustifyMethod = "left" if i in left else "right"
        table.add_column(Text(printable(head[i])), justify=justify, width=width, overflow="fold", header_style=HEAD)
    for n, row in enumerate(rows):
        if foot and n == len(rows) - foot:
            table.add_section()
        table.add_row(*(row[i] for i in part.columns))
    return table


def _ascii(out: Console) -> bool:
    return not (out.encoding or "").lower().startswith("utf")


def plan(out: Console, bundle: Bundle, where: str | None, files: Sequence[str]) -> None:
    """The whole summary of a plan, or of its absence."""
    found = bundle.plan
    out.print()
    out.print(Text(printable(found.name), style="bold"))
    out.print(Text(views.headline(bundle), style="" if bundle.holds_plan else BAD))
    out.print()
    if bundle.holds_plan:
        _sites(out, bundle)
        _years(out, found)
        if bundle.has_deals:
            _deals(out, bundle)
        _next(out, bundle)
        _binds(out, found)
    elif found.clashes:
        clashes(out, found)
    _verdict(out, bundle, where, files)


def _sites(out: Console, bundle: Bundle) -> None:
    rows = [
        (
            s.name or s.id,
            s.opening_month or "open",
            number(s.it_mw),
            share(s.power_used_share),
            number(s.pflops),
            money(s.spend_musd),
            s.main_limit,
            views.blocks_text(s),
        )
        for s in views.open_sites(bundle.plan)
    ]
    head = ("site", "opens", "IT MW", "grid used", "PFLOPS", "spend", "limited by", "blocks at the end")
    grid(out, "What opens where and when", head, _cut(rows, len(head)), (0, 1, 6, 7))
    unused = [s for s in bundle.plan.sites if not s.opened]
    if unused:
        names = ", ".join((s.name or s.id) for s in unused[:12]) + (
            f" and {len(unused) - 12} more" if len(unused) > 12 else ""
        )
        out.print(Text(f" not used: {printable(names)}", style=DIM))
        out.print()


def _cut(rows: list[Any], width: int, most: int = 40) -> list[Any]:
    if len(rows) <= most:
        return rows
    return [*rows[:most], (f"... {number(len(rows) - most)} more in the report", *[""] * (width - 1))]


def _years(out: Console, found: Plan) -> None:
    years = views.years(found)
    vendors = list(dict.fromkeys(v for y in years for v in y.by_vendor))
    head = ("year", "IT MW", *(f"{v} MW" for v in vendors), "PFLOPS", "GPUs", "capex", "opex", "spend")
    rows: list[Sequence[Any]] = [
        (
            y.year,
            number(y.it_mw),
            *(number(y.by_vendor.get(v, 0.0)) for v in vendors),
            number(y.pflops),
            number(y.gpus),
            money(y.capex_musd),
            money(y.opex_musd),
            money(y.spend_musd),
        )
        for y in years
    ]
    rows.append(
        (
            "all", "", *[""] * len(vendors), "", "",
            money(sum(y.capex_musd for y in years)),
            money(sum(y.opex_musd for y in years)),
            money(sum(y.spend_musd for y in years)),
        )
    )  # fmt: skip
    grid(out, "Capacity at the end of each year, and spending in it", head, rows, foot=1)


def _deals(out: Console, bundle: Bundle) -> None:
    """Who signs, what it brings; then how circular the money is and how much hangs on one name."""
    found = bundle.plan
    rows = [
        (
            d.id,
            deal_views.signed_text(bundle, d),
            deal_views.reached_text(bundle, d),
            money(d.cash_in_musd),
            money(d.cash_out_musd),
            money(d.holding_musd),
        )
        for d in found.deals
    ]
    head = ("deal", "signed", "how far it gets", "brings", "costs", "held")
    grid(out, "Deals, over the horizon", head, _cut(rows, len(head), 16), (0, 1, 2))
    for line in deal_views.dependence(bundle):
        out.print(Padding(Text(printable(line)), (0, 0, 0, 1), expand=False))
    out.print()


def _next(out: Console, bundle: Bundle) -> None:
    steps = views.next_steps(bundle)
    title = "To sign and order in the next four quarters"
    if not steps:
        out.print(Text(title, style="bold cyan"))
        out.print(" nothing\n")
        return
    months = ["" if i and steps[i - 1].month == s.month else s.month for i, s in enumerate(steps)]
    rows: list[Sequence[Any]] = [
        (month, s.site, "\n".join(s.acts), money(s.musd)) for month, s in zip(months, steps, strict=True)
    ]
    if len(rows) > 24:
        rows = [*rows[:24], ("", f"... {len(rows) - 24} more in the report", "", "")]
    rows = [*rows, ("all", "", "", money(sum(s.musd for s in steps)))]
    grid(out, title, ("period", "site", "what", "price"), rows, (0, 1, 2), foot=1)


def _binds(out: Console, found: Plan) -> None:
    out.print(Text("What binds", style="bold cyan"))
    if not found.bindings:
        out.print(" no limit of the whole plan is used up")
    for b in found.bindings[:12]:
        out.print(Padding(Text(f"{b.family}: {printable(b.message)}"), (0, 0, 0, 1), expand=False))
    if len(found.bindings) > 12:
        out.print(f" ... {len(found.bindings) - 12} more in the report")
    out.print()


def clashes(out: Console, found: Plan) -> None:
    """Which limits contradict each other, in the request's words."""
    rows = [(c.family, c.subject, c.month or "–", f"{short(c.amount)} {c.unit}", c.message) for c in found.clashes]
    grid(out, views.clash_title(found), ("limit", "what", "when", "by", "in words"), rows, (0, 1, 2, 4))


def _verdict(out: Console, bundle: Bundle, where: str | None, files: Sequence[str]) -> None:
    found = bundle.plan
    out.print(Text.assemble(("status  ", HEAD), views.status_text(found)))
    out.print(Text.assemble(("result  ", HEAD), printable(views.proof(found))))
    if bundle.holds_plan or found.check.violations:
        out.print(Text.assemble(("check   ", HEAD), (views.check_text(found), GOOD if found.check.ok else BAD)))
        violations(out, found.check)
    if where is not None:
        say_files(out, where, files)


def say_files(out: Console, where: object, files: Sequence[str]) -> None:
    """The line that names a folder and what was written there."""
    out.print(Text.assemble(("files   ", HEAD), printable(f"{where}: {', '.join(files)}")))


def paragraph(out: Console, lines: Sequence[str]) -> None:
    """Words on how to read a table, as wide as the terminal is."""
    out.print(Padding(Text(printable(" ".join(lines)), style=DIM), (0, 0, 0, 1), expand=False))


def violations(out: Console, check: Check, most: int = 40) -> None:
    """Every broken rule on its own line."""
    for v in check.violations[:most]:
        when = f" in {v.month}" if v.month else ""
        out.print(Text(printable(f"  {v.rule} {v.family} {v.subject}{when}: {v.message}"), style=BAD))
    if len(check.violations) > most:
        out.print(f"  ... and {number(len(check.violations) - most)} more")
