"""Every formula of money and time against arithmetic written out by hand (M1.4, M1.5, M4.2-M4.6)."""

from __future__ import annotations

import pytest

from planner import formulas
from planner.problem.block import Block, Payment
from planner.problem.common import Horizon
from planner.timeline import Timeline

QUARTERS = Timeline(Horizon(start="2026-01", periods=8, period="quarter"))


def block(**fields: object) -> Block:
    return Block.model_validate({"id": "hall", "vendor": "nvidia", "it_mw": 10, **fields})


def test_discount_is_compound_by_the_year() -> None:
    """Four quarters at 8 % a year: 1/1.08; two quarters: 1/sqrt(1.08); nothing at period 0 or at rate 0."""
    assert formulas.discount(4, 0.25, 0.08) == pytest.approx(1 / 1.08)
    assert formulas.discount(2, 0.25, 0.08) == pytest.approx(1 / 1.08**0.5)
    assert formulas.discount(0, 0.25, 0.08) == 1
    assert formulas.discount(7, 1, 0) == 1


def test_discount_agrees_with_the_timeline() -> None:
    assert [formulas.discount(p, QUARTERS.L, 0.1) for p in range(8)] == pytest.approx(list(QUARTERS.discount(0.1)))


def test_payments_default_to_the_order() -> None:
    assert formulas.payment_shares(block(), QUARTERS) == [(0, 1.0)]


def test_payment_months_round_up_and_meet() -> None:
    """Quarters: 0 months -> 0, 1 and 3 months -> 1 (0.2 + 0.3 = 0.5), 4 months -> 2."""
    terms = (
        Payment(months=4, share=0.4),
        Payment(months=0, share=0.1),
        Payment(months=1, share=0.2),
        Payment(months=3, share=0.3),
    )
    assert formulas.payment_shares(block(payments=terms), QUARTERS) == [(0, 0.1), (1, 0.5), (2, 0.4)]


def test_build_parts() -> None:
    """B = 0: all at once; B = 4: a quarter each in p, p+1, p+2, p+3."""
    assert formulas.build_parts(0) == [(0, 1.0)]
    assert formulas.build_parts(4) == [(0, 0.25), (1, 0.25), (2, 0.25), (3, 0.25)]


@pytest.mark.parametrize(
    ("q", "lead", "life", "P", "fraction"),
    [
        (0, 0, 4, 8, 0.0),  # gone before the end
        (6, 1, 4, 8, 3 / 4),  # online in 7, one of four periods used
        (7, 0, 4, 8, 3 / 4),
        (5, 2, 20, 8, 19 / 20),
        (7, 3, 4, 8, 1.0),  # not yet online at the end: whole
        (-10, 0, 20, 8, 2 / 20),  # existing, online ten periods before the start
        (3, 0, None, 8, 0.0),
    ],
)
def test_chip_credit(q: int, lead: int, life: int | None, P: int, fraction: float) -> None:
    """Units are online from q + lead to q + lead + N; what lies beyond P is unexpired, at most the whole N."""
    assert formulas.chip_credit_fraction(q, lead, life, P) == pytest.approx(fraction)


def test_construction_credit() -> None:
    """Started in 0, built in 4 quarters, end after 16: used 12 quarters = 3 years of 30 -> 0.9. Unfinished: whole."""
    assert formulas.construction_credit_fraction(0, 4, 16, 0.25) == pytest.approx(0.9)
    assert formulas.construction_credit_fraction(14, 4, 16, 0.25) == 1
    assert formulas.construction_credit_fraction(0, 0, 40, 1) == 0


def test_opening_credit() -> None:
    """Opened in 4 of 16 quarters: 3 years of 30 used -> 0.9; after forty years nothing is left."""
    assert formulas.opening_credit_fraction(4, 16, 0.25) == pytest.approx(0.9)
    assert formulas.opening_credit_fraction(0, 40, 1) == 0
