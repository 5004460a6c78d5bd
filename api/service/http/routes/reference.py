"""The documentation: one page of plain HTML made from the OpenAPI document, and a page on each problem. No script, no CDN."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.service.http import docs
from api.service.http.answers import OPENAPI, tagged, tagged_json
from api.service.http.problems import KINDS, Problem
from api.service.http.reference_page import page

router = APIRouter(tags=["about"])


@router.get("/docs", summary="This documentation", responses=docs.text("text/html"))
async def documentation(request: Request) -> Response:
    """Everything of /openapi.json for people, with curl lines."""
    here = str(request.base_url).rstrip("/")
    return tagged(request, page(request.app.openapi(), here).encode(), "text/html; charset=utf-8")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """The same for programs."""
    return tagged_json(request, request.app.openapi(), OPENAPI)


@router.get("/problems", summary="All problems there are", responses=docs.tagged(docs.OBJECT))
async def problems(request: Request) -> Response:
    """Each with its status and what to do."""
    return tagged_json(request, {"problems": [_told(name) for name in KINDS]})


@router.get("/problems/{kind}", summary="What a problem means", responses=docs.tagged(docs.OBJECT, 404))
async def problem(request: Request, kind: Annotated[str, Path(max_length=64, examples=["limit"])]) -> Response:
    """Its status, title and what to do."""
    if kind not in KINDS:
        raise Problem("not-found", "there is no such problem; see GET /problems")
    return tagged_json(request, _told(kind))


def _told(name: str) -> dict[str, object]:
    kind = KINDS[name]
    uri = kind.uri or f"/problems/{name}"
    return {"kind": name, "type": uri, "status": kind.status, "title": kind.title, "advice": kind.advice}
