"""What duties cost by country, and what one more percentage point would (M5.17)."""

from __future__ import annotations

from planner.ledger.money import NOTHING_MUSD, Money
from planner.plan import TariffExposure


def tariff_exposure(book: Money) -> list[TariffExposure]:
    """Countries with block capex inside the horizon, in the order in which the sites first name them; nominal MUSD."""
    tariffs, blocks = book.by_site["tariffs"].sum(axis=1).tolist(), book.by_site["blocks"].sum(axis=1).tolist()
    sums: dict[str, tuple[float, float]] = {}
    for site, duty, capex in zip(book.figures.sites, tariffs, blocks):
        before = sums.get(site.country, (0.0, 0.0))
        sums[site.country] = (before[0] + duty, before[1] + capex)
    return [
        TariffExposure(country=country, tariffs_musd=duty, block_capex_musd=capex, per_point_musd=capex / 100)
        for country, (duty, capex) in sums.items()
        if capex > NOTHING_MUSD
    ]
