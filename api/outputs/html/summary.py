"""The first page: what, where, when, what to sign, how much money, how sure; for those who read no further."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from api.outputs import gigawatt, views
from api.outputs.deal_views import percent
from api.outputs.html import money_figures as money_of
from api.outputs.html.signing import first_steps
from api.outputs.html.site_figures import idle
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, esc, joined, listed, paragraph, vendor
from api.outputs.text import big, gap_text, money, number

MOST_NAMES = 3


def head(subject: Subject) -> Html:
    """Title, the plan in one sentence, and whether it may be believed."""
    plan = subject.plan
    parts = [f"<h1>{esc(plan.name)}</h1>"]
    if plan.status.holds == "plan" and plan.totals:
        parts.append(f'<p class="lead">{esc(_sentence(subject))}</p>')
    else:
        parts.append(f'<p class="lead">No plan: {esc(views.status_text(plan))}.</p>')
    return Html(f'<header>{"".join(parts)}<p class="seals">{"".join(_seals(subject))}</p></header>')


def _sentence(subject: Subject) -> str:
    plan, end = subject.plan, subject.plan.totals[-1]
    n = len(subject.open_sites)
    return (
        f"{number(end.it_mw)} MW of IT at {n} of {len(plan.sites)} candidate site{'s' if len(plan.sites) != 1 else ''}: "
        f"{big(end.gpus)} GPUs and {big(end.pflops)} PFLOPS (dense FP8) online before {subject.ends}, "
        f"for {money(views.spending(plan))}."
    )


def _seals(subject: Subject) -> Iterator[str]:
    """Search, bound and check, each with a sign that says the same as its colour."""
    plan = subject.plan
    yield _seal(
        "ok" if plan.status.stopped in {"optimal", "gap_reached"} else "so", f"search: {views.status_text(plan)}"
    )
    if plan.status.holds == "plan":
        if plan.gap is not None:
            yield _seal("so" if plan.gap > 0.05 else "ok", f"at most {gap_text(plan.gap)} from the best possible")
        yield _seal("ok" if plan.check.ok else "bad", f"independent check: {views.check_text(plan)}")


def _seal(kind: str, words: str) -> str:
    sign = {"ok": "✓", "so": "!", "bad": "✗"}[kind]
    return f'<span class="seal {kind}"><b aria-hidden="true">{sign}</b> {esc(words)}</span>'


def tiles(subject: Subject) -> Html:
    """The figures that a board asks for first."""
    plan, end = subject.plan, subject.plan.totals[-1]
    need = money_of.peak(subject, money_of.counted_income(subject))
    steps = first_steps(subject)
    waiting = sum(i.idle_mw for i in idle(subject))
    found = [
        ("IT power at the end", f"{number(end.it_mw)} MW", f"{number(end.facility_mw)} MW at the meter"),
        ("PFLOPS at the end", big(end.pflops), f"dense FP8, {big(end.gpus)} GPUs"),
        ("Spending", money(views.spending(plan)), f"{subject.months[0]} to {subject.ends}, undiscounted"),
        _price_tile(subject),
        _funding_tile(need, subject),
        (
            "To sign in the first year",
            money(steps.musd) if steps.musd is not None else f"{steps.count} steps",
            f"{steps.count} steps at whole prices" if steps.musd is not None else "prices stand in the request",
        ),
        _firm_tile(subject),
        ("Power without chips", f"{number(waiting)} MW", "grid at open sites, not drawn at the end"),
    ]
    cells = "".join(
        f"<div><dt>{esc(t)}</dt><dd><b>{esc(v)}</b> <span>{esc(w)}</span></dd></div>" for t, v, w in found if v
    )
    return Html(f'<dl class="tiles">{cells}</dl>')


def _price_tile(subject: Subject) -> tuple[str, str, str]:
    cost = gigawatt.per_gw(subject.bundle) if subject.bundle is not None else None
    if cost is None or cost.build_busd is None:
        return "A GW of IT", "", ""
    return "A GW of IT", money(1000 * cost.build_busd), "to build and fill: chips, duties, shell, openings, land"


def _funding_tile(need: money_of.Funding | None, subject: Subject) -> tuple[str, str, str]:
    if need is None:
        return "Peak funding need", "none", "income covers spending throughout"
    every = money_of.peak(subject, money_of.by_month(subject, ("income",)))
    words = f"in {need.month}, beside what the budget counts as income"
    if every is None:
        words += "; none if all revenue came in"
    elif abs(every.musd - need.musd) > 0.005 * need.musd:
        words += f"; {money(every.musd)} ({every.month}) if all revenue came in"
    return "Peak funding need", money(need.musd), words


def _firm_tile(subject: Subject) -> tuple[str, str, str]:
    split = money_of.committed(subject)
    if split is None:
        return "Can still be stopped", "", ""
    whole = split.firm_musd + split.reversible_musd
    words = f"of spending hangs on decisions after the first year; {money(split.firm_musd)} is firm then"
    return "Can still be stopped", percent(split.reversible_musd / whole) if whole > 0 else "–", words


def points(subject: Subject) -> Html:
    """What, where, when, why not the others, what holds it back and how good it is: a sentence each."""
    return joined(
        [
            '<section id="summary"><h2>In short</h2>',
            tiles(subject),
            listed(list(_said(subject)), "points"),
            "</section>",
        ]
    )


def _said(subject: Subject) -> Iterator[Html]:
    plan, end = subject.plan, subject.plan.totals[-1]
    mix = ", ".join(
        f"{vendor(v)} {number(mw)} MW ({percent(mw / end.it_mw)})"
        for v, mw in end.it_mw_by_vendor.items()
        if mw > 0 and end.it_mw
    )
    yield Html(f"<b>What.</b> {esc(mix or 'Nothing is online at the end.')}")
    top = subject.open_sites[:MOST_NAMES]
    if top:
        share = sum(s.it_mw for s in top) / end.it_mw if end.it_mw else 0.0
        names = "; ".join(f"{s.name or s.id} {number(s.it_mw)} MW" for s in top)
        rest = len(subject.open_sites) - len(top)
        more = f"; {rest} more" if rest else ""
        yield Html(f"<b>Where.</b> {esc(f'{names}{more}. {_hold(len(top), percent(share))}')}")
    years = views.years(plan)
    path = ", ".join(f"{y.year} {number(y.it_mw)}" for y in years)
    first = _first(subject)
    yield Html(f"<b>When.</b> {esc(f'MW of IT at the end of each year: {path}.{first}')}")
    if subject.left_out:
        why = Counter(s.main_limit or s.status for s in subject.left_out).most_common()
        words = ", ".join(f"{limit} ({n})" for limit, n in why)
        left = len(subject.left_out)
        stay = "sites stay" if left != 1 else "site stays"
        yield Html(f"<b>Why not the others.</b> {esc(f'{left} {stay} closed: {words}.')}")
    if plan.bindings:
        words = "; ".join(dict.fromkeys(b.family.replace("_", " ") for b in plan.bindings))
        first_limit = plan.bindings[0].message
        yield Html(
            f"<b>What holds it back.</b> {esc(f'Used up: {words}. {first_limit[:1].upper()}{first_limit[1:]}.')}"
        )
    if plan.gap is not None and plan.bound is not None:
        words = views.proof(plan)
        yield Html(f"<b>How good.</b> {esc(words[:1].upper() + words[1:])}.")


def _hold(count: int, share: str) -> str:
    return f"It holds {share} of IT power." if count == 1 else f"The first {count} hold {share} of IT power."


def _first(subject: Subject) -> str:
    """Which sites open first: by name, the largest first, as far as there is room."""
    months = [s.opening_month for s in subject.open_sites if s.opening_month]
    if not months:
        return ""
    names = [s.name or s.id for s in subject.open_sites if s.opening_month == min(months)]
    if len(names) == 1:
        return f" The first site to open is {names[0]} in {min(months)}."
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f" The first {len(names)} sites open in {min(months)}: {', '.join(names[:MOST_NAMES])}{more}."


def no_plan(subject: Subject) -> Html:
    """Why there is none: clashes in the request's own words, or what the check found."""
    from api.outputs.html.trust import clashes, violations

    plan = subject.plan
    proven = (
        paragraph(f"Proven so far: {plan.objective_name} cannot be better than {views.amount(plan, plan.bound)}.")
        if plan.bound is not None
        else Html("")
    )
    rigorous = views.rigorous_text(plan)
    words = {
        "time_limit": "Give the search more time (--time-limit), accept a wider gap (--gap) or drop a limit.",
        "infeasible": "Change the limits below in the request and plan again.",
    }
    advice = words.get(plan.status.stopped, "")
    parts = [proven, *(paragraph(text) for text in (rigorous, advice) if text)]
    return joined([*parts, clashes(subject), violations(subject)])
