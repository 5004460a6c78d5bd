"""Plan files that somebody hands over: as a file or its folder, broken ones told in a plan's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.terminal import reading, starting
from api.usecases import load
from planner.errors import RequestError
from planner.plan import Order
from tests.api.conftest import Run

ORDERS = "site,block,month,units\nabilene,n,2026-04,1\n"


def test_plans_that_cannot_be_read(call: Run, request_file: Path, tmp_path: Path) -> None:
    """One line each, in a plan's words and not a request's; a plan folder does as well as its file."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert call("evaluate", request_file, "orders.csv", "-o", "out").returncode == 0
    assert call("verify", request_file, "out").returncode == 0
    document = json.loads((tmp_path / "out/plan.json").read_text())
    texts = {
        "empty.json": "",
        "object.json": "{}",
        "list.json": "[1]",
        "words.json": "words",
        "huge.json": json.dumps({**document, "orders": [{**document["orders"][0], "units": 10**30}]}),
        "astronomic.json": json.dumps({**document, "orders": [{**document["orders"][0], "units": 10**400}]}),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        done = call("verify", request_file, name)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith(f"error: {name}: not a gigasite plan: ") and "a request has" not in done.stderr
    assert "orders[0].units" in done.stderr
    assert "did you mean huge.json" in call("verify", request_file, "huge.jsn").stderr
    assert call("export", "out", "-o", "x.foo").stderr.startswith("error: -o: x.foo")
    assert call("xlsx", request_file, "-o", "x.foo").stderr.startswith("error: -o: x.foo")


def test_every_fault_of_a_plan_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"name": "x", "status": {"stopped": "optimal"}, "orders": [{"site": "a", "units": "b"}]}')
    with pytest.raises(RequestError) as caught:
        reading.plan(path)
    told = [str(f) for f in caught.value.faults]
    assert f"{path}: not a gigasite plan: status.holds: is required" in told
    assert f"{path}: not a gigasite plan: orders[0].units: must be a whole number, got 'b'" in told


def test_how_much_of_an_earlier_plan_fits(call: Run, request_file: Path, tmp_path: Path) -> None:
    """Said where it is little or nothing, silent where all fits."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert call("evaluate", request_file, "orders.csv", "-o", "out").returncode == 0
    plan, problem = reading.plan(tmp_path / "out/plan.json"), load(request_file).problem
    inside = plan.orders[0]
    wrong = [
        inside.model_copy(update=u) for u in ({"site": "x"}, {"block": "x"}, {"month": "2031-01"}, {"month": "soon"})
    ]

    def said(*orders: Order) -> str:
        told: list[str] = []
        starting.tell_misfits(plan.model_copy(update={"orders": list(orders)}), problem, told.append)
        return " ".join(told)

    assert said(inside) == ""
    assert said(inside, wrong[0]).startswith("note: 1 of 2 orders")
    assert "nothing of the plan" in said(*wrong)
    assert "orders nothing" in said()
