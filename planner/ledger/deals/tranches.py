"""Money and shares that a vendor gives as its capacity grows: equity tranches (M5.1) and warrants (M5.2)."""

from __future__ import annotations

import numpy as np

from planner.formulas import shares_musd
from planner.ledger.deals.flow import Draft
from planner.ledger.deals.progress import reaches
from planner.ledger.figures import Bools, Figures, Floats
from planner.plan import TrancheResult
from planner.problem.deals import EquityTranches, Warrants


def equity(figures: Figures, deal: EquityTranches, progress: Floats, draft: Draft) -> None:
    """M5.1, M5.10: reached exactly in the first period of enough progress; the money arrives a lag later.

    What arrives after the last period stands in the tranche, with its month, and counts nowhere.
    """
    lag = 1 if deal.lag_months is None else figures.timeline.up(deal.lag_months)
    for tranche in deal.tranches:
        p = _first(reaches(progress, tranche.at))
        if p is None:
            draft.tranches.append(TrancheResult(at=tranche.at))
            continue
        draft.reached[p:] += 1
        if p + lag < figures.P:
            draft.inflow[p + lag] += tranche.musd
        month = figures.timeline.month
        draft.tranches.append(TrancheResult(at=tranche.at, month=month(p), arrives=month(p + lag), musd=tranche.musd))


def warrants(figures: Figures, deal: Warrants, progress: Floats, draft: Draft) -> None:
    """M5.2, M5.11: vested exactly in the first period with progress and price, and not after ``expires``.

    Sold at the price of that period, in it; the rest is held, at the last period's price.
    """
    price = figures.timeline.values(deal.share_price_usd)
    until = figures.P - 1 if deal.expires is None else figures.timeline.contains(deal.expires)
    in_time = np.arange(figures.P) <= until
    for tranche in deal.tranches:
        p = _first(reaches(progress, tranche.at) & (price >= tranche.price_hurdle_usd) & in_time)
        if p is None:
            draft.tranches.append(TrancheResult(at=tranche.at))
            continue
        draft.reached[p:] += 1
        now = shares_musd(tranche.shares_million, float(price[p]), deal.exercise_usd, deal.haircut)
        last = shares_musd(tranche.shares_million, float(price[-1]), deal.exercise_usd, deal.haircut)
        sold, held = deal.monetise * now, (1.0 - deal.monetise) * last
        draft.inflow[p] += sold
        draft.holding_musd += held
        month = figures.timeline.month(p)
        draft.tranches.append(
            TrancheResult(
                at=tranche.at,
                month=month,
                arrives=month,
                musd=sold,
                shares_million=tranche.shares_million,
                held_musd=held,
            )
        )


def _first(where: Bools) -> int | None:
    """The first period with the flag."""
    return int(where.argmax()) if where.any() else None
