"""A request with one of its figures changed: where a path leads, what a value does, and what it must not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api import usecases
from planner.errors import RequestError
from planner.problem.problem import Problem
from planner.problem.vary import neutral, parse, vary

EXAMPLES = sorted((Path(__file__).parents[3] / "api/examples").glob("*/*.yaml"))
RING = [[-99.0, 32.0], [-98.99, 32.0], [-98.99, 32.01], [-99.0, 32.01], [-99.0, 32.0]]
GRID = [{"from": "2026-01", "value": 20}, {"from": "2027-06", "value": 40}]


def loaded(**rest: Any) -> usecases.Loaded:
    def site(name: str, **stated: Any) -> dict[str, Any]:
        shape = {"type": "Polygon", "coordinates": [RING]}
        return {"type": "Feature", "geometry": shape, "properties": {"id": name, "buildable_ha": 9, **stated}}

    document = {
        "horizon": {"start": "2026-01", "periods": 4, "period": "year"},
        "discount_rate": 0.08,
        "blocks": [{"id": "n", "vendor": "nvidia", "it_mw": 10, "pflops": 100, "capex_musd": 100, "supply": 7}],
        "sites": {"type": "FeatureCollection", "features": [
            site("abilene", grid_mw=GRID, available_from="2026-01"), site("milam", grid_mw=30, pue=1.2)]},
        "budget": {"per_year_musd": 100},
        "objective": {"maximize": "compute"},
        **rest,
    }  # fmt: skip
    return usecases.load_parsed(document, Path())


def at(text: str, of: usecases.Loaded | None = None) -> Problem:
    """The problem at the only value of a variation."""
    it = of or loaded()
    found = parse(text)
    (value,) = found.values
    return vary(it.request, it.prepared.sites, it.ground, found.path, value)[1]


def faults(text: str) -> str:
    with pytest.raises(RequestError) as caught:
        at(text)
    return str(caught.value)


def steps(schedule: Any) -> list[tuple[str, float]]:
    return [(s.from_, s.value) for s in schedule]


# ------------------------------------------------------------------------------------------------- what a value does


def test_a_share_of_a_number_and_of_steps() -> None:
    budget = at("budget.per_year_musd=80%").budget
    assert budget is not None and budget.per_year_musd == pytest.approx(80)
    abilene, milam = at("sites.*.grid_mw=50%").sites
    assert steps(abilene.grid_mw) == [("2026-01", 10), ("2027-06", 20)] and milam.grid_mw == 15


def test_months_of_delay() -> None:
    abilene, milam = at("sites.abilene.grid_mw=+8m").sites
    assert steps(abilene.grid_mw) == [("2026-09", 20), ("2028-02", 40)] and milam.grid_mw == 30
    assert steps(at("sites.0.grid_mw=-1m").sites[0].grid_mw) == [("2025-12", 20), ("2027-05", 40)]
    assert at("sites.abilene.available_from=+13m").sites[0].available_from == "2027-02"


def test_all_of_a_list_means_those_that_can() -> None:
    """Milam's grid is one number, which nothing delays; Abilene states no PUE."""
    abilene, milam = at("sites.*.grid_mw=+6m").sites
    assert steps(abilene.grid_mw) == [("2026-07", 20), ("2027-12", 40)] and milam.grid_mw == 30
    abilene, milam = at("sites.*.pue=110%").sites
    assert abilene.pue == 1.0 and milam.pue == pytest.approx(1.32)


def test_a_figure_and_a_month() -> None:
    assert at("sites.abilene.grid_mw=35.5").sites[0].grid_mw == 35.5
    assert at("discount_rate=0.1").discount_rate == 0.1
    assert at("blocks.n.supply=3").blocks[0].supply == 3
    assert at("sites.abilene.available_from=2027-04").sites[0].available_from == "2027-04"


@pytest.mark.parametrize("text", ["budget.per_year_musd=100%", "sites.*.grid_mw=+0m", "discount_rate=0.08"])
def test_the_value_it_has_changes_nothing(text: str) -> None:
    it = loaded()
    assert at(text, it) == it.problem


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_shipped_examples_survive_the_way_there_and_back(path: Path) -> None:
    """Taken apart and put together again, a request is the same problem."""
    it = usecases.load(path)
    assert at("discount_rate=100%", it) == it.problem


def test_values_are_put_in_order_and_said_once() -> None:
    found = parse("a.b=120%, 80%,100%,80%")
    assert [v.text for v in found.values] == ["80%", "100%", "120%"] and found.name == "a.b"
    assert [v.text for v in parse("a=+6m,-3m,+0m").values] == ["-3m", "+0m", "+6m"]


def test_where_nothing_changes() -> None:
    it = loaded()
    for text, amount in (("budget.per_year_musd=80%", 1.0), ("sites.*.grid_mw=+6m", 0.0), ("discount_rate=0.1", 0.08),
                         ("blocks.n.supply=2", 7.0), ("sites.abilene.grid_mw=5", None)):  # fmt: skip
        assert neutral(parse(text), it.request, it.prepared.sites) == amount, text


# --------------------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("budget", "is no PATH=VALUE,VALUE"),
        ("budget.=1", "is no PATH=VALUE,VALUE"),
        ("budget.per_year_musd=", "'' is no value"),
        ("budget.per_year_musd=much,1e999", "'much' is no value"),
        ("budget.per_year_musd=80%,12", "values of 2 kinds"),
        ("discount_rate=" + ",".join(str(i) for i in range(51)), "51 values; 50 at the most"),
        ("budget.per_yer_musd=80%", "the request states no budget.per_yer_musd (did you mean per_year_musd?)"),
        ("money=80%", "the request states no money"),
        ("sites.abilen.grid_mw=80%", "sites has no abilen (did you mean abilene?)"),
        ("sites.2.grid_mw=80%", "sites has no 2"),
        ("sites.*.tariff=80%", "the request states no sites.*.tariff"),
        ("sites.abilene.pue=80%", "the request states no sites.abilene.pue"),
        ("sites=80%", "sites is a list of 2, which cannot be 80% (name one entry, or * for all 2)"),
        ("budget=80%", "budget is a mapping, which cannot be 80% (it has per_year_musd)"),
        ("budget.per_year_musd=+6m", "nothing to delay"),
        ("budget.per_year_musd=2027-01", "which cannot be 2027-01"),
        ("sites.abilene.id=5", "the land is measured once"),
        ("sites.*.buildable_ha=50%", "the land is measured once"),
        ("solver.time_limit_s=5", "solver cannot be varied"),
        ("budget.per_year_musd=-5", "budget.per_year_musd"),
        ("discount_rate=12", "discount_rate"),
        ("blocks.n.vendor=5", "which cannot be 5"),
        ("sites.milam.pue=50%", "cannot be 0.6"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    assert words in faults(text)


def test_everything_wrong_is_told_at_once() -> None:
    told = faults("sites.*.grid_mw=-5")
    assert "sites.abilene.grid_mw" in told and "sites.milam.grid_mw" in told
