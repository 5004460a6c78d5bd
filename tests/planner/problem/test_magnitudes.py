"""Valid figures that look like another unit are named; real ones of any size are left alone."""

from __future__ import annotations

from typing import Any

import pytest

from planner import catalogue
from planner.problem.block import Block
from planner.problem.magnitudes import block_magnitudes
from tests.planner.problem.worlds import changed, document, faults


@pytest.mark.parametrize(
    "field, value, words",
    [
        ("it_mw", 20_000, "kW for MW? 20 MW then"), ("it_mw", 0.0002, "200 W"), ("pflops", 1e9, "TFLOPS"),
        ("pflops", 100, "EFLOPS"), ("capex_musd", 7e8, "USD for million USD?"), ("capex_musd", 0.7, "billion"),
        ("capex_musd", [{"from": "2026-01", "value": 700}, {"from": "2027-01", "value": 7e8}], "USD for million"),
        ("footprint_ha", 30_000, "square metres"), ("life_years", 60, "months for years"), ("lead_months", 180, "days"),
    ],
)  # fmt: skip
def test_blocks(field: str, value: Any, words: str) -> None:
    fields = {**document()["blocks"][0], field: value}
    found = [f"{message} {hint}" for _, message, hint in block_magnitudes(Block.model_validate(fields), 0)]
    assert any(words in f for f in found), found


@pytest.mark.parametrize(
    "path, value, words",
    [
        ("discount_rate", 8, "percent for a fraction? 0.08 then"),
        ("budget", {"per_year_musd": 9e9}, "USD for million USD?"),
        ("budget", {"per_year_musd": 9e3, "opening_musd": 1e9}, "trillion"),
        (
            "demand",
            [{"id": "d", "by": "2027-01", "amount": 50, "shortfall_musd_per_unit_year": 1e6}],
            "USD for million USD?",
        ),
        ("markets", [{"id": "m", "amount": 0, "cost_musd_per_unit_year": 1e6}], "USD for million USD?"),
    ],
)
def test_money(path: str, value: Any, words: str) -> None:
    found = faults(changed(path, value))
    assert [f.severity for f in found] == ["warning"] and words in str(found[0])


def test_shipped_blocks_are_not_suspicious() -> None:
    for shipped in catalogue.blocks().values():
        assert list(block_magnitudes(Block.model_validate(shipped.as_request()), 0)) == []
