"""A planner's own plan of record: CSV, folders, workbooks and JSON; what is filled in; faults with their rows."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from api.records import read_decisions, read_record
from api.records.cells import read_month
from planner.errors import RequestError
from planner.ledger import evaluate
from planner.plan import Decisions
from tests.ledger.worlds import block, decide, ground, problem, site

WORLD = problem(
    horizon={"start": "2026-01", "periods": 8, "period": "quarter"},
    blocks=[block(), block("instinct", vendor="amd")],
    sites=[site(), site("milam", existing_shell_mw=5, build_months=6), site("old", status="committed")],
)
ORDERS = [("abilene", "hall", "2026-04", 2), ("milam", "instinct", "2027-01", 1)]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def orders(decisions: Decisions) -> list[tuple[str, str, str, int]]:
    return [(o.site, o.block, o.month, o.units) for o in decisions.orders]


def faults(path: Path) -> list[str]:
    with pytest.raises(RequestError) as caught:
        read_decisions(path, WORLD)
    return [str(f) for f in caught.value.faults if f.severity == "error"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_one_csv_of_orders(tmp_path: Path, delimiter: str) -> None:
    """Case and order of headers do not matter, other columns and empty lines are ignored."""
    lines = ["Month,Units,SITE,block,vendor", "2026-04,2,abilene,hall,x", ",,,,", "2027-01,1,milam,instinct,y"]
    path = write(tmp_path / "mine.csv", "\ufeff" + "\r\n".join(lines).replace(",", delimiter))
    assert orders(read_decisions(path, WORLD)) == ORDERS


def test_what_is_not_stated_is_derived_and_said(tmp_path: Path) -> None:
    """Milam has 5 MW of shell and orders 10 for 2027-01: 5 MW start two quarters before, and the site opens then."""
    path = write(tmp_path / "mine.csv", "site,block,month,units\nabilene,hall,2026-04,2\nmilam,instinct,2027-01,1\n")
    record = read_record(path, WORLD)
    assert [(s.site, s.month, s.mw) for s in record.decisions.shells] == [("milam", "2026-07", 5)]
    assert [(o.site, o.month) for o in record.decisions.openings] == [("abilene", "2026-04"), ("milam", "2026-07")]
    said = {(a.subject, a.field): a.value for a in record.assumptions}
    assert said == {("milam", "shells 2026-07"): 5, ("abilene", "opening"): "2026-04", ("milam", "opening"): "2026-07"}
    assert all(a.origin == "derived" and "stated" in a.source for a in record.assumptions)


def test_one_csv_with_a_table_column(tmp_path: Path) -> None:
    text = (
        "table,site,block,month,units,mw\n"
        "opening,abilene,,2026-01,,\norders,abilene,hall,2026-04,2,\nshell,abilene,,2026-01,,12.5\n"
    )
    found = read_decisions(write(tmp_path / "mine.csv", text), WORLD)
    assert [o.month for o in found.openings] == ["2026-01"]
    assert orders(found) == ORDERS[:1]
    assert [(s.month, s.mw) for s in found.shells] == [("2026-01", 12.5)]


def test_a_folder_of_tables(tmp_path: Path) -> None:
    write(tmp_path / "orders.csv", "site,block,month,units\nabilene,hall,2026-04,2\n")
    write(tmp_path / "openings.csv", "site,month\nabilene,2026-01\n")
    write(tmp_path / "shells.csv", "site,month,mw\nabilene,2026-01,10\n")
    found = read_decisions(tmp_path, WORLD)
    assert found.openings[0].month == "2026-01" and orders(found) == ORDERS[:1] and found.shells[0].mw == 10


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        dates = book.add_format({"num_format": "mmm yy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, datetime.date):
                        sheet.write_datetime(r, c, datetime.datetime(value.year, value.month, value.day), dates)
                    else:
                        sheet.write(r, c, value)
    return path


def test_a_workbook_with_dates(tmp_path: Path) -> None:
    """Excel dates become months; a date inside a period is taken with a warning that names the row."""
    sheets = {
        "Orders": [
            ["site", "block", "month", "units"],
            ["abilene", "hall", datetime.date(2026, 4, 1), 2],
            ["milam", "instinct", datetime.date(2027, 2, 15), 1],
        ],
        "openings": [["site", "month"], ["abilene", "2026-04"], ["milam", "2027-01"]],
        "notes": [["anything"], ["at all"]],
    }
    record = read_record(workbook(tmp_path / "mine.xlsx", sheets), WORLD)
    assert orders(record.decisions) == ORDERS
    assert [str(w) for w in record.warnings] == [
        "orders[3].month: row 3: 2027-02 lies inside the period 2027-01 and is read as 2027-01"
    ]


def test_a_workbook_with_one_sheet_needs_no_name(tmp_path: Path) -> None:
    sheets = {"Sheet1": [["site", "block", "month", "units"], ["abilene", "hall", "2026-04", 2]]}
    assert orders(read_decisions(workbook(tmp_path / "mine.xlsx", sheets), WORLD)) == ORDERS[:1]


def test_json_tables_and_a_list_of_orders(tmp_path: Path) -> None:
    rows = [{"site": s, "block": b, "month": m, "units": n} for s, b, m, n in ORDERS]
    path = write(tmp_path / "a.json", json.dumps({"orders": rows, "openings": [{"site": "milam", "month": "2026-01"}]}))
    found = read_decisions(path, WORLD)
    assert orders(found) == ORDERS and [o.site for o in found.openings] == ["milam"]
    assert orders(read_decisions(write(tmp_path / "b.json", json.dumps(rows)), WORLD)) == ORDERS


def test_a_plan_json_is_taken_as_it_is(tmp_path: Path) -> None:
    """Nothing is added to a plan: an order without an opening stays one, for the check to find."""
    plan = evaluate(WORLD, ground(WORLD), decide(orders=ORDERS))
    found = read_record(write(tmp_path / "plan.json", plan.model_dump_json()), WORLD)
    assert found.decisions == plan.decisions()
    assert found.decisions.openings == [] and found.assumptions == []


def test_rows_of_one_period_are_added_and_zeros_left_out(tmp_path: Path) -> None:
    text = "site,block,month,units\nabilene,hall,2026-04,2\nabilene,hall,2026-05,3\nmilam,hall,2026-04,0\n"
    record = read_record(write(tmp_path / "a.csv", text), WORLD)
    assert orders(record.decisions) == [("abilene", "hall", "2026-04", 5)]
    assert len(record.warnings) == 1


def test_existing_units_idle_where_nothing_is_stated(tmp_path: Path) -> None:
    old = {"block": "hall", "units": 12, "online_from": "2025-01"}
    world = problem(sites=[site(status="committed", existing=[old])])
    record = read_record(write(tmp_path / "a.csv", "site,block,month,units\n"), world)
    assert [(i.month, i.units) for i in record.decisions.idle] == [(f"{y}-01", 2) for y in range(2026, 2030)]


def test_all_faults_at_once_with_their_rows(tmp_path: Path) -> None:
    text = (
        "site,block,month,units\n"
        "abilen,hall,2026-04,2\n"
        "abilene,hal,2026-04,2.5\n"
        "abilene,hall,soon,-1\n"
        "abilene,hall,2031-01,1\n"
        ",hall,2026-01,1\n"
    )
    assert faults(write(tmp_path / "a.csv", text)) == [
        "orders[2].site: row 2: site 'abilen' is not in the request (did you mean abilene?)",
        "orders[3].block: row 3: block 'hal' is not in the request (did you mean hall?)",
        "orders[3].units: row 3: units is a whole number of units, 0 or more, not '2.5'",
        'orders[4].month: row 4: month \'soon\' is no date (write "YYYY-MM", e.g. "2027-04")',
        "orders[4].units: row 4: units is a whole number of units, 0 or more, not '-1'",
        "orders[5].month: row 5: 2031-01 lies outside the horizon (its periods: 2026-01 to 2027-10)",
        "orders[6].site: row 6: no site",
    ]


def test_a_misnamed_column_is_suggested(tmp_path: Path) -> None:
    found = faults(write(tmp_path / "a.csv", "site,blok,month,units\nabilene,hall,2026-04,2\n"))
    assert found == ["orders[2].block: row 2: no block (did you mean blok?)"]


def test_a_site_opens_once(tmp_path: Path) -> None:
    text = '{"openings": [{"site": "abilene", "month": "2026-01"}, {"site": "abilene", "month": "2026-04"}]}'
    assert faults(write(tmp_path / "a.json", text)) == [
        "openings[1].month: entry 1: abilene opens in 2026-04 and in 2026-01 (a site opens once, for good)"
    ]


def test_what_is_empty_scores_nothing(tmp_path: Path) -> None:
    """A file without anything in it is a slip; a header without rows says that nothing is ordered."""
    for name, content in (("a.csv", ""), ("a.csv", "\n  \n"), ("a.json", "{}")):
        assert faults(write(tmp_path / name, content))[0].startswith(f"orders: {name} is empty")
    assert "is empty" in faults(workbook(tmp_path / "a.xlsx", {"Sheet1": []}))[0]
    assert orders(read_decisions(write(tmp_path / "a.csv", "\n\nsite;block;month;units\n"), WORLD)) == []
    assert orders(read_decisions(write(tmp_path / "b.json", '{"orders": []}'), WORLD)) == []


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    """Also where only the writing differs; columns without a name are no matter."""
    text = "site,block,month,units,Units,,\nabilene,hall,2026-04,1,2,,\n"
    told = "its header names units twice (keep one of them)"
    assert faults(write(tmp_path / "a.csv", text)) == [f"orders: a.csv: {told}"]
    rows = [line.split(",") for line in text.splitlines()]
    assert faults(workbook(tmp_path / "a.xlsx", {"orders": rows})) == [f"orders: a.xlsx, sheet orders: {told}"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"\xff\xfe\x00junk"),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.csv", b'site,block,month,units\n"abilene\n'),
        ("a.csv", b"site,block,month,units\nabi\x00lene,hall,2026-01,1\n"),
        ("a.xlsx", b"PK\x03\x04 not a workbook"),
        ("a.xlsx", b""),
        ("a.json", b"{"),
        ("a.json", b"3"),
        ("a.json", b'{"orders": 3}'),
        ("a.json", b'{"order": []}'),
        ("a.json", b'{"orders": [{"site": ["abilene"], "block": {}, "month": null, "units": true}]}'),
        ("a.json", b'{"orders": [{"site": "abilene", "block": "hall", "month": "2026-01", "units": NaN}]}'),
        ("a.json", b'{"orders": [{"site": "abilene", "block": "hall", "month": "2026-01", "units": 1e300}]}'),
    ],
)
def test_bad_files_are_faults_never_tracebacks(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert faults(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert "there is no file" in faults(tmp_path / "none.csv")[0]
    assert "holds none of" in faults(tmp_path)[0]


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("2027-04", "2027-04"),
        ("2027-04-30", "2027-04"),
        ("2027/4", "2027-04"),
        ("2027-Q2", "2027-04"),
        ("2027q4", "2027-10"),
        ("Apr-27", "2027-04"),
        ("April 2027", "2027-04"),
        (2027.0, "2027-01"),
        (2027, "2027-01"),
        (datetime.date(2027, 4, 9), "2027-04"),
        (datetime.datetime(2027, 4, 9, 1), "2027-04"),
        ("2027-13", None),
        ("27-04", None),
        ("", None),
        (True, None),
        (1.5, None),
    ],
)
def test_months_as_people_write_them(cell: Any, month: str | None) -> None:
    assert read_month(cell) == month


def test_a_written_formula_guard_is_read_back(tmp_path: Path) -> None:
    """Text that a spreadsheet would run was written with an apostrophe."""
    world = problem(sites=[site("=campus")])
    path = write(tmp_path / "a.csv", "site,block,month,units\n'=campus,hall,2026-01,1\n")
    assert read_decisions(path, world).orders[0].site == "=campus"


# ---------------------------------------------------------------------------------------------------------------- deals
LEASED = problem(
    horizon={"start": "2026-01", "periods": 8, "period": "quarter"},
    sites=[site(), site("milam", existing_shell_mw=0, build_months=6)],
    deals=[
        {"id": "oracle", "kind": "lease", "musd_per_mw_year": 10, "term_years": 3, "optional": True},
        {"id": "bank", "kind": "loan", "limit_musd": 500, "rate": 0.07, "term_years": 5},
        {"id": "customer", "kind": "offtake", "musd_per_mw_year": 12, "optional": True},
        {"id": "letter", "kind": "equity_tranches", "tranches": [{"at": 5, "musd": 10}], "optional": True},
    ],
)


def deal_faults(path: Path) -> list[str]:
    with pytest.raises(RequestError) as caught:
        read_decisions(path, LEASED)
    return [str(f) for f in caught.value.faults if f.severity == "error"]


def test_terms_of_orders_and_shells(tmp_path: Path) -> None:
    """An empty cell means bought; rows on different terms are not added up."""
    write(
        tmp_path / "orders.csv",
        "site,block,month,units,terms\nmilam,hall,2026-10,1,oracle\nmilam,hall,2026-10,2,\nmilam,hall,2026-10,3,own\n",
    )
    write(tmp_path / "shells.csv", "site,month,mw,terms\nmilam,2026-01,10,oracle\nmilam,2026-01,50,own\n")
    found = read_decisions(tmp_path, LEASED)
    assert [(o.units, o.terms) for o in found.orders] == [(1, "oracle"), (5, "own")]
    assert [(s.mw, s.terms) for s in found.shells] == [(10, "oracle"), (50, "own")]


def test_what_is_signed_drawn_and_sold(tmp_path: Path) -> None:
    """A folder, a workbook and JSON say the same; draws of one month are added up."""
    rows = {
        "orders": [["site", "block", "month", "units"], ["abilene", "hall", "2026-01", 2]],
        "signed": [["deal"], ["bank"], ["customer"], ["bank"]],
        "draws": [["deal", "month", "musd"], ["bank", "2026-01", 30], ["bank", "2026-02", 20.5]],
        "sales": [["deal", "site", "block", "month", "amount"], ["customer", "abilene", "hall", "2026-04", 7.5]],
    }
    folder = tmp_path / "record"
    folder.mkdir()
    for name, table in rows.items():
        write(folder / f"{name}.csv", "\n".join(",".join(str(c) for c in row) for row in table) + "\n")
    document: dict[str, Any] = {n: [dict(zip(table[0], row)) for row in table[1:]] for n, table in rows.items()}
    document["signed"] = ["bank", "customer"]
    files = [folder, workbook(tmp_path / "a.xlsx", rows), write(tmp_path / "a.json", json.dumps(document))]
    for path in files:
        record = read_record(path, LEASED)
        found = record.decisions
        assert found.signed == ["bank", "customer"], path
        assert [(d.deal, d.month, d.musd) for d in found.draws] == [("bank", "2026-01", 50.5)]
        assert [(s.deal, s.site, s.block, s.month, s.amount) for s in found.sales] == [
            ("customer", "abilene", "hall", "2026-04", 7.5)
        ]
        assert not [a for a in record.assumptions if a.field == "signed"]


def test_one_csv_of_draws_or_sales_or_with_a_table_column(tmp_path: Path) -> None:
    draws = read_decisions(write(tmp_path / "d.csv", "deal,month,musd\nbank,2026-01,5\n"), LEASED)
    assert [d.musd for d in draws.draws] == [5]
    sales = read_decisions(
        write(tmp_path / "s.csv", "deal,site,block,month,amount\ncustomer,abilene,hall,2026-01,5\n"), LEASED
    )
    assert [s.amount for s in sales.sales] == [5]
    text = "table,deal,site,block,month,units,musd\nsigned,bank,,,,,\ndraw,bank,,,2026-01,,9\norder,,abilene,hall,2026-01,1,\n"
    both = read_decisions(write(tmp_path / "b.csv", text), LEASED)
    assert (both.signed, [d.musd for d in both.draws], orders(both)) == (
        ["bank"],
        [9],
        [("abilene", "hall", "2026-01", 1)],
    )


def test_what_is_signed_follows_from_use_where_nothing_is_stated(tmp_path: Path) -> None:
    """The loan is signed by the request; the optional lease because an order is on it, and that is said. The leased
    hall at milam stands in shell that the partner builds in time."""
    path = write(tmp_path / "a.csv", "site,block,month,units,terms\nmilam,hall,2026-10,1,oracle\n")
    record = read_record(path, LEASED)
    assert record.decisions.signed == ["oracle", "bank"]
    said = {(a.subject, a.field): a.value for a in record.assumptions}
    assert said[("deal oracle", "signed")] is True and ("deal bank", "signed") not in said
    assert [(s.site, s.month, s.mw, s.terms) for s in record.decisions.shells] == [("milam", "2026-04", 10, "oracle")]


def test_faults_of_deals_with_their_rows(tmp_path: Path) -> None:
    write(
        tmp_path / "orders.csv",
        "site,block,month,units,terms\nmilam,hall,2026-10,1,oracel\nmilam,hall,2026-10,1,bank\n",
    )
    write(tmp_path / "signed.csv", "deal\nbnak\n")
    write(tmp_path / "draws.csv", "deal,month,musd\noracle,2026-10,1\nbank,2026-10,-1\n")
    write(tmp_path / "sales.csv", "deal,site,block,month,amount\nbank,abilen,hall,2026-01,1\n")
    assert deal_faults(tmp_path) == [
        "orders[2].terms: row 2: terms 'oracel' is neither own nor a lease (did you mean oracle?)",
        "orders[3].terms: row 3: terms 'bank' is a deal of kind loan, not a lease",
        "signed[2].deal: row 2: deal 'bnak' is not in the request (did you mean bank?)",
        "draws[2].deal: row 2: deal 'oracle' is of kind lease, draws need a deal of kind loan (known: bank)",
        "draws[3].musd: row 3: musd is a number, 0 or more, not '-1'",
        "sales[2].deal: row 2: deal 'bank' is of kind loan, sales need a deal of kind offtake (known: customer)",
        "sales[2].site: row 2: site 'abilen' is not in the request (did you mean abilene?)",
    ]
    assert deal_faults(write(tmp_path / "a.json", '{"signed": "bank"}')) == [
        "signed: must be a list of ids (each with deal)"
    ]
    assert "row 0" not in deal_faults(write(tmp_path / "b.json", '{"signed": ["bnak"]}'))[0]


def test_a_request_without_deals_names_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "site,block,month,units,terms\nabilene,hall,2026-04,1,oracle\n")
    assert faults(path) == ["orders[2].terms: row 2: terms 'oracle' is neither own nor a lease (known: own)"]
    found = write(tmp_path / "b.csv", "deal,month,musd\nbank,2026-04,1\n")
    assert faults(found) == ["draws[2].deal: row 2: deal 'bank' is not in the request"]


def test_a_plan_json_brings_its_deals(tmp_path: Path) -> None:
    given = Decisions.model_validate(
        {
            "openings": [{"site": "abilene", "month": "2026-01"}],
            "orders": [{"site": "abilene", "block": "hall", "month": "2026-01", "units": 1, "terms": "oracle"}],
            "shells": [{"site": "milam", "month": "2026-01", "mw": 5, "terms": "oracle"}],
            "signed": ["oracle", "bank"],
            "draws": [{"deal": "bank", "month": "2026-01", "musd": 5}],
        }
    )
    plan = evaluate(LEASED, ground(LEASED), given)
    assert read_record(write(tmp_path / "plan.json", plan.model_dump_json()), LEASED).decisions == given
