"""A small request through the front door: its plan passes the independent check."""

from __future__ import annotations

import json
from pathlib import Path

from api import usecases

THREE_SITES = Path(__file__).parents[1] / "benchmarks" / "three_sites.json"


def test_no_shell_starts_at_a_shut_site() -> None:
    """Ended by the second stage's tolerance, this one once held 2e-6 MW of shell a quarter before its site opened."""
    document = json.loads(THREE_SITES.read_text(encoding="utf-8"))
    document["solver"] = {**document.get("solver", {}), "time_limit_s": 3}
    plan = usecases.plan(usecases.load_parsed(document, THREE_SITES.parent))
    assert plan.status.holds == "plan" and plan.check is not None and plan.check.ok
