"""Hand-solved worlds: shell, its pace and its steps (M3.6)."""

from __future__ import annotations

from tests.verify.worlds import ground, problem
from tests.worlds import line, near, orders, proven, shells

BARE = {"existing_shell_mw": 0.0}


def test_building_takes_its_time() -> None:
    """Build 6 months: halls from July: 10 halls x 50 = 500; the shell of 100 MW starts in January."""
    plan = proven(problem(sites=[{**BARE, "build_months": 6}])).plan
    assert plan.objective == 500
    assert shells(plan) == {("abilene", "2026-01"): 100.0}


def test_existing_shell_comes_first() -> None:
    """25 MW stand: 2 halls all year; the other 8 from October after 9 months: 200 + 8 x 25 = 400. 75 MW are built."""
    plan = proven(problem(sites=[{"existing_shell_mw": 25.0, "build_months": 7, "construction_musd_per_mw": 1}])).plan
    assert plan.objective == 400
    near(sum(shells(plan).values()), 75.0)
    near(sum(line(plan, "construction").values()), 75.0)


def test_construction_is_paid_in_equal_parts() -> None:
    """One hall demanded from July (min cost): 10 MW x 12 MUSD over two quarters of building: 60 in January, 60 in April."""
    plan = proven(
        problem(
            sites=[{**BARE, "build_months": 6, "construction_musd_per_mw": 12}],
            demand=[{"id": "d", "by": "2026-07", "amount": 10}],
            objectives=[{"minimize": "cost"}],
            terminal="none",
        )
    ).plan
    assert plan.objective == 120
    assert line(plan, "construction") == {"2026-01": 60.0, "2026-04": 60.0}
    assert shells(plan) == {("abilene", "2026-01"): 10.0}


def test_shell_starts_as_late_as_it_may() -> None:
    """A rate of 10 % and a demand from October: the build of one quarter starts in July: 120 x 1.1^-0.5."""
    plan = proven(
        problem(
            sites=[{**BARE, "build_months": 3, "construction_musd_per_mw": 12}],
            demand=[{"id": "d", "by": "2026-11", "amount": 10}],
            objectives=[{"minimize": "cost"}],
            terminal="none",
            discount_rate=0.1,
        )
    ).plan
    near(plan.objective, 120 * 1.1**-0.5)
    assert shells(plan) == {("abilene", "2026-07"): 10.0}


def test_pace_limits_starts_in_any_twelve_months() -> None:
    """Two years, 20 MW of starts in any 12 months: 2 halls from January 2026, 2 more from January 2027: 2 x 2 + 2 x 1 = 600."""
    plan = proven(
        problem(
            sites=[{**BARE, "pace_mw_per_year": 20}],
            horizon={"start": "2026-01", "periods": 8, "period": "quarter"},
        )
    ).plan
    assert plan.objective == 600
    assert shells(plan) == {("abilene", "2026-01"): 20.0, ("abilene", "2027-01"): 20.0}


def test_pace_window_slides() -> None:
    """The site opens in April 2026: the second 20 MW start in April 2027, not in January: 200 x 7/4 + 200 x 3/4 = 500."""
    plan = proven(
        problem(
            sites=[{**BARE, "pace_mw_per_year": 20, "available_from": "2026-04"}],
            horizon={"start": "2026-01", "periods": 8, "period": "quarter"},
        )
    ).plan
    assert plan.objective == 500


def test_whole_steps() -> None:
    """Two halls of 10 MW demanded, steps of 15 MW at 1 MUSD/MW: two steps, 30 MUSD."""
    plan = proven(
        problem(
            sites=[{**BARE, "shell_step_mw": 15, "construction_musd_per_mw": 1}],
            demand=[{"id": "d", "by": "2026-01", "amount": 20}],
            objectives=[{"minimize": "cost"}],
            terminal="none",
        )
    ).plan
    assert plan.objective == 30
    assert shells(plan) == {("abilene", "2026-01"): 30.0}


def test_steps_and_pace_together() -> None:
    """Steps of 15 MW and a pace of 20 a year allow one step a year: 1 hall in year one, 3 halls (30 MW) in year two."""
    plan = proven(
        problem(
            sites=[{**BARE, "shell_step_mw": 15, "pace_mw_per_year": 20}],
            horizon={"start": "2026-01", "periods": 2, "period": "year"},
        )
    ).plan
    assert plan.objective == 100 + 300


def test_refreshed_units_reuse_shell() -> None:
    """Halls that live two quarters, at most 4 ever, 20 MW of shell bought once: 2 + 2 halls, 4 x 50 = 200, 20 MUSD of shell."""
    plan = proven(
        problem(
            sites=[{**BARE, "construction_musd_per_mw": 1, "grid_mw": 20.0}],
            blocks=[{"life_years": 0.5, "max_per_site": 4}],
        )
    ).plan
    assert plan.objective == 200
    assert sum(orders(plan).values()) == 4
    assert shells(plan) == {("abilene", "2026-01"): 20.0}


def test_existing_units_bring_their_own_shell_and_leave_it() -> None:
    """M3.3, A4: one old hall ends in July; its 10 MW of shell house a new one, and no shell can be built (pace 0): 50 + 50 = 100."""
    w = problem(
        sites=[
            {
                **BARE,
                "status": "committed",
                "pace_mw_per_year": 0,
                "existing": [{"block": "hall", "units": 1, "online_from": "2024-07"}],
            }
        ],
        blocks=[{"life_years": 2}],
    )
    plan = proven(w, ground(w)).plan
    assert plan.objective == 100
    assert orders(plan) == {("abilene", "hall", "2026-07"): 1}
    assert not plan.shells


def test_shell_that_costs_nothing_is_built_only_where_it_is_of_use() -> None:
    """One hall of 10 MW is all there is to buy; the rest of 100 MW of grid has no use for a shell, free as it is: 10, or a step
    of 15."""
    for step, mw in ((None, 10.0), (15.0, 15.0)):
        plan = proven(problem(sites=[{**BARE, "build_months": 3, "shell_step_mw": step}], blocks=[{"supply": 1}])).plan
        assert plan.objective == 75
        assert shells(plan) == {("abilene", "2026-01"): mw}
