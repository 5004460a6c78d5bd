"""The shipped examples: they parse, name known properties, hold true areas, cost 35 to 80 BUSD per GW (M3.1, M3.9)."""

from __future__ import annotations

import csv
import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyproj import Geod
from shapely.geometry import Polygon, shape

from api.examples import folder, names, path
from api.terminal.shelf import copy_example
from planner.catalogue import expand, lookup
from planner.problem.request import Request
from planner.problem.site import Site

GEOD = Geod(ellps="WGS84")
HA_PER_ACRE = 0.40468564224
NOTES = {
    "acres",
    "geometry_basis",
    "grid_basis",
    "note",
    "opening_note",
    "source_url",
}  # for readers; the program ignores them
KNOWN = set(Site.model_fields) | NOTES
EACH_EXAMPLE = pytest.mark.parametrize("name", names())


def request(name: str) -> dict[str, Any]:
    out = yaml.safe_load(path(name).read_text(encoding="utf-8"))
    out["blocks"] = [expand(entry) for entry in out["blocks"]]
    return dict(out)


def features(name: str) -> list[dict[str, Any]]:
    return list(json.loads((path(name).parent / request(name)["sites"]).read_text(encoding="utf-8"))["features"])


def parcel_ha(feature: dict[str, Any]) -> float:
    area, _ = GEOD.geometry_area_perimeter(shape(feature["geometry"]))
    assert area > 0, "rings run counter-clockwise (RFC 7946)"
    return area / 10_000


def test_the_examples_are_found_by_name() -> None:
    assert names() == ("stargate", "world")
    assert path("stargate").is_file() and (folder("stargate") / "README.md").is_file()
    with pytest.raises(KeyError, match="stargate, world"):
        path("no-such")


@EACH_EXAMPLE
def test_requests_and_sites_parse(name: str) -> None:
    asked = Request(**request(name))
    sites = features(name)
    ids = [f["properties"]["id"] for f in sites]
    assert len(set(ids)) == len(ids)
    blocks = {b.id for b in asked.blocks}
    for feature in sites:
        properties = feature["properties"]
        assert set(properties) <= KNOWN, set(properties) - KNOWN
        site = Site(**{**asked.site_defaults, **{k: v for k, v in properties.items() if k not in NOTES}})
        assert site.peak_pue >= site.pue >= 1  # type: ignore[operator]
        assert {e.block for e in site.existing} <= blocks
        assert not site.existing or site.status == "committed"  # M3.3
        assert properties["geometry_basis"] and properties["grid_basis"] and properties["source_url"]
        values = [step.value for step in site.grid_mw]  # type: ignore[union-attr]
        assert values == sorted(values) and values[-1] > 0
        if feature["geometry"]["type"] == "Point":
            assert properties["buildable_ha"] > 0  # M3.1
    assert asked.fill == "tables" and (name == "world" or asked.budget is not None)


@EACH_EXAMPLE
def test_parcels_have_the_stated_area(name: str) -> None:
    for feature in features(name):
        stated = feature["properties"]["acres"] * HA_PER_ACRE
        if feature["geometry"]["type"] == "Polygon":
            assert parcel_ha(feature) == pytest.approx(stated, rel=1e-3), feature["properties"]["id"]
            assert "assumed" in feature["properties"]["geometry_basis"]
        else:
            assert feature["properties"]["parcel_ha"] == pytest.approx(stated, rel=1e-3)


@EACH_EXAMPLE
def test_parcels_do_not_overlap(name: str) -> None:
    polygons = [
        (f["properties"]["id"], Polygon(f["geometry"]["coordinates"][0]))
        for f in features(name)
        if f["geometry"]["type"] == "Polygon"
    ]
    for (a, p), (b, q) in itertools.combinations(polygons, 2):
        assert not p.intersects(q), f"{a} and {b}"


def deals_request() -> dict[str, Any]:
    """The second request of the Stargate example: every deal a decision."""
    out = yaml.safe_load((folder("stargate") / "request-deals.yaml").read_text(encoding="utf-8"))
    out["blocks"] = [expand(entry) for entry in out["blocks"]]
    return dict(out)


def facts() -> dict[tuple[str, str, str], dict[str, str]]:
    """The facts on deals by subject, item and date."""
    with (folder("stargate") / "deal-facts.csv").open(encoding="utf-8", newline="") as f:
        return {(r["subject"], r["item"], r["date"]): r for r in csv.DictReader(f)}


def fact(subject: str, item: str) -> float:
    """The value of the one fact of this name."""
    (value,) = [r["value"] for (s, i, _), r in facts().items() if (s, i) == (subject, item)]
    return float(value)


def by_id(asked: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {d["id"]: d for d in asked["deals"]}


def test_every_fact_on_deals_has_a_basis_and_an_address() -> None:
    for key, row in facts().items():
        assert row["basis"] in {"reported", "derived", "assumed"}, key
        assert row["source_url"].startswith("https://") or row["basis"] == "assumed", key
        assert row["unit"], key


def test_the_two_requests_differ_in_their_deals_only() -> None:
    """What is asked twice is the same, but for the name, Broadcom's block and which deals are a decision."""
    one, two = request("stargate"), deals_request()
    Request(**one), Request(**two)
    assert {k: v for k, v in one.items() if k not in {"name", "blocks", "deals"}} == {
        k: v for k, v in two.items() if k not in {"name", "blocks", "deals"}
    }
    assert [b for b in two["blocks"] if b["id"] != "broadcom-hall"] == one["blocks"]
    stands, choose = by_id(one), by_id(two)
    assert set(choose) - set(stands) == {"nvidia-2025", "broadcom-capacity"}
    for name, deal in stands.items():
        assert not deal.get("optional", False), f"{name} stands: it is signed"
        assert {**choose[name], "optional": False} == {"optional": False, **deal}, name
    assert {n for n, d in choose.items() if not d.get("optional", False)} == {"amd-first-gigawatt"}
    assert choose["nvidia-2025"]["exclusive_with"] == ["nvidia-2026"]  # M5.7: the letter or the cheque
    for deal in choose.values():
        assert "https://" in deal["source"] and ("assumed" in deal["source"] or "derived" in deal["source"]), deal["id"]


def test_no_dollar_of_the_deals_is_counted_twice() -> None:
    """NVIDIA's cheque is taken off the budget of 2027 (60,000 - 30,000); revenue funds the budget and is not added to it."""
    budget, deals = request("stargate")["budget"], by_id(request("stargate"))
    (cheque,) = deals["nvidia-2026"]["tranches"]
    assert cheque["musd"] == 1000 * fact("nvidia-openai-2026", "value")
    assert budget["per_year_musd"][0]["value"] + cheque["musd"] == 60_000
    assert budget["revenue_share"] == 0
    assert budget["after_horizon_limit_musd"] == budget["per_year_musd"][-1]["value"]  # M4.5: one year of budget


def test_the_letter_of_2025_is_ten_times_ten() -> None:
    tranches = by_id(deals_request())["nvidia-2025"]["tranches"]
    assert [t["at"] for t in tranches] == [1000 * n for n in range(1, 11)]
    assert sum(t["musd"] for t in tranches) == 1000 * fact("nvidia-openai-loi", "value")
    assert tranches[-1]["at"] == 1000 * fact("nvidia-openai-loi", "capacity")


def test_the_warrant_is_160_million_shares_in_equal_steps() -> None:
    warrant = by_id(request("stargate"))["amd-warrant"]
    tranches = warrant["tranches"]
    assert sum(t["shares_million"] for t in tranches) == pytest.approx(160, abs=1e-9)
    assert [t["at"] for t in tranches] == [1000 * n for n in range(1, 7)]
    assert [t["price_hurdle_usd"] for t in tranches] == [100 * n for n in range(1, 7)]
    assert tranches[-1]["price_hurdle_usd"] == fact("amd-openai", "share price hurdles")
    assert (warrant["exercise_usd"], warrant["expires"]) == (fact("amd-openai", "exercise price"), "2030-10")
    first = round(fact("amd", "market value") / fact("amd", "shares outstanding"))
    path = [round(first * (1 + fact("amd", "growth of the share price")) ** n) for n in range(4)]
    assert [s["value"] for s in warrant["share_price_usd"]] == path
    assert (warrant["monetise"], warrant["haircut"]) == (
        fact("amd-openai", "sold at vesting"),
        fact("amd-openai", "haircut"),
    )


def test_the_lease_costs_60_billion_a_year_for_the_whole_contract() -> None:
    """300 BUSD / 5 years / 4,500 MW = 13.33 MUSD per MW and year, chips included: nothing of it is bought again."""
    lease = by_id(request("stargate"))["oracle"]
    capacity_mw = 1000 * fact("oracle-openai", "capacity")
    assert lease["musd_per_mw_year"] * capacity_mw == pytest.approx(
        1000 * fact("oracle-openai", "value") / lease["term_years"], rel=1e-3
    )
    assert lease["covers"] == "all" and set(lease["includes"]) == {"opening", "land", "energy", "opex"}
    assert lease["minimum_mw"][-1]["value"] * 3 == capacity_mw
    sites = {f["properties"]["id"]: f["properties"] for f in features("stargate")}
    assert set(lease["filter"]["sites"]) <= {i for i, p in sites.items() if "stargate" in p["tags"]}


def test_broadcom_is_a_marked_stand_in() -> None:
    """208 racks x 64 chips x 4.614 PFLOPS; 208 x 120 kW; 17.5 MUSD per MW; 10 GW x 8 / 30."""
    asked = deals_request()
    block = next(b for b in asked["blocks"] if b["id"] == "broadcom-hall")
    assert block["it_mw"] == pytest.approx(208 * fact("broadcom-openai", "stand-in rack power") / 1000)
    assert block["pflops"] == pytest.approx(208 * 64 * fact("broadcom-openai", "stand-in performance"), rel=1e-3)
    assert block["capex_musd"] == pytest.approx(17.5 * block["it_mw"])
    assert {b["basis"] for b in block["basis"].values()} <= {"assumed", "derived"}
    (promise,) = by_id(asked)["broadcom-capacity"]["commitments"]
    share = 8 / fact("openai-aggregate", "capacity")
    assert promise["at"] == pytest.approx(1000 * fact("broadcom-openai", "capacity") * share, abs=1)
    assert block["supply"][-1]["value"] * block["it_mw"] >= promise["at"]  # it can be kept


def test_revenue_is_the_run_rate_per_gigawatt() -> None:
    """20 BUSD a year / 1.9 GW = 10.5 MUSD per MW and year on every block."""
    rate = fact("openai", "revenue per MW")
    runs, power = facts()["openai", "revenue run-rate", "2025-12"], facts()["openai", "compute capacity", "2025-12"]
    assert rate == pytest.approx(float(runs["value"]) / float(power["value"]), abs=0.03)
    for asked in (request("stargate"), deals_request()):
        for block in asked["blocks"]:
            assert block["revenue_musd_per_year"] == pytest.approx(rate * block["it_mw"], abs=0.06), block["id"]


def test_the_example_is_written_with_both_requests(tmp_path: Path) -> None:
    copy_example("stargate", tmp_path / "mine", force=False)
    written = {p.name for p in (tmp_path / "mine").iterdir()}
    assert {"request.yaml", "request-deals.yaml", "sites.geojson", "deal-facts.csv", "README.md"} <= written


def test_the_readme_tells_every_deal() -> None:
    readme = (folder("stargate") / "README.md").read_text(encoding="utf-8")
    assert [i for i in by_id(deals_request()) if f"`{i}`" not in readme] == []
    for left_out in ("Microsoft", "Amazon", "CoreWeave", "Cerebras", "SoftBank", "PORTS-Pike"):
        assert left_out in readme.split("## Deals")[1], left_out


def test_the_stargate_sites_are_there() -> None:
    sites = {f["properties"]["id"]: f["properties"] for f in features("stargate")}
    for part in (
        "abilene",
        "shackelford",
        "milam",
        "michigan",
        "wisconsin",
        "new-mexico",
        "lordstown",
        "ports-pike",
        "camellia",
    ):
        assert any(part in i and "stargate" in p["tags"] for i, p in sites.items()), part
    assert 15 <= len(sites) <= 22
    assert sum("comparable" in p["tags"] for p in sites.values()) >= 6
    assert "islanded" in sites["openai-stargate-new-mexico"]["tags"]


def test_the_world_is_large_and_worldwide() -> None:
    sites = [f["properties"] for f in features("world")]
    assert len(sites) >= 80 and len({p["country"] for p in sites}) >= 10
    assert {p["status"] for p in sites} == {"candidate", "excluded"}


@EACH_EXAMPLE
def test_every_american_site_finds_its_carbon_and_states_its_price(name: str) -> None:
    """Carbon is left to `fill: tables`; prices stand in the file, because they are public domain."""
    for feature in features(name):
        p = feature["properties"]
        if p["country"] == "US":
            assert 30 < p["electricity_usd_per_mwh"] < 200, p["id"]
            assert "carbon_kg_per_mwh" in p or "carbon_kg_per_mwh" in lookup(p["country"], p["state"], p["region"]), p[
                "id"
            ]


def test_abilenes_existing_halls_fit_its_power() -> None:
    """16 x 25.16 + 16 x 25.229 = 806 MW IT x 1.4 = 1,129 MW facility, under 1,180."""
    blocks = {b["id"]: b for b in request("stargate")["blocks"]}
    abilene = next(f["properties"] for f in features("stargate") if f["properties"]["id"] == "openai-stargate-abilene")
    it_mw = sum(e["units"] * blocks[e["block"]]["it_mw"] for e in abilene["existing"])
    assert it_mw == pytest.approx(806.2, abs=0.1)
    assert it_mw * abilene["pue_peak"] <= abilene["grid_mw"][0]["value"]


@EACH_EXAMPLE
def test_cost_per_gigawatt_by_hand(name: str) -> None:
    """MUSD per MW of IT (= BUSD per GW): chips + construction + opening and land, between a third NVIDIA and the cap.

    AMD halls cost less per PFLOPS at their central readings, so a plan buys them first; their supply leaves about a
    third of the megawatts to NVIDIA. Cheapest: a third of the cheapest NVIDIA hall, two of the cheapest AMD hall.
    """
    asked = request(name)
    bought = [b for b in asked["blocks"] if b["supply"]]
    chips = {v: [b["capex_musd"] / b["it_mw"] for b in bought if b["vendor"] == v] for v in ("nvidia", "amd")}
    ground = []
    for feature in features(name):
        p = {**asked.get("site_defaults", {}), **feature["properties"]}
        it_mw = p["grid_mw"][-1]["value"] / p["pue_peak"]
        land = p["land_usd_per_ha"] * p["acres"] * HA_PER_ACRE / 1e6
        entry = 0 if p["status"] == "committed" else p["opening_musd"] + land
        if it_mw > 100:
            ground.append(p["construction_musd_per_mw"] + entry / it_mw)
    cap = max(policy["max"] for policy in asked["policies"] if policy["kind"] == "vendor_share")
    cheapest = min(chips["nvidia"]) / 3 + 2 * min(chips["amd"]) / 3 + min(ground)
    dearest = cap * max(chips["nvidia"]) + (1 - cap) * max(chips["amd"]) + max(ground)
    assert 35 <= cheapest < dearest <= 80


def test_stargate_is_small_enough_to_solve_on_a_laptop() -> None:
    asked = request("stargate")
    free = [b for b in asked["blocks"] if b["supply"]]
    assert len(features("stargate")) * len(free) * asked["horizon"]["periods"] <= 20 * 7 * 20
    assert sum(s["value"] for s in asked["budget"]["per_year_musd"]) > 100_000  # several GW
    halls = {b["id"]: b["supply"][-1]["value"] for b in free}
    assert all(math.isclose(v, int(v)) for v in halls.values())


@EACH_EXAMPLE
def test_the_readme_and_the_file_give_credit(name: str) -> None:
    readme = (path(name).parent / "README.md").read_text(encoding="utf-8")
    collection = json.loads((path(name).parent / "sites.geojson").read_text(encoding="utf-8"))
    for text in (readme, collection["attribution"]):
        assert "Epoch AI" in text and "CC BY 4.0" in text and "FracTracker" in text
    assert "Electricity Maps" in readme
