"""Hand-solved worlds: one for every kind of policy (M7.3). Four quarters, two sites of 30 MW, halls of 10 MW and 100 PFLOP/s."""

from __future__ import annotations

from typing import Any

from planner.problem.problem import Problem
from tests.verify.worlds import ground, problem
from tests.worlds import hopeless, near, openings, orders, proven


def world(*policies: dict[str, Any], **rest: Any) -> Problem:
    """Nvidia halls of 100 PFLOP/s, AMD halls of 80; all compute without policies is 6 x 100 = 600."""
    return problem(
        sites=[{"id": "a", "region": "ERCOT", "grid_mw": 30.0}, {"id": "b", "region": "PJM", "grid_mw": 30.0}],
        blocks=[{"id": "n"}, {"id": "m", "vendor": "amd", "pflops": 80.0}],
        policies=list(policies),
        **rest,
    )


def best(*policies: dict[str, Any], **rest: Any) -> float:
    """The proven optimum."""
    found = proven(world(*policies, **rest)).plan.objective
    assert found is not None
    return found


def test_none() -> None:
    """6 x 100."""
    assert best() == 600


def test_limit_max_online_over_time() -> None:
    """20 MW in all, from July 40 MW: 2 x 100 + 2 x 50 = 300."""
    assert best({"kind": "limit", "max": [{"from": "2026-01", "value": 20}, {"from": "2026-07", "value": 40}]}) == 300


def test_limit_before_its_first_step_is_zero() -> None:
    """M1.2: a maximum that starts in July is 0 before: 6 x 50 = 300."""
    assert best({"kind": "limit", "max": [{"from": "2026-07", "value": 60}]}) == 300


def test_limit_inside_a_filter() -> None:
    """At most 1 Nvidia hall in ERCOT: the other two there are AMD: 400 + 2 x 80 = 560."""
    assert (
        best({"kind": "limit", "filter": {"regions": ["ERCOT"], "vendors": ["nvidia"]}, "metric": "units", "max": 1})
        == 560
    )


def test_limit_min() -> None:
    """At least 2 AMD halls from October on (not before): 600 - 0 if they replaced... halls stay, so 2 of 6 places are AMD's:
    either from the start (4 x 100 + 2 x 80 = 560) or empty until then (4 x 100 + 2 x 20 = 440): 560."""
    assert (
        best(
            {
                "kind": "limit",
                "filter": {"vendors": ["amd"]},
                "metric": "units",
                "min": [{"from": "2026-10", "value": 2}],
            }
        )
        == 560
    )


def test_limit_of_ordered_counts_for_ever() -> None:
    """30 MW of AMD ever ordered at most, halls live one quarter, Nvidia not for sale: 3 x 80/4 = 60."""
    w = problem(
        sites=[{"grid_mw": 30.0}],
        blocks=[{"vendor": "amd", "pflops": 80.0, "life_years": 0.25}],
        policies=[{"kind": "limit", "of": "ordered", "max": 30}],
    )
    assert proven(w).plan.objective == 60


def test_vendor_share() -> None:
    """Nvidia at most half of the MW: 3 x 100 + 3 x 80 = 540. At least 40 % AMD by GPUs (1,000 each): 3 of 6 (2 are a third): 540."""
    assert best({"kind": "vendor_share", "vendor": "nvidia", "max": 0.5}) == 540
    assert best({"kind": "vendor_share", "vendor": "amd", "min": 0.4, "metric": "gpus"}) == 540


def test_vendor_share_from_a_date() -> None:
    """From mid-August, so October, at most half Nvidia; halls stay: Nvidia first and as many AMD at once would be 540; fewer than
    6 never pays: 540. With Nvidia halls that live nine months both hold: 3 x 100 all year by two orders ... 3 of 6 leave in October:
    6 x 75 + (3 x 100 + 3 x 80) / 4 = 585."""
    assert best({"kind": "vendor_share", "vendor": "nvidia", "max": 0.5, "from": "2026-08"}) == 540
    w = world({"kind": "vendor_share", "vendor": "nvidia", "max": 0.5, "from": "2026-08"})
    short = tuple(b.model_copy(update={"life_years": 0.75}) if b.id == "n" else b for b in w.blocks)
    assert proven(w.model_copy(update={"blocks": short})).plan.objective == 585


def test_site_count() -> None:
    """One site: 300; at least two where one would do (cost): two openings of 1 each."""
    assert best({"kind": "site_count", "max": 1}) == 300
    w = problem(
        sites=[{"id": "a", "opening_musd": 1}, {"id": "b", "opening_musd": 1}],
        demand=[{"id": "d", "by": "2026-01", "amount": 10}],
        policies=[{"kind": "site_count", "min": 2}],
        objectives=[{"minimize": "cost"}],
        terminal="none",
    )
    assert proven(w).plan.objective == 2


def test_site_minimum() -> None:
    """5 halls for two sites of 3; every open site needs 30 MW: one site only: 300; with 20 MW asked for: 500."""
    base = {"kind": "limit", "metric": "units", "max": 5}
    assert best({"kind": "site_minimum", "it_mw": 30}, base) == 300
    assert best({"kind": "site_minimum", "it_mw": 20}, base) == 500


def test_site_minimum_of_one_vendor() -> None:
    """Only what the filter names counts: one hall of nvidia (10 MW) is all there is, so 10 MW can be held (with nine more halls:
    1,000) and 20 cannot."""
    blocks = [{"id": "hall", "vendor": "nvidia", "supply": 1}, {"id": "other", "vendor": "amd"}]
    for asked, pflops in ((10, True), (20, False)):
        policy = {"kind": "site_minimum", "it_mw": asked, "filter": {"vendors": ["nvidia"]}}
        plan = proven(problem(blocks=blocks, policies=[policy])).plan
        assert plan.objective == 1000 * pflops


def test_lock() -> None:
    """Site b must open though nothing pays there (opening 9); an order must be placed in the period that holds its month."""
    cost: dict[str, Any] = {
        "sites": [{"id": "a"}, {"id": "b", "opening_musd": 9}],
        "blocks": [{"capex_musd": 2}],
        "demand": [{"id": "d", "by": "2026-01", "amount": 10}],
        "objectives": [{"minimize": "cost"}],
        "terminal": "none",
    }
    assert proven(problem(**cost, policies=[{"kind": "lock", "site": "b"}])).plan.objective == 11
    order = {"site": "b", "block": "hall", "month": "2026-08", "units": 2}
    plan = proven(problem(**cost, policies=[{"kind": "lock", "order": order}])).plan
    assert plan.objective == 2 + 9 + 4
    assert orders(plan)["b", "hall", "2026-07"] == 2
    hopeless(problem(**cost, policies=[{"kind": "lock", "order": order | {"units": 11}}]))


def test_forbid() -> None:
    """Nvidia at b: 300 + 3 x 80; all of PJM: 300, and b stays shut even where a lock asks for it."""
    assert best({"kind": "forbid", "filter": {"sites": ["b"], "vendors": ["nvidia"]}}) == 540
    assert best({"kind": "forbid", "filter": {"regions": ["PJM"]}}) == 300
    hopeless(world({"kind": "forbid", "filter": {"regions": ["PJM"]}}, {"kind": "lock", "site": "b"}))


def test_separation() -> None:
    """Sites 40 km apart: at 50 only one opens (300), at 30 both."""
    for km, value in ((50, 300), (30, 600)):
        w = world({"kind": "separation", "km": km})
        assert proven(w, ground(w, pairs=[("a", "b", 40.0)])).plan.objective == value


def test_separation_from_a_committed_site_but_not_between_two() -> None:
    """A committed site shuts its neighbour; two committed ones both stand."""
    w = world({"kind": "separation", "km": 50})
    near_pair = ground(w, pairs=[("a", "b", 40.0)])

    def commit(*ids: str) -> Problem:
        sites = tuple(s.model_copy(update={"status": "committed"}) if s.id in ids else s for s in w.sites)
        return w.model_copy(update={"sites": sites})

    plan = proven(commit("a"), near_pair).plan
    assert plan.objective == 300 and not openings(plan)
    assert proven(commit("a", "b"), near_pair).plan.objective == 600


def test_zone_headroom() -> None:
    """Both sites share 55 facility MW at a peak PUE of 1.25: 44 MW of IT: 4 halls: 400."""
    w = world({"kind": "zone_headroom", "filter": {"regions": ["ERCOT", "PJM"]}, "facility_mw": 55})
    sites = tuple(s.model_copy(update={"pue_peak": 1.25, "grid_mw": 40.0}) for s in w.sites)
    assert proven(w.model_copy(update={"sites": sites})).plan.objective == 400


def test_survive_any_site_loss() -> None:
    """20 MW must be left without any one site, at least cost 1 a hall: 2 at each of two sites: 4. A demand of 40 MW alone would
    also need 4, but at 30 + 10 MW the loss of the larger leaves 10: not allowed."""
    w = problem(
        sites=[{"id": "a", "grid_mw": 30.0}, {"id": "b", "grid_mw": 30.0, "opening_musd": 1}],
        blocks=[{"capex_musd": 1}],
        demand=[{"id": "d", "by": "2026-01", "amount": 20}],
        policies=[{"kind": "survive_any_site_loss", "amount": 20, "from": "2026-05"}],
        objectives=[{"minimize": "cost"}],
        terminal="none",
    )
    plan = proven(w).plan
    near(plan.objective, 5.0)
    by_site = {s.id: s.it_mw for s in plan.sites}
    assert by_site == {"a": 20.0, "b": 20.0}


def test_survival_where_nothing_can_be_built_is_infeasible() -> None:
    """No block may stand anywhere, yet 10 MW must be left."""
    hopeless(
        problem(blocks=[{"allowed_regions": ["nowhere"]}], policies=[{"kind": "survive_any_site_loss", "amount": 10}])
    )
