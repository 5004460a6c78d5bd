"""A vendor preference that turns round inside the figures' ranges is said to do so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.outputs import preference
from api.outputs.bundle import Bundle
from planner.problem.block import Block


def with_blocks(bundle: Bundle, *blocks: dict[str, Any]) -> Bundle:
    built = tuple(Block(**b) for b in blocks)
    return replace(bundle, problem=bundle.problem.model_copy(update={"blocks": built}))


def block(id: str, vendor: str, pflops: float, **more: Any) -> dict[str, Any]:
    return {"id": id, "vendor": vendor, "it_mw": 10, "pflops": pflops, "capex_musd": 100, "life_years": 5, **more}


def test_per_musd_by_hand(bundle: Bundle) -> None:
    """Chips 100 x 1.1 = 110; building 10 MW x 11 = 110; energy 8760 h x 5 y x 1.2 x 10 MW x 55 / 1e6 = 28.908.

    1000 / 248.908 = 4.01755.
    """
    b = Block(**block("x", "v", 1000))
    t = preference.terms(bundle)
    assert (t.construction_musd_per_mw, t.usd_per_mwh, t.pue, t.duty) == pytest.approx((11, 55, 1.2, 0.1))
    assert preference.per_musd(b, t, "2026-01") == pytest.approx(4.01755, abs=1e-5)
    assert preference.per_mw(b) == 100


def test_a_preference_that_flips_on_power_alone(bundle: Bundle) -> None:
    """x gives 100 PFLOPS per MW, y 90; at its low of 8 MW y gives 112.5: x's lead of 11 % is not safe."""
    basis = {"it_mw": {"value": 10, "low": 8, "high": 12}}
    found = preference.comparisons(with_blocks(bundle, block("x", "v", 1000), block("y", "w", 900, basis=basis)))
    c = next(c for c in found if c.measure == "PFLOPS per MW")
    assert (c.winner, c.loser, c.flips) == ("x", "y", True)
    assert c.lead == pytest.approx(1 / 9) and c.loser_value.high == pytest.approx(112.5)
    assert c.alone == ("the power of y at its low",)


def test_a_preference_that_holds(bundle: Bundle) -> None:
    basis = {"it_mw": {"value": 10, "low": 9.5, "high": 10.5}, "capex_musd": {"value": 100, "low": 95, "high": 105}}
    found = preference.comparisons(with_blocks(bundle, block("x", "v", 2000), block("y", "w", 900, basis=basis)))
    assert len(found) == 2 and not any(c.flips for c in found)


def test_only_rivals_of_a_generation_are_compared(bundle: Bundle) -> None:
    """Same vendor, no compute, or more than twelve months apart: no comparison."""
    found = preference.rivals(
        with_blocks(
            bundle,
            block("x", "v", 1000),
            block("same", "v", 1000),
            block("idle", "w", 0),
            block("late", "w", 1000, available_from="2027-06"),
            block("near", "w", 1000, available_from="2027-01"),
        )
    )
    pairs = {tuple(sorted((a.id, b.id))) for a, b in found}
    assert pairs == {("near", "x"), ("near", "same")}
