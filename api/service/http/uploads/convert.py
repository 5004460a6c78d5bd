"""The service's side of an upload: one fresh caged process per file, with a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import signal
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from api.service.http.logs import say
from api.service.http.problems import Problem

CONTENT_TYPES = {
    "application/geo+json": "geojson",
    "application/json": "geojson",
    "application/geopackage+sqlite3": "gpkg",
    "application/flatgeobuf": "fgb",
    "application/vnd.apache.parquet": "parquet",
    "application/zip": "shp.zip",
    "text/csv": "csv",
}
"""The closed list: which reader opens what. The file's own first bytes must agree."""

WORKBOOK = "request.xlsx"
"""Not a dataset: a planning request as a workbook, opened in the same way."""

MAGIC = {"gpkg": b"SQLite format 3\x00", "fgb": b"fgb\x03fgb", "parquet": b"PAR1", "shp.zip": b"PK", WORKBOOK: b"PK"}
SECONDS = 30.0
PLACE_SECONDS = 3.0
"""The longest that an upload waits for its turn."""
MOST_AT_ONCE = 2
MOST_ANSWER = 1_000_000
PREPARED = frozenset({"prepared.geojson", "prepared.csv", "prepared.json"})
"""What the sandbox writes; its word is not taken for any other name."""
KEPT_DRIVERS = frozenset({"GPKG", "FlatGeobuf", "ESRI Shapefile"})

_places = asyncio.Semaphore(MOST_AT_ONCE)


async def convert(raw: Path, kind: str, room: Path) -> tuple[Path, dict[str, Any]]:
    """The prepared file and what it holds. Raises Problem (upload-refused, unavailable)."""
    magic = MAGIC.get(kind)
    if magic is not None:
        with raw.open("rb") as file:
            if file.read(len(magic)) != magic:
                raise Problem("upload-refused", f"its first bytes are not those of a {kind} file")
    try:
        async with asyncio.timeout(PLACE_SECONDS):
            await _places.acquire()
    except TimeoutError:
        raise Problem("unavailable", "other uploads are being read", headers={"Retry-After": "10"}) from None
    try:
        drivers = await asyncio.to_thread(_other_drivers)
        data = await _ran(kind, room, drivers)
    finally:
        _places.release()
    try:
        answer = json.loads(data)
    except ValueError:
        raise Problem("upload-refused", "it broke the process that read it, or took more than an upload may") from None
    if answer.get("uncaged"):
        say("upload read without full isolation", logging.WARNING, missing=answer["uncaged"])
    if "refused" in answer:
        raise Problem("upload-refused", _clean(str(answer["refused"])))
    prepared = room / str(answer["file"])
    if prepared.name not in PREPARED or prepared.parent != room or prepared.is_symlink():
        raise Problem("upload-refused", "the process that read it told of a file that is not its own")
    return prepared, answer["told"]


async def ready() -> None:
    """Ask for GDAL's drivers before the first caller waits for that."""
    await asyncio.to_thread(_other_drivers)


async def _ran(kind: str, room: Path, drivers: str) -> bytes:
    """What the process said. Into a file without a name: through a pipe a long answer comes in pieces, and asyncio never
    sees the end of a process whose pipe nobody has emptied."""
    with tempfile.TemporaryFile(dir=room) as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "api.service.http.uploads.sandbox",
            kind,
            str(room),
            str(os.getpid()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(room, drivers),
            cwd=room,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(SECONDS):
                await process.wait()
        except TimeoutError:
            raise Problem("upload-refused", f"reading it took longer than {SECONDS:.0f} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        said.seek(0)
        return said.read(MOST_ANSWER)


def _environment(room: Path, drivers: str) -> dict[str, str]:
    """Nothing of the service's own environment; GDAL without its other drivers, without network."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(room),
        "TMPDIR": str(room),
        "PYTHONPATH": os.pathsep.join(str(Path(p).resolve()) for p in sys.path if p and Path(p).is_dir()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "GDAL_NUM_THREADS": "1",
        "GDAL_SKIP": drivers,
        "OGR_SKIP": drivers,
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_VRT_ENABLE_PYTHON": "NO",
        "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
        "PROJ_NETWORK": "OFF",
    }


@cache
def _other_drivers() -> str:
    """All vector drivers of this GDAL but the ones used, for GDAL_SKIP; asked once, in a process of its own."""
    import subprocess

    ask = "import json, pyogrio; print(json.dumps(list(pyogrio.list_drivers())))"
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    found = subprocess.run([sys.executable, "-c", ask], capture_output=True, env=environment, timeout=60, check=True)
    return ",".join(sorted(set(json.loads(found.stdout)) - KEPT_DRIVERS))


def _clean(text: str) -> str:
    """A reader's words without any path and control characters, short."""
    from api.service.http.text import is_clean

    text = re.sub(r"(/[\w.@-]+){2,}/?", "the file", text)
    return "".join(c if is_clean(c) else " " for c in text)[:1000]
