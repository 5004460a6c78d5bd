"""The textbook model answers the same question: its optimum is ours on small requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import solvers
from api.usecases import load_parsed
from benchmarks import textbook

HERE = Path(__file__).parent
PORTFOLIO = HERE / "three_sites.json"
"""Three sites, two blocks and twelve quarters drawn like the portfolio families, with every feature of theirs."""

COMPUTE: dict[str, Any] = json.loads(PORTFOLIO.read_text())
COST: dict[str, Any] = {
    **{k: v for k, v in COMPUTE.items() if k != "budget"},
    "objective": {"minimize": "cost"},
    "terminal": "none",
    "demand": [
        {"id": "half-way", "metric": "it_mw", "by": "2027-07", "amount": 110},
        {"id": "end", "metric": "it_mw", "by": "2028-10", "amount": 320},
    ],
}


def short_lives(document: dict[str, Any]) -> dict[str, Any]:
    """Units that leave within the horizon."""
    return {**document, "blocks": [{**b, "life_years": 0.75} for b in document["blocks"]]}


def sparse_money(document: dict[str, Any]) -> dict[str, Any]:
    """Money that binds, from an opening balance."""
    return {**document, "budget": {"opening_musd": 500, "per_year_musd": 2500}}


def tight_policies(document: dict[str, Any]) -> dict[str, Any]:
    """A regional limit and a vendor share that bind."""
    share = {"kind": "vendor_share", "vendor": "nvidia", "max": 0.5, "from": "2027-10"}
    limit = {"kind": "limit", "filter": {"regions": ["PJM"]}, "metric": "it_mw", "of": "online", "max": 100}
    return {**document, "policies": [share, limit]}


@pytest.mark.parametrize(
    "document",
    [COMPUTE, sparse_money(COMPUTE), short_lives(COMPUTE), tight_policies(COMPUTE), COST, tight_policies(COST)],
    ids=["compute", "little money", "short lives", "tight policies", "cost", "cost, tight policies"],
)
def test_same_optimum(document: dict[str, Any]) -> None:
    """Both prove an optimum; they agree to the proven gaps (1e-6)."""
    document = {**document, "solver": {"relative_gap": 0, "time_limit_s": 60}}
    loaded = load_parsed(document, HERE)
    ours = solvers.plan(loaded.problem, loaded.ground)
    assert ours.status.stopped == "optimal" and ours.objective is not None
    sign = -1 if ours.objective_sense == "maximize" else 1
    h = textbook.to_highs(textbook.standard_form(textbook.build(loaded.problem, loaded.ground)))
    theirs = textbook.solve(h, sign, time_limit_s=60, relative_gap=0)
    assert theirs.status == "Optimal" and theirs.objective is not None
    assert ours.objective > 0
    assert theirs.objective == pytest.approx(ours.objective, rel=2e-6)


def test_unknown_features_are_refused_by_name() -> None:
    """A request beyond the textbook model is not answered as if it were within."""
    features = COMPUTE["sites"]["features"]
    committed = [{**f, "properties": {**f["properties"], "status": "committed"}} for f in features]
    loaded = load_parsed({**COMPUTE, "sites": {"type": "FeatureCollection", "features": committed}}, HERE)
    with pytest.raises(textbook.NotInTextbook, match="committed or excluded sites"):
        textbook.build(loaded.problem, loaded.ground)
