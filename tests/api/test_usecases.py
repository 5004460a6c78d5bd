"""The use cases with a stand-in for the search: what is returned, what is refused, what names a plan's origin."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import solvers
from api import usecases
from planner.errors import RequestError
from planner.ground import Ground
from planner.ledger import evaluate
from planner.plan import Decisions, Opening, Order, Plan, Shell, Status
from planner.problem.problem import Problem

Fake = Callable[[Callable[[Problem, Ground], Plan]], None]


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Let a function stand in for the whole search."""

    def install(find: Callable[[Problem, Ground], Plan]) -> None:
        monkeypatch.setattr(solvers, "plan", lambda problem, ground, **listeners: find(problem, ground))

    return install


def found(units: int) -> Callable[[Problem, Ground], Plan]:
    """A search that orders some units of ``n`` (20 MW) at Abilene (60 MW grid, PUE 1.2: at most 2)."""

    def find(problem: Problem, ground: Ground) -> Plan:
        decisions = Decisions(
            openings=[Opening(site="abilene", month="2026-01")],
            shells=[Shell(site="abilene", month="2026-04", mw=20.0 * units)],
            orders=[Order(site="abilene", block="n", month="2026-10", units=units)],
        )
        plan = evaluate(problem, ground, decisions)
        assert plan.objective is not None
        stages = [s.model_copy(update={"bound": plan.objective, "gap": 0.0, "stopped": "optimal"}) for s in plan.stages]
        proven = {"bound": plan.objective, "gap": 0.0, "gap_absolute": 0.0, "stages": stages}
        return plan.model_copy(
            update={"status": Status(stopped="optimal", holds="plan"), "provenance": {}, "bound_source": "x", **proven}
        )

    return find


def test_a_plan_that_holds(request_file: Path, searched: Fake) -> None:
    searched(found(2))
    loaded = usecases.load(request_file)
    plan = usecases.plan(loaded)
    assert plan.check.violations == [] and plan.check.ok and plan.status.holds == "plan"
    assert plan.provenance["request_sha256"] == loaded.request_hash
    assert {"gigasite", "highs", "pyomo", "solver"} <= set(plan.provenance)
    assert "python" not in plan.provenance  # the machine is not the request's business
    assert usecases.verify(loaded, plan).ok


def test_a_plan_that_fails_its_check_is_not_returned_as_one(request_file: Path, searched: Fake) -> None:
    """M8.3: three units need 72 MW of 60: error, no_plan, with the violations and no decisions."""
    searched(found(3))
    plan = usecases.plan(usecases.load(request_file))
    assert (plan.status.stopped, plan.status.holds) == ("error", "no_plan")
    assert any(v.family == "power" and v.subject == "abilene" for v in plan.check.violations)
    assert plan.orders == [] and plan.sites == [] and plan.objective is None


def test_solver_options_of_a_door(request_file: Path, searched: Fake) -> None:
    """An option given at the door is searched with, named in the plan, and used when the plan is verified."""
    seen: dict[str, Any] = {}

    def find(problem: Problem, ground: Ground) -> Plan:
        seen.update(problem.solver.model_dump())
        return found(2)(problem, ground)

    searched(find)
    loaded = usecases.with_solver(usecases.load(request_file), time_limit_s=5, relative_gap=0.2, threads=None)
    plan = usecases.plan(loaded)
    assert (seen["time_limit_s"], seen["relative_gap"], seen["threads"]) == (5, 0.2, 2)
    assert plan.provenance["solver"]["relative_gap"] == 0.2
    assert plan.provenance["request_sha256"] == usecases.load(request_file).request_hash
    for wrong in ({"time_limit_s": -1.0}, {"relative_gap": float("nan")}, {"threads": 0}, {"seed": -3}):
        with pytest.raises(RequestError):
            usecases.with_solver(loaded, **wrong)


def test_forged_solver_options_cannot_crash_the_check(request_file: Path, searched: Fake) -> None:
    searched(found(2))
    loaded = usecases.load(request_file)
    plan = usecases.plan(loaded)
    for solver in ("x", 5, ["a"], {"relative_gap": "wide"}, {"time_limit_s": [1]}):
        forged = plan.model_copy(update={"provenance": {**plan.provenance, "solver": solver}})
        assert not usecases.verify(loaded, forged).ok


def test_hash_follows_the_files_named(small: dict[str, Any], tmp_path: Path) -> None:
    """The same request with another site file is another request; moving both together is not."""
    small["sites"], features = "sites.geojson", small["sites"]
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "sites.geojson").write_text(json.dumps(features))
    same = {usecases.request_hash(small, tmp_path / f) for f in ("a", "b")}
    assert len(same) == 1
    features["features"][0]["properties"]["grid_mw"] = 61
    (tmp_path / "b/sites.geojson").write_text(json.dumps(features))
    assert usecases.request_hash(small, tmp_path / "b") not in same


def test_a_limit_without_a_plan(
    request_file: Path, searched: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4, with plan.json and a report that say so."""
    from typer.testing import CliRunner

    from api.commands.app import app

    def find(problem: Problem, ground: Ground) -> Plan:
        return Plan(
            name=problem.name, status=Status(stopped="time_limit", holds="no_plan"), objective_name="compute",
            objective_sense="maximize", objective_unit="PFLOPS-years", objective=None,
            bound=5.0, gap=None, gap_absolute=None,
        )  # fmt: skip

    searched(find)
    done = CliRunner().invoke(app, ["plan", str(request_file), "-o", str(tmp_path / "out")])
    assert done.exit_code == 4
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"plan.json", "run.json", "report.html", "report.md"}
    assert "--time-limit" in (tmp_path / "out/report.md").read_text()


def test_a_full_disk(request_file: Path, searched: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, in words, and no folder left behind."""
    import errno
    import os

    from typer.testing import CliRunner

    from api import outputs
    from api.commands.app import app

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "plan.gpkg")

    searched(found(2))
    monkeypatch.delenv("GIGASITE_DEBUG", raising=False)
    monkeypatch.setattr(outputs, "writer", lambda output: full)
    done = CliRunner().invoke(app, ["plan", str(request_file), "-o", str(tmp_path / "out")])
    assert done.exit_code == 1 and "disk is full" in done.output
    assert not (tmp_path / "out").exists()


def test_the_version_is_the_distribution_s() -> None:
    import tomllib

    from api import __version__

    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    assert tomllib.loads(project.read_text())["project"]["version"] == __version__
