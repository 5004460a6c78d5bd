"""Signing: every deal that is not optional is signed, no two exclusive ones are (M5.7, M5.9)."""

from __future__ import annotations

from collections import Counter

from planner.verify.findings import Findings
from planner.verify.world import World

FAMILY = "signing"


def check(world: World, found: Findings) -> None:
    """``signed`` names deals of the request, each once; exclusion works both ways, whichever deal names it."""
    deals = {deal.id: deal for deal in world.problem.deals}
    signed = Counter(world.plan.signed)
    for name, times in signed.items():
        found.checked += 2
        if name not in deals:
            found.add("M5.9", FAMILY, name, None, f"signed: {name!r} is no deal of the request")
        elif times > 1:
            found.add("M5.9", FAMILY, name, None, f"signed: {name} is listed {times} times", times - 1)
    for deal in deals.values():
        found.checked += 1 + len(deal.exclusive_with)
        if not deal.optional and deal.id not in signed:
            found.add("M5.9", FAMILY, deal.id, None, f"{deal.id} is not optional, but not signed")
    pairs = {tuple(sorted((a.id, b))) for a in deals.values() for b in a.exclusive_with if b in deals and b != a.id}
    for a, b in sorted(pairs):
        if a in signed and b in signed:
            found.add("M5.7", FAMILY, f"{a} {b}", None, f"{a} and {b} exclude each other, but both are signed")
