"""A planning request that comes as a workbook: opened as uploads are, in a caged process of its own."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from api.service.http.body import parse_json
from api.service.http.problems import Problem
from api.service.http.service import Service
from api.service.http.uploads.convert import WORKBOOK, convert

WORKBOOK_TYPES = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)


async def read_workbook(service: Service, data: bytes) -> Any:
    """The document in a workbook. Raises Problem (bad-json with every cell that makes no sense, upload-refused)."""
    most = service.settings.max_body_bytes
    with tempfile.TemporaryDirectory(prefix="upload-", dir=service.settings.data / "datasets") as room:
        raw = Path(room) / "upload"
        await asyncio.to_thread(raw.write_bytes, data)
        prepared, _ = await convert(raw, WORKBOOK, Path(room))
        if prepared.stat().st_size > most:
            raise Problem("body-too-large", f"the workbook holds a request of more than {most:,} bytes")
        found = await asyncio.to_thread(lambda: parse_json(prepared.read_bytes(), service.settings.max_json_depth + 1))
    if "faults" in found:
        raise Problem("bad-json", "the workbook cannot be read as a request", faults=found["faults"])
    return found["document"]
