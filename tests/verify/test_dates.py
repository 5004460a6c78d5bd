"""The check's own calendar (M1.1-M1.5)."""

from __future__ import annotations

import pytest

from planner.problem.common import Horizon
from planner.problem.schedule import Step
from planner.verify.dates import Calendar, absolute


def calendar(start: str = "2026-01", periods: int = 8, period: str = "quarter") -> Calendar:
    return Calendar(Horizon.model_validate({"start": start, "periods": periods, "period": period}))


def test_periods_are_named_by_their_first_month() -> None:
    """M1.1"""
    assert calendar("2026-02", 3).labels() == ["2026-02", "2026-05", "2026-08"]
    assert calendar("2026-01", 2, "year").labels() == ["2026-01", "2027-01"]
    assert calendar("2026-11", 3, "month").labels() == ["2026-11", "2026-12", "2027-01"]


def test_starts_wait_for_a_period_and_promises_fall_into_one() -> None:
    """M1.3: 2026-02 is inside the first quarter: a start waits for 2026-04 (1), a promise belongs to 2026-01 (0)."""
    c = calendar()
    assert [c.effective(m) for m in ("2025-12", "2026-01", "2026-02", "2026-04", "2028-01")] == [0, 0, 1, 1, 8]
    assert [c.within(m) for m in ("2025-12", "2026-01", "2026-03", "2026-04", "2028-01")] == [-1, 0, 0, 1, 8]
    assert c.effective("2025-09") == -1
    assert c.effective(None) == 0


@pytest.mark.parametrize(
    ("period", "months", "lag"),
    [("quarter", 0, 0), ("quarter", 1, 1), ("quarter", 3, 1), ("quarter", 4, 2), ("year", 18, 2), ("month", 7.2, 8)],
)
def test_months_round_up(period: str, months: float, lag: int) -> None:
    """M1.5"""
    assert calendar(period=period).lag(months) == lag


@pytest.mark.parametrize(
    ("period", "years", "life"),
    [
        ("year", 5, 5),
        ("year", 4.5, 5),
        ("year", 4.49, 4),
        ("year", 0.2, 1),
        ("quarter", 5.125, 21),
        ("quarter", 1.1, 4),
        ("month", 1 / 3, 4),
    ],
)
def test_lives_round_half_up_and_last_a_period(period: str, years: float, life: int) -> None:
    """M1.5"""
    assert calendar(period=period).life(years) == life


def test_schedules_hold_their_last_step() -> None:
    """M1.2: a step in 2026-02 is seen by the quarter of 2026-04; before the first step the quantity is 0."""
    steps = (Step.model_validate({"from": "2026-02", "value": 3}), Step.model_validate({"from": "2026-10", "value": 5}))
    assert calendar(periods=5).values(steps) == [0, 3, 3, 5, 5]
    assert calendar(periods=2).values(7) == [7, 7]
    early = (Step.model_validate({"from": "2020-01", "value": 3}), Step.model_validate({"from": "2025-12", "value": 4}))
    assert calendar(periods=2).values(early) == [4, 4]


def test_discounting() -> None:
    """M1.4: (1 + 0.21)^-0.5 = 1/1.1 after two quarters; (1.21)^-2 after eight."""
    assert calendar().discount(0.21, 2) == pytest.approx(1 / 1.1)
    assert calendar().discount(0.21, 8) == pytest.approx(1 / 1.4641)
    assert calendar().discount(0.0, 5) == 1


def test_months_are_strict() -> None:
    for text in ("2026-00", "2026-1", "26-01", "2026-01 ", "２０２６-01", ""):
        assert absolute(text) is None
