"""What the outputs say of deals; the figures are worked by hand in :mod:`tests.outputs.deal_world`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pyogrio
import pytest

from api import outputs
from api.outputs import deal_tables, deal_views, gigawatt, gpkg, report, tables, views
from api.outputs.bundle import Bundle
from api.records import read_record
from api.terminal import summary
from tests.outputs.deal_world import DEALS, MONTHS, dealt


@pytest.fixture(scope="module")
def deals() -> Bundle:
    return dealt()


def terminal(bundle: Bundle) -> str:
    """The summary as a pipe gets it."""
    file = io.StringIO()
    summary.plan(summary.console(file), bundle, None, [])
    return file.getvalue()


def test_cash_has_a_column_for_each_inflow(deals: Bundle) -> None:
    rows = {r["month"]: r for r in tables.cash(deals)}
    for column, by_month in {
        "inflow_chips_musd": {"2027-01": 100},
        "inflow_shares_musd": {"2026-10": 45},
        "inflow_bank_musd": {"2026-04": 200},
        "inflow_client_musd": dict.fromkeys(MONTHS[3:], 30),
        "lease_musd": dict.fromkeys(MONTHS[5:], 50),
        "penalties_musd": {"2027-10": 50},
    }.items():
        assert {m: rows[m][column] for m in MONTHS} == pytest.approx({m: by_month.get(m, 0) for m in MONTHS}), column
    owed = [rows[m]["debt_musd"] for m in MONTHS]
    assert owed[:2] == pytest.approx([0, 200]) and all(a > b > 0 for a, b in pairwise(owed[1:]))
    for r in rows.values():
        new = sum(r[f"{line}_musd"] for line in ("equity", "warrants", "loan_draws", "offtake"))
        assert new == pytest.approx(sum(v for c, v in r.items() if c.startswith("inflow_")))
        assert r["cash_after_musd"] == pytest.approx(
            r["cash_before_musd"] + r["budget_musd"] + r["income_counted_musd"] - r["covered_spending_musd"]
        )


def test_the_partner_pays_for_what_is_leased(deals: Bundle) -> None:
    """Chips 560, opening 40 and 480 ha of land at lordstown are not ours; at abilene they are."""
    ours = {r["terms"]: r["capex_musd"] for r in tables.orders(deals) if r["site"] == "lordstown"}
    assert ours == {"rent": 0}
    assert {r["site"]: (r["opening_musd"], r["land_musd"]) for r in tables.openings(deals)} == {
        "abilene": (40, pytest.approx(0.02 * 1660)),
        "lordstown": (0, 0),
    }
    assert {r["site"]: (r["terms"], r["construction_musd"]) for r in tables.shells(deals)} == {
        "abilene": ("own", pytest.approx(770)),
        "lordstown": ("rent", 0),
    }
    lines = {
        line: sum(c.musd for c in deals.plan.cash if c.line == line) for line in ("blocks", "construction", "openings")
    }
    assert lines == pytest.approx({"blocks": 2 * 700 + 560, "construction": 770, "openings": 40})
    priced = sum(s.musd for s in views.next_steps(deals, months=24))
    assert priced == pytest.approx(1960 * 1.1 + 770 + 40 + 0.02 * 1660)


def test_a_gigawatt_costs_what_is_paid_for_it(deals: Bundle) -> None:
    """90 MW are ordered, 70 of them our own; rent: 20 MW over three quarters."""
    cost = gigawatt.per_gw(deals)
    assert cost is not None and cost.build_busd is not None
    assert (cost.ordered_gw, cost.chips_gw, cost.construction_gw) == pytest.approx((0.09, 0.07, 0.07))
    assert cost.build_busd == pytest.approx((1960 * 1.1 + 770 + 40 + 0.02 * 1660) / 70)
    assert (cost.rent_musd, cost.rent_gw_years) == pytest.approx((150, 0.02 * 0.75))
    assert cost.energy_gw_years == pytest.approx(0.07 * 5 / 4)


def test_tables_of_deals_by_hand(deals: Bundle) -> None:
    by_deal = {r["deal"]: r for r in deal_tables.summary(deals)}
    assert [by_deal[d]["signed"] for d in ("chips", "later")] == [True, False]
    assert (by_deal["chips"]["cash_in_musd"], by_deal["chips"]["tranches_reached"]) == (100, 1)
    assert (by_deal["=shares"]["cash_in_musd"], by_deal["=shares"]["holding_musd"]) == pytest.approx((45, 45))
    assert (by_deal["rent"]["cash_out_musd"], by_deal["promise"]["cash_out_musd"]) == pytest.approx((150, 50))
    periods = {(r["deal"], r["month"]): r for r in deal_tables.deal_periods(deals)}
    assert len(periods) == len(DEALS) * len(MONTHS)
    assert periods["rent", "2027-04"]["leased_mw"] == 20 and periods["rent", "2027-01"]["leased_mw"] == 0
    assert (periods["client", "2026-10"]["sold"], periods["client", "2026-10"]["sold_unit"]) == (10, "it_mw")
    assert periods["promise", "2027-10"]["missing"] == pytest.approx(25)
    assert [(r["deal"], r["reached_month"], r["arrives_month"]) for r in deal_tables.tranches(deals)][:3] == [
        ("chips", "2026-10", "2027-01"),
        ("chips", None, None),
        ("=shares", "2026-10", "2026-10"),
    ]
    circle = {r["counterparty"]: r for r in deal_tables.circularity(deals)}
    assert circle["nvidia"]["circularity_share"] == pytest.approx(100 / 1400)
    assert circle["amd"]["circularity_share"] == pytest.approx(45 / 560)
    held = {(r["by"], r["measure"], r["name"]): r for r in deal_tables.concentration(deals)}
    assert held["vendor", "it_mw", "nvidia"]["share"] == pytest.approx(50 / 90)
    assert held["vendor", "it_mw", "amd"]["hhi"] == pytest.approx((50 / 90) ** 2 + (40 / 90) ** 2)
    (exposed,) = deal_tables.exposure(deals)
    assert (exposed["country"], exposed["tariffs_musd"], exposed["per_point_musd"]) == (
        "US",
        pytest.approx(196),
        pytest.approx(19.6),
    )


def test_the_report_says_who_signs_what_arrives_and_when(deals: Bundle) -> None:
    text = report.text(deals)
    for heading in (
        "Deals", "Money by period", "Revenue against obligations", "Circular money", "Concentration", "Exposure to tariffs",
    ):  # fmt: skip
        assert f"## {heading}\n" in text, heading
    for words in (
        "| chips | equity tranches | nvidia | yes | 50 MW online, 1 of 2 tranches | $100 M | $0 | $0 |",
        "- **chips**: 25 MW reached 2026-10: \\$100 M, arrives 2027-01",
        "- **chips**: not reached: 500 MW; 450 short at the end",
        "- **=shares**: 20 MW vests 2026-10: 1 million shares, \\$45 M from shares sold, \\$45 M held",
        "leased MW 0 at the end of 2026, 20 at the end of 2027",
        "- **promise**: 2027-10: 25 missing, \\$50 M to pay",
        "| later | equity tranches | – | declined | – |",
        "| nvidia | $100 M | $1.40 bn | 7.1 % |",
        "| US | $1.96 bn | $196 M | $20 M |",
        "0.09 GW of IT are ordered, 0.02 GW of them on lease",
        "shell 20.0 MW, ready 2027-01, on lease rent",
        "a\\|letter &lt;b&gt;",
    ):
        assert words in text, words


def test_money_by_period_adds_up(deals: Bundle) -> None:
    """The board's table holds the cash table's figures, and drops columns that are zero throughout."""
    text = report.text(deals).split("## Money by period")[1].split("\n## ")[0]
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == [
        "period", "budget", "in: chips", "in: =shares", "in: bank", "in: client", "capex", "opex", "of it rent",
        "of it repayments", "debt at the end", "cash at the end",
    ]  # fmt: skip
    assert [r[0] for r in rows[2:]] == list(MONTHS)
    assert {r[rows[0].index("in: client")] for r in rows[5:]} == {"$30 M"}


def test_many_deals_share_a_column_per_kind(deals: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deal_views, "MOST_COLUMNS", 3)
    head, rows = deal_views.money_by_period(deals)
    assert [h for h in head if h.startswith("in: ")] == ["in: equity", "in: shares sold", "in: loans", "in: sales"]
    assert rows[3][head.index("in: sales")] == "$30 M" and len(rows) == len(MONTHS)


def test_years_after_the_horizon_have_no_cover(deals: Bundle) -> None:
    """The loan and the lease go on beyond 2027; revenue then is not counted, so no cover is told."""
    assert max(y.year for y in deals.plan.years) > 2027
    text = report.text(deals).split("## Revenue against obligations")[1].split("\n## ")[0]
    rows = {
        line.split("|")[1].strip(): line.split("|")[8].strip() for line in text.splitlines() if line.startswith("| 20")
    }
    assert all((cover == "–") == (int(year) > 2027) for year, cover in rows.items())


def test_the_terminal_has_a_compact_block(deals: Bundle) -> None:
    text = terminal(deals)
    block = text.split("Deals, over the horizon")[1].split("To sign and order")[0]
    assert len([line for line in block.splitlines() if line.strip()]) <= len(DEALS) + 2 + 4
    assert "50 MW online, 1 of 2 tranches" in block and "declined" in block
    assert "circular money: nvidia brings $100 M = 7.1 % of $1.40 bn paid for its blocks" in block


def test_all_tables_are_in_the_geopackage_with_types(deals: Bundle, tmp_path: Path) -> None:
    gpkg.write(deals, tmp_path / "plan.gpkg")
    layers = dict(pyogrio.list_layers(tmp_path / "plan.gpkg").tolist())
    new = {
        "deals",
        "deal_periods",
        "tranches",
        "draws",
        "sales",
        "years",
        "circularity",
        "concentration",
        "tariff_exposure",
    }
    assert new <= set(layers) and all(layers[t] is None for t in new)
    for layer, column, kind in (
        ("tranches", "reached_month", "OFTString"), ("tranches", "musd", "OFTReal"), ("years", "cover", "OFTReal"),
        ("deals", "tranches", "OFTInteger64"), ("circularity", "circularity_share", "OFTReal"),
        ("deal_periods", "progress", "OFTReal"),
    ):  # fmt: skip
        info = pyogrio.read_info(tmp_path / "plan.gpkg", layer=layer)
        assert dict(zip(info["fields"], info["ogr_types"]))[column] == kind, (layer, column)
    assert len(pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="deal_periods")) == len(DEALS) * len(MONTHS)


def test_files_of_deals_appear_and_are_disarmed(deals: Bundle, tmp_path: Path) -> None:
    written = outputs.write(deals, tmp_path)
    assert set(written) == {o.name for o in (*outputs.OUTPUTS, *outputs.DEAL_OUTPUTS)}
    rows = list(csv.DictReader((tmp_path / "deals.csv").open(encoding="utf-8")))
    assert {r["deal"] for r in rows} == {"chips", "'=shares", "rent", "bank", "client", "promise", "later"}
    assert sum(float(r["cash_in_musd"]) for r in rows if r["deal"] == "client") == pytest.approx(150)
    assert next(csv.DictReader((tmp_path / "shells.csv").open(encoding="utf-8")))["terms"] == "own"


def test_a_folder_with_deals_is_read_back_as_the_same_decisions(deals: Bundle, tmp_path: Path) -> None:
    """`gigasite evaluate REQUEST FOLDER` scores what was written: terms, signatures, draws and sales included."""
    outputs.write(deals, tmp_path)
    problem = deals.problem.model_copy(
        update={"deals": tuple(d.model_copy(update={"id": d.id.lstrip("=")}) for d in deals.problem.deals)}
    )
    for name in ("signed.csv",):  # a disarmed name is another name: the record names the deal as it is
        (tmp_path / name).write_text((tmp_path / name).read_text().replace("'=shares", "shares"))
    found = read_record(tmp_path, problem).decisions
    plan = deals.plan.decisions()
    assert found.draws == plan.draws and found.orders == plan.orders and found.shells == plan.shells
    assert sorted(found.signed) == sorted(d.lstrip("=") for d in plan.signed)
    assert [(s.deal, s.month, s.amount) for s in found.sales] == [(s.deal, s.month, s.amount) for s in plan.sales]


def test_without_deals_no_output_has_a_word_of_them(bundle: Bundle, tmp_path: Path) -> None:
    outputs.write(bundle, tmp_path)
    assert not {o.name for o in outputs.DEAL_OUTPUTS} & {p.name for p in tmp_path.iterdir()}
    head = (tmp_path / "cash.csv").read_text().splitlines()[0]
    assert not [w for w in (*tables.DEAL_LINES, "inflow", "debt") if w in head]
    assert "terms" not in (tmp_path / "shells.csv").read_text()
    layers = set(pyogrio.list_layers(tmp_path / "plan.gpkg")[:, 0])
    assert not layers & {"deals", "tranches", "years", "circularity", "concentration"}
    text = report.text(bundle)
    assert "## Deals" not in text and "## Concentration" not in text and "on lease" not in text
    assert "| part | spending | bn USD per GW of IT |" in text and "Deals" not in terminal(bundle)


def test_an_older_folder_loses_the_files_of_deals(deals: Bundle, bundle: Bundle, tmp_path: Path) -> None:
    """A plan without deals written over one with deals must not leave yesterday's deals behind."""
    outputs.write(deals, tmp_path)
    outputs.write(bundle, tmp_path)
    assert not (tmp_path / "deals.csv").exists()


def test_no_plan_with_deals_writes_its_reasons(
    deals: Bundle, no_plan: Bundle, world: Callable[..., Bundle], tmp_path: Path
) -> None:
    empty = replace(deals, plan=no_plan.plan)
    assert set(outputs.write(empty, tmp_path)) == {"plan.json", "run.json", "report.html", "report.md"}
    assert "## What clashes" in (tmp_path / "report.md").read_text() and "No plan" in terminal(empty)
