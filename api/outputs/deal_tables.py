"""Tables of a plan with deals: what each deal does by period, its tranches, revenue against dues, who money and MW depend on.

Money is nominal MUSD; months name periods by their first month.
"""

from __future__ import annotations

from api.outputs.bundle import Bundle
from api.outputs.tables import Row
from planner.plan import DealResult
from planner.problem.deals import Offtake

PERIOD_COLUMNS = (
    "deal", "kind", "counterparty", "signed", "metric", "month", "progress", "tranches_reached", "cash_in_musd",
    "cash_out_musd", "leased_mw", "sold", "sold_unit", "missing", "balance_musd",
)  # fmt: skip
TRANCHE_COLUMNS = (
    "deal", "kind", "counterparty", "metric", "at", "reached_month", "arrives_month", "musd", "shares_million",
    "held_musd",
)  # fmt: skip
YEAR_COLUMNS = (
    "year", "revenue_musd", "capex_musd", "opex_musd", "lease_musd", "repayments_musd", "obligations_musd", "cover",
)  # fmt: skip
CONCENTRATION_COLUMNS = ("by", "measure", "name", "share", "hhi")
EXPOSURE_COLUMNS = ("country", "tariffs_musd", "block_capex_musd", "per_point_musd")
CIRCULARITY_COLUMNS = ("counterparty", "inflow_musd", "spending_musd", "circularity_share")
SUMMARY_COLUMNS = (
    "deal", "kind", "counterparty", "optional", "signed", "metric", "progress", "tranches", "tranches_reached",
    "cash_in_musd", "cash_out_musd", "holding_musd", "source",
)  # fmt: skip
SIGNED_COLUMNS = ("deal",)
DRAW_COLUMNS = ("deal", "month", "musd")
SALE_COLUMNS = ("deal", "site", "block", "month", "amount")


def deal_periods(bundle: Bundle) -> list[Row]:
    """One row per deal and period, unsigned ones too: progress, tranches reached by then, money, what is leased or sold."""
    asked = {d.id: d for d in bundle.problem.deals}
    rows = []
    for d in bundle.plan.deals:
        terms = asked[d.id]
        unit = terms.sold_metric if isinstance(terms, Offtake) else None
        for p in d.periods:
            rows.append(
                {
                    **_who(d),
                    "signed": d.signed,
                    "metric": d.metric,
                    "month": p.month,
                    "progress": p.progress,
                    "tranches_reached": p.tranches_reached,
                    "cash_in_musd": p.cash_in_musd,
                    "cash_out_musd": p.cash_out_musd,
                    "leased_mw": p.leased_mw,
                    "sold": p.sold,
                    "sold_unit": unit,
                    "missing": p.missing,
                    "balance_musd": p.balance_musd,
                }
            )
    return rows


def summary(bundle: Bundle) -> list[Row]:
    """One row per deal: whether it is signed, how far it got, its money over the horizon, what is held at its end."""
    asked = {d.id: d for d in bundle.problem.deals}
    return [
        {
            **_who(d),
            "optional": asked[d.id].optional,
            "signed": d.signed,
            "metric": d.metric,
            "progress": d.periods[-1].progress if d.periods else 0.0,
            "tranches": len(d.tranches),
            "tranches_reached": d.periods[-1].tranches_reached if d.periods else 0,
            "cash_in_musd": d.cash_in_musd,
            "cash_out_musd": d.cash_out_musd,
            "holding_musd": d.holding_musd,
            "source": asked[d.id].source,
        }
        for d in bundle.plan.deals
    ]


def tranches(bundle: Bundle) -> list[Row]:
    """One row per tranche, also those not reached: when, and what it brought in cash and in shares held."""
    return [
        {
            **_who(d),
            "metric": d.metric,
            "at": t.at,
            "reached_month": t.month,
            "arrives_month": t.arrives,
            "musd": t.musd,
            "shares_million": t.shares_million,
            "held_musd": t.held_musd,
        }
        for d in bundle.plan.deals
        for t in d.tranches
    ]


def _who(deal: DealResult) -> Row:
    return {"deal": deal.id, "kind": deal.kind, "counterparty": deal.counterparty}


def years(bundle: Bundle) -> list[Row]:
    """Revenue against obligations by calendar year, those after the horizon included (M5.18)."""
    return [y.model_dump() for y in bundle.plan.years]


def circularity(bundle: Bundle) -> list[Row]:
    """Inflow from a counterparty against what is spent on its blocks (M5.8)."""
    rows = []
    for c in bundle.plan.circularity:
        row = c.model_dump()
        rows.append({**row, "circularity_share": row.pop("share")})
    return [{k: r[k] for k in CIRCULARITY_COLUMNS} for r in rows]


def concentration(bundle: Bundle) -> list[Row]:
    """One row per share, with the index of all of them beside it (M5.17)."""
    return [
        {"by": c.by, "measure": c.measure, "name": name, "share": share, "hhi": c.hhi}
        for c in bundle.plan.concentration
        for name, share in c.shares.items()
    ]


def exposure(bundle: Bundle) -> list[Row]:
    """Duties by country, and what one percentage point is worth (M5.17)."""
    return [t.model_dump() for t in bundle.plan.tariff_exposure]


def signed(bundle: Bundle) -> list[Row]:
    """The signed deals, those that are not optional included."""
    return [{"deal": deal} for deal in bundle.plan.signed]


def draws(bundle: Bundle) -> list[Row]:
    """What is drawn of each loan, and when."""
    return [d.model_dump() for d in bundle.plan.draws]


def sales(bundle: Bundle) -> list[Row]:
    """What is sold to customers, by deal, site, block and period, in the deal's unit."""
    return [s.model_dump() for s in bundle.plan.sales]
