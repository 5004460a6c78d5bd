"""What we promised to take (M5.3)."""

from __future__ import annotations

from planner.ledger.deals.flow import Draft
from planner.ledger.deals.progress import missing
from planner.ledger.figures import Figures, Floats
from planner.problem.deals import PurchaseCommitment


def commitment(figures: Figures, deal: PurchaseCommitment, progress: Floats, draft: Draft) -> None:
    """Each promise is looked at once, in the period that contains ``by``; what is missing then pays at that period's price.

    A date before the horizon counts in its first period, one after it has no effect (M5.12).
    """
    for promise in deal.commitments:
        p = max(0, figures.timeline.contains(promise.by))
        if p >= figures.P:
            continue
        short = missing(float(progress[p]), promise.at)
        draft.missing[p] += short
        if promise.shortfall_musd_per_unit is not None:
            draft.outflow[p] += short * figures.timeline.value(promise.shortfall_musd_per_unit, p)
