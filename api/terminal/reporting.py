"""``gigasite report``, ``gigasite export`` and ``gigasite xlsx``: a plan or a request as one file for somebody else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.terminal.guard import say
from api.terminal.streams import tell
from planner.errors import Fault, RequestError

if TYPE_CHECKING:
    from api.usecases import Loaded
    from planner.plan import Plan

WRITERS: dict[str, str] = {
    ".html": "report_html:write",
    ".xlsx": "xlsx:write",
    ".md": "report:write",
    ".png": "map_png:write",
    ".kml": "kml:write",
    ".kepler.json": "kepler:write",
    ".simplestyle.geojson": "simplestyle:write",
    ".timeline.geojson": "timeline_geojson:write",
    ".geojson": "sites_geojson:write",
    ".gpkg": "gpkg:write",
    ".zip": "csv_zip:write",
}
"""How a file's name ends, and who writes it."""

WITHOUT_PLAN = frozenset({".html", ".xlsx", ".md"})
"""What can be written of a search that ended without a plan."""

MOST_CANDIDATES, MOST_BYTES = 40, 20_000_000
REQUESTS = (".yaml", ".yml", ".json", ".xlsx")


def run(plan_path: Path, output: Path, request: Path | None) -> None:
    """Write one file from a plan, in the format that its name asks for."""
    from api.terminal import reading

    file = reading.file_of(plan_path)
    ending = next((e for e in sorted(WRITERS, key=len, reverse=True) if output.name.lower().endswith(e)), None)
    if ending is None:
        raise _wrong("-o", f"{output.name}: there is no such format", f"its name may end in {', '.join(WRITERS)}")
    plan = reading.plan(file)
    loaded = _loaded(plan, file, request)
    if plan.status.holds == "no_plan" and ending not in WITHOUT_PLAN:
        raise _wrong("PLAN", f"{file} holds no plan, so there is nothing to draw", "a report as .html or .md says why")
    if loaded is None and ending != ".html":
        raise _wrong(
            "-o",
            f"{output.name} needs the request, whose prices and shapes are not in the plan",
            "name it with --request FILE",
        )
    _placed(output, lambda path: _write(ending, plan, loaded, path))
    tell(f"{output}: {_size(output)}")


def _write(ending: str, plan: Plan, loaded: Loaded | None, path: Path) -> None:
    from api.outputs.bundle import Bundle

    if loaded is None:
        from api.outputs.report_html import html_of_plan

        say(
            "note: the request is not at hand: prices of single orders, committed cash and vendor ranges are left out (--request FILE)"
        )
        path.write_text(html_of_plan(plan), encoding="utf-8", newline="\n")
        return
    module, function = WRITERS[ending].split(":")
    writer: Callable[[Any, Path], None] = getattr(import_module(f"api.outputs.{module}"), function)
    writer(Bundle(loaded.problem, plan, loaded.prepared.geometries), path)


def _loaded(plan: Plan, file: Path, request: Path | None) -> Loaded | None:
    """The request that is named, else one beside the plan that is the very one it was made from."""
    wanted = plan.provenance.get("request_sha256")
    if request is not None:
        loaded = load(request)
        if wanted is not None and wanted != loaded.request_hash:
            hint = "the plan tells its request's hash in provenance.request_sha256"
            other = f"{file} was not made from {request}: its request was another one, or has been changed since"
            raise _wrong("--request", other, hint)
        return loaded
    for candidate in _candidates(file):
        if wanted is not None and _hash(candidate) == wanted:
            say(f"request: {candidate}")
            return load(candidate)
    return None


def _hash(candidate: Path) -> str | None:
    """A request's hash, as :func:`api.usecases.load` tells it; None where the file is none."""
    from api.records.request_xlsx import SUFFIXES, read_request
    from api.usecases import request_hash
    from planner.problem.read import load_document

    try:
        book = candidate.suffix.lower() in SUFFIXES
        document = read_request(candidate).document if book else load_document(candidate)
        return request_hash(document, candidate.resolve().parent)
    except (RequestError, OSError, ValueError, TypeError):
        return None


def _candidates(file: Path) -> Iterator[Path]:
    """Files beside the plan, in the folder above and here that may be its request."""
    seen: set[Path] = set()
    for folder in (file.resolve().parent, file.resolve().parent.parent, Path.cwd()):
        try:
            names = sorted(p for p in folder.iterdir() if p.suffix.lower() in REQUESTS and p.is_file())
        except OSError:
            continue
        for path in names:
            if path not in seen and len(seen) < MOST_CANDIDATES and _maybe(path):
                seen.add(path)
                yield path


def _maybe(path: Path) -> bool:
    """A look at the first bytes: a request names a horizon; workbooks are zip files. Plans and results are none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return False
        with path.open("rb") as file:
            head = file.read(200_000)
    except OSError:
        return False
    if path.suffix.lower() == ".xlsx":
        return head.startswith(b"PK")
    return b"horizon" in head and b'"gigasite-' not in head[:200]


def load(request: Path) -> Loaded:
    """A request from YAML, JSON or a workbook."""
    from api import usecases
    from api.records import request_xlsx

    if request.suffix.lower() in request_xlsx.SUFFIXES:
        return request_xlsx.load(request)
    return usecases.load(request)


def workbook(request: Path, output: Path) -> None:
    """Write a request as a workbook that can be edited and planned."""
    from api.records.request_xlsx import SUFFIXES, read_request, write_request
    from planner.problem.read import load_document

    if output.suffix.lower() != ".xlsx":
        raise _wrong("-o", f"{output.name}: a request's workbook is called .xlsx")
    book = request.suffix.lower() in SUFFIXES
    document = read_request(request).document if book else load_document(request)
    _placed(output, lambda path: write_request(document, request.resolve().parent, path))
    for layer in (document.get("land") or {}).get("exclusions") or []:
        if isinstance(layer, dict) and layer.get("path") and output.resolve().parent != request.resolve().parent:
            say(f"note: the workbook names {layer['path']}, which must lie beside it")
    tell(f"{output}: {_size(output)}")
    tell(f"next: gigasite plan {output} -o {output.with_suffix('')}")


def _placed(output: Path, write: Callable[[Path], None]) -> None:
    """Write into a file beside the target and move it there: whole or not at all."""
    output.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".gigasite-", suffix=output.suffix, dir=output.parent)
    os.close(handle)
    draft = Path(name)
    try:
        draft.unlink()
        write(draft)
        os.replace(draft, output)
    finally:
        draft.unlink(missing_ok=True)


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1000:,.0f} kB"


def _wrong(argument: str, message: str, hint: str = "") -> RequestError:
    """What is wrong with an argument, named as the command line calls it."""
    return RequestError([Fault((argument,), message, hint)])
