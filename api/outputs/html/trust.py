"""The sections on trust: what binds, the check, the choice of vendor, every assumption with its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from api.outputs import preference, views
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, esc, folded, joined, listed, paragraph, table
from api.outputs.text import gap_text, number, short
from planner.plan import Assumption

ORIGINS = {
    "site_default": "the request's site defaults",
    "catalogue": "the shipped catalogue",
    "table": "shipped tables",
    "derived": "geometry and other figures",
    "default": "the program's defaults",
}


def _when(months: Sequence[str]) -> Html:
    """The first months, none of them broken at the end of a line."""
    shown = ", ".join(f'<span class="k">{esc(m)}</span>' for m in months[:4])
    return Html(shown + (" …" if len(months) > 4 else ""))


def limits(subject: Subject) -> Html:
    """What binds, and what the independent check found."""
    plan = subject.plan
    rows = [(b.family, b.message, _when(b.months)) for b in plan.bindings]
    found = (
        table(("limit", "in words", "when"), rows, (0, 1, 2))
        if rows
        else paragraph("No limit of the whole plan is used up.")
    )
    return joined(
        [
            '<section id="limits"><h2>Limits and check</h2>',
            "<h3>What binds</h3>",
            found,
            _check(subject),
            _vendors(subject),
            "</section>",
        ]
    )


def _check(subject: Subject) -> Html:
    plan = subject.plan
    said = [
        f"Search: {views.status_text(plan)}.",
        f"Objective: {views.proof(plan)}.",
        f"Recomputed from the request by code that shares nothing with the search: {views.check_text(plan)}.",
    ]
    if plan.gap is not None:
        said.append(
            f"The bound says how much better any plan could be under the same request: {gap_text(plan.gap)}. "
            "It says nothing about the request's figures."
        )
    if rigorous := views.rigorous_text(plan):
        said.append(rigorous)
    said += [
        f"Then {s.sense} {s.name}: {short(s.value)}, giving up at most {gap_text(s.tolerance)} of the "
        "objective before it."
        for s in plan.stages[1:]
    ]
    said.append("Energy is an annual average; permits, weather, outages and the grid's own works are not simulated.")
    return joined(["<h3>How it was proven and checked</h3>", listed(said), violations(subject), _warnings(subject)])


def violations(subject: Subject) -> Html:
    """Limits that do not hold; nothing where all do."""
    rows = [(v.rule, v.family, v.subject, v.month or "–", v.message) for v in subject.plan.check.violations]
    head = ("rule", "family", "what", "when", "found")
    return joined(["<h3>Limits that are broken</h3>", table(head, rows, (0, 1, 2, 3, 4))]) if rows else Html("")


def clashes(subject: Subject) -> Html:
    """What an infeasible request would have to give way in."""
    plan = subject.plan
    rows = [(c.family, c.subject, c.month or "–", f"{short(c.amount)} {c.unit}", c.message) for c in plan.clashes]
    head = ("limit", "what", "when", "by how much", "in words")
    return joined([f"<h2>{esc(views.clash_title(plan))}</h2>", table(head, rows, (0, 1, 2, 4))]) if rows else Html("")


def _warnings(subject: Subject) -> Html:
    found = subject.plan.warnings
    return folded(f"{len(found)} warning{'s' if len(found) != 1 else ''}", listed(found)) if found else Html("")


def _vendors(subject: Subject) -> Html:
    """Whether the choice of vendor survives the figures' ranges."""
    if subject.bundle is None:
        return Html("")
    rows = [
        (
            f"{c.winner} over {c.loser}",
            c.measure,
            f"{short(c.winner_value.central)} ({short(c.winner_value.low)} to {short(c.winner_value.high)})",
            f"{short(c.loser_value.central)} ({short(c.loser_value.low)} to {short(c.loser_value.high)})",
            f"{100 * c.lead:.0f} %",
            "⇄ flips" if c.flips else "holds",
            "; ".join(c.alone) or "–",
        )
        for c in preference.comparisons(subject.bundle)
    ]
    if not rows:
        return Html("")
    words = (
        "Rival blocks offered within a year of each other: central value, and in brackets what the "
        "price and power ranges of the blocks' figures allow. "
        "All in: chips with duties, construction, and energy over the block's life."
    )
    head = ("preference", "measure", "winner", "other", "lead", "within the ranges", "enough by itself")
    return joined(
        ["<h3>How sure is the choice of vendor?</h3>", paragraph(words, "note"), table(head, rows, (0, 1, 5, 6))]
    )


def assumptions(subject: Subject) -> Html:
    """Every figure that the request did not state, with its source."""
    ledger = subject.plan.assumptions
    if not ledger:
        return Html(
            '<section id="assumptions"><h2>Assumptions</h2><p>The request states every figure itself.</p></section>'
        )
    counts = Counter(a.origin for a in ledger)
    words = f"{number(len(ledger))} figures were not stated in the request: " + ", ".join(
        f"{number(n)} from {ORIGINS[o]}" for o, n in counts.most_common()
    )
    parts = [
        folded(
            f"{ORIGINS[origin]}: {number(n)} figures".capitalize(), _ledger([a for a in ledger if a.origin == origin])
        )
        for origin, n in counts.most_common()
    ]
    return joined(
        ['<section id="assumptions"><h2>Assumptions and sources</h2>', paragraph(words + "."), *parts, "</section>"]
    )


def _ledger(entries: list[Assumption]) -> Html:
    """Figures that are alike for several subjects stand in one row."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for a in entries:
        alike.setdefault((a.field, _value(a.value), a.unit, a.source), []).append(a.subject)
    rows = [
        (field, ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else ""), value, unit, source)
        for (field, value, unit, source), names in alike.items()
    ]
    return table(("figure", "of", "value", "unit", "source"), rows, (0, 1, 3, 4))


def _value(value: Any) -> str:
    """A number for a reader; steps as their first and last value."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "value" in value[0]:
        return " to ".join(dict.fromkeys(_value(v["value"]) for v in (value[0], value[-1])))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return short(value)


def origin(subject: Subject) -> Html:
    """The last line: what the plan was made from and with."""
    known = subject.plan.provenance
    words = [f"Request {known['request_sha256']}."] if known.get("request_sha256") else []
    versions = ", ".join(f"{n} {known[n]}" for n in ("gigasite", "highs", "pyomo") if known.get(n))
    words += [f"{versions}."] if versions else []
    words += ["Map: US Census Bureau and Natural Earth, public domain."] if subject.plan.sites else []
    return Html(f"<footer><p>{esc(' '.join(words))}</p></footer>")
