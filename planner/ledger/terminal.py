r"""The unexpired life of paid capex at the end of the horizon (M4.6), shown always, counted where asked for.

Chips over their own life, construction and openings over 30 years, land in full; discounted by
:math:`(1 + r)^{-PL}`. What a partner paid for is not ours to credit (M5.4). Money that still falls due is charged to
the cost, so the credit counts whole prices.
"""

from __future__ import annotations

import numpy as np

from planner.formulas import (
    chip_credit_fraction,
    construction_credit_fraction,
    discount,
    opening_credit_fraction,
)
from planner.ledger.figures import NEVER, Figures, Floats
from planner.ledger.state import State
from planner.ledger.terms import on_lease
from planner.plan import Credit


def terminal(state: State) -> list[Credit]:
    """Four credits: chips, construction, openings, land."""
    figures = state.figures
    at_end = discount(figures.P, figures.L, figures.problem.rate)
    amounts = {
        "chips": _new_chips(state) + _existing_chips(state),
        "construction": _construction(state),
        "openings": _openings(state),
        "land": _land(state),
    }
    return [Credit(line=k, musd=v + 0.0, discounted_musd=v * at_end + 0.0) for k, v in amounts.items()]


def _new_chips(state: State) -> float:
    """Ordered units still standing in the last period, with their duties."""
    figures, units = state.figures, state.fleet.cohorts
    ours = ~on_lease(units.lease, state.terms.chips)
    left = (units.ordered >= 0) & (units.ends >= figures.P) & ours
    s, k, q = units.site[left], units.block[left], units.ordered[left]
    duties = 1.0 + figures.site.tariff[s, q] + figures.site.sales_tax[s, q]
    whole = units.units[left] * figures.block.capex_musd[k, q] * duties
    return float((whole * _fractions(figures, q, k)).sum())


def _fractions(figures: Figures, q: object, k: object) -> Floats:
    pairs = zip(np.asarray(q).tolist(), np.asarray(k).tolist())
    lead, life = figures.block.lead.tolist(), figures.block.life.tolist()
    return np.array(
        [chip_credit_fraction(q_, lead[k_], None if life[k_] == NEVER else life[k_], figures.P) for q_, k_ in pairs],
        dtype=float,
    )


def _existing_chips(state: State) -> float:
    """What was paid inside the horizon for existing units, spread over them; only those still standing count."""
    figures, units = state.figures, state.fleet.cohorts
    total, number = 0.0, 0
    for site in figures.sites:
        for entry in site.existing:
            months = [(figures.timeline.contains(part.month), part.musd) for part in entry.unpaid]
            paid = sum(musd for p, musd in months if 0 <= p < figures.P)
            if paid and entry.units:
                mine = (units.existing == number) & (units.ends >= figures.P)
                k = figures.block_index[entry.block]
                life = int(figures.block.life[k])
                online = figures.timeline.starts(entry.online_from)
                share = chip_credit_fraction(online, 0, None if life == NEVER else life, figures.P)
                total += paid * share * float(units.units[mine].sum()) / entry.units
            number += 1
    return total


def _construction(state: State) -> float:
    figures, rows = state.figures, state.rows
    cost = rows.shell_mw * figures.site.construction_musd_per_mw[rows.shell_site, rows.shell_period]
    build = figures.site.build_periods[rows.shell_site].tolist()
    starts = rows.shell_period.tolist()
    left = [construction_credit_fraction(p, B, figures.P, figures.L) for p, B in zip(starts, build)]
    ours = ~on_lease(rows.shell_lease, state.terms.shell)
    return float((cost * ours * np.array(left, dtype=float)).sum())


def _openings(state: State) -> float:
    figures, rows = state.figures, state.rows
    ours = ~state.terms.opening_by_partner[rows.opening_site]
    paid = ours * figures.site.opening_musd[rows.opening_site, rows.opening_period]
    left = [opening_credit_fraction(p, figures.P, figures.L) for p in rows.opening_period.tolist()]
    return float((paid * np.array(left, dtype=float)).sum())


def _land(state: State) -> float:
    figures, s, p = state.figures, state.rows.opening_site, state.rows.opening_period
    ours = ~state.terms.land_by_partner[s]
    return float((ours * figures.site.land_usd_per_ha[s, p] * figures.site.parcel_ha[s] / 1e6).sum())
