"""The rungs of a deal: which tranches matter in which periods, and what each brings when (M5.1, M5.2)."""

from __future__ import annotations

import numpy as np

from planner.model.data import Array, ModelData
from planner.model.deals import progress
from planner.problem.deals import EquityTranches, Warrants


def at_of(d: ModelData, i: int, t: int) -> float:
    """The stated mark of a tranche."""
    x = progress.deal(d, i)
    assert isinstance(x, EquityTranches | Warrants)
    return x.tranches[t].at


def lag(d: ModelData, x: EquityTranches) -> int:
    """Periods from reaching a tranche to its money."""
    return 1 if x.lag_months is None else d.time.up(x.lag_months)


def worth(d: ModelData, i: int, t: int) -> tuple[Array, Array]:
    """``(cash, held)`` in MUSD, were tranche t reached first in each period; 0 where it cannot come then. Shapes (P,)."""
    x = progress.deal(d, i)
    cash, held = np.zeros(d.P), np.zeros(d.P)
    if isinstance(x, EquityTranches):
        cash[: max(0, d.P - lag(d, x))] = x.tranches[t].musd
    elif isinstance(x, Warrants):
        price, one = d.time.values(x.share_price_usd), x.tranches[t]
        gain = np.maximum(0.0, price - x.exercise_usd) * one.shares_million * (1 - x.haircut)
        may = vesting(d, x, t)
        cash[may] = x.monetise * gain[may]
        held[may] = (1 - x.monetise) * gain[-1]
    return cash, held


def vesting(d: ModelData, x: Warrants, t: int) -> list[int]:
    """Periods in which a tranche may vest: the price meets the hurdle, and the warrant has not expired."""
    price = d.time.values(x.share_price_usd)
    end = d.P - 1 if x.expires is None else d.time.contains(x.expires)
    return [p for p in range(d.P) if p <= end and price[p] >= x.tranches[t].price_hurdle_usd * (1 - 1e-12)]


def rungs(d: ModelData, i: int) -> dict[int, list[int]]:
    """For each tranche worth anything: the periods in which it can have been reached to some effect."""
    x = progress.deal(d, i)
    names = {o.name for o in d.problem.objectives}
    if not isinstance(x, EquityTranches | Warrants) or (d.problem.budget is None and not names & {"net_cost", "value"}):
        return {}
    reach = [progress.most(d, i, p) for p in range(d.P)]
    found = {}
    for t in range(len(x.tranches)):
        cash, held = worth(d, i, t)
        # A warrant that may vest but is worth nothing then is spent all the same: such periods stay.
        may = range(d.P - lag(d, x)) if isinstance(x, EquityTranches) else vesting(d, x, t)
        periods = [p for p in may if reach[p] >= progress.least(at_of(d, i, t)) * (1 - 1e-9)]
        if periods and (cash[periods].any() or held[periods].any()):
            found[t] = periods
    return found


def sooner_is_better(d: ModelData, i: int) -> bool:
    """True where waiting with a tranche can never pay, so that its condition need not be forced."""
    x, budget = progress.deal(d, i), d.problem.budget
    if d.problem.rate < 0 or (budget is not None and not budget.carry_over):
        return False
    if isinstance(x, EquityTranches):
        return True
    assert isinstance(x, Warrants)
    for t in rungs(d, i):
        may = vesting(d, x, t)
        cash, held = worth(d, i, t)
        if np.any(np.diff(cash[may]) > 1e-12) or np.any(np.diff(held[may]) > 1e-12):
            return False
    return True
