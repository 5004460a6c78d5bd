"""A small request that solves in a second, and ways to call the command line."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


def square(lon: float, lat: float, d: float = 0.005) -> dict[str, Any]:
    ring = [[lon - d, lat - d], [lon + d, lat - d], [lon + d, lat + d], [lon - d, lat + d], [lon - d, lat - d]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(id: str, lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    common = {
        "id": id, "name": id.title(), "region": "ERCOT", "country": "US", "state": "TX", "pue": 1.2, "build_months": 3,
        "construction_musd_per_mw": 11, "opening_musd": 20, "electricity_usd_per_mwh": 60, "land_usd_per_ha": 20000,
    }  # fmt: skip
    return {"type": "Feature", "geometry": square(lon, lat), "properties": {**common, **properties}}


SMALL: dict[str, Any] = {
    "name": "Two campuses",
    "horizon": {"start": "2026-01", "periods": 6, "period": "quarter"},
    "discount_rate": 0.08,
    "blocks": [
        {
            "id": "n", "vendor": "nvidia", "gpus": 10000, "it_mw": 20, "pflops": 50000, "capex_musd": 500,
            "lead_months": 3,
            "footprint_ha": 2, "life_years": 6,
        },
        {"id": "a", "vendor": "amd", "gpus": 5000, "it_mw": 15, "pflops": 40000, "capex_musd": 380, "lead_months": 3,
         "footprint_ha": 1.5, "life_years": 6, "available_from": "2026-04"},
    ],
    "sites": {
        "type": "FeatureCollection",
        "features": [feature("abilene", -99.7, 32.4, grid_mw=60), feature("milam", -97.0, 30.8, grid_mw=100)],
    },
    "budget": {"per_year_musd": 1600},
    "objective": {"maximize": "compute"},
    "solver": {"time_limit_s": 20, "relative_gap": 1e-4},
}  # fmt: skip


@pytest.fixture
def small() -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(SMALL)


@pytest.fixture
def request_file(small: dict[str, Any], tmp_path: Path) -> Path:
    """The small request on disk."""
    path = tmp_path / "request.json"
    path.write_text(json.dumps(small), encoding="utf-8")
    return path


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same inside this process: quicker, for the many ways in which a command says no."""
    from typer.testing import CliRunner

    from api.commands.app import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GIGASITE_DEBUG", raising=False)

    def invoke(*args: object) -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(app, [str(a) for a in args])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return subprocess.CompletedProcess(args, done.exit_code, done.stdout, done.stderr)

    return invoke


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Call the command line as a stranger would: a process of its own, in a folder of its own."""

    def call(*args: object, timeout: float = 120, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api", *map(str, args)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **env},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
        )

    return call
