"""The constraint before the optimum, for deals: rows of every family on the two-site world of :mod:`tests.model.test_rules`.

Site a carries 40 / 1.25 = 32, then 48 MW; site b, committed, 20. ``n`` are owned units: block 0 (NVIDIA, 10 MW), block 1 (AMD, 5 MW,
40 PFLOP/s); ``leased 0010`` units on lease 0 at site 0 of block 1 by period 0; ``signs 2`` is 1 where deal 2 is signed.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.test_rules import model, row, world

LETTER: dict[str, Any] = {
    "id": "letter",
    "kind": "equity_tranches",
    "vendor": "nvidia",
    "optional": True,
    "tranches": [{"at": 15, "musd": 5}, {"at": 30, "musd": 7}],
}
WARRANT: dict[str, Any] = {
    "id": "warrant",
    "kind": "warrants",
    "vendor": "amd",
    "optional": True,
    "exclusive_with": ["letter"],
    "haircut": 0,
    "monetise": 1,
    "share_price_usd": [{"from": "2026-01", "value": 10}, {"from": "2027-01", "value": 20}],
    "tranches": [{"at": 7, "shares_million": 1}, {"at": 20, "shares_million": 1}],
}
PROMISE: dict[str, Any] = {
    "id": "promise",
    "kind": "purchase_commitment",
    "vendor": "amd",
    "commitments": [{"by": "2026-06", "at": 12}, {"by": "2027-03", "at": 22, "shortfall_musd_per_unit": 3}],
}
LEASE: dict[str, Any] = {
    "id": "rent",
    "kind": "lease",
    "vendor": "amd",
    "filter": {"sites": ["a"]},
    "optional": True,
    "own_allowed": False,
    "includes": ["opening"],
    "musd_per_mw_year": 2,
    "minimum_mw": [{"from": "2027-01", "value": 15}],
    "term_years": 1,
}
LOAN: dict[str, Any] = {
    "id": "bank",
    "kind": "loan",
    "vendor": "nvidia",
    "optional": True,
    "limit_musd": [{"from": "2026-01", "value": 30}, {"from": "2027-01", "value": 80}],
    "rate": 0.1,
    "term_years": 2,
    "max_share": 0.5,
    "lines": ["blocks"],
}
CUSTOMER: dict[str, Any] = {
    "id": "customer",
    "kind": "offtake",
    "vendor": "amd",
    "optional": True,
    "musd_per_pflops_year": 1,
    "minimum": [{"from": "2027-01", "value": 50}],
    "maximum": 70,
    "shortfall_musd_per_unit_year": 2,
}


def dealing(*deals: dict[str, Any], **rest: Any) -> Any:
    """The model with some deals: the NVIDIA block costs 50, opening a 9, and a MW of shell 1; 100 MUSD a year."""
    priced: dict[str, Any] = {
        "blocks": ({"capex_musd": 50}, {}),
        "sites": ({"opening_musd": 9, "construction_musd_per_mw": 1.0}, {}),
        "budget": {"per_year_musd": 100},
    }
    return model(world(**{**priced, **rest}, deals=list(deals)))


def test_signing_one_of_two_that_exclude_each_other() -> None:
    """:math:`s_0 + s_1 \\le 1`, though only the second names the first. A deal that is not optional is the constant 1, so
    :math:`s_0 \\le 0`."""
    m = dealing(LETTER, WARRANT)
    assert list(m.exclusive) == [(0, 1)]
    assert row(m.exclusive[0, 1]) == ({"signs 0": 1, "signs 1": 1}, None, 1)
    m = dealing(LETTER, {**WARRANT, "optional": False})
    assert row(m.exclusive[0, 1]) == ({"signs 0": 1}, None, 0)


def test_tranches_of_equity() -> None:
    """Units of 10 MW: 15 is reached at 20, 30 at 30. Money of 2027 would come after the horizon, so only 2026 has rungs:
    :math:`g \\ge 20 r_0 + 10 r_1`. Waiting with it never pays, so nothing forces it. At most (3 + 2) x 10 MW by 2026."""
    m = dealing(LETTER)
    assert m.progress[0, 0].bounds == (0, 50)
    assert row(m.progress_is[0, 0]) == ({"n000": 10, "n100": 10, "progress 00": -1}, 0, None)
    assert row(m.reaches[0, 0]) == ({"progress 00": 1, "reached 000": -20, "reached 010": -10}, 0, None)
    assert row(m.reached_in_order[0, 0, 1, 0]) == ({"reached 010": 1, "reached 000": -1}, None, 0)
    assert row(m.reached_if_signed[0, 1]) == ({"reached 010": 1, "signs 0": -1}, None, 0)
    assert list(m.reached) == [(0, 0, 0), (0, 1, 0)]
    assert len(m.reached_at_once) == 0


def test_tranches_of_warrants_vest_at_once_where_the_price_rises() -> None:
    """Units of 5 MW: 7 is reached at 10 (5 is still short), 20 at 20 (15 is short); at most 13 units = 65 MW by 2027, so
    :math:`g \\le 5 + (15 - 5) r_0 + (65 - 15) r_1`, and up to 65 while it is not signed: + 60 (1 - s)."""
    m = dealing(LETTER, WARRANT)
    assert row(m.progress_is[1, 1]) == ({"n011": 5, "n111": 5, "progress 11": -1}, 0, 0)
    assert row(m.reaches[1, 1]) == ({"progress 11": 1, "reached 101": -10, "reached 111": -10}, 0, None)
    assert row(m.reached_stays[1, 1, 0, 1]) == ({"reached 110": 1, "reached 111": -1}, None, 0)
    forced = {"progress 11": 1, "reached 101": -10, "reached 111": -50, "signs 1": 60}
    assert row(m.reached_at_once[1, 1]) == (forced, None, 65)


def test_commitments_hard_and_priced() -> None:
    """12 MW of 5 MW units means 15, ordered by 2026; 22 by 2027, or 3 MUSD for each MW that is missing, once, in 2027."""
    m = dealing(PROMISE)
    assert row(m.commitments[0, 0]) == ({"n010": 5, "n110": 5}, 15, None)
    assert row(m.commitments[0, 1]) == ({"n011": 5, "n111": 5, "commitment_missing 01": 1}, 22, None)
    assert row(m.budget[1])[0]["commitment_missing 01"] == 3
    optional = dealing({**PROMISE, "optional": True})
    assert row(optional.commitments[0, 0]) == ({"n010": 5, "n110": 5, "signs 0": -15}, 0, None)


def test_leases_pay_for_what_is_online_and_for_the_minimum() -> None:
    """A term of a year: units of 2026 are gone in 2027. Without a minimum 2026 pays 2 x 5 a unit, 2027 pays 2 a MW of the larger."""
    m = dealing(LEASE)
    assert list(m.lease_mw) == [(0, 1)]
    assert row(m.lease_pays_used[0, 1]) == ({"leased 0011": 5, "leased 0010": -5, "lease_mw 01": -1}, None, 0)
    assert row(m.lease_pays_minimum[0, 1]) == ({"lease_mw 01": 1, "signs 0": -15}, 0, None)
    assert row(m.budget[0])[0]["leased 0010"] == 10
    assert row(m.budget[1])[0]["lease_mw 01"] == 2
    assert len(m.after_horizon) == 0


def test_leases_own_nothing_once_signed_and_lease_nothing_unless() -> None:
    """Ever leased: 32/5 = 6 in 2026, and after those have left 48/5 = 9 more: 15. Owned: 9. Shell: 48 MW. All MW stand in all
    shell, owned ones in what is there (1000) or own."""
    m = dealing(LEASE)
    assert row(m.leased_if_signed[0]) == ({"leased 0011": 1, "signs 0": -15}, None, 0)
    assert row(m.leased_shell_if_signed[0, 0]) == ({"leased_shell 001": 1, "signs 0": -48}, None, 0)
    assert row(m.must_lease[0, 0, 1]) == ({"n011": 1, "signs 0": 9}, None, 9)
    own = {"n000": 10, "n010": 5, "b00": -1}
    assert row(m.own_shell[0, 0]) == (own, None, 1000)
    assert row(m.shell_holds[0, 0]) == (own | {"leased 0010": 5, "leased_shell 000": -1}, None, 1000)


def test_leases_whose_partner_opens_the_site() -> None:
    """M5.13: where something is leased and nothing else ordered (4 big or 9 small at most). Nobody would decline it, except for a loan
    that is drawn against openings; then it is forced: no leased unit (of 15) unless the partner pays or something else is there."""
    m = dealing(LEASE)
    assert row(m.partner_opens_once[0, 0, 1]) == ({"partner_opens 001": 1, "y01": -1, "y00": 1}, None, 0)
    paid = {"partner_site 00": -1, "partner_opens 000": 1, "partner_opens 001": 1}
    assert row(m.partner_opens_whole[0, 0]) == (paid, 0, 0)
    assert row(m.partner_has_some[0, 0]) == ({"partner_site 00": 1, "leased 0011": -1}, None, 0)
    assert [row(m.partner_has_all[i]) for i in m.partner_has_all] == [
        ({"n001": 1, "partner_site 00": 4}, None, 4),
        ({"n011": 1, "partner_site 00": 9}, None, 9),
    ]
    assert row(m.budget[0])[0]["y00"] == 9 == -row(m.budget[0])[0]["partner_opens 000"]
    assert len(m.partner_must_pay) == 0
    (forced,) = dealing(LEASE, {**LOAN, "lines": ["openings"]}).partner_must_pay.values()
    assert row(forced) == ({"leased 0011": 1, "partner_site 00": -15, "n001": -15, "n011": -15}, None, 0)


def test_loans_up_to_a_limit_and_a_share() -> None:
    """Cumulative draws of 30, then 80; half of 50 a unit ordered so far."""
    m = dealing(LOAN)
    assert [v.bounds for v in m.drawn.values()] == [(0, 30), (0, 80)]
    assert row(m.drawn_rises[0, 1]) == ({"drawn 00": 1, "drawn 01": -1}, None, 0)
    assert list(m.drawn_if_signed) == [(0, 0), (0, 1)]
    assert row(m.drawn_if_signed[0, 0]) == ({"drawn 00": 1, "signs 0": -30}, None, 0)
    assert row(m.drawn_if_signed[0, 1]) == ({"drawn 01": 1, "signs 0": -80}, None, 0)
    spent = {"covered_capex 01": 1, "covered_capex 00": -1, "n001": -50, "n000": 50, "n101": -50, "n100": 50}
    assert row(m.covered_capex_is_0[1]) == (spent, 0, 0)
    assert row(m.drawn_share[0, 1]) == ({"drawn 01": 1, "covered_capex 01": -0.5}, None, 0)


def test_loans_are_paid_back() -> None:
    """:math:`a = 0.1 / (1 - 1.1^{-2}) = 0.5762`. Of the first draw one annuity is due in 2027 and one later, of the second
    (:math:`\\Delta_1 - \\Delta_0`) both are later: :math:`a \\Delta_0 + 2 a (\\Delta_1 - \\Delta_0)`, within one year of budget."""
    m, a = dealing(LOAN), pytest.approx(0.1 / (1 - 1.1**-2), abs=1e-9)
    assert row(m.budget[0])[0]["drawn 00"] == -1
    assert row(m.budget[1])[0]["drawn 01"] == -1
    assert row(m.budget[1])[0]["drawn 00"] - 1 == a
    later, _, limit = row(m.after_horizon)
    assert [-later["drawn 00"], later["drawn 01"] / 2] == [a, a]
    assert limit == 100


def test_offtakes_sell_once_between_minimum_and_maximum() -> None:
    """A unit holds 40 PFLOP/s: 1/40 of it goes with each one sold. 50 in 2027 or 2 MUSD for each one missing; never more than 70."""
    m = dealing(CUSTOMER)
    assert row(m.sold_once[0, 1, 1]) == ({"sold 0011": 1 / 40, "n011": -1}, None, 0)
    assert list(m.offtake_minimum) == [(0, 1)]
    short = {"sold 0011": 1, "sold 0111": 1, "offtake_missing 01": 1, "signs 0": -50}
    assert row(m.offtake_minimum[0, 1]) == (short, 0, None)
    assert row(m.offtake_maximum[0, 0]) == ({"sold 0010": 1, "sold 0110": 1, "signs 0": -70}, None, 0)
    assert row(m.budget[1])[0]["offtake_missing 01"] == 2
