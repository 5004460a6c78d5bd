"""The cross-checks' calendar agrees with the model's (M1.1-M1.5), and every schedule has its kind (M1.2)."""

from __future__ import annotations

import typing

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from planner.problem.checks.schedules import PRICES, QUANTITIES
from planner.problem.checks.scope import Scope
from planner.problem.read import parse_request
from planner.problem.request import Request
from planner.problem.schedule import PositiveStep
from planner.problem.site import Site
from planner.timeline import Timeline
from tests.planner.problem.worlds import document

MONTHS = st.builds(lambda y, m: f"{y:04d}-{m:02d}", st.integers(2020, 2036), st.integers(1, 12))


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["month", "quarter", "year"]), st.integers(1, 30), MONTHS, MONTHS,
    st.lists(MONTHS, unique=True, min_size=1),
)  # fmt: skip
def test_one_calendar(period: str, periods: int, start: str, month: str, froms: list[str]) -> None:
    raw = document(horizon={"start": start, "periods": periods, "period": period}, sites="x.geojson")
    for block in raw["blocks"]:
        block.pop("supply", None)
    request = parse_request(raw)[0]
    scope, line = Scope(request), Timeline(request.horizon)
    steps = tuple(PositiveStep.model_validate({"from": f, "value": i}) for i, f in enumerate(sorted(froms), 1))
    assert scope.starts(month) == line.starts(month)
    assert scope.contains(month) == line.contains(month)
    assert [scope.month(p) for p in range(-2, 3)] == [line.month(p) for p in range(-2, 3)]
    assert scope.values(steps) == list(line.values(steps))
    assert scope.up(7.0) == line.up(7.0)


def test_every_schedule_is_a_price_or_a_quantity() -> None:
    """A new schedule must say whether it may begin after the horizon does."""
    found: set[str] = set()
    seen: set[type[BaseModel]] = set()

    def walk(annotation: object, name: str) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if issubclass(annotation, PositiveStep):
                found.add(name)
            elif annotation not in seen:
                seen.add(annotation)
                for field, info in annotation.model_fields.items():
                    walk(info.annotation, field)
        for inner in typing.get_args(annotation):
            walk(inner, name)

    walk(Request, "")
    walk(Site, "")
    assert found == PRICES | QUANTITIES
