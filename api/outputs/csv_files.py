"""``cash.csv``, ``orders.csv``, ``openings.csv``, ``shells.csv``; ``gigasite evaluate`` reads the last three."""

from __future__ import annotations

from pathlib import Path

from api.outputs import tables
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
    tables.write_csv(tables.shells(bundle), path, tables.COLUMNS["shells"])
