"""The catalogue: figures have source and basis, the arithmetic holds, tables answer as by hand (M2.1, M2.6, M3.10)."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import pytest

from planner.catalogue import FIELDS, CatalogueBlock, UnknownBlock, blocks, expand, lookup
from planner.catalogue.loader import BASES
from planner.catalogue.tables import electricity
from planner.problem.block import Block

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / ".." / "shared" / "reference"
CONSTRUCTION_MUSD_PER_MW = 11.77
ALL = sorted(blocks().values(), key=lambda b: b.id)
EACH_BLOCK = pytest.mark.parametrize("block", ALL, ids=lambda b: b.id)


def test_the_generations_that_a_planner_needs_are_there() -> None:
    wanted = {"gb300-hall", "vera-rubin-hall", "rubin-ultra-hall", "mi355x-hall", "helios-hall", "mi500-hall"}
    assert wanted <= set(blocks())
    assert {b.fields["vendor"] for b in ALL} == {"nvidia", "amd"}


@EACH_BLOCK
def test_every_figure_says_value_unit_basis_source_and_date(block: CatalogueBlock) -> None:
    assert set(block.fields) - {"id", "vendor", "name"} == set(block.basis)
    for name, figure in block.basis.items():
        assert block.fields[name] == figure.value, name
        assert figure.unit and figure.source and figure.date and figure.note, name
        assert figure.basis in BASES, name
        assert (figure.low is None) == (figure.high is None), name
        if figure.low is not None and figure.high is not None:
            assert figure.low <= float(figure.value) <= figure.high, name
    assert (
        block.basis["it_mw"].scope == block.basis["capex_musd"].scope == "all_in"
    )  # power and price say what they cover
    assert "supply" not in block.fields  # what a vendor delivers to whom is the planner's to say


@EACH_BLOCK
def test_the_figures_follow_from_the_racks(block: CatalogueBlock) -> None:
    """it_mw = racks x all-in kW / 1000; capex = racks x price x (1 + share), or MW x content x (1 + share)."""
    hall, fields = block.hall, block.fields
    assert fields["gpus"] == hall["racks"] * hall["gpus_per_rack"]
    assert fields["pflops"] == round(hall["racks"] * hall["fp8_pflops_per_rack"])
    for part, it_mw, capex in zip(
        ("low", "value", "high"), block.bounds("it_mw"), block.bounds("capex_musd"), strict=True
    ):
        assert it_mw == pytest.approx(hall["racks"] * hall["all_in_kw_per_rack"][part] / 1000, abs=1e-3)
        share = 1 + hall["network_and_storage_share"][part]
        if "rack_price_musd" in hall:
            assert capex == pytest.approx(hall["racks"] * hall["rack_price_musd"][part] * share, abs=0.1)
        else:
            assert capex == pytest.approx(fields["it_mw"] * hall["content_musd_per_mw"][part] * share, abs=0.1)
    assert fields["footprint_ha"] == pytest.approx(fields["it_mw"] * 250 / 988 * 0.404686, abs=1e-3)
    assert fields["opex_musd_per_year"] == pytest.approx(fields["it_mw"] * 0.302, abs=0.01)
    assert 10 <= fields["it_mw"] <= 50


def test_vera_rubin_by_hand() -> None:
    """100 racks x 72 x 3.48 kW = 25.056 MW; x 1,260 = 126,000 PFLOPS; x 7.8 x 1.175 = 916.5 MUSD."""
    fields = blocks()["vera-rubin-hall"].fields
    assert (fields["gpus"], fields["it_mw"], fields["pflops"], fields["capex_musd"]) == (7200, 25.056, 126_000, 916.5)


@pytest.mark.parametrize(
    ("vendor", "low", "high"), [("nvidia", 35, 80), ("amd", 28, 45)], ids=["nvidia-in-35-80", "amd-cheaper-chips"]
)
def test_chips_and_construction_per_gigawatt(vendor: str, low: float, high: float) -> None:
    """MUSD per MW is BUSD per GW. AMD content is 15 to 20 BUSD per GW, so its halls stand below the published 35."""
    for block in ALL:
        if block.fields["vendor"] == vendor:
            assert low <= block.fields["capex_musd"] / block.fields["it_mw"] + CONSTRUCTION_MUSD_PER_MW <= high, (
                block.id
            )


def test_the_better_vendor_changes_within_the_ranges() -> None:
    """Chips + construction per PFLOPS: Helios centrally, Vera Rubin at its low price; per MW the other way round."""
    rubin, helios = blocks()["vera-rubin-hall"], blocks()["helios-hall"]

    def kusd_per_pflops(block: CatalogueBlock, capex: float) -> float:
        return float(1000 * (capex + CONSTRUCTION_MUSD_PER_MW * block.fields["it_mw"]) / block.fields["pflops"])

    low, central, _ = rubin.bounds("capex_musd")
    at_helios = kusd_per_pflops(helios, helios.fields["capex_musd"])
    assert kusd_per_pflops(rubin, central) == pytest.approx(9.6, abs=0.05)
    assert at_helios == pytest.approx(6.1, abs=0.05)
    assert kusd_per_pflops(rubin, low) == pytest.approx(5.5, abs=0.05)
    assert kusd_per_pflops(rubin, low) < at_helios
    power_low, power, _ = helios.bounds("it_mw")
    assert 126_000 / power < 126_000 / rubin.fields["it_mw"] < 126_000 / power_low


@EACH_BLOCK
def test_a_block_is_a_valid_request_block(block: CatalogueBlock) -> None:
    assert Block(**expand(block.id)).it_mw == block.fields["it_mw"]


def test_an_id_stands_for_the_whole_block() -> None:
    full = expand("helios-hall")
    assert full["vendor"] == "amd" and full["basis"]["it_mw"]["low"] == 13.41
    full["basis"]["it_mw"]["low"] = 0
    assert expand("helios-hall")["basis"]["it_mw"]["low"] == 13.41  # a fresh copy each time


def test_overrides_replace_figures_and_their_basis() -> None:
    """M2.6: what the user states is his, and the catalogue no longer vouches for it."""
    supply = [{"from": "2027-01", "value": 6}]
    out = expand(
        {
            "use": "helios-hall",
            "id": "mine",
            "capex_musd": 600,
            "supply": supply,
            "basis": {"capex_musd": {"source": "offer"}},
        }
    )
    assert (out["id"], out["capex_musd"], out["supply"]) == ("mine", 600, supply)
    assert out["basis"]["capex_musd"] == {"source": "offer"} and out["basis"]["it_mw"]["value"] == out["it_mw"]
    assert "capex_musd" not in expand({"use": "helios-hall", "capex_musd": 600})["basis"]
    assert "use" not in out and Block(**out)


def test_a_users_own_block_is_left_alone() -> None:
    own = {"id": "x", "vendor": "v", "it_mw": 1}
    assert expand(own) == own


@pytest.mark.parametrize("entry", ["helios", {"use": "helios"}, {"use": None}, {"use": ["helios-hall"]}])
def test_an_unknown_id_is_named_with_those_that_exist(entry: object) -> None:
    with pytest.raises(UnknownBlock, match="helios-hall") as caught:
        expand(entry)  # type: ignore[arg-type]
    assert set(caught.value.known) == set(blocks())


def test_three_states_by_hand() -> None:
    """Cents per kWh x 10 = USD/MWh; USD/acre x 2.47105 = USD/ha; g/kWh = kg/MWh."""
    hand = {
        "TX": ("ERCOT", 67.2, 363.0, 2970 * 2.47105),
        "OH": ("PJM", 103.2, 418.0, 9350 * 2.47105),
        "WI": ("MISO", 90.1, 501.0, 6420 * 2.47105),
    }
    for state, (region, price, carbon, land) in hand.items():
        found = lookup("US", state)
        assert found["region"].value == region
        assert found["electricity_usd_per_mwh"].value == price and found["electricity_usd_per_mwh"].unit == "USD/MWh"
        assert found["carbon_kg_per_mwh"].value == carbon
        assert found["land_usd_per_ha"].value == pytest.approx(land, abs=0.01)


def test_countries_by_code_and_by_name() -> None:
    assert lookup("United States", "Texas") == lookup("us", "tx") == lookup(None, "TX")
    assert lookup("US")["electricity_usd_per_mwh"].value == 90.3
    assert lookup("Norway", "Agder")["carbon_kg_per_mwh"].value == 29.0
    assert lookup("United Kingdom")["carbon_kg_per_mwh"].value == lookup("GB")["carbon_kg_per_mwh"].value == 176.0


def test_nothing_is_invented() -> None:
    assert (
        lookup() == lookup("Atlantis") == lookup("Norway") == {}
    )  # Norway has several zones and none is chosen for it
    assert "electricity_usd_per_mwh" not in lookup("AE")  # no price abroad was read
    assert (
        lookup("IN", "TX").keys().isdisjoint({"electricity_usd_per_mwh", "region"})
    )  # a state code of another country


def test_a_stated_region_decides_the_zone_and_is_never_replaced() -> None:
    found = lookup("US", "TX", "WECC-EPE")
    assert found["carbon_kg_per_mwh"].value == 524.0 and "region" not in found
    assert lookup("US", "TX", "my zone")["carbon_kg_per_mwh"].value == 363.0  # unknown to us: the state decides


def test_every_state_is_complete_and_sourced() -> None:
    with (ROOT / "planner/catalogue/grid/states.csv").open(encoding="utf-8") as f:
        states = [r["state"] for r in csv.DictReader(f)]
    assert len(states) == 51
    for state in states:
        found = lookup("US", state)
        missing = set(FIELDS) - set(found)
        assert missing <= ({"land_usd_per_ha"} if state in {"AK", "HI", "DC"} else set()), state
        assert all(f.source and f.basis in BASES and f.note for f in found.values()), state
        official = electricity(state, "annual_2023")
        assert official is not None and 40 < float(official.value) < 400, state


def test_electricity_maps_data_stay_in_a_folder_of_their_own_with_the_credit() -> None:
    folder = ROOT / "planner/catalogue/carbon"
    credit = (folder / "CREDIT.md").read_text(encoding="utf-8")
    assert "Open Database License" in credit and "Electricity Maps" in credit
    for other in (ROOT / "planner/catalogue").rglob("*.csv"):
        if other.parent != folder:
            assert "g_kwh" not in other.read_text(encoding="utf-8"), other


def test_the_documents_table_is_the_catalogue() -> None:
    text = (ROOT / "docs/data.md").read_text(encoding="utf-8")
    for block in ALL:
        low, it_mw, high = block.bounds("it_mw")
        cheap, capex, dear = block.bounds("capex_musd")
        row = (
            f"| {block.id} | {it_mw:.1f} ({low:.1f} to {high:.1f}) | {block.fields['pflops']:,} "
            f"| {capex:,.1f} ({cheap:,.1f} to {dear:,.1f}) | {capex / it_mw:.1f} "
            f"| {capex / it_mw + CONSTRUCTION_MUSD_PER_MW:.1f} |"
        )
        assert row in text, row
    assert re.search(r"Epoch AI.*CC BY 4\.0", text) and "FracTracker" in text and "OpenStreetMap" in text


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the collected facts are not beside this checkout")
def test_shipped_rack_figures_are_the_collected_ones() -> None:
    with (REFERENCE / "blocks.csv").open(encoding="utf-8", newline="") as f:
        rows = {r["id"]: r for r in csv.DictReader(f)}
    pairs = {"gb200-hall": "gb200-nvl72", "gb300-hall": "gb300-nvl72", "vera-rubin-hall": "vr-nvl72",
             "rubin-ultra-hall": "rubin-ultra-nvl144-kyber", "mi355x-hall": "mi355x-dlc-128",
             "helios-hall": "helios-mi455x"}  # fmt: skip
    for block_id, row_id in pairs.items():
        hall, row = blocks()[block_id].hall, rows[row_id]
        assert hall["gpus_per_rack"] == int(row["gpus"])
        assert hall["fp8_pflops_per_rack"] == float(row["fp8_dense_pflops"])
        assert math.isclose(
            hall["all_in_kw_per_rack"]["value"], float(row["it_kw_per_gpu_all_in"]) * int(row["gpus"]), abs_tol=0.01
        )
        if row["price_musd_central"]:
            assert [hall["rack_price_musd"][k] for k in ("low", "value", "high")] == [
                float(row[f"price_musd_{k}"]) for k in ("low", "central", "high")
            ]
