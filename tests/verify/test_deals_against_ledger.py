"""Deals are worked out twice, apart: on random requests, deals and decisions the check and the ledger agree (M8.3)."""

from __future__ import annotations

from collections import Counter

from planner.verify import verify
from tests.verify.random_deals import KINDS, random_deals
from tests.verify.test_against_ledger import completed
from tests.verify.worlds import FIGURES

WORLDS = 200


def test_figures_of_deals_agree() -> None:
    """No figure of the ledger is questioned, where units can retire and idle as decided and what is sold is there."""
    compared: Counter[str] = Counter()
    families: Counter[str] = Counter()
    for seed in range(WORLDS):
        problem, ground, decisions = random_deals(seed)
        check = verify(problem, ground, completed(problem, ground, decisions))
        families.update({v.family for v in check.violations})
        if any(v.rule in {"M2.7", "M2.8"} for v in check.violations):
            continue  # more leave or idle than there are: the ledger stops at what there is
        wrong = [v.message for v in check.violations if v.family in FIGURES or v.subject == "balances"]
        assert not wrong, f"seed {seed}: " + "; ".join(wrong[:5])
        compared.update(deal.kind for deal in problem.deals if deal.id in decisions.signed)
    assert all(compared[kind] > 20 for kind in KINDS), compared
    assert {"signing", "leases", "loans", "offtakes", "commitments", "shell", "budget", "decisions"} <= set(families)
