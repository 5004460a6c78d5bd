"""``cash.csv``, ``orders.csv``, ``openings.csv``, ``shells.csv``; ``gigasite evaluate`` reads the last three.

With deals also ``deals.csv``, ``tranches.csv`` and ``years.csv``, and the decisions that deals ask for: ``signed.csv``,
``draws.csv`` and ``sales.csv``, which ``evaluate`` reads, too; and so ``retirements.csv``, ``idle.csv`` and ``served.csv``, where a
plan has any.
"""

from __future__ import annotations

from pathlib import Path

from api.outputs import deal_tables, tables
from api.outputs.bundle import Bundle


def write_cash(bundle: Bundle, path: Path) -> None:
    """Write ``cash.csv``."""
    tables.write_csv(tables.cash(bundle), path)


def write_orders(bundle: Bundle, path: Path) -> None:
    """Write ``orders.csv``."""
    tables.write_csv(tables.orders(bundle), path, tables.COLUMNS["orders"])


def write_openings(bundle: Bundle, path: Path) -> None:
    """Write ``openings.csv``."""
    tables.write_csv(tables.openings(bundle), path, tables.COLUMNS["openings"])


def write_shells(bundle: Bundle, path: Path) -> None:
    """Write ``shells.csv``."""
    tables.write_csv(tables.shells(bundle), path, tables.columns(bundle, "shells"))


def write_deals(bundle: Bundle, path: Path) -> None:
    """Write ``deals.csv``."""
    tables.write_csv(deal_tables.deal_periods(bundle), path, deal_tables.PERIOD_COLUMNS)


def write_tranches(bundle: Bundle, path: Path) -> None:
    """Write ``tranches.csv``."""
    tables.write_csv(deal_tables.tranches(bundle), path, deal_tables.TRANCHE_COLUMNS)


def write_years(bundle: Bundle, path: Path) -> None:
    """Write ``years.csv``."""
    tables.write_csv(deal_tables.years(bundle), path, deal_tables.YEAR_COLUMNS)


def write_signed(bundle: Bundle, path: Path) -> None:
    """Write ``signed.csv``."""
    tables.write_csv(deal_tables.signed(bundle), path, deal_tables.SIGNED_COLUMNS)


def write_draws(bundle: Bundle, path: Path) -> None:
    """Write ``draws.csv``."""
    tables.write_csv(deal_tables.draws(bundle), path, deal_tables.DRAW_COLUMNS)


def write_sales(bundle: Bundle, path: Path) -> None:
    """Write ``sales.csv``."""
    tables.write_csv(deal_tables.sales(bundle), path, deal_tables.SALE_COLUMNS)


def write_retirements(bundle: Bundle, path: Path) -> None:
    """Write ``retirements.csv``."""
    tables.write_csv([r.model_dump() for r in bundle.plan.retirements], path, tables.COLUMNS["retirements"])


def write_idle(bundle: Bundle, path: Path) -> None:
    """Write ``idle.csv``."""
    tables.write_csv([r.model_dump() for r in bundle.plan.idle], path, tables.COLUMNS["idle"])


def write_served(bundle: Bundle, path: Path) -> None:
    """Write ``served.csv``."""
    tables.write_csv([r.model_dump() for r in bundle.plan.served], path, tables.COLUMNS["served"])
