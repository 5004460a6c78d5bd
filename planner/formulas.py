r"""Small pure functions that turn one decision into money and unexpired life (M1.4, M4.2-M4.6, M5.2, M5.5).

The ledger uses them; the model and the check (:mod:`planner.verify`) have their own. Time is counted in periods
``p = 0 .. P-1`` of ``L`` years. Fractions and shares have no unit.
"""

from __future__ import annotations

import math
from typing import Protocol

HOURS_PER_YEAR = 8760.0
BUILDING_LIFE_YEARS = 30.0
"""M4.6: construction and openings are credited over 30 years."""


class _Payment(Protocol):
    @property
    def months(self) -> float: ...
    @property
    def share(self) -> float: ...


class _Payable(Protocol):
    @property
    def payments(self) -> tuple[_Payment, ...] | None: ...


class _Calendar(Protocol):
    def up(self, months: float) -> int: ...


def discount(p: int, L: float, rate: float) -> float:
    r"""M1.4: :math:`(1 + r)^{-pL}`. Also good after the last period and at the end of the horizon (``p = P``)."""
    return float((1.0 + rate) ** (-p * L))


def payment_shares(block: _Payable, timeline: _Calendar) -> list[tuple[int, float]]:
    """``(lag in periods, share of the price)`` of a block, by rising lag; everything at the order by default (M2.1).

    Months become periods by rounding up (M1.5); shares that fall into one period are added.
    """
    if not block.payments:
        return [(0, 1.0)]
    shares: dict[int, float] = {}
    for payment in block.payments:
        lag = timeline.up(payment.months)
        shares[lag] = shares.get(lag, 0.0) + payment.share
    return sorted((lag, share) for lag, share in shares.items() if share > 0)


def build_parts(build_periods: int) -> list[tuple[int, float]]:
    """``(lag in periods, share)`` of a shell's cost: ``B`` equal parts in ``p .. p+B-1``, all in ``p`` if ``B = 0``."""
    parts = max(1, build_periods)
    return [(lag, 1.0 / parts) for lag in range(parts)]


def chip_credit_fraction(q: int, lead: int, life: int | None, P: int) -> float:
    r"""Unexpired life at the end of a unit ordered in ``q``: :math:`\max(0, \min(N, q + lead + N - P)) / N`.

    ``life`` is ``N`` in periods; a block without a stated life earns no credit (M4.6).
    """
    if life is None:
        return 0.0
    return max(0, min(life, q + lead + life - P)) / life


def construction_credit_fraction(p: int, B: int, P: int, L: float) -> float:
    r"""Unexpired life of a shell started in ``p``: :math:`\max(0, 1 - \max(0, P - (p + B)) L / 30)` of its cost."""
    return max(0.0, 1.0 - max(0, P - (p + B)) * L / BUILDING_LIFE_YEARS)


def opening_credit_fraction(p: int, P: int, L: float) -> float:
    r"""Unexpired life of what an opening in ``p`` paid for: :math:`\max(0, 1 - (P - p) L / 30)`."""
    return max(0.0, 1.0 - (P - p) * L / BUILDING_LIFE_YEARS)


def period_interest(rate: float, L: float) -> float:
    r"""M5.5: interest of one period, :math:`(1 + rate)^L - 1`."""
    return float((1.0 + rate) ** L) - 1.0


def annuity(interest: float, periods: int) -> float:
    r"""M5.5: payment per MUSD owed over ``N`` periods, :math:`i / (1 - (1+i)^{-N})`; ``1 / N`` without interest."""
    if interest == 0.0:
        return 1.0 / periods
    return interest / -math.expm1(-periods * math.log1p(interest))


def loan_payments(interest: float, grace: int, periods: int) -> list[tuple[int, float]]:
    """``(lag in periods, MUSD per MUSD drawn)``: interest alone through the grace, then the annuity (M5.5)."""
    payment = annuity(interest, periods)
    return [(lag, interest if lag <= grace else payment) for lag in range(1, grace + periods + 1)]


def loan_balance(interest: float, grace: int, periods: int, lag: int) -> float:
    r"""Principal still owed ``lag`` periods after the draw, per MUSD drawn; after ``k`` payments of the annuity

    .. math:: \frac{(1+i)^N - (1+i)^k}{(1+i)^N - 1}, \qquad 1 - k/N \text{ without interest.}
    """
    paid = lag - grace
    if lag < 0 or paid >= periods:
        return 0.0
    if paid <= 0:
        return 1.0
    if interest == 0.0:
        return 1.0 - paid / periods
    growth = math.log1p(interest)
    return math.expm1(-(periods - paid) * growth) / math.expm1(-periods * growth)


def shares_musd(shares_million: float, price_usd: float, exercise_usd: float, haircut: float) -> float:
    r"""M5.2: worth of vested shares, :math:`(1 - haircut) \max(0, price - exercise) \cdot shares`, MUSD."""
    return (1.0 - haircut) * max(0.0, price_usd - exercise_usd) * shares_million
