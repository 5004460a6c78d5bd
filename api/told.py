"""What a plan tells in words and lists beside its figures: the assumptions ledger, what binds, why a site holds no more.

These follow from the request by the same code that wrote them (the books), not by an independent one; the comparison finds
what was changed or left out since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from api.outputs.views import OF_RECORD
from planner.errors import GigasiteError
from planner.ground import Ground
from planner.plan import Assumption, Plan, Violation
from planner.problem.problem import Problem


def differences(
    problem: Problem, ground: Ground, assumptions: Sequence[Assumption], found: Plan
) -> Iterator[Violation]:
    """Every entry of the ledger, every binding and every reason that is not what the request and the decisions give."""
    yield from _assumptions(assumptions, found)
    if found.status.holds == "plan":
        yield from _reasons(problem, ground, found)


def _assumptions(expected: Sequence[Assumption], found: Plan) -> Iterator[Violation]:
    due = {(a.subject, a.field): a for a in expected}
    told = {(a.subject, a.field): a for a in found.assumptions}
    of_record = found.provenance.get("origin") == OF_RECORD
    for key in sorted(due.keys() | told.keys()):
        a, b = told.get(key), due.get(key)
        if a == b or (b is None and of_record):  # what a record left out was filled when it was read
            continue
        says = "is missing" if a is None else f"says {a.value!r} ({a.origin})"
        gives = "none" if b is None else f"{b.value!r} ({b.origin})"
        message = f"assumption on {key[1]} of {key[0]} {says}; the request gives {gives}"
        yield Violation(rule="M8.5", family="assumptions", subject=key[0], message=message)


def _reasons(problem: Problem, ground: Ground, found: Plan) -> Iterator[Violation]:
    from planner.ledger import complete

    try:
        books = complete(problem, ground, found.decisions())
    except GigasiteError:
        return  # decisions that cannot be booked are told by the check itself
    if found.bindings != books["bindings"]:
        message = "what binds is not what the decisions give"
        yield Violation(rule="M8.6", family="bindings", subject="plan", message=message)
    reasons = {s.id: (s.main_limit, s.why) for s in books["sites"]}
    for site in found.sites:
        if site.id in reasons and (site.main_limit, site.why) != reasons[site.id]:
            message = (
                f"{site.id} is said to be limited by {site.main_limit!r}; the decisions give {reasons[site.id][0]!r}"
            )
            yield Violation(rule="M8.6", family="sites", subject=site.id, message=message)
