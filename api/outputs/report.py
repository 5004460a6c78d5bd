"""``report.md``: the plan for a board. One function per section, in reading order; each returns Markdown lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from api.outputs import report_deals, report_figures, report_plan, views
from api.outputs.bundle import Bundle
from api.outputs.features import MAX_SHAPES_IN_TIME
from api.outputs.report_table import MAX_ROWS, Lines, table
from api.outputs.text import gap_text, markdown, short


def _title(bundle: Bundle) -> Lines:
    plan = bundle.plan
    lines = [f"# {markdown(plan.name)}", "", f"**{markdown(views.headline(bundle))}**", ""]
    if not bundle.holds_plan:
        return lines
    return [
        *lines,
        f"- Search: {views.status_text(plan)}.",
        f"- Objective: {markdown(views.proof(plan))}.",
        f"- Independent check from the request: {views.check_text(plan)}.",
        "",
        "![Map of the plan](map.png)",
        "",
    ]


def _no_plan(bundle: Bundle) -> Lines:
    """Why there is none: clashes in the request's own words, or what the check found."""
    plan = bundle.plan
    if bundle.holds_plan:
        return []
    lines = [f"- Why the search stopped: {views.status_text(plan)}."]
    if plan.bound is not None:
        lines.append(f"- Proven so far: {plan.objective_name} cannot be better than {views.amount(plan, plan.bound)}.")
    lines.append("")
    if plan.clashes:
        lines += ["## What clashes", "", views.clash_title(plan) + ".", ""]
        lines += table(
            ("limit", "what", "when", "by how much", "in words"),
            [
                (
                    c.family,
                    markdown(c.subject),
                    c.month or "–",
                    f"{short(c.amount)} {markdown(c.unit)}",
                    markdown(c.message),
                )
                for c in plan.clashes
            ],
            (0, 1, 2, 4),
        )
    if plan.check.violations:
        lines += [
            "## A plan was found but failed its independent check",
            "",
            "It is therefore not returned as one.",
            "",
        ]
        lines += _violations(bundle)
    if plan.status.stopped == "time_limit":
        lines += ["Give the search more time (`--time-limit`), accept a wider gap (`--gap`) or drop a limit.", ""]
    return lines


def _violations(bundle: Bundle) -> Lines:
    return table(
        ("rule", "family", "what", "when", "found"),
        [
            (v.rule, v.family, markdown(v.subject), v.month or "–", markdown(v.message))
            for v in bundle.plan.check.violations
        ],
        (0, 1, 2, 3, 4),
    )


def _broken(bundle: Bundle) -> Lines:
    if not bundle.holds_plan or bundle.plan.check.ok or not bundle.plan.check.violations:
        return []
    return ["## Limits this plan breaks", "", *_violations(bundle)]


def _warnings(bundle: Bundle) -> Lines:
    if not bundle.plan.warnings:
        return []
    return ["## Warnings", "", *(f"- {markdown(w)}" for w in bundle.plan.warnings[:MAX_ROWS]), ""]


def _caveats(bundle: Bundle) -> Lines:
    plan = bundle.plan
    lines = ["## How far to trust this", ""]
    if bundle.holds_plan:
        if plan.bound is not None:
            lines.append(
                f"- The bound says how much better any plan could be under the same request: {gap_text(plan.gap)} "
                f"({views.distance(plan)}). It says nothing about the figures in the request."
            )
        if rigorous := views.rigorous_text(plan):
            lines.append(f"- {rigorous}")
        for stage in plan.stages[1:]:
            lines.append(
                f"- Then {stage.sense} {stage.name}: {short(stage.value)}, giving up at most "
                f"{gap_text(stage.tolerance)} of the objective before it."
            )
        if len(plan.sites) > MAX_SHAPES_IN_TIME:
            lines.append(
                "- With this many sites `timeline.geojson` shows them as points; parcels are in `sites.geojson`."
            )
    lines += [
        "- Money is nominal, in US dollars. Prices of unreleased hardware and rack power are often press figures or "
        "assumptions: see the assumptions ledger.",
        "- Energy is an annual average; permits, weather, outages and the grid's own works are not simulated.",
        "",
        f"Request `{plan.provenance.get('request_sha256', '–')}`, "
        + ", ".join(
            f"{name} {plan.provenance[name]}" for name in ("gigasite", "highs", "pyomo") if plan.provenance.get(name)
        )
        + ".",
        "",
    ]
    return lines


ALWAYS: tuple[Callable[[Bundle], Lines], ...] = (_title, _no_plan)
WITH_PLAN: tuple[Callable[[Bundle], Lines], ...] = (
    _broken,
    report_plan.sites,
    report_plan.by_year,
    report_deals.deals,
    report_deals.by_period,
    report_deals.obligations,
    report_plan.next_quarters,
    report_figures.per_gw,
    report_plan.binds,
    report_plan.unused,
    report_figures.vendors,
    report_deals.circularity,
    report_deals.concentration,
    report_deals.tariffs,
)
AT_THE_END: tuple[Callable[[Bundle], Lines], ...] = (report_figures.assumptions, _warnings, _caveats)


def text(bundle: Bundle) -> str:
    """The report as Markdown."""
    sections = (*ALWAYS, *(WITH_PLAN if bundle.holds_plan else ()), *AT_THE_END)
    return "\n".join(line for section in sections for line in section(bundle)).rstrip() + "\n"


def write(bundle: Bundle, path: Path) -> None:
    """Write ``report.md``."""
    path.write_text(text(bundle), encoding="utf-8", newline="\n")
