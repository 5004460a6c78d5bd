"""A zipped Shapefile, unpacked by us: only its own flat files, and no more than a disk can bear."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from sites.geojson import GeometryError

MOST_FILES = 50
MOST_BYTES = 500_000_000
MOST_RATIO = 200
KEPT = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})


def unpack(path: Path, into: Path) -> Path:
    """Write the members of the one Shapefile in ``path`` to ``into``; returns its .shp. GeometryError otherwise."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpack(archive, into)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise GeometryError(f"it is no readable zip file: {error}") from None
    except Exception as error:  # zlib.error has no common base with the others
        if isinstance(error, GeometryError | OSError | MemoryError):
            raise
        raise GeometryError(f"it is a damaged zip file: {error}") from None


def _unpack(archive: zipfile.ZipFile, into: Path) -> Path:
    members = [m for m in archive.infolist() if not m.is_dir() and "__MACOSX" not in m.filename]
    if len(members) > MOST_FILES:
        raise GeometryError(f"it holds {len(members)} files; a zipped Shapefile has at most {MOST_FILES}")
    shapes = [m for m in members if PurePosixPath(m.filename).suffix.lower() == ".shp"]
    if len(shapes) != 1:
        raise GeometryError(f"it holds {len(shapes)} Shapefiles (.shp); exactly one is wanted")
    own = PurePosixPath(shapes[0].filename).with_suffix("")
    total = 0
    for member in members:
        name = PurePosixPath(member.filename)
        if name.suffix.lower() not in KEPT or name.with_suffix("") != own:
            continue
        if member.flag_bits & 1:
            raise GeometryError("it is encrypted")
        total += member.file_size
        if total > MOST_BYTES or member.file_size > MOST_RATIO * max(member.compress_size, 1_000):
            raise GeometryError(
                f"{name.name} unpacks to {member.file_size / 1e6:,.0f} MB from {member.compress_size / 1e6:,.1f}"
            )
        with archive.open(member) as packed, (into / f"sites{name.suffix.lower()}").open("wb") as out:
            left = member.file_size
            while chunk := packed.read(min(1 << 20, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise GeometryError(f"{name.name} is larger than its zip file says")
                out.write(chunk)
    return into / "sites.shp"
