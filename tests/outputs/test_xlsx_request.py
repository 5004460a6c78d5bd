"""A request as a workbook: what is written is read back as the same problem; every fault names its sheet and cell."""

from __future__ import annotations

import copy
import zipfile
from pathlib import Path
from typing import Any

import pytest

from api import usecases
from api.records.request_xlsx import load, read_request, write_request
from api.records.request_xlsx.layout import ORDER, flat, nest, text_of
from planner.errors import RequestError
from planner.problem.document import load_document

openpyxl = pytest.importorskip("openpyxl")
EXAMPLES = Path(__file__).resolve().parents[2] / "api" / "examples"
RING = [[-99.79, 32.5], [-99.77, 32.5], [-99.77, 32.52], [-99.79, 32.52], [-99.79, 32.5]]
HOLE = [[-99.785, 32.505], [-99.785, 32.506], [-99.784, 32.506], [-99.785, 32.505]]

RICH: dict[str, Any] = {
    "name": "Rich, in every table",
    "horizon": {"start": "2027-01", "periods": 8, "period": "quarter"},
    "discount_rate": 0.08,
    "blocks": [
        "gb300-hall",
        {"use": "vera-rubin-hall", "supply": [{"from": "2027-01", "value": 4}, {"from": "2028-01", "value": 16}], "life_years": 6},
        {
            "id": "mine", "vendor": "acme", "it_mw": 5, "pflops": 9000, "footprint_ha": 1,
            "capex_musd": [{"from": "2027-01", "value": 90}],
            "life_years": 5, "uses": {"water": 2.5}, "payments": [{"months": 0, "share": 0.3}, {"months": 6, "share": 0.7}],
            "allowed_regions": ["US"], "early_retirement": True, "max_per_site": 9,
            "basis": {"capex_musd": {"value": 90, "low": 80, "high": 110, "unit": "MUSD", "basis": "assumed", "date": "2026-10"}},
        },
    ],
    "supply_pools": [{"id": "pool", "filter": {"vendors": ["nvidia", "acme"]}, "metric": "it_mw",
                      "amount": [{"from": "2027-01", "value": 900}]}],
    "sites": {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [RING, HOLE]},
                "properties": {
                    "id": "abilene", "name": "[Abilene]", "status": "committed", "tags": ["own", "south"], "resources": {"water": 90},
                    "grid_mw": [{"from": "2027-01", "value": 150}, {"from": "2028-01", "value": 400}],
                    "existing": [{"block": "gb300-hall", "units": 2, "online_from": "2026-01",
                                  "unpaid": [{"month": "2027-02", "musd": 5}]}],
                },
            },
            {
                "type": "Feature",
                "geometry": {"type": "MultiPolygon", "coordinates": [[RING], [[[p[0] + 0.1, p[1]] for p in RING]]]},
                "properties": {"id": "two", "grid_mw": 200, "opening_musd": 20, "available_from": "2027-07"},
            },
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-83.8, 42.17]},
             "properties": {"id": "123", "grid_mw": 300, "buildable_ha": 60}},
        ],
    },
    "site_defaults": {"pue": 1.2, "construction_musd_per_mw": [{"from": "2027-01", "value": 11.8}], "build_months": 6},
    "fill": "tables",
    "land": {"setback_m": 30, "min_patch_ha": 2},
    "budget": {"per_year_musd": [{"from": "2027-01", "value": 4000}, {"from": "2028-01", "value": 9000}], "covers": ["capex"],
               "revenue_share": 0.5},
    "deals": [
        {"id": "letter", "kind": "equity_tranches", "counterparty": "nvidia", "vendor": "nvidia", "source": "a, b\nand c",
         "tranches": [{"at": 25, "musd": 100}, {"at": 50, "musd": 50}]},
        {"id": "shares", "kind": "warrants", "vendor": "nvidia", "haircut": 0.1,
         "share_price_usd": [{"from": "2027-01", "value": 100}],
         "tranches": [{"at": 25, "shares_million": 1, "price_hurdle_usd": 90}], "optional": True, "exclusive_with": ["letter"]},
        {"id": "promise", "kind": "purchase_commitment", "vendor": "acme",
         "steps": [{"by": "2028-10", "at": 5, "shortfall_musd_per_unit": 1}]},
        {"id": "bank", "kind": "loan", "limit_musd": 300, "rate": 0.07, "term_years": 3, "grace_months": 3},
    ],
    "demand": [{"id": "campus", "by": "2028-01", "amount": 20, "filter": {"tags": ["own"]}, "shortfall_musd_per_unit_year": 3}],
    "markets": [{"id": "dallas", "location": [-96.8, 32.8], "amount": 1, "max_km": 900, "cost_musd_per_unit_km_year": 0.001}],
    "policies": [
        {"kind": "vendor_share", "vendor": "nvidia", "max": 0.9, "from": "2028-01"},
        {"kind": "lock", "order": {"site": "abilene", "block": "mine", "month": "2027-04", "units": 1}},
        {"kind": "limit", "id": "cap", "filter": {"sites": ["two"], "blocks": ["mine"]}, "max": [{"from": "2027-01", "value": 80}]},
    ],
    "objective": [{"maximize": "compute", "tolerance": 0.01}, {"minimize": "cost"}],
    "terminal": "none",
    "solver": {"time_limit_s": 5, "relative_gap": 0.01},
}  # fmt: skip


def same(document: dict[str, Any], base: Path, path: Path) -> None:
    """The workbook is the same problem on the same ground, with the same assumptions."""
    write_request(document, base, path)
    a, b = usecases.load_parsed(copy.deepcopy(document), base), load(path)
    assert b.problem == a.problem and b.ground == a.ground
    ledgers = [sorted((x.subject, x.field, str(x.value), x.source) for x in loaded.assumptions) for loaded in (a, b)]
    assert ledgers[0] == ledgers[1]
    assert len(b.warnings) == len(a.warnings)


def test_every_table_comes_back(tmp_path: Path) -> None:
    """All tables, steps, JSON cells, holes, parts, numbers that are names."""
    same(RICH, tmp_path, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["help", *ORDER]


@pytest.mark.parametrize("name", ["stargate/request.yaml", "stargate/request-deals.yaml", "world/request.yaml"])
def test_the_examples_come_back(name: str, tmp_path: Path) -> None:
    """The shipped requests, whose sites are files, as one workbook each."""
    path = EXAMPLES / name
    same(load_document(path), path.parent, tmp_path / "r.xlsx")


def test_reading_and_writing_again_changes_nothing(tmp_path: Path) -> None:
    """What was read from a workbook makes the same workbook, byte for byte."""
    write_request(RICH, tmp_path, tmp_path / "a.xlsx")
    write_request(read_request(tmp_path / "a.xlsx").document, tmp_path, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def change(tmp_path: Path, **cells: Any) -> Path:
    """The rich workbook with some cells changed: ``sheet__COLUMN__row=value`` (row 1 renames the column)."""
    path = tmp_path / "changed.xlsx"
    write_request(RICH, tmp_path, path)
    book = openpyxl.load_workbook(path)
    for where, value in cells.items():
        sheet, column, row = where.rsplit("__", 2)
        found = {c.value: c.column for c in book[sheet][1]}
        if column not in found:
            found[column] = book[sheet].max_column + 1
            book[sheet].cell(1, found[column]).value = column
        book[sheet].cell(int(row), found[column]).value = value
    book.save(path)
    return path


def told(path: Path) -> str:
    with pytest.raises(RequestError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"blocks__it_mw__4": -3}, ("sheet blocks, cell", "must be 0 or more")),
        ({"blocks__use__3": "vera-rubin-hal"}, ("sheet blocks, cell A3", "did you mean vera-rubin-hall?")),
        ({"sites__grid_mw__3": "much"}, ("sheet sites, cell", "much")),
        ({"deals__kind__2": "gift"}, ("sheet deals, cell", "unknown kind")),
        ({"tranches__musd__2": -1}, ("sheet tranches, cell", "must be 0 or more")),
        ({"policies__max__2": 9}, ("sheet policies, cell", "must be 1 or less")),
        ({"schedules__id__2": "nobody"}, ("sheet schedules, cell B2", "no entry is called 'nobody'")),
        ({"schedules__table__2": "blox"}, ("sheet schedules, cell A2", "did you mean blocks?")),
        ({"parcels__site__2": "abileen"}, ("sheet parcels, cell A2", "did you mean abilene?")),
        ({"parcels__lon__3": "west"}, ("sheet parcels, cell A3", "numbers in lon and lat")),
        ({"existing__units__2": 1.5}, ("sheet existing, cell", "whole number")),
        ({"basis__low__2": "low"}, ("sheet basis, cell", "must be a number")),
        ({"budget__per_year_musd__3": None}, ("sheet budget, cell", "is required")),
        ({"demand__amuont__2": 1}, ("sheet demand, cell", "did you mean amount?")),
    ],
)
def test_a_fault_names_its_sheet_and_cell(cells: dict[str, Any], words: tuple[str, ...], tmp_path: Path) -> None:
    """Where it stands in the workbook, and what is wrong."""
    text = told(change(tmp_path, **cells))
    for word in words:
        assert word in text, text


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Cells that make no sense by themselves and what the request's reading finds."""
    text = told(change(tmp_path, schedules__id__2="nobody", blocks__it_mw__4=-3, demand__amount__2="x"))
    assert "cell B2" in text and "sheet blocks" in text and "sheet demand" in text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"budget": 400}, "sheet budget, cell A2: budget is stated elsewhere"),
        (
            {"budget.per_year_musd": 400},
            "sheet budget, cell A1: budget.per_year_musd stands in the sheet settings, too",
        ),
        ({"land": "none"}, "sheet exclusions, cell A1: land is stated elsewhere"),
        ({"policies": "none"}, "sheet policies, cell A1: policies stands in the sheet settings, too"),
    ],
)
def test_what_stands_in_two_places_is_told(setting: dict[str, Any], words: str, tmp_path: Path) -> None:
    """A setting where a sheet of its own says something else: neither wins, nothing is dropped without a word."""
    path = tmp_path / "r.xlsx"
    write_request({**RICH, "land": {"exclusions": [{"path": "a.gpkg"}]}}, tmp_path, path)
    book = openpyxl.load_workbook(path)
    for row in setting.items():
        book["settings"].append(row)
    book.save(path)
    assert words in told(path)


@pytest.mark.parametrize(("sheet", "column", "row"), [("sites", "existing", 2), ("blocks", "basis", 4)])
def test_a_word_where_a_sheet_has_rows_is_told(sheet: str, column: str, row: int, tmp_path: Path) -> None:
    assert f"{column} is stated elsewhere" in told(change(tmp_path, **{f"{sheet}__{column}__{row}": "some"}))


def test_unknown_sheets_are_told_and_notes_are_not_read(tmp_path: Path) -> None:
    """A misspelt table is a fault with a suggestion; a sheet called notes is nobody's business."""
    path = tmp_path / "r.xlsx"
    write_request(RICH, tmp_path, path)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes")["A1"] = "anything"
    book.save(path)
    load(path)
    book.create_sheet("polices")["A1"] = "kind"
    book.save(path)
    assert "did you mean policies?" in told(path)


def test_dates_that_a_spreadsheet_made_are_months(tmp_path: Path) -> None:
    """2027-07 typed into a plain cell becomes a date; it is read as the month."""
    import datetime

    path = change(tmp_path, sites__available_from__3=datetime.datetime(2027, 10, 1))
    assert load(path).problem.sites[1].available_from == "2027-10"


def test_formulas_are_not_evaluated_and_errors_are_told(tmp_path: Path) -> None:
    """A formula without a saved value states nothing; one whose saved value is an error is a fault with its cell."""
    import xlsxwriter

    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("settings")
        sheet.write_row(0, 0, ["setting", "value"])
        sheet.write_row(1, 0, ["discount_rate"])
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["name"])
        sheet.write_formula(2, 1, '=WEBSERVICE("http://x")', None, "saved")
    assert "sheet settings, cell B2: holds an error value" in told(path)
    with pytest.raises(RequestError):
        read_request(path)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    """Text, a bomb, an empty book, a missing file: one clear line each."""
    (tmp_path / "t.xlsx").write_text("horizon: {}")
    assert "is no .xlsx workbook" in told(tmp_path / "t.xlsx")
    assert "there is no file" in told(tmp_path / "none.xlsx")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 501_000_000)
    assert "unpacks to more than" in told(tmp_path / "b.xlsx")
    openpyxl.Workbook().save(tmp_path / "e.xlsx")
    assert "has none of the sheets" in told(tmp_path / "e.xlsx") or "there is no table" in told(tmp_path / "e.xlsx")


@pytest.mark.parametrize("value", ["[1]", '{"a"', '"', " x ", "", "a\nb", "=1+1", "2027-01", "true", "1.5"])
def test_words_that_look_like_something_else_stay_words(value: str, tmp_path: Path) -> None:
    """A name may look like JSON, a formula, a date or a number."""
    document = {**RICH, "name": value}
    write_request(document, tmp_path, tmp_path / "r.xlsx")
    assert read_request(tmp_path / "r.xlsx").document["name"] == value


def test_flat_columns_are_nested_again() -> None:
    """Dotted columns and back; a key with a dot stays JSON."""
    record = {"a": {"b": {"c": 1}, "d": [1, 2]}, "e": {"x.y": 2}, "f": None}
    columns = dict(flat(record))
    assert set(columns) == {"a.b.c", "a.d", "e"} and text_of(columns["e"]) == '{"x.y": 2}'
    out: dict[str, Any] = {}
    for column, value in columns.items():
        nest(out, column, value)
    assert out == {"a": {"b": {"c": 1}, "d": [1, 2]}, "e": {"x.y": 2}}
