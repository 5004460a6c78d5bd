"""The map and the forms for a browser: the shipped build's files, and the request behind a job, which the forms change.

The page itself is handed out at ``/`` to whoever prefers HTML; there JSON stays for programs.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse, Response

from api.service.http import docs
from api.service.http.admission import files_named, replaced
from api.service.http.answers import no_store, tagged
from api.service.http.formats import quality
from api.service.http.problems import Problem
from api.service.http.routes.jobs import JobId, known
from api.service.http.service import Caller, Here

router = APIRouter(tags=["browser"])

STATIC = File(__file__).parents[1] / "static"
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\Z")
"""What an asset's name can be: it never leads out of the folder."""

CSP = (
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
IMMUTABLE = "public, max-age=31536000, immutable"
"""The names carry a hash of the content."""


def wanted(request: Request) -> bool:
    """The caller would rather have the page than the JSON at ``/``, and it is there."""
    accept = request.headers.get("accept", "")
    html, json = quality(accept, "text/html", exact=True), quality(accept, "application/json")
    return html > 0 and html >= json and (STATIC / "index.html").is_file()


def page(request: Request) -> Response:
    """The page."""
    answer = tagged(request, (STATIC / "index.html").read_bytes(), "text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = CSP
    answer.headers["Vary"] = "Accept"
    return answer


@router.get("/assets/{name}", include_in_schema=False)
async def asset(name: Annotated[str, Path(max_length=200)]) -> Response:
    """A script, style, worker or atlas of the page."""
    path = STATIC / "assets" / name
    if not NAME.match(name) or not path.is_file():
        raise Problem("not-found", "there is no such file")
    kind = "text/javascript" if path.suffix in {".js", ".mjs"} else mimetypes.guess_type(name)[0]
    return FileResponse(path, media_type=kind, headers={"Cache-Control": IMMUTABLE})


@router.get("/jobs/{jobID}/request", summary="The request behind a job", responses=docs.json(docs.OBJECT, 404))
async def request_of(
    service: Here,
    key: Caller,
    request: Request,
    job_id: JobId,
) -> Response:
    """As it was submitted, ready to be changed and posted again; uploads stand as `dataset:ID`."""
    stored = await service.jobs.request(key.owner, known(job_id))
    request.state.job_id = job_id
    document = stored.document
    for pointer, name in files_named(document):
        document = replaced(document, pointer, service.datasets.renamed(name))
    return no_store(document)
