"""``gigasite plan REQUEST --from PLAN``: M8.15."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from planner.plan import Plan
from tests.api.conftest import Run


def planned(folder: Path) -> Plan:
    """The plan that a command wrote."""
    return Plan.model_validate_json((folder / "plan.json").read_text(encoding="utf-8"))


def test_from_an_earlier_plan(run: Run, request_file: Path, small: dict[str, Any], tmp_path: Path) -> None:
    """From its own plan, by file and by folder: the same bytes both times, as good, verified, and it is named where it began.
    A request without one of the sites takes what is left of it."""
    assert run("plan", request_file, "-o", "a", "-q").returncode == 0
    assert run("plan", request_file, "-o", "b", "-q", "--from", "a").returncode == 0
    assert run("plan", request_file, "-o", "c", "-q", "--from", "a/plan.json").returncode == 0
    first, again = planned(tmp_path / "a"), planned(tmp_path / "b")
    assert first.objective == again.objective and first.status == again.status
    assert "started_from_sha256" in again.provenance and "started_from_sha256" not in first.provenance
    assert (tmp_path / "b" / "plan.json").read_bytes() == (tmp_path / "c" / "plan.json").read_bytes()
    assert run("verify", request_file, "b/plan.json").returncode == 0
    fewer = {**small, "sites": {**small["sites"], "features": small["sites"]["features"][:1]}}
    (tmp_path / "fewer.json").write_text(json.dumps(fewer), encoding="utf-8")
    done = run("plan", "fewer.json", "-o", "d", "-q", "--from", "a")
    alone = run("plan", "fewer.json", "-o", "e", "-q")
    assert (done.returncode, done.stderr) == (alone.returncode, alone.stderr)
    assert planned(tmp_path / "d").objective == planned(tmp_path / "e").objective


def test_from_what_is_no_plan(call: Run, request_file: Path, tmp_path: Path) -> None:
    """Told before the search, exit code 2."""
    (tmp_path / "x.json").write_text('{"orders": 3}', encoding="utf-8")
    done = call("plan", request_file, "-o", "a", "--from", "x.json")
    assert done.returncode == 2 and "not a gigasite plan" in done.stderr
    assert not (tmp_path / "a").exists()
    assert call("plan", request_file, "-o", "a", "--from", "nowhere.json").returncode == 2
