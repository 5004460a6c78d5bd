"""Who would have to give way where a request contradicts itself (M8.13)."""

from __future__ import annotations

import pytest

from solvers.studies.clash import clashes
from tests.verify.worlds import ground, problem


def test_each_family_that_repairs_alone_is_told_with_its_own_amount() -> None:
    """Two halls of 10 MW at 100 MUSD each are promised, 150 MUSD are there.

    Either the budget gives way by 200 - 150 = 50 MUSD, or the demand by the one hall that cannot be paid: 10 MW.
    """
    w = problem(
        blocks=[{"capex_musd": 100.0, "life_years": 5}],
        demand=[{"id": "campus", "metric": "it_mw", "by": "2026-01", "amount": 20}],
        budget={"opening_musd": 150.0, "per_year_musd": 0.0},
    )
    found = {c.family: c for c in clashes(w, ground(w), lambda: False)}
    assert set(found) == {"budget", "demand"}
    assert found["budget"].amount == pytest.approx(50) and found["demand"].amount == pytest.approx(10)
    assert all(c.repairs_alone for c in found.values())


def test_families_that_only_help_together_say_so() -> None:
    """Two halls are both promised by a lock and demanded, at 10 MW of grid and on 1 ha where they need 20 MW and 2 ha.

    No family helps alone: either power and land give way together, or the lock and the demand do.
    """
    w = problem(
        sites=[{"grid_mw": 10.0}],
        blocks=[{"footprint_ha": 1.0}],
        policies=[{"kind": "lock", "order": {"site": "abilene", "block": "hall", "month": "2026-01", "units": 2}}],
        demand=[{"id": "campus", "metric": "it_mw", "by": "2026-01", "amount": 20}],
    )
    found = {c.family: c for c in clashes(w, ground(w, ha=1.0), lambda: False)}
    assert set(found) in ({"power", "land"}, {"demand", "policies"})
    assert not any(c.repairs_alone for c in found.values())
