"""Dates that take effect only after the last period are listed, and nothing else is listed as one (M1.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel

from planner.problem.schedule import Step
from planner.verify.dates import absolute, known
from planner.verify.findings import Findings
from planner.verify.world import World

FAMILY = "after_horizon"


def check(world: World, found: Findings) -> None:
    """Rows called ``date``: as many in a month as the request has late starts and promises there, and no more."""
    rows = [row for row in world.plan.after_horizon if row.line == "date"]
    late, stated = Counter(_late(world)), Counter(row.month for row in rows)
    found.checked += len(late) + len(rows)
    for month in sorted((late - stated).keys()):
        say = f"after_horizon: {late[month]} dates of the request fall due in {month}; {stated[month]} are listed"
        found.add("M1.3", FAMILY, "date", month, say, stated[month] - late[month])
    if stated - late:
        anywhere = Counter(m for m in _every_date(world.problem) if _starts_late(world, m))
        for month in sorted((stated - (late | anywhere)).keys()):
            say = f"after_horizon: {stated[month]} dates are listed in {month!r}; the request has {anywhere[month]}"
            found.add("M1.3", FAMILY, "date", month, say, stated[month] - anywhere[month])
    for row in rows:
        found.figure("M1.3", FAMILY, "date", row.month, "after_horizon: money of a date", row.musd, 0.0)


def _late(world: World) -> Iterator[str]:
    """Months of the starts, steps, promises and ends that every reader must name."""
    problem = world.problem
    starts: list[str | None] = [b.available_from for b in problem.blocks]
    promises = [demand.by for demand in problem.demand]
    for site in problem.sites:
        starts.append(site.available_from)
        starts.extend(there.online_from for there in site.existing)
    for policy in problem.policies:
        starts.append(getattr(policy, "from_", None))
        order = getattr(policy, "order", None)
        if order is not None:
            promises.append(order.month)
    for deal in problem.deals:
        promises.extend(promise.by for promise in getattr(deal, "commitments", ()))
        expires = getattr(deal, "expires", None)
        if expires is not None:
            promises.append(expires)
    starts.extend(step.from_ for step in _every_part(problem) if isinstance(step, Step))
    yield from (month for month in starts if month is not None and _starts_late(world, month))
    yield from (month for month in promises if known(month) >= world.calendar.after)


def _starts_late(world: World, month: str) -> bool:
    return world.calendar.effective(month) >= world.periods


def _every_date(part: object) -> Iterator[str]:
    """Every month written anywhere in the request."""
    yield from (value for value in _every_part(part) if isinstance(value, str) and absolute(value) is not None)


def _every_part(part: object) -> Iterator[object]:
    """The request, all that it consists of, and all that they consist of."""
    yield part
    inner: Iterable[object] = ()
    if isinstance(part, BaseModel):
        inner = (getattr(part, name) for name in type(part).model_fields)
    elif isinstance(part, tuple):
        inner = part
    elif isinstance(part, Mapping):
        inner = part.values()
    for each in inner:
        yield from _every_part(each)
