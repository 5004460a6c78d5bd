"""A market that is priced by the kilometre, from the request to every file, and back from its own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyproj import Geod

from api import outputs, usecases
from api.outputs.bundle import Bundle

KM = Geod(ellps="WGS84").inv(-97, 32, -98, 32)[2] / 1_000


def document() -> dict[str, Any]:
    """One degree of longitude to the market on both sides; power costs nothing at the second one only."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, 32]},
            "properties": {"id": id, "grid_mw": 30, "buildable_ha": 100, "electricity_usd_per_mwh": price},
        }
        for id, lon, price in (("a", -99, 10), ("b", -97, 0))
    ]
    return {
        "name": "by km",
        "horizon": {"start": "2026-01", "periods": 3, "period": "year"},
        "blocks": [{"id": "hall", "vendor": "v", "it_mw": 10, "pflops": 1000}],
        "sites": {"type": "FeatureCollection", "features": features},
        "objective": {"minimize": "cost"},
        "discount_rate": 0,
        "terminal": "none",
        "markets": [
            {"id": "m", "location": [-98, 32], "metric": "it_mw", "amount": 5, "cost_musd_per_unit_km_year": 0.01}
        ],
        "solver": {"time_limit_s": 10, "relative_gap": 0.0},
    }


def test_every_file_is_written(tmp_path: Path) -> None:
    """Three years x 5 MW x some 94 km x 0.01; the report asks the ledger again what is committed, and needs the kilometres for it."""
    loaded = usecases.load_parsed(document(), tmp_path)
    plan = usecases.plan(loaded)
    assert plan.objective == pytest.approx(3 * 5 * KM * 0.01, rel=1e-6)
    written = outputs.write(Bundle(loaded.problem, plan, loaded.prepared.geometries), tmp_path / "out")
    assert set(written) == {o.name for o in outputs.OUTPUTS} | {"served.csv"}
    again = usecases.evaluate(loaded, tmp_path / "out")
    assert again.check is not None and again.check.ok
    assert again.objective == pytest.approx(plan.objective, rel=1e-9)


def test_a_table_that_a_newer_plan_has_not_is_removed(tmp_path: Path) -> None:
    loaded = usecases.load_parsed(document(), tmp_path)
    served = Bundle(loaded.problem, usecases.plan(loaded), loaded.prepared.geometries)
    outputs.write(served, tmp_path / "out", outputs.OUTPUTS[:1])
    assert (tmp_path / "out" / "served.csv").exists()
    outputs.write(
        Bundle(served.problem, served.plan.model_copy(update={"served": []}), served.geometries), tmp_path / "out"
    )
    assert not (tmp_path / "out" / "served.csv").exists()
