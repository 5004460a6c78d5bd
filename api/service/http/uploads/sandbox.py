"""The process that opens an upload: ``python -m api.service.http.uploads.sandbox KIND ROOM PARENT``.

It cages itself before it reads a byte, reads ``ROOM/upload``, writes ``ROOM/prepared.*`` and one JSON line to stdout. Nothing
that it meets in the file can name another file, and it has no network to reach.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import site
import sys
import sysconfig
from pathlib import Path
from typing import Any

from api.service.http.uploads.cage import cage
from api.service.parent import die_with_parent

SUFFIX = {
    "geojson": ".geojson",
    "gpkg": ".gpkg",
    "fgb": ".fgb",
    "parquet": ".parquet",
    "shp.zip": ".zip",
    "csv": ".csv",
    "request.xlsx": ".xlsx",
}


def libraries() -> list[Path]:
    """Where Python, its packages and the system's libraries are; never the folder that the service was started in."""
    import api

    root = Path(api.__file__).resolve().parent.parent
    named = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *site.getsitepackages()}
    system = [
        "/usr",
        "/lib",
        "/lib64",
        "/etc/ld.so.cache",
        "/dev/urandom",
        "/dev/null",
        "/proc/self",
        "/sys/devices/system/cpu",
    ]
    ours = [root / name for name in ("api", "planner", "sites", "solvers")]
    return [*ours, *(Path(p) for p in [*sorted(named), *system])]


def main() -> None:
    """Convert, and say how it went."""
    kind, room = sys.argv[1], Path(sys.argv[2])
    die_with_parent(int(sys.argv[3]))
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.chdir(room)
    missing = cage(room, libraries())
    try:
        told = _converted(kind, room)
    except MemoryError:
        told = {"refused": "it needs more memory to open than an upload may"}
    except OSError as error:
        told = {
            "refused": "it unpacks to more than an upload may" if error.errno == errno.EFBIG else "it cannot be read"
        }
    json.dump({**told, "uncaged": missing}, out, ensure_ascii=True, allow_nan=False)
    out.flush()


def _converted(kind: str, room: Path) -> dict[str, Any]:
    from api.service.http.uploads.taking import Refused, take, take_csv, take_request

    file = room / f"upload{SUFFIX[kind]}"
    shutil.move(room / "upload", file)
    try:
        if kind == "request.xlsx":
            return take_request(file, room)
        return take_csv(file, room) if kind == "csv" else take(file, room)
    except Refused as error:
        return {"refused": str(error)}


if __name__ == "__main__":
    main()
