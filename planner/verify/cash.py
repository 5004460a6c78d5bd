"""The cash-flow table: every line of every period, and what falls due after the last one (M4.4, M4.5)."""

from __future__ import annotations

from collections import Counter, defaultdict

from planner.verify.dates import absolute
from planner.verify.findings import Findings, agree, num
from planner.verify.lines import KIND
from planner.verify.money import Money
from planner.verify.world import World

FAMILY = "cash"


def check(world: World, money: Money, found: Findings) -> None:
    """Rows agree with the decisions: none missing, none extra, none twice, each of its own kind."""
    periods = {month: p for p, month in enumerate(world.months)}
    stated: dict[tuple[str, int], float] = {}
    for row in world.plan.cash:
        period = periods.get(row.month)
        if period is None or row.line not in KIND:
            what = f"line {row.line!r}" if row.line not in KIND else f"month {row.month!r}"
            found.add("M4.4", FAMILY, row.line, row.month, f"cash: {row.line} in {row.month}: unknown {what}", row.musd)
            continue
        found.same("M4.2", FAMILY, row.line, row.month, f"cash: kind of {row.line}", row.kind, KIND[row.line])
        if (row.line, period) in stated:
            found.add("M4.4", FAMILY, row.line, row.month, f"cash: {row.line} in {row.month} is listed twice", row.musd)
        stated[row.line, period] = stated.get((row.line, period), 0.0) + row.musd
    for line in KIND:
        for p, true in enumerate(money.total(line).tolist()):
            what = f"cash: {line} (MUSD)"
            found.figure("M4.4", FAMILY, line, world.months[p], what, stated.get((line, p), 0.0), true)


def check_after_horizon(world: World, money: Money, found: Findings) -> None:
    """Money due after the horizon, by period and line; rows called ``date`` are looked at in ``beyond``."""
    stated: dict[tuple[int, str], float] = defaultdict(float)
    seen: Counter[tuple[int, str]] = Counter()
    for row in world.plan.after_horizon:
        if row.line == "date":
            continue
        number = absolute(row.month)
        if number is None or number < world.calendar.after:
            say = f"after_horizon: {row.line} in {row.month!r}, which is no month after the horizon"
            found.add("M4.5", "after_horizon", row.line, row.month, say, row.musd)
        else:
            at = (world.calendar.within(row.month), row.line)
            seen[at] += 1
            stated[at] += row.musd
    for (period, line), true in sorted({**dict.fromkeys(stated, 0.0), **money.after}.items()):
        month, given = world.calendar.label(period), stated.get((period, line), 0.0)
        found.checked += 1
        if seen[period, line] > 1:
            found.add("M4.5", "after_horizon", line, month, f"after_horizon: {line} in {month} is listed twice")
        if not agree(given, true):
            say = f"after_horizon: {line} in {month} is stated as {num(given)} MUSD; the decisions give {num(true)}"
            found.add("M4.5", "after_horizon", line, month, say, given - true)
