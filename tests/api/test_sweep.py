"""``gigasite sweep``: a world solved by hand, what neighbours tell each other, and the command itself.

The world: two years, no discounting, one site of 20 MW, blocks of 10 MW and 100 PFLOPS for 100 MUSD, 100 MUSD a year; what is
not spent stays. So one block a year: ``100 * 2 + 100 * 1 = 300`` PFLOPS-years. With half the money there are 50 in 2026 and 100
in 2027: one block in 2027, ``100``. With twice the money both blocks come in 2026: ``100 * 2 * 2 = 400``. With half as much
again the second block still waits for 2027, where 200 are there for it: ``300``. Where the grid comes in 2027 only, both blocks do,
from the money of two years: ``200``.
"""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import usecases
from api.studies import proven, sweep, sweep_files
from api.studies.searching import Hearing, Searches
from planner.errors import GigasiteError, RequestError, SolverError
from planner.plan import Plan, Status
from solvers.studies.adopting import adopt
from solvers.studies.side_by_side import Asked
from solvers.studies.sweep import learn, waves
from solvers.studies.sweep import sweep as walk

Run = Callable[..., subprocess.CompletedProcess[str]]
RING = [[-99.0, 32.0], [-98.99, 32.0], [-98.99, 32.01], [-99.0, 32.01], [-99.0, 32.0]]


def request(**rest: Any) -> dict[str, Any]:
    site = {"id": "abilene", "grid_mw": [{"from": "2026-01", "value": 20}], "existing_shell_mw": 1000}
    block = {"id": "n", "vendor": "nvidia", "it_mw": 10, "pflops": 100, "capex_musd": 100, "gpus": 10}
    return {
        "name": "By hand",
        "horizon": {"start": "2026-01", "periods": 2, "period": "year"},
        "discount_rate": 0,
        "blocks": [block],
        "sites": {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING]}, "properties": site}
            ],
        },
        "budget": {"per_year_musd": 100},
        "objective": {"maximize": "compute"},
        "solver": {"relative_gap": 0, "time_limit_s": 20},
        **rest,
    }


def loaded(**rest: Any) -> usecases.Loaded:
    return usecases.load_parsed(request(**rest), Path())


def values(report: sweep.Report) -> dict[str, float | None]:
    return {r.point.name: r.point.plan.objective if r.point.plan else None for r in report.rows}


# ------------------------------------------------------------------------------------------------------ solved by hand


def test_what_more_money_buys_by_hand() -> None:
    report = sweep.run(loaded(), "budget.per_year_musd=200%,50%,150%")
    assert values(report) == pytest.approx({"50%": 100, "as asked": 300, "150%": 300, "200%": 400})
    half, base, more, twice = report.rows
    assert base.base and report.base is base and base.change is not None and base.change.amount == 0
    assert half.change is not None and half.change.amount == pytest.approx(-200)
    assert half.change.share == pytest.approx(-2 / 3) and not half.change.inside_gaps
    assert half.change.low == pytest.approx(-200, abs=1e-3) and half.change.high == pytest.approx(-200, abs=1e-3)
    assert sweep_files.cells(report, half) == (
        "50%",
        "100.0",
        "-200.0 (-66.7 %)",
        "0 %",
        "10",
        "1",
        "$100 M",
        "nvidia -10 MW",
    )
    assert sweep_files.cells(report, more)[2] == "none" and sweep_files.cells(report, base)[2] == "–"
    assert twice.change is not None and twice.change.amount == pytest.approx(100)
    assert all(r.point.plan is not None and r.point.plan.check.ok and not r.open for r in report.rows)


def test_what_a_later_grid_costs_by_hand() -> None:
    report = sweep.run(loaded(), "sites.*.grid_mw=+0m,+12m")
    assert values(report) == pytest.approx({"+0m (as asked)": 300, "+12m": 200})
    assert report.rows[0].base


def test_the_request_as_asked_stands_where_its_value_belongs() -> None:
    for text, names in (
        ("budget.per_year_musd=50%,100%", ["50%", "100% (as asked)"]),
        ("budget.per_year_musd=90,110", ["90", "as asked", "110"]),
        ("sites.abilene.grid_mw=10,30", ["as asked", "10", "30"]),
    ):
        it = loaded()
        points, base = sweep.row_of(it, sweep.parse(text))
        assert [p.name for p in points] == names and "as asked" in points[base].name
        assert points[base].problem == it.problem


def test_a_value_without_a_plan_is_an_answer() -> None:
    """10 MW by 2026 are demanded: with half the money they cannot be had."""
    demand = [{"id": "d", "metric": "it_mw", "by": "2026-01", "amount": 10}]
    report = sweep.run(loaded(demand=demand), "budget.per_year_musd=50%,200%")
    half, base, twice = report.rows
    assert half.point.infeasible and not half.open and half.change is None
    assert sweep_files.cells(report, half)[1:3] == ("none", "no plan is possible")
    assert base.point.holds and twice.point.holds


def test_all_that_is_wrong_with_any_value_is_told_before_anything_is_solved() -> None:
    with pytest.raises(RequestError) as caught:
        sweep.run(loaded(), "discount_rate=-2,0.1,99")
    assert [f.message.split(":")[0] for f in caught.value.faults] == ["at -2", "at 99"]
    for text in ("budget.per_yer_musd=80%,90%", "nothing"):
        with pytest.raises(RequestError) as caught:
            sweep.run(loaded(), text)
        assert len(caught.value.faults) == 1


# ------------------------------------------------------------------------------------------------ neighbours and honesty


def test_the_row_is_walked_from_the_request_as_asked_outwards() -> None:
    assert waves(4, 1) == [[1], [0, 2], [3]] and waves(3, 0) == [[0], [1], [2]] and waves(1, 0) == [[0]]
    assert sorted(i for wave in waves(9, 7) for i in wave) == list(range(9))


def test_every_search_starts_from_the_neighbour_on_the_way_to_the_base() -> None:
    """A neighbour without a plan is stepped over; one that failed leaves its own value open and no other."""
    it = loaded()
    begun: dict[str, float | None] = {}

    def solve(asked: Sequence[Asked], left: int) -> Iterator[Plan | GigasiteError]:
        for a in asked:
            begun[a.name] = None if a.start is None else float(len(a.start.orders))
            if a.name == "150%":
                yield SolverError("the solver\ndied")
            else:
                yield usecases.plan(replace(it, problem=a.problem))

    points, base = sweep.row_of(it, sweep.parse("budget.per_year_musd=25%,50%,150%,200%"))
    walk(
        points,
        base,
        it.ground,
        solve,
        lambda problem, plan: usecases.checked(replace(it, problem=problem), plan),
        lambda: False,
    )
    assert [p.name for p in points] == ["25%", "50%", "as asked", "150%", "200%"]
    orders_as_asked = float(len(points[base].plan.decisions().orders))  # type: ignore[union-attr]
    assert list(begun) == ["as asked", "50%", "150%", "25%", "200%"]
    assert begun["as asked"] is None and begun["50%"] == begun["150%"] == begun["200%"] == orders_as_asked
    assert points[3].plan is None and points[3].reason == "the solver died" and points[4].holds


def test_a_better_plan_of_a_neighbour_is_taken_over_where_it_holds() -> None:
    """The search with twice the money was cut short at 300 of 400; that with thrice found 400, which needs no more than twice.
    With the money as asked it does not hold, and nothing changes there."""
    it = loaded()
    points, _ = sweep.row_of(it, sweep.parse("budget.per_year_musd=200%,300%"))
    short = usecases.plan(it)
    for point in points:
        point.plan = usecases.plan(replace(it, problem=point.problem))
    check = lambda problem, plan: usecases.checked(replace(it, problem=problem), plan)  # noqa: E731
    points[1].plan = adopt(points[1].problem, it.ground, short.decisions(), short, None, 450.0, check)
    assert points[1].plan is not None and points[1].plan.objective == pytest.approx(300)
    learn(points, it.ground, check)
    as_asked, twice, thrice = points
    assert twice.adopted_from == "300%" and twice.plan is not None and twice.plan.check.ok
    assert (
        twice.plan.objective == pytest.approx(400)
        and twice.plan.bound == 450
        and twice.plan.gap == pytest.approx(0.125)
    )
    assert twice.plan.status.stopped == "time_limit"  # its own bound does not say more
    assert not as_asked.adopted_from and not thrice.adopted_from
    assert as_asked.plan is not None and as_asked.plan.objective == pytest.approx(300)


def fake(value: float, bound: float | None, sense: Any = "maximize") -> Plan:
    return Plan(
        name="x", status=Status(stopped="time_limit", holds="plan"), objective_name="compute", objective_sense=sense,
        objective_unit="PFLOPS-years", objective=value, bound=bound, gap=None, gap_absolute=None,
    )  # fmt: skip


def test_a_change_is_never_more_certain_than_the_searches() -> None:
    """Before 100, at most 103; after 105, at most 112: the truth is between 105 - 103 and 112 - 100. The same of costs, mirrored."""
    up = proven.change(fake(100, 103), fake(105, 112))
    assert (up.amount, up.low, up.high, up.share) == (5, 2, 12, 0.05) and not up.inside_gaps
    assert proven.change(fake(100, 107), fake(105, 112)).inside_gaps
    assert not proven.change(fake(100, 107), fake(100, 112)).inside_gaps  # no change is nothing to doubt
    down = proven.change(fake(100, 97, "minimize"), fake(95, 88, "minimize"))
    assert (down.amount, down.low, down.high) == (-5, -12, -2) and not down.inside_gaps
    assert proven.change(fake(100, None), fake(105, None)).inside_gaps
    assert proven.change(fake(0, 0), fake(5, 5)).share is None


def test_time_and_threads_are_shared() -> None:
    it = loaded(solver={"relative_gap": 0, "time_limit_s": 40, "threads": 2})
    heard: dict[str, tuple[int, int, float]] = {}

    def on_search(name: str, number: int, of: int, seconds: float) -> None:
        heard[name] = (number, of, seconds)

    searches = Searches(it, 100, 4, Hearing(on_search))
    asked = [Asked(it.problem, name) for name in "abcd"]
    list(searches.solve(asked[:1], 4))
    list(searches.solve(asked[1:3], 3))
    list(searches.solve(asked[3:], 1))
    assert [v[:2] for v in heard.values()] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    # of five parts the first gets two; of two side by side each gets two of the three that are left
    assert heard["a"][2] == pytest.approx(40, abs=1) and heard["b"][2] == pytest.approx(66, abs=3)
    assert heard["d"][2] == pytest.approx(97, abs=4)
    with pytest.raises(RequestError, match="no number of seconds"):
        Searches(it, float("nan"), 2, Hearing())


# ---------------------------------------------------------------------------------------------------------- the command


def test_the_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(request()))
    done = run("sweep", "r.json", "--vary", "budget.per_year_musd=50%,100%,200%", "-o", "out", "--time-limit", "30")
    assert done.returncode == 0 and "Traceback" not in done.stderr and "\x1b" not in done.stdout, done.stderr
    for words in ("1 of 3: 100% (as asked), up to", "1 of 3 100% (as asked): compute 300"):
        assert words in done.stderr
    for words in ("budget.per_year_musd: compute (PFLOPS-years)", "+100.0 (+33.3 %)", "nvidia -10 MW"):
        assert words in done.stdout
    rows = list(csv.DictReader((tmp_path / "out/sweep.csv").open(encoding="utf-8")))
    assert [float(r["objective"]) for r in rows] == pytest.approx([100, 300, 400])
    assert [r["plan"] for r in rows] == [
        "sweep_50_percent.plan.json", "sweep_100_percent_as_asked.plan.json", "sweep_200_percent.plan.json"]  # fmt: skip
    assert [float(r["it_mw_nvidia"]) for r in rows] == [10, 20, 20] and float(rows[0]["change_share"]) == pytest.approx(
        -2 / 3
    )
    assert run("verify", "r.json", "out/sweep_100_percent_as_asked.plan.json").returncode == 0
    twice = request(budget={"per_year_musd": 200})
    (tmp_path / "twice.json").write_text(json.dumps(twice))
    told = run("verify", "twice.json", "out/sweep_200_percent.plan.json")
    assert told.returncode == 1 and "made from another request" in told.stdout + told.stderr
    assert run("compare", "out/sweep_100_percent_as_asked.plan.json", "out/sweep_200_percent.plan.json").returncode == 0
    report = (tmp_path / "out/sweep.md").read_text(encoding="utf-8")
    assert "| 200% |" in report and "sweep\\_200\\_percent.plan.json" in report


def test_a_second_sweep_leaves_no_plan_of_the_first(call: Run, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(request()))
    assert call("sweep", "r.json", "--vary", "sites.*.grid_mw=+12m", "-o", "out", "-q").returncode == 0
    (tmp_path / "out/mine.txt").write_text("keep")
    done = call("sweep", "r.json", "--vary", "sites.*.grid_mw=-12m", "-o", "out", "-q")
    assert done.returncode == 0 and done.stdout == "" and done.stderr == ""
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "sweep.csv", "sweep.md", "sweep_minus_12m.plan.json", "sweep_as_asked.plan.json", "mine.txt"}  # fmt: skip


def test_exit_codes(call: Run, tmp_path: Path) -> None:
    dear = [{"id": "d", "metric": "it_mw", "by": "2026-01", "amount": 20}]
    cases = [
        (request(), "budget=80%", 2),
        (request(), "budget.per_year_musd=x", 2),
        (request(demand=dear), "budget.per_year_musd=90%", 3),
    ]
    for document, vary, code in cases:
        (tmp_path / "r.json").write_text(json.dumps(document))
        done = call("sweep", "r.json", "--vary", vary, "-o", "out")
        assert done.returncode == code, done.stderr
        assert (tmp_path / "out").exists() == (code == 3)
    assert call("sweep", "r.json", "--vary", "budget.per_year_musd=80%", "--time-limit", "0").returncode == 2


def test_ctrl_c_keeps_what_is_done(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal arrives after the first search: its answer is written, the rest is open, exit code 4."""
    import os
    import signal

    from api.terminal.studying import Teller

    (tmp_path / "r.json").write_text(json.dumps(request()))
    real = Teller.found

    def interrupted(self: Teller, name: str, plan: Plan) -> None:
        real(self, name, plan)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Teller, "found", interrupted)
    done = call("sweep", "r.json", "--vary", "discount_rate=0.1,0.2", "-o", "out")
    assert done.returncode == 4 and "the values done so far are kept" in done.stderr
    assert (tmp_path / "out/sweep_as_asked.plan.json").is_file()
    assert "not reached before the stop" in (tmp_path / "out/sweep.md").read_text(encoding="utf-8")
