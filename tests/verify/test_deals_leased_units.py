"""Decisions on leases, one hand-solved world for each rule: it holds at the edge and breaks one step further (M5.4, M5.13)."""

from __future__ import annotations

from typing import Any

from tests.verify.worlds import broken, problem

OPEN = [("abilene", "2026-01")]
MONTHS = ("2026-01", "2026-04", "2026-07", "2026-10")
LEASE: dict[str, Any] = {"id": "oracle", "kind": "lease", "musd_per_mw_year": 2}
LOAN: dict[str, Any] = {"id": "bank", "kind": "loan", "limit_musd": 100, "rate": 0.08, "term_years": 1}


def order(
    units: int, terms: str = "own", month: str = "2026-01", block: str = "hall"
) -> tuple[str, str, str, int, str]:
    return ("abilene", block, month, units, terms)


def rules(found: list[tuple[str, str, str | None, Any]]) -> list[tuple[str, str]]:
    return [v[:2] for v in found]


def test_leases_of_orders_must_be_signed_leases_that_cover_them() -> None:
    """M5.4: an unknown id, a loan, an unsigned lease, another vendor's lease and a lease of other sites."""
    lease = {**LEASE, "optional": True, "vendor": "nvidia", "filter": {"sites": ["abilene"]}}
    two: Any = [{}, {"id": "milam"}], [{}, {"id": "helios", "vendor": "amd"}]
    p = problem(*two, deals=[lease, {**LOAN, "optional": True}])
    opened: dict[str, Any] = {"openings": [*OPEN, ("milam", "2026-01")]}
    good: dict[str, Any] = {**opened, "signed": ["oracle"]}
    assert broken(p, **good, orders=[order(1, "oracle")]) == []
    assert broken(p, **good, orders=[order(1, "nobody")]) == [("M8.6", "decisions", "2026-01", None)]
    assert broken(p, **opened, signed=["bank"], orders=[order(1, "bank")]) == [("M5.4", "decisions", "2026-01", None)]
    assert broken(p, **opened, orders=[order(1, "oracle")]) == [("M5.4", "decisions", "2026-01", None)]
    assert broken(p, **good, orders=[order(2, "oracle", block="helios")]) == [("M5.4", "leases", "2026-01", 2)]
    found = broken(p, **good, orders=[("milam", "hall", "2026-04", 3, "oracle")])
    assert found == [("M5.4", "leases", "2026-04", 3)]
    both = [order(1), order(1, "oracle")]
    assert broken(p, **good, orders=both) == []
    assert rules(broken(p, **good, orders=[*both, order(1, "oracle")])) == [("M8.6", "decisions")]


def test_leases_without_own_allowed() -> None:
    """M5.13: while signed, covered orders are leased; what is not covered may be bought; leasing elsewhere is leasing."""
    lease = {**LEASE, "optional": True, "own_allowed": False, "vendor": "nvidia"}
    p = problem(blocks=[{}, {"id": "helios", "vendor": "amd"}], deals=[lease, {**LEASE, "id": "coreweave"}])
    decided: dict[str, Any] = {"openings": OPEN}
    own = [order(2), order(1, block="helios")]
    assert broken(p, **decided, signed=["coreweave"], orders=own) == []
    assert broken(p, **decided, signed=["coreweave", "oracle"], orders=own) == [("M5.4", "leases", "2026-01", 2)]
    for terms in ("oracle", "coreweave"):
        assert broken(p, **decided, signed=["coreweave", "oracle"], orders=[order(2, terms)]) == []


def test_leases_of_shell() -> None:
    """M5.13: a lease of all or of shell may build at its sites; one of chips may not, nor one of other sites."""
    decided: dict[str, Any] = {
        "openings": OPEN,
        "signed": ["oracle"],
        "shells": [("abilene", "2026-01", 30.0, "oracle")],
    }
    for covers, fine in [("all", True), ("shell", True), ("chips", False)]:
        p = problem(deals=[{**LEASE, "covers": covers}])
        assert broken(p, **decided) == ([] if fine else [("M5.13", "leases", "2026-01", 30)])
    p = problem([{}, {"id": "milam"}], deals=[{**LEASE, "filter": {"sites": ["milam"]}}])
    assert broken(p, **decided) == [("M5.13", "leases", "2026-01", 30)]


def test_shell_of_partners_houses_no_unit_of_ours() -> None:
    """M5.13: 20 MW of own shell and 30 of the partner's. 2 own + 3 leased halls of 10 MW fit; 3 own do not, nor 6 in all.

    A lease of chips alone stands in our shell.
    """
    site: dict[str, Any] = {"existing_shell_mw": 20}
    p = problem([site], deals=[LEASE])
    shells = [("abilene", "2026-01", 30.0, "oracle")]
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["oracle"], "shells": shells}
    assert broken(p, **decided, orders=[order(2), order(3, "oracle")]) == []
    assert broken(p, **decided, orders=[order(5, "oracle")]) == []
    own = broken(p, **decided, orders=[order(3), order(2, "oracle")])
    assert own == [("M5.13", "shell", m, 10) for m in MONTHS]
    assert broken(p, **decided, orders=[order(6, "oracle")]) == [("M3.6", "shell", m, 10) for m in MONTHS]
    chips = problem([site], deals=[LEASE, {**LEASE, "id": "chips", "covers": "chips"}])
    decided["signed"] = ["oracle", "chips"]
    assert broken(chips, **decided, orders=[order(2, "chips"), order(3, "oracle")]) == []
    found = broken(chips, **decided, orders=[order(1), order(2, "chips")])
    assert found == [("M5.13", "shell", m, 10) for m in MONTHS]


def test_pace_and_steps_count_what_partners_build() -> None:
    """M5.13: 40 MW a year: 25 own and 16 of the partner in the same year are 1 too fast; 16 is no step of 5; open first."""
    p = problem([{"pace_mw_per_year": 40}], deals=[LEASE])
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["oracle"]}
    built = [("abilene", "2026-01", 25.0), ("abilene", "2026-07", 15.0, "oracle")]
    assert broken(p, **decided, shells=built) == []
    fast = [built[0], ("abilene", "2026-07", 16.0, "oracle")]
    assert broken(p, **decided, shells=fast) == [("M3.6", "pace", "2026-07", 1), ("M3.6", "pace", "2026-10", 1)]
    steps = problem([{"shell_step_mw": 5}], deals=[LEASE])
    assert broken(steps, **decided, shells=fast) == [("M3.6", "shell", "2026-07", 1)]
    assert broken(p, signed=["oracle"], shells=built[1:]) == [("M3.6", "shell", "2026-07", 15)]


def test_leases_end_at_the_term() -> None:
    """M5.4: of 4 halls in a 20 MW grid 2 are leased for half a year: from 2026-07 two more may come, not before.

    With a life shorter than the term the life ends them.
    """
    p = problem([{"grid_mw": 20}], deals=[{**LEASE, "term_years": 0.5}])
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["oracle"]}
    leased = order(2, "oracle")
    assert broken(p, **decided, orders=[leased, order(2, month="2026-07")]) == []
    assert broken(p, **decided, orders=[leased, order(2, month="2026-04")]) == [("M3.4", "power", "2026-04", 20)]
    p = problem([{"grid_mw": 20}], [{"life_years": 0.25}], deals=[{**LEASE, "term_years": 0.5}])
    assert broken(p, **decided, orders=[leased, order(2, month="2026-04")]) == []


def test_supply_and_most_per_site_count_leased_units() -> None:
    """M5.13: 3 in supply and at most 3 at a site: 2 own + 1 leased; one more is too many. 1 + 1 are at least 2."""
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["oracle"]}
    for limit, rule in [({"supply": 3}, "M2.4"), ({"max_per_site": 3}, "M2.5")]:
        p = problem(blocks=[limit], deals=[LEASE])
        assert broken(p, **decided, orders=[order(2), order(1, "oracle")]) == []
        found = broken(p, **decided, orders=[order(2), order(2, "oracle")])
        assert {v[0] for v in found} == {rule} and found[0][3] == 1
    least = problem(blocks=[{"min_per_site": 2}], deals=[LEASE])
    assert broken(least, **decided, orders=[order(1), order(1, "oracle")]) == []
    assert rules(broken(least, **decided, orders=[order(1, "oracle")])) == [("M2.5", "orders")]


def test_leased_units_do_not_leave_early() -> None:
    """M5.13: 1 own and 2 leased halls: one can retire, the second is none of ours."""
    p = problem(blocks=[{"early_retirement": True}], deals=[LEASE])
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["oracle"], "orders": [order(1), order(2, "oracle")]}
    assert broken(p, **decided, retirements=[("abilene", "hall", "2026-04", 1)]) == []
    found = broken(p, **decided, retirements=[("abilene", "hall", "2026-04", 2)])
    assert found == [("M2.7", "retirement", "2026-04", 1)]


def test_locks_name_their_terms() -> None:
    """M7.3: two on the lease are locked: two of our own are not they; without terms it is the other way round."""
    lock = {"site": "abilene", "block": "hall", "month": "2026-02", "units": 2}
    leased = problem(deals=[LEASE], policies=[{"kind": "lock", "order": {**lock, "terms": "oracle"}}])
    own = problem(deals=[LEASE], policies=[{"kind": "lock", "order": lock}])
    decided: dict[str, Any] = {"openings": OPEN, "signed": ["oracle"]}
    assert broken(leased, **decided, orders=[order(2, "oracle")]) == [] == broken(own, **decided, orders=[order(2)])
    short = [("M7.3", "policies", "2026-01", 1)]
    assert broken(leased, **decided, orders=[order(2), order(1, "oracle")]) == short
    assert broken(own, **decided, orders=[order(1), order(2, "oracle")]) == short
