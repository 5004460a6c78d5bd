"""Words and lists of a plan that were changed after it was made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from api import usecases
from planner.ledger import evaluate
from planner.plan import Assumption, Decisions, Opening, Order, Plan, Shell


def made(request_file: Path) -> tuple[usecases.Loaded, Plan]:
    """A plan of one hall at Abilene, booked and dressed as one that the program hands out."""
    loaded = usecases.load(request_file)
    decisions = Decisions(
        openings=[Opening(site="abilene", month="2026-01")],
        orders=[Order(site="abilene", block="n", month="2026-07", units=1)],
        shells=[Shell(site="abilene", month="2026-01", mw=20.0)],
    )
    booked = evaluate(loaded.problem, loaded.ground, decisions)
    plan = usecases._dress(booked, loaded)
    return loaded, plan.model_copy(update={"provenance": {**plan.provenance, "origin": "test"}})


def families(loaded: usecases.Loaded, plan: Plan) -> set[str]:
    return {v.family for v in usecases.verify(loaded, plan).violations}


def test_an_untouched_plan_tells_nothing(request_file: Path) -> None:
    loaded, plan = made(request_file)
    assert families(loaded, plan) == set()


def raised(a: Assumption) -> Assumption:
    return a.model_copy(update={"value": "more"})


@pytest.mark.parametrize(
    "change",
    [
        lambda p: {"assumptions": [raised(p.assumptions[0]), *p.assumptions[1:]]},
        lambda p: {"assumptions": p.assumptions[1:]},
        lambda p: {"assumptions": [*p.assumptions, Assumption(subject="x", field="y", value=1, origin="table")]},
    ],
)
def test_assumptions(request_file: Path, change: Callable[[Plan], dict[str, Any]]) -> None:
    """M8.5: an entry changed, left out or made up."""
    loaded, plan = made(request_file)
    assert families(loaded, plan.model_copy(update=change(plan))) == {"assumptions"}


def test_reasons(request_file: Path) -> None:
    """What binds, and why a site holds no more, follow from the decisions."""
    loaded, plan = made(request_file)
    site = plan.sites[0].model_copy(update={"why": "because"})
    assert families(loaded, plan.model_copy(update={"sites": [site, *plan.sites[1:]]})) == {"sites"}
    binding = {"family": "budget", "subject": "budget", "months": ["2026-01"], "message": "made up"}
    forged = Plan.model_validate({**plan.model_dump(), "bindings": [*[b.model_dump() for b in plan.bindings], binding]})
    assert families(loaded, forged) == {"bindings"}


DEALS: list[dict[str, Any]] = [
    {"id": "bank", "kind": "loan", "counterparty": "bank", "limit_musd": 500, "rate": 0.07, "term_years": 5},
    {"id": "letter", "kind": "equity_tranches", "vendor": "nvidia", "tranches": [{"at": 5, "musd": 10}]},
]


@pytest.mark.parametrize("field", ["deals", "years", "concentration", "tariff_exposure", "circularity", "signed"])
def test_what_deals_bring(request_file: Path, field: str) -> None:
    """M5.8, M5.17, M5.18: each table of a plan with deals follows from the request, and none can be left out."""
    document = {**yaml.safe_load(request_file.read_text(encoding="utf-8")), "deals": DEALS}
    document["budget"] = {"per_year_musd": 90000}
    document["sites"]["features"][0]["properties"]["tariff"] = 0.1
    document["sites"]["features"][0]["properties"]["country"] = "US"
    loaded = usecases.load_parsed(document, request_file.parent)
    _, plain = made(request_file)
    decisions = plain.decisions().model_copy(update={"signed": ["bank", "letter"]})
    booked = usecases._dress(evaluate(loaded.problem, loaded.ground, decisions), loaded)
    assert families(loaded, booked) == set(), usecases.verify(loaded, booked).violations
    assert getattr(booked, field)
    assert families(loaded, booked.model_copy(update={field: []})) != set()
