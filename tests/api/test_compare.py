"""``gigasite compare``: figures and sentences on plans written by hand, the layer, and files whole or not at all."""

from __future__ import annotations

import copy
import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from api.studies import compare_files, layer, moved
from api.studies.compare import compare
from api.studies.entry import Entry, labels
from api.studies.lines import Line, change_text, same
from api.studies.shapes import shapes
from planner.plan import (
    Cash,
    DealResult,
    Opening,
    Order,
    PeriodTotal,
    Plan,
    SitePeriod,
    SiteResult,
    Status,
    TrancheResult,
)

Run = Callable[..., subprocess.CompletedProcess[str]]
MONTHS = ("2026-01", "2027-01")


def site(id: str, month: str | None, mw: dict[str, tuple[float, float]], lon: float = -99.0) -> SiteResult:
    """A site with IT MW by vendor in both periods; ``month`` None: it stays shut."""
    ends = {v: b for v, (_, b) in mw.items() if b}
    periods = [
        SitePeriod(
            month=m, open=month is not None and month <= m, it_mw=sum(x[i] for x in mw.values()), facility_mw=0, grid_mw=100,
            shell_mw=0, standing_ha=0, gpus=0, units=0, idle_units=0, pflops=0, energy_mwh=0, carbon_tonnes=0, spend_musd=0,
            it_mw_by_vendor={v: x[i] for v, x in mw.items()},
        )
        for i, m in enumerate(MONTHS)
    ]  # fmt: skip
    return SiteResult(
        id=id, name=id.title(), region="ERCOT", country="US", state="TX", status="candidate", opened=month is not None,
        opening_month=month, lon=lon, lat=32.0, parcel_ha=10, buildable_ha=8, land=[], it_mw=sum(ends.values()), facility_mw=0,
        grid_mw=100, power_used_share=None, land_used_share=None, gpus=0, units=int(sum(ends.values()) / 10), pflops=0,
        it_mw_by_vendor=ends, units_by_block={f"{v}-hall": int(x / 10) for v, x in ends.items()}, spend_musd=1, main_limit="",
        why="", periods=periods,
    )  # fmt: skip


def plan(sites: list[SiteResult], compute: float, spent: float, tranche: str | None, bound: float, **more: Any) -> Plan:
    totals = []
    for i, month in enumerate(MONTHS):
        vendors: dict[str, float] = {}
        for s in sites:
            for v, x in s.periods[i].it_mw_by_vendor.items():
                vendors[v] = vendors.get(v, 0.0) + x
        mw = sum(vendors.values())
        totals.append(
            PeriodTotal(month=month, it_mw=mw, facility_mw=mw, gpus=0, units=0, pflops=10 * mw, capex_musd=spent / 2,
                        opex_musd=0, income_musd=0, it_mw_by_vendor=vendors)
        )  # fmt: skip
    deal = DealResult(
        id="letter", kind="equity_tranches", counterparty="amd", signed=tranche is not None, metric="it_mw",
        cash_in_musd=50 if tranche else 0, cash_out_musd=0, periods=[],
        tranches=[TrancheResult(at=10, month=tranche, musd=50 if tranche else 0)],
    )  # fmt: skip
    values = {"compute": compute, "value": 1.0, "cost": spent, "net_cost": spent, "carbon": 5.0, "spending": spent}
    return Plan(
        name="By hand", status=Status(stopped="gap_reached", holds="plan"), objective_name="compute",
        objective_sense="maximize", objective_unit="PFLOPS-years", objective=compute, bound=bound,
        gap=(bound - compute) / compute, gap_absolute=bound - compute,
        openings=[Opening(site=s.id, month=s.opening_month) for s in sites if s.opening_month],
        orders=[
            Order(site=s.id, block=f"{v}-hall", month=MONTHS[0], units=int(x / 10))
            for s in sites for v, x in s.it_mw_by_vendor.items()
        ],
        cash=[Cash(month=MONTHS[0], line="blocks", kind="capex", musd=spent)], sites=sites, totals=totals, deals=[deal],
        signed=["letter"] if tranche else [], objectives=values, **more,
    )  # fmt: skip


A = plan(
    [site("abilene", "2026-01", {"nvidia": (30, 60)}), site("milam", "2027-01", {"nvidia": (0, 20)}, -97.0), site("pike", None, {})],
    1000, 800, None, 1010,
)  # fmt: skip
B = plan(
    [site("abilene", "2027-01", {"nvidia": (0, 40), "amd": (0, 30)}), site("milam", None, {}, -97.0),
     site("pike", "2026-01", {"amd": (15, 15)}, 179.0)],
    1200, 850, "2027-01", 1215,
)  # fmt: skip


def lines(found: Any, section: str) -> dict[str, Line]:
    return {x.item: x for s in found.sections if s.title.startswith(section) for x in s.lines}


def test_every_section_by_hand() -> None:
    found = compare([Entry("a", A), Entry("b", B)])
    result = lines(found, "Result")
    assert result["objective"].values == (1000, 1200) and result["objective"].change(1) == 200
    assert result["sites open"].values == (2, 2)
    assert lines(found, "Every objective")["cost"].change(1) == 50
    money = lines(found, "Money")
    assert money["capex: blocks"].values == (800, 850) and "opex: energy" not in money
    mw = lines(found, "IT MW")
    assert mw["2026 all"].values == (30, 15) and mw["2027 all"].values == (80, 85)
    assert mw["2027 nvidia"].values == (80, 40) and mw["2027 amd"].values == (0, 45) and mw["2027 amd"].change(1) == 45
    assert lines(found, "PFLOPS")["2027"].values == (800, 850)
    opens = lines(found, "Openings")
    assert opens["abilene"].values == ("2026-01", "2027-01") and opens["abilene"].change(1) == "12 months later"
    assert opens["milam"].change(1) == "gone" and opens["pike"].change(1) == "new"
    units = lines(found, "Units")
    assert units["nvidia-hall ordered"].values == (8, 4) and units["amd-hall at the end"].values == (0, 4)
    deals = lines(found, "Deals")
    assert deals["letter"].values == ("not signed", "signed") and deals["letter: brings"].change(1) == 50
    assert deals["letter: tranche 1 at 10"].values == (None, "2027-01")


def test_sentences_for_a_board() -> None:
    told = compare([Entry("a", A), Entry("b", B)]).sentences
    assert told[0] == "Compute goes from 1,000 PFLOPS-years to 1,200 PFLOPS-years (+20.0 %), better."
    assert "In 2027-01 85 MW of IT instead of 80: amd +45, nvidia -40 MW." in told
    assert "MW by site in 2027-01: pike +15, abilene +10; milam -20." in told
    assert "It opens pike (2026-01); leaves milam shut; opens abilene 12 months later." in told
    assert "Spending over the horizon is $850 M instead of $800 M." in told
    assert "Deal letter is signed and brings $50.0 M." in told or "Deal letter is signed and brings $50 M." in told


def test_beside_a_tiny_base_no_percentage() -> None:
    def first(value: float) -> str:
        other = B.model_copy(update={"objectives": {**B.objectives, "compute": value}})
        return compare([Entry("a", A), Entry("b", other)]).sentences[0]

    assert "(+890.0 %), better" in first(9_900)
    assert "12,000 PFLOPS-years (12 times as much), better" in first(12_000)
    assert "1.53 million PFLOPS-years, better" in first(1_525_653)


def test_a_difference_inside_the_gaps_is_said_to_be() -> None:
    near = B.model_copy(update={"objectives": {**B.objectives, "compute": 1004.0}, "objective": 1004.0, "bound": 1010.0,
                                "gap_absolute": 6.0})  # fmt: skip
    told = compare([Entry("a", A), Entry("b", near)]).sentences[0]
    assert "inside the gaps of the two searches (16 PFLOPS-years together)" in told
    assert "inside the gaps" not in compare([Entry("a", A), Entry("b", B)]).sentences[0]


def test_requests_are_named_where_they_differ() -> None:
    one, two = (x.model_copy(update={"provenance": {"request_sha256": h}}) for x, h in ((A, "1"), (B, "2")))
    assert "The two plans answer different requests." in compare([Entry("a", one), Entry("b", two)]).sentences[0]
    assert compare([Entry("a", A), Entry("b", A)]).sentences == ("The decisions are the same.",)


def test_a_search_without_a_plan_is_compared_honestly() -> None:
    none = Plan(
        name="By hand", status=Status(stopped="infeasible", holds="no_plan"), objective_name="compute",
        objective_sense="maximize", objective_unit="PFLOPS-years", objective=None, bound=None, gap=None, gap_absolute=None,
    )  # fmt: skip
    found = compare([Entry("a", A), Entry("b", none)])
    assert found.sentences[0].startswith(
        "There is nothing to compare: b holds no plan (the limits contradict each other"
    )
    assert lines(found, "IT MW")["2027 all"].values == (80, None)
    assert lines(found, "Every objective")["compute"].values == (1000, None)


def test_megawatts_that_change_hands() -> None:
    """2026: 30 nvidia against 15 amd, 15 moved; 2027: amd +45, nvidia -40, so 40 moved and 5 added."""
    first, end = moved.moves(A, B, moved.vendors)
    assert (first.moved_mw, first.added_mw) == (15, -15) and (end.moved_mw, end.added_mw) == (40, 5)
    assert moved.peak([first, end]) == end == moved.last([first, end])
    assert moved.words(end) == "amd +45, nvidia -40 MW"
    sites = moved.last(moved.moves(A, B, moved.sites))
    assert sites.change == {"abilene": 10, "milam": -20, "pike": 15} and sites.moved_mw == 20
    assert moved.moves(A, A, moved.sites)[-1].change == {} and moved.words(moved.moves(A, A, moved.sites)[-1]) == "none"


def test_changes_in_words() -> None:
    assert Line("x", "MUSD", (0.0, 0.0)).change(1) == 0.0 and not Line("x", "", (None, None)).differs
    assert change_text(-1500.0, "MUSD") == "-$1.50 bn" and change_text(0.0, "MW") == "=" == change_text(None, "month")
    assert Line("x", "month", ("2027-02", "2027-01")).change(1) == "1 month earlier"
    assert same(1.0, 1.0 + 1e-12) and not same(1.0, 1.001)


def test_labels_are_short_and_distinct(tmp_path: Path) -> None:
    paths = [tmp_path / "x/plan.json", tmp_path / "with_oracle.plan.json", tmp_path / "z/x.json"]
    assert labels(paths) == ["x", "with_oracle", "x (2)"]


# ------------------------------------------------------------------------------------------------------------ the layer


def test_the_layer_by_hand(tmp_path: Path) -> None:
    entries = [Entry("base", A), Entry("other", B)]
    square = {"type": "Polygon", "coordinates": [[[-99, 32], [-98.9, 32], [-98.9, 32.1], [-99, 32.1], [-99, 32]]]}
    compare_files.write(compare(entries), [{"abilene": square}, {}], tmp_path / "out")
    document = json.loads((tmp_path / "out/compare.geojson").read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection" and "crs" not in document and len(document["bbox"]) == 4
    of = {f["id"]: f for f in document["features"]}
    assert list(of) == ["abilene", "milam", "pike"]
    abilene = of["abilene"]["properties"]
    assert (abilene["plan_a"], abilene["plan_b"]) == ("base", "other")
    assert (abilene["it_mw_a"], abilene["it_mw_b"], abilene["it_mw_change_b"]) == (60, 70, 10)
    assert (abilene["opening_month_a"], abilene["opening_month_b"], abilene["opening_later_months_b"]) == (
        "2026-01",
        "2027-01",
        12,
    )
    assert (abilene["vendor_moved_b"], abilene["vendor_moved_mw_b"], abilene["what_b"]) == ("amd", 30, "other_vendors")
    assert (abilene["it_mw_a_nvidia"], abilene["it_mw_b_nvidia"], abilene["it_mw_change_b_nvidia"]) == (60, 40, -20)
    assert of["milam"]["properties"]["what_b"] == "gone" and of["pike"]["properties"]["what_b"] == "new"
    assert of["abilene"]["geometry"] == square and of["pike"]["geometry"] == {
        "type": "Point",
        "coordinates": [-99.0, 32.0],
    }
    for f in of.values():
        assert f["properties"].keys() == abilene.keys()
        assert all(v is None or isinstance(v, str | int | float | bool) for v in f["properties"].values())
    frame = gpd.read_file(tmp_path / "out/compare.geojson")
    assert frame.crs == "EPSG:4326" and len(frame) == 3 and frame["it_mw_change_b"].sum() == 5


def test_a_site_that_only_one_plan_knows() -> None:
    small = A.model_copy(update={"sites": A.sites[:1]})
    of = {p["id"]: p for p in layer.properties([Entry("a", small), Entry("b", B)])}
    assert of["pike"]["opened_a"] is None and of["pike"]["it_mw_a"] == 0 and of["pike"]["what_b"] == "not_in_one"
    assert set(layer.geometries([Entry("a", small), Entry("b", B)], [{}, {}])) == {"abilene", "milam", "pike"}


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [0, 0]]]},
        {"type": "Point", "coordinates": [0, "x"]},
        {"type": "Point", "coordinates": [900, 0]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        {"type": ["Point"], "coordinates": [0, 0]},
    ],
)
def test_shapes_that_cannot_be_used_become_points(tmp_path: Path, geometry: Any) -> None:
    path = tmp_path / "sites.geojson"
    good = {"type": "Point", "coordinates": [1.0, 2.0]}
    features = [
        {"properties": {"site_id": "x"}, "geometry": geometry},
        {"properties": {"site_id": "y"}, "geometry": good},
    ]
    path.write_text(json.dumps({"features": features}))
    found, warning = shapes(path)
    assert found == {"y": good} and "1 of 2 features" in warning
    for text in ("", "[]", "{}", '{"features": 3}', "\xff"):
        path.write_text(text, encoding="latin-1")
        found, warning = shapes(path)
        assert found == {} and "drawn as points" in warning
    assert shapes(tmp_path / "none") == ({}, "")


# ---------------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name, found in (("a", A), ("b", B)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plan.json").write_text(json.dumps(found.model_dump(mode="json")))
    return tmp_path


def test_the_command(call: Run, folders: Path) -> None:
    done = call("compare", "a", "b/plan.json", "-o", "out")
    assert done.returncode == 0 and "\x1b" not in done.stdout, done.stderr
    for words in (
        "b against a",
        "Compute goes from",
        "IT MW at the end of each year",
        "12 months later",
        "+45",
        "files   out",
    ):
        assert words in done.stdout
    assert {p.name for p in (folders / "out").iterdir()} == set(compare_files.FILES)
    rows = list(csv.DictReader((folders / "out/compare.csv").open(encoding="utf-8")))
    row = next(r for r in rows if r["item"] == "2027 amd")
    assert (float(row["a"]), float(row["b"]), float(row["change: b"]), row["unit"]) == (0, 45, 45, "MW")
    assert "| 2027 amd | 0.0 | 45.0 | +45.0 |" in (folders / "out/compare.md").read_text(encoding="utf-8")


def test_three_plans(call: Run, folders: Path) -> None:
    done = call("compare", "a", "b", "a/plan.json", "-o", "out")
    assert done.returncode == 0 and "b, a (2) against a" in done.stdout
    assert "b: compute goes" in done.stdout and "a (2): the decisions are the same" in done.stdout
    first = json.loads((folders / "out/compare.geojson").read_text())["features"][0]["properties"]
    assert first["it_mw_change_b"] == 10 and first["it_mw_change_c"] == 0 and first["what_c"] == "same"


def test_what_cannot_be_compared_is_said_and_leaves_nothing(call: Run, folders: Path) -> None:
    (folders / "bad.json").write_text('{"format": "other"}')
    for args, words in (
        (("a",), "a comparison takes 2 to 26 plans"),
        (("a", "none.json"), "none.json"),
        (("a", "bad.json"), "not a gigasite plan"),
    ):
        done = call("compare", *args, "-o", "out")
        assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert not (folders / "out").exists()


def test_files_appear_whole_or_not_at_all(call: Run, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("compare", "a", "a", "-o", "out").returncode == 0
    before = {p.name: p.read_bytes() for p in (folders / "out").iterdir()}

    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device", "compare.geojson")

    monkeypatch.setattr(compare_files, "write_geojson", full)
    done = call("compare", "a", "b", "-o", "out")
    assert done.returncode == 1 and "the disk is full" in done.stderr
    assert {p.name: p.read_bytes() for p in (folders / "out").iterdir()} == before


def test_words_of_a_stranger_stay_words(call: Run, folders: Path) -> None:
    """A site called like a formula, a table row or a terminal command is text in every output."""
    document = copy.deepcopy(json.loads((folders / "b/plan.json").read_text()))
    for s in document["sites"]:
        if s["id"] == "pike":
            s["id"] = '=cmd|"x"\x1b[31m'
    document["openings"] = []
    (folders / "b/plan.json").write_text(json.dumps(document))
    done = call("compare", "a", "b", "-o", "out")
    assert done.returncode == 0 and "\x1b" not in done.stdout
    cells = [r["item"] for r in csv.DictReader((folders / "out/compare.csv").open(encoding="utf-8"))]
    assert any(c.startswith("'=cmd") for c in cells) and not any(c.startswith("=") for c in cells)
    assert "|=cmd" not in (folders / "out/compare.md").read_text(encoding="utf-8")
