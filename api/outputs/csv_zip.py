"""``plan-csv.zip``: all CSV files of a plan in one, byte for byte the same for the same plan."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from api.outputs.bundle import Bundle

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Zip files hold a time for each member; this one is the earliest there is, and says nothing."""


def from_folder(folder: Path, path: Path) -> None:
    """Zip the CSV files that lie in a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.csv")):
            entry = zipfile.ZipInfo(file.name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())


def write(bundle: Bundle, path: Path) -> None:
    """Write ``plan-csv.zip``."""
    from api.outputs import OUTPUTS, besides, writer

    tables = [o for o in (*OUTPUTS, *besides(bundle)) if o.name.endswith(".csv")]
    with tempfile.TemporaryDirectory() as room:
        for output in tables:
            writer(output)(bundle, Path(room) / output.name)
        from_folder(Path(room), path)
