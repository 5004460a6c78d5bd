"""``gigasite deals``: a world solved by hand, what worlds tell each other, honesty about gaps, and the command itself.

The world: two years, no discounting, one site of 20 MW, 100 MUSD a year, blocks of 10 MW for 100 MUSD. Nvidia's block gives 100
PFLOPS, AMD's 90. Without deals: one Nvidia block a year, ``100 * 2 + 100 * 1 = 300`` PFLOPS-years. AMD pays 100 MUSD for its
first 10 MW, at once: in 2026 one block of each, ``(90 + 100) * 2 = 380``. So AMD's money is worth 80, and in 2027 10 MW have
moved from Nvidia to AMD.
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
from api.studies import deals, moved
from api.studies.deals import Answer, worth_text
from api.studies.searching import Hearing
from planner.errors import GigasiteError, RequestError, SolverError
from planner.plan import Plan, Status
from planner.problem.problem import Problem, after_horizon_limit
from solvers.studies import worlds
from solvers.studies.deals import Found, Pair, searches, study
from solvers.studies.side_by_side import Asked, share

Run = Callable[..., subprocess.CompletedProcess[str]]

AMD = {"id": "amd-money", "kind": "equity_tranches", "counterparty": "amd", "vendor": "amd", "lag_months": 0,
       "tranches": [{"at": 10, "musd": 100}]}  # fmt: skip
PROMISE = {
    "id": "promise",
    "kind": "purchase_commitment",
    "vendor": "nvidia",
    "commitments": [{"by": "2027-01", "at": 10}],
}
TOO_MUCH = {"id": "too-much", "kind": "purchase_commitment", "optional": True, "vendor": "amd",
            "commitments": [{"by": "2027-01", "at": 1000}]}  # fmt: skip
TWENTY = {**TOO_MUCH, "id": "twenty", "optional": False, "commitments": [{"by": "2027-01", "at": 20}]}
LEASE = {"id": "lease", "kind": "lease", "optional": True, "musd_per_mw_year": 9}


def request(*given: dict[str, Any], **rest: Any) -> dict[str, Any]:
    ring = [[-99.0, 32.0], [-98.99, 32.0], [-98.99, 32.01], [-99.0, 32.01], [-99.0, 32.0]]
    site = {"id": "abilene", "grid_mw": 20, "existing_shell_mw": 1000}
    return {
        "name": "By hand",
        "horizon": {"start": "2026-01", "periods": 2, "period": "year"},
        "discount_rate": 0,
        "blocks": [
            {"id": "n", "vendor": "nvidia", "it_mw": 10, "pflops": 100, "capex_musd": 100, "gpus": 10},
            {"id": "a", "vendor": "amd", "it_mw": 10, "pflops": 90, "capex_musd": 100, "gpus": 10},
        ],
        "sites": {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": site}
            ],
        },
        "budget": {"per_year_musd": 100},
        "deals": list(given),
        "objective": {"maximize": "compute"},
        "solver": {"relative_gap": 0, "time_limit_s": 20},
        **rest,
    }


def loaded(*given: dict[str, Any], **rest: Any) -> usecases.Loaded:
    return usecases.load_parsed(request(*given, **rest), Path())


def answers(report: deals.Report) -> dict[str, Answer]:
    return {a.deal: a for a in report.answers}


# ------------------------------------------------------------------------------------------------------ solved by hand


def test_worth_and_megawatts_by_hand() -> None:
    report = deals.run(loaded(AMD, PROMISE, TOO_MUCH))
    assert report.study.base.plan is not None and report.study.base.plan.objective == pytest.approx(380)
    of = answers(report)
    assert list(of) == ["amd-money", "promise", "too-much", "all deals"]

    money = of["amd-money"]
    assert money.worth == pytest.approx(80) and money.unit == "PFLOPS-years" and money.as_asked == "signed"
    assert money.low == pytest.approx(80, abs=1e-3) and money.high == pytest.approx(80, abs=1e-3)
    assert not money.inside_gaps and not money.open
    end, top = moved.last(money.vendors), moved.peak(money.vendors)
    assert end.month == "2027-01" and end.change == pytest.approx({"amd": 10, "nvidia": -10})
    assert end.moved_mw == pytest.approx(10) and end.added_mw == pytest.approx(0) and top == end
    assert money.vendors[0].change == pytest.approx({"amd": 10}) and money.vendors[0].moved_mw == 0
    assert moved.last(money.sites).change == {}

    assert of["promise"].worth == pytest.approx(0) and worth_text(of["promise"]) == "nothing"

    declined = of["too-much"]
    assert declined.as_asked == "declined" and declined.worth is None and not declined.open
    assert declined.with_it.infeasible and "no plan is possible with it" in worth_text(declined)

    assert of["all deals"].worth == pytest.approx(80)
    for found in report.study.worlds:
        assert found.plan is not None and (found.plan.check.ok or found.infeasible)


def test_an_objective_in_money_answers_in_musd() -> None:
    """AMD's 100 MUSD lower the net cost of what is demanded: 20 MW cost 200 either way, so the deal is worth its cheque.

    Value counts equity not at all unless ``counts_in_value`` says so.
    """
    demand = [{"id": "d", "metric": "it_mw", "by": "2026-01", "amount": 20}]
    budget = {"per_year_musd": 200}
    rest = {"demand": demand, "budget": budget, "terminal": "none"}
    found = answers(deals.run(loaded(AMD, objective={"minimize": "net_cost"}, **rest)))["amd-money"]
    assert found.unit == "MUSD" and found.worth == pytest.approx(100)
    assert worth_text(found) == "+$100 M"
    free = answers(deals.run(loaded(AMD, objective={"minimize": "cost"}, **rest)))["amd-money"]
    assert free.worth == pytest.approx(0)


def test_a_deal_that_is_asked_for_is_solved_once() -> None:
    """Signed or declined as asked: each optional deal takes one more search at most."""
    solved: list[str] = []
    rich = {**AMD, "optional": True}
    report = deals.run(loaded(rich, LEASE), hearing=Hearing(on_found=lambda name, plan: solved.append(name)))
    of = answers(report)
    assert of["amd-money"].as_asked == "chosen" and of["amd-money"].worth == pytest.approx(80)
    assert of["lease"].as_asked in {"chosen", "declined"}
    assert len(solved) <= 4 and len(set(solved)) == len(solved)


def test_an_exclusive_deal_takes_the_place_of_the_one_it_excludes() -> None:
    """The rival offers 50 for the same 10 MW: too little for a second block in 2026, so with it 90 * 2 + 100 = 280 < 300."""
    rival = {
        **AMD,
        "id": "rival",
        "optional": True,
        "exclusive_with": ["amd-money"],
        "tranches": [{"at": 10, "musd": 50}],
    }
    found = answers(deals.run(loaded(AMD, rival)))["rival"]
    assert found.as_asked == "declined" and found.instead_of == ("amd-money",)
    assert found.with_it.plan is not None and found.with_it.plan.objective == pytest.approx(300)
    assert found.worth == pytest.approx(-80)


def test_an_infeasible_request_says_which_deals_clash() -> None:
    """10 MW of Nvidia and 20 of AMD do not fit into 20 MW; without either promise there is a plan."""
    report = deals.run(loaded(AMD, PROMISE, TWENTY))
    assert report.study.base.infeasible
    of = answers(report)
    assert "no plan is possible with it" in worth_text(of["twenty"])
    for deal, best in (("twenty", 380), ("promise", 360)):
        assert of[deal].without.plan is not None and of[deal].without.plan.objective == pytest.approx(best)
    assert of["amd-money"].with_it.infeasible and of["amd-money"].without.infeasible


def test_a_lock_on_a_lease_needs_the_lease() -> None:
    lock = {
        "kind": "lock",
        "order": {"site": "abilene", "block": "n", "month": "2026-01", "units": 1, "terms": "lease"},
    }
    found = answers(deals.run(loaded({**LEASE, "optional": False}, policies=[lock])))["lease"]
    assert found.without.infeasible and found.worth is None
    assert "a policy locks 1 n at abilene in 2026-01 on lease lease" in worth_text(found)


def test_no_deals_is_a_fault() -> None:
    with pytest.raises(RequestError, match="nothing to study"):
        deals.run(loaded())


# ------------------------------------------------------------------------------------------- worlds, bounds and honesty


def fake(problem: Problem, value: float, bound: float | None, signed: list[str], stopped: Any = "time_limit") -> Plan:
    return Plan(
        name="x", status=Status(stopped=stopped, holds="plan"), objective_name="compute", objective_sense="maximize",
        objective_unit="PFLOPS-years", objective=value, bound=bound, gap=None, gap_absolute=None, signed=signed,
    )  # fmt: skip


def test_worlds_inside_each_other() -> None:
    p = loaded(AMD, PROMISE, TOO_MUCH, LEASE).problem
    base = worlds.asked(p)
    assert base.must == {"amd-money", "promise"} and base.may == {d.id for d in p.deals}
    no_gift, no_burden = worlds.without_deals(p, {"amd-money"}), worlds.without_deals(p, {"promise"})
    no_lease, lease = worlds.without_deals(p, {"lease"}), worlds.with_deal(p, "lease")
    assert no_gift.inside(base) and not base.inside(no_gift)  # who can do without a gift can take it
    assert base.inside(no_burden) and not no_burden.inside(base)  # who keeps a promise need not have made it
    assert no_lease.inside(base) and lease.inside(base) and not lease.inside(no_lease) and not no_lease.inside(lease)
    assert worlds.with_deal(p, "promise").key == base.key


def test_a_world_without_leases_owes_no_more_for_that() -> None:
    """M4.5 sets a limit on later money only where there is a loan or a lease: the study writes it out for every world."""
    p = worlds.with_one_limit(loaded(LEASE).problem)
    gone = worlds.variant(p, worlds.without_deals(p, {"lease"}))
    assert gone.deals == () and after_horizon_limit(gone) == after_horizon_limit(loaded(LEASE).problem) == 100


def test_bounds_and_plans_are_shared_between_worlds() -> None:
    """The plan as asked was cut short at 250; without the (optional) lease 300 was found and 310 proven. So 300 is the plan as
    asked too, and no world inside the one as asked can do better than its bound of 340."""
    it = loaded(LEASE)
    best = usecases.plan(replace(it, problem=worlds.variant(it.problem, worlds.without_deals(it.problem, {"lease"}))))

    def solve(asked: Sequence[Asked], left: int) -> Iterator[Plan]:
        for a in asked:
            as_asked = a.name == "as asked"
            yield fake(a.problem, 250, 340, ["lease"]) if as_asked else best.model_copy(update={"bound": 400.0})

    report = study(it.problem, it.ground, solve, lambda problem, plan: usecases.checked(replace(it, problem=problem), plan),
                   lambda: False)  # fmt: skip
    assert report.base.plan is not None and report.base.plan.objective == pytest.approx(300)
    assert report.base.adopted_from == "without lease" and report.base.plan.bound == 340 and report.base.plan.check.ok
    assert report.base.plan.status.stopped == "time_limit"
    pair = report.pairs[0]
    assert pair.as_asked == "declined" and pair.without.bound == 340
    assert pair.with_it.plan is not None and pair.with_it.plan.objective == 250


def test_a_difference_smaller_than_the_gaps_is_said_to_be_inside_them() -> None:
    """With it 100, proven at most 110; without it 95, proven at most 103: the truth lies between 100 - 103 and 110 - 95."""
    p = loaded(LEASE).problem
    a, b = worlds.with_deal(p, "lease"), worlds.without_deals(p, {"lease"})

    def answer(with_it: Plan, without: Plan) -> Answer:
        pair = Pair("lease", "chosen", Found(a, with_it), Found(b, without))
        return deals._answer(p, pair)

    open_ = answer(fake(p, 100, 110, ["lease"]), fake(p, 95, 103, []))
    assert (open_.worth, open_.low, open_.high) == (5, -3, 15)
    assert open_.inside_gaps and worth_text(open_) == "+5; inside the gaps (-3 to +15)"
    sure = answer(fake(p, 100, 110, ["lease"]), fake(p, 95, 98, []))
    assert not sure.inside_gaps and worth_text(sure) == "+5; proven +2 to +15"
    unknown = answer(fake(p, 100, None, ["lease"]), fake(p, 95, 98, []))
    assert not unknown.inside_gaps and worth_text(unknown) == "+5; proven +2 to ?"
    cheaper = [
        x.model_copy(update={"objective_sense": "minimize", "objective_unit": "MUSD"})
        for x in (fake(p, 100, 90, ["lease"]), fake(p, 120, 115, []))
    ]
    cost = answer(*cheaper)
    assert (cost.worth, cost.low, cost.high) == (20, 15, 30) and worth_text(cost) == "+$20 M; proven +$15 M to +$30 M"


def test_time_is_shared_and_what_is_left_passes_on() -> None:
    p = loaded(AMD, PROMISE).problem
    assert searches(p) == 4
    assert share(50, 4, True) == pytest.approx(20) and share(30, 3, False) == pytest.approx(10)
    assert share(28, 1, False) == 28 and share(0, 2, False) == 1
    # two side by side: twice the part each, but nobody more than there is
    assert share(30, 3, False, 2) == pytest.approx(20) and share(30, 1, False, 2) == 30


def test_a_stop_keeps_what_is_done_and_a_failure_costs_its_own_answer_only() -> None:
    it = loaded(AMD, PROMISE)
    done: list[str] = []
    report = deals.run(it, hearing=Hearing(on_found=lambda name, plan: done.append(name), cancelled=lambda: bool(done)))
    assert done == ["as asked"] and report.study.base.holds
    of = answers(report)
    assert of["amd-money"].open and "not reached before the stop" in worth_text(of["amd-money"])
    assert of["promise"].worth is not None  # the plan as asked, without the promise, is a plan there too

    def solve(asked: Sequence[Asked], left: int) -> Iterator[Plan | GigasiteError]:
        for a in asked:
            dies = a.name == "without amd-money"
            yield SolverError("the solver died") if dies else usecases.plan(replace(it, problem=a.problem))

    failed = study(it.problem, it.ground, solve, lambda problem, plan: usecases.checked(replace(it, problem=problem), plan),
                   lambda: False)  # fmt: skip
    lost = failed.pairs[0].without
    assert lost.plan is None and not lost.infeasible and lost.reason == "the solver died"
    assert lost.bound == pytest.approx(300)  # from the world without any deal: a promise can only cost
    assert failed.pairs[1].without.holds and failed.pairs[2].without.holds


# ---------------------------------------------------------------------------------------------------------- the command


def test_the_command(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(request(AMD, PROMISE)))
    done = run("deals", "r.json", "-o", "out", "--time-limit", "30")
    assert done.returncode == 0 and "Traceback" not in done.stderr and "\x1b" not in done.stdout, done.stderr
    assert "1 of 4 as asked: compute 380" in done.stderr
    for words in ("What each deal is worth in compute (PFLOPS-years)", "amd-money", "+80", "amd +10, nvidia -10 MW"):
        assert words in done.stdout
    rows = list(csv.DictReader((tmp_path / "out/deals_study.csv").open(encoding="utf-8")))
    assert [r["deal"] for r in rows] == ["amd-money", "promise", "all deals"]
    first = rows[0]
    assert float(first["worth"]) == pytest.approx(80) and first["unit"] == "PFLOPS-years"
    assert float(first["mw_moved_by_vendor_last"]) == float(first["mw_moved_by_vendor_peak"]) == pytest.approx(10)
    assert first["peak_month_by_vendor"] == "2027-01" and first["with_plan"] == "as_asked.plan.json"
    report = (tmp_path / "out/deals_study.md").read_text(encoding="utf-8")
    assert "## amd-money" in report and "without\\_amd\\_money.plan.json" in report
    assert run("verify", "r.json", "out/as_asked.plan.json").returncode == 0
    compared = run("compare", "out/without_amd_money.plan.json", "out/as_asked.plan.json")
    assert compared.returncode == 0 and "Deal amd-money is signed and brings $100 M" in compared.stdout


def test_a_second_study_leaves_no_plan_of_the_first(call: Run, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(request(AMD, PROMISE)))
    assert call("deals", "r.json", "-o", "out", "-q").returncode == 0
    (tmp_path / "out/mine.txt").write_text("keep")
    (tmp_path / "r.json").write_text(json.dumps(request(AMD)))
    done = call("deals", "r.json", "-o", "out", "-q")
    assert done.returncode == 0 and done.stdout == "" and done.stderr == ""
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert names == {
        "deals_study.csv",
        "deals_study.md",
        "as_asked.plan.json",
        "without_amd_money.plan.json",
        "mine.txt",
    }


def test_exit_codes(call: Run, tmp_path: Path) -> None:
    cases = [(request(), 2), (request({**AMD, "tranches": []}), 2), (request(PROMISE, TWENTY), 3)]
    for document, code in cases:
        (tmp_path / "r.json").write_text(json.dumps(document))
        done = call("deals", "r.json", "-o", "out")
        assert done.returncode == code, done.stderr
        assert (tmp_path / "out").exists() == (code == 3)
    (tmp_path / "r.json").write_text(json.dumps(request(AMD)))
    assert call("deals", "r.json", "--time-limit", "-1").returncode == 2
    assert call("deals", "r.json", "--time-limit", "nan").returncode == 2


def test_ctrl_c_keeps_what_is_done(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal arrives after the first search: its answers are written, the rest is open, exit code 4."""
    import os
    import signal

    from api.terminal.studying import Teller

    (tmp_path / "r.json").write_text(json.dumps(request(AMD)))
    real = Teller.found

    def interrupted(self: Teller, name: str, plan: Plan) -> None:
        real(self, name, plan)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Teller, "found", interrupted)
    done = call("deals", "r.json", "-o", "out")
    assert done.returncode == 4 and "the deals done so far are kept" in done.stderr
    assert (tmp_path / "out/as_asked.plan.json").is_file()
    assert "not reached before the stop" in (tmp_path / "out/deals_study.md").read_text(encoding="utf-8")
