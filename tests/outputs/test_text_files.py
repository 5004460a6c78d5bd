"""JSON, CSV and Markdown: the numbers, the users' words, the bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from api.outputs import csv_files, plan_json, report, tables
from api.outputs.bundle import Bundle
from api.outputs.canonical import dumps, pretty, sha256
from api.outputs.features import by_vendor, site_properties
from api.outputs.text import cell, gap_text, markdown, money, number, printable, short, slugs
from planner.plan import Plan

HOSTILE = {
    "plan": "=cmd|' /C calc'!A0",
    "abilene": '=HYPERLINK("x","y")',
    "lordstown": "a|b `c` <script>alert(1)</script> *d* [e](f) \"q\", 'q'",
    "milam": "🏭 مركز البيانات",
    "shut": "-1+1",
}


def test_plan_json_round_trips(bundle: Bundle) -> None:
    text = plan_json.text(bundle.plan)
    assert Plan.model_validate(json.loads(text)) == bundle.plan
    assert text == plan_json.text(Plan.model_validate(json.loads(text)))


def test_no_negative_zero_no_nan() -> None:
    assert dumps({"a": [-0.0, {"b": -0.0}], "c": "-0.0"}) == '{"a": [0.0, {"b": 0.0}], "c": "-0.0"}'
    with pytest.raises(ValueError):
        dumps(float("nan"))
    assert json.loads(pretty({"x": [{"a": 1}], "y": {}, "z": []})) == {"x": [{"a": 1}], "y": {}, "z": []}


def test_hash_is_of_content_not_layout() -> None:
    assert sha256({"a": 1, "b": [1, 2]}) == sha256({"b": [1, 2], "a": 1}) != sha256({"a": 1, "b": [2, 1]})


def test_cash_is_the_plan_s_cash(bundle: Bundle) -> None:
    """M4.4: the columns of every period sum to the plan's lines; the account follows M4.1."""
    rows = tables.cash(bundle)
    assert len(rows) == 8
    for line in ("blocks", "tariffs", "construction", "land", "openings", "energy", "block_opex"):
        assert sum(r[f"{line}_musd"] for r in rows) == pytest.approx(
            sum(c.musd for c in bundle.plan.cash if c.line == line)
        )
    for r in rows:
        assert r["spending_musd"] == pytest.approx(r["capex_musd"] + r["opex_musd"])
        assert r["cash_after_musd"] == pytest.approx(
            r["cash_before_musd"] + r["budget_musd"] + r["income_counted_musd"] - r["covered_spending_musd"]
        )


def test_orders_by_hand(bundle: Bundle) -> None:
    """2 x 700 MUSD x 1.1 tariff = 1,540; lead 6 months from 2026-04 is 2026-10."""
    first = tables.orders(bundle)[0]
    assert first["capex_musd"] == pytest.approx(1540) and first["online_month"] == "2026-10"
    assert (first["it_mw"], first["gpus"], first["pflops"]) == (50, 24000, 120000)
    opening = tables.openings(bundle)[0]
    assert opening["land_musd"] == pytest.approx(0.02 * 1660)
    assert tables.shells(bundle)[0]["construction_musd"] == pytest.approx(770)


def test_formulas_are_disarmed_and_numbers_stay_numbers(world: Callable[..., Bundle], tmp_path: Path) -> None:
    csv_files.write_orders(world(HOSTILE), tmp_path / "orders.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "orders.csv").read_text(encoding="utf-8"))))
    assert rows[0]["site_name"] == "'" + HOSTILE["abilene"]
    assert float(rows[0]["capex_musd"]) == pytest.approx(1540)
    for start in "=+-@\t\r":
        assert cell(start + "1") == "'" + start + "1"
    assert cell(-5.0) == -5.0 and cell("safe") == "safe"


def test_headers_stand_also_without_rows(bundle: Bundle, tmp_path: Path) -> None:
    from dataclasses import replace

    empty = replace(bundle, plan=bundle.plan.model_copy(update={"orders": [], "openings": [], "shells": []}))
    csv_files.write_orders(empty, tmp_path / "orders.csv")
    assert (tmp_path / "orders.csv").read_text().splitlines() == [",".join(tables.COLUMNS["orders"])]


def test_hostile_names_stay_words_in_the_report(world: Callable[..., Bundle]) -> None:
    text = report.text(world(HOSTILE))
    assert "<script>" not in text and "&lt;script&gt;" in text
    assert "a\\|b \\`c\\`" in text
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert (
        len({line.replace("\\|", "").count("|") for line in table if "ready 2026-" in line or "ready 2027-" in line})
        == 1
    )
    assert "🏭" in text


def test_vendor_columns_are_distinct(world: Callable[..., Bundle]) -> None:
    assert slugs(("AMD", "amd", "A-M-D", "华为", "!!")) == {
        "AMD": "amd", "amd": "amd_2", "A-M-D": "a_m_d", "华为": "华为", "!!": "vendor",
    }  # fmt: skip
    b = world(vendors=("X 1", "x-1"))
    assert [k for k in site_properties(b)[0] if k.startswith("it_mw_")] == ["it_mw_x_1", "it_mw_x_1_2"]
    assert by_vendor(b, {}) == {"it_mw_x_1": 0.0, "it_mw_x_1_2": 0.0}


def test_how_numbers_read() -> None:
    assert [money(v) for v in (0, 1.5, 350, 999.6, 9123, 39_512, 412_000, -20)] == [
        "$0", "$1.50 M", "$350 M", "$1.00 bn", "$9.12 bn", "$39.5 bn", "$412 bn", "-$20 M",
    ]  # fmt: skip
    assert number(-0.3) == "0" and number(None) == "–" and number(1234.5, 1) == "1,234.5"
    assert [short(v) for v in (0, 0.01234, 12.345, 123.45, 12345.6)] == [
        "0",
        "0.01234",
        "12.35",
        "123.5",
        "12,346",
    ] or (short(12.345) == "12.34")
    assert gap_text(0.0) == gap_text(2e-16) == "0 %" and gap_text(3e-6) == "0.0003 %" and gap_text(0.0123) == "1.23 %"
    assert markdown("a\nb|c") == "a b\\|c"
    assert printable("a\x1b[31mb") == "a?[31mb"


def test_the_report_says_what_a_board_asks(bundle: Bundle) -> None:
    text = report.text(bundle)
    for heading in (
        "What opens where and when", "Capacity by year", "Spending by year",
        "To sign and order in the next four quarters",
        "What a gigawatt costs", "What binds", "Sites not used", "How sure is the choice of vendor?", "Assumptions",
        "How far to trust this",
    ):  # fmt: skip
        assert f"## {heading}" in text, heading
    assert "passed (123 limits and figures recomputed)" in text
    assert "proven within the gap asked for" in text and "optimal" not in text
