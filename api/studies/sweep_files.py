"""``sweep.csv``, ``sweep.md`` and the plans behind them: whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from api.outputs import views
from api.outputs.canonical import pretty
from api.outputs.tables import write_csv
from api.outputs.text import gap_text, markdown, number, slug, slugs
from api.outputs.whole import staged
from api.studies import moved
from api.studies.proven import amount, signed
from api.studies.sweep import Report, Row

CSV, MD = "sweep.csv", "sweep.md"
PLANS = re.compile(r"sweep_\w+\.plan\.json")
"""Names of plans that an earlier sweep may have left in the folder."""
SIGNS = {"+": "plus ", "-": "minus "}
HEAD = (
    "value",
    "objective",
    "change",
    "gap",
    "IT MW, last period",
    "sites",
    "spending",
    "MW by vendor against as asked",
)


def write(report: Report, target: Path) -> list[str]:
    """Write the table, the report and every plan in hand into a folder; returns the names."""
    old = [p.name for p in target.iterdir() if PLANS.fullmatch(p.name)] if target.is_dir() else []
    names = plan_names(report)
    with staged(target, (CSV, MD, *old)) as folder:
        write_csv([record(report, r, names) for r in report.rows], folder / CSV)
        (folder / MD).write_text(text(report), encoding="utf-8", newline="\n")
        for r in report.rows:
            if r.point.plan is not None and r.point.name in names:
                (folder / names[r.point.name]).write_text(
                    pretty(r.point.plan.model_dump(mode="json")), encoding="utf-8"
                )
    return [CSV, MD, *names.values()]


def plan_names(report: Report) -> dict[str, str]:
    """Point -> the file of its plan: ``80% (as asked)`` -> ``sweep_80_percent_as_asked.plan.json``."""
    held = [r.point.name for r in report.rows if r.point.holds]
    spoken = [SIGNS.get(name[0], "") + name.lstrip("+-").replace("%", " percent") for name in held]
    found = slugs(tuple(f"sweep {slug(s)}" for s in spoken))
    return {name: f"{file}.plan.json" for name, file in zip(held, found.values(), strict=True)}


def record(report: Report, r: Row, names: dict[str, str]) -> dict[str, Any]:
    """One value as a flat row; figures in full, empty where there is none."""
    plan = r.point.plan if r.point.holds else None
    end = plan.totals[-1] if plan is not None else None
    found: dict[str, Any] = {
        "figure": report.variation.name,
        "value": r.point.name,
        "as_asked": r.base,
        "objective_name": report.problem.objectives[0].name,
        "unit": unit(report),
        "objective": plan and plan.objective,
        "bound": r.point.plan and r.point.plan.bound,
        "gap": plan and plan.gap,
        "status": status(r),
        "change": r.change and r.change.amount,
        "change_low": r.change and r.change.low,
        "change_high": r.change and r.change.high,
        "change_share": r.change and r.change.share,
        "inside_gaps": r.change and r.change.inside_gaps,
        "it_mw": end and end.it_mw,
        "sites_open": plan and opened(plan),
        "spending_musd": plan and views.spending(plan),
    }
    for vendor, column in slugs(vendors(report)).items():
        found[f"it_mw_{column}"] = end and end.it_mw_by_vendor.get(vendor, 0.0)
    return {**found, "adopted_from": r.point.adopted_from, "plan": names.get(r.point.name)}


def vendors(report: Report) -> tuple[str, ...]:
    """Vendors of all plans, by name."""
    plans = [r.point.plan for r in report.rows if r.point.plan is not None and r.point.holds]
    return tuple(sorted({v for plan in plans for v in plan.totals[-1].it_mw_by_vendor}))


def opened(plan: Any) -> int:
    """Sites with any IT power in the last period."""
    return sum(bool(s.periods) and s.periods[-1].it_mw > 0 for s in plan.sites)


def unit(report: Report) -> str:
    """Of the first objective; empty where no search has begun."""
    return next((r.point.plan.objective_unit for r in report.rows if r.point.plan is not None), "")


def status(r: Row) -> str:
    """How the search ended, or why there is none."""
    return r.point.plan.status.stopped if r.point.plan is not None else r.point.reason


def cells(report: Report, r: Row) -> tuple[str, ...]:
    """The row of a table, as :data:`HEAD` says."""
    plan = r.point.plan
    if plan is None or not r.point.holds:
        why = "no plan is possible" if r.point.infeasible else f"no plan known: {status(r)}"
        return (r.point.name, "none", why, *("–",) * 5)
    end = plan.totals[-1]
    return (
        r.point.name,
        amount(plan.objective, plan.objective_unit),
        "–" if r.base else change_text(r, plan.objective_unit),
        gap_text(plan.gap),
        number(end.it_mw),
        str(opened(plan)),
        amount(views.spending(plan), "MUSD"),
        "–" if r.base or not r.vendors else moved.words(moved.last(r.vendors)),
    )


def change_text(r: Row, unit: str) -> str:
    """``+$1.2 bn (+3.4 %)``, and whether the searches were exact enough to say so."""
    if r.change is None:
        return "–"
    if not r.change.amount:
        return "none"
    share = "" if r.change.share is None else f" ({100 * r.change.share:+.1f} %)"
    return signed(r.change.amount, unit) + share + ("; inside the gaps" if r.change.inside_gaps else "")


def title(report: Report) -> str:
    """What was varied, and what is counted."""
    first, of = report.problem.objectives[0], unit(report)
    return f"{report.variation.name}: {first.name}{f' ({of})' if of else ''}"


def text(report: Report) -> str:
    """For a board: one table and how to read it."""
    out = [f"# {markdown(report.problem.name)}: {markdown(report.variation.name)} at several values", ""]
    out += [
        f"Objective: {report.problem.objectives[0].name} ({unit(report)}), to {report.problem.objectives[0].sense}.",
        "",
    ]
    out += ["| " + " | ".join(HEAD) + " | plan |", "|" + "---|" * (len(HEAD) + 1)]
    names = plan_names(report)
    for r in report.rows:
        line = (*cells(report, r), names.get(r.point.name, "–"))
        out.append("| " + " | ".join(markdown(c) for c in line) + " |")
    return "\n".join([*out, "", *notes(report), ""])


def notes(report: Report) -> list[str]:
    """How to read the table."""
    found = [
        "Each plan was re-checked against its own request before it was compared. `inside the gaps`: the searches leave open whether",
        "there is more or less; a longer --time-limit or a smaller relative_gap may settle it.",
    ]
    took = [f"{r.point.name} has the decisions of {r.point.adopted_from}" for r in report.rows if r.point.adopted_from]
    if took:
        found.append("; ".join(took) + ": no search found better ones.")
    return found
