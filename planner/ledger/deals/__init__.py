"""Deals from decisions: progress, tranches, leases, loans, sales and promises, period by period (section 5).

One module a kind; :func:`planner.ledger.deals.flows.flows` brings them together.
"""

from planner.ledger.deals.flow import Flow
from planner.ledger.deals.flows import flows
from planner.ledger.deals.results import deal_results

__all__ = ["Flow", "deal_results", "flows"]
