"""``deals_study.csv``, ``deals_study.md`` and the plans behind them: whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from api.outputs import views
from api.outputs.canonical import pretty
from api.outputs.tables import write_csv
from api.outputs.text import gap_text, markdown, slugs
from api.outputs.whole import staged
from api.studies import moved
from api.studies.deals import Answer, Report, moved_text, worth_text
from api.studies.moved import Moved
from api.studies.proven import amount
from solvers.studies.deals import Found

CSV, MD = "deals_study.csv", "deals_study.md"
ALL = 10**6
"""Names are cut in a terminal, not in files."""
PLANS = re.compile(r"(as_asked|with_\w+|without_\w+)\.plan\.json")
"""Names of plans that an earlier study may have left in the folder."""


def write(report: Report, target: Path) -> list[str]:
    """Write the table, the report and every plan in hand into a folder; returns the names."""
    old = [p.name for p in target.iterdir() if PLANS.fullmatch(p.name)] if target.is_dir() else []
    names = plan_names(report)
    with staged(target, (CSV, MD, *old)) as folder:
        write_csv([row(report, a) for a in report.answers], folder / CSV)
        (folder / MD).write_text(text(report), encoding="utf-8", newline="\n")
        for f in report.study.worlds:
            if f.world.name in names and f.plan is not None:
                (folder / names[f.world.name]).write_text(pretty(f.plan.model_dump(mode="json")), encoding="utf-8")
    return [CSV, MD, *names.values()]


def plan_names(report: Report) -> dict[str, str]:
    """World -> the file of its plan."""
    held = tuple(f.world.name for f in report.study.worlds if f.holds)
    return {world: f"{slug}.plan.json" for world, slug in slugs(held).items()}


def row(report: Report, a: Answer) -> dict[str, Any]:
    """One deal as a flat row; figures in full, empty where there is none."""
    names = plan_names(report)
    return {
        "deal": a.deal,
        "kind": a.kind,
        "counterparty": a.counterparty,
        "as_asked": a.as_asked,
        "instead_of": ", ".join(a.instead_of),
        "objective": report.problem.objectives[0].name,
        "unit": a.unit,
        "worth": a.worth,
        "worth_low": a.low,
        "worth_high": a.high,
        "inside_gaps": a.inside_gaps if a.worth is not None else None,
        "in_words": worth_text(a),
        **_plan("with", a.with_it, names),
        **_plan("without", a.without, names),
        **_moved("vendor", a.vendors),
        **_moved("site", a.sites),
    }


def _plan(word: str, found: Found, names: dict[str, str]) -> dict[str, Any]:
    plan = found.plan if found.holds else None
    return {
        f"{word}_objective": plan and plan.objective,
        f"{word}_bound": found.bound,
        f"{word}_gap": plan and plan.gap,
        f"{word}_status": _status(found),
        f"{word}_spending_musd": plan and views.spending(plan),
        f"{word}_it_mw": plan and plan.totals[-1].it_mw,
        f"{word}_plan": names.get(found.world.name),
    }


def _status(found: Found) -> str:
    if found.plan is not None and found.holds:
        return found.plan.status.stopped
    return "infeasible" if found.infeasible else found.reason or (found.plan.status.stopped if found.plan else "open")


def _moved(by: str, found: tuple[Moved, ...]) -> dict[str, Any]:
    end, most = (moved.last(found), moved.peak(found)) if found else (None, None)
    return {
        f"mw_moved_by_{by}_last": end and end.moved_mw,
        f"mw_added_last_by_{by}": end and end.added_mw,
        f"mw_moved_by_{by}_peak": most and most.moved_mw,
        f"peak_month_by_{by}": most and most.month,
        f"change_by_{by}_last": end and moved.words(end, ALL),
        f"change_by_{by}_peak": most and moved.words(most, ALL),
    }


def text(report: Report) -> str:
    """For a board: one table, then each deal in a few lines."""
    first = report.problem.objectives[0]
    unit = next((a.unit for a in report.answers if a.unit), "")
    out = [f"# What each deal is worth: {markdown(report.problem.name)}", ""]
    out += [
        f"Worth is the difference in {first.name} ({unit}) between the plan with the deal and the plan without it;",
        "",
    ]
    out[-2] += " positive is good for us."
    out += [f"Plan as asked: {markdown(_found(report.study.base, unit))}.", ""]
    out += ["| deal | as asked | worth | MW by vendor | MW by site |", "|---|---|---|---|---|"]
    for a in report.answers:
        cells = (a.deal, a.as_asked, worth_text(a), moved_text(a.vendors), moved_text(a.sites))
        out.append("| " + " | ".join(markdown(c) for c in cells) + " |")
    for a in report.answers:
        out += ["", f"## {markdown(a.deal)}", "", *(f"- {markdown(x)}" for x in details(report, a))]
    return "\n".join([*out, "", *notes(report), ""])


def details(report: Report, a: Answer) -> list[str]:
    """One deal in full: the two plans, the money, the megawatts, the files."""
    names, found = plan_names(report), []
    if a.kind:
        found.append(f"{a.kind}, {a.counterparty or 'no counterparty named'}; {a.as_asked}")
    if a.instead_of:
        found.append(f"signing it takes the place of {', '.join(a.instead_of)}, which it excludes")
    for word, f in (("with", a.with_it), ("without", a.without)):
        file = f" ({names[f.world.name]})" if f.world.name in names else ""
        found.append(f"{word} it: {_found(f, a.unit)}{file}")
    found.append(f"worth: {worth_text(a)}")
    if a.both:
        without, with_it = a.both
        found.append(f"spending over the horizon: {_pair(views.spending(without), views.spending(with_it))}")
        found.append(f"MW by vendor, last period: {_last(a.vendors)}; {_peak(a.vendors)}")
        found.append(f"MW by site, last period: {_last(a.sites)}; {_peak(a.sites)}")
    return found


def _last(found: tuple[Moved, ...]) -> str:
    end = moved.last(found)
    return f"{moved.words(end, ALL)}, of which {moved.plain(end.moved_mw)} moved" if end.change else "none"


def _peak(found: tuple[Moved, ...]) -> str:
    top = moved.peak(found)
    if top.moved_mw < 0.05:
        return "in no period does any move from one to another"
    return f"peak in {top.month}: {moved.plain(top.moved_mw)} MW moved ({moved.words(top, ALL)})"


def _pair(without: float, with_it: float) -> str:
    return f"{amount(with_it, 'MUSD')} with it, {amount(without, 'MUSD')} without"


def _found(f: Found, unit: str) -> str:
    if f.plan is None or not f.holds:
        return f"no plan ({_status(f)})" + (f": {f.reason}" if f.infeasible and f.reason else "")
    tail = "" if unit == "MUSD" else f" {unit}"
    took = f", the same decisions as the plan {f.adopted_from}" if f.adopted_from else ""
    gap = f"gap {gap_text(f.plan.gap)}" if f.plan.gap is not None else "no bound proven"
    return f"{amount(f.plan.objective, unit)}{tail}, {gap}, {f.plan.status.stopped}{took}"


def notes(report: Report) -> list[str]:
    """How to read the table."""
    return [
        "Each plan was re-checked from the request before it was compared. `proven a to b`: what the searches have shown of the",
        "worth; `inside the gaps`: they leave open whether it is more or less than nothing. MW moved are those between these two",
        "plans (+ with the deal, - without it); other plans as good may move others.",
    ]
