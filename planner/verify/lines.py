"""The lines of the cash-flow table, and what kind of money each one is (M4.2)."""

from __future__ import annotations

CAPEX = ("openings", "land", "blocks", "tariffs", "sales_tax", "construction", "unpaid")
OPEX = ("block_opex", "site_opex", "property_tax", "energy", "serving", "lease", "repayments", "penalties")
INCOME = ("revenue", "offtake", "resale", "equity", "warrants", "loan_draws")
KIND = {**dict.fromkeys(CAPEX, "capex"), **dict.fromkeys(OPEX, "opex"), **dict.fromkeys(INCOME, "income")}
NO_SITE = ("lease", "repayments", "penalties", "equity", "warrants", "loan_draws")
"""Lines that belong to a deal or a demand, not to a site."""
BROUGHT = {"equity_tranches": "equity", "warrants": "warrants", "loan": "loan_draws"}
"""Kind of a deal -> the line of what it brings; what offtakes bring belongs to sites."""
COST = {"lease": "lease", "loan": "repayments", "purchase_commitment": "penalties", "offtake": "penalties"}
"""Kind of a deal -> the line of what it costs."""
