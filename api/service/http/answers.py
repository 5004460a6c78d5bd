"""Answers that several routes give: a file with its validator, JSON with one, a page of links."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse, JSONResponse, Response

from api.service.http.formats import FORMATS
from api.service.http.problems import Problem
from api.service.http.service import Service
from api.service.jobs.interface import Result

OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
PRIVATE = "private, no-cache"
"""A browser may keep it, and asks each time whether it is still good (the ETag says)."""


def fresh_enough(request: Request, etag: str) -> bool:
    """The caller has it already."""
    asked = request.headers.get("if-none-match", "")[:4000]
    return asked.strip() == "*" or etag in [part.strip().removeprefix("W/") for part in asked.split(",")]


async def result_file(service: Service, request: Request, result: Result, kind: str) -> Response:
    """A finished result in one format: immutable, so its ETag is the plan's digest and the format."""
    format = FORMATS[kind]
    etag = f'"{result.job.result_sha256 or result.job.id}-{kind}"'
    headers = {"ETag": etag, "Cache-Control": PRIVATE, "Vary": "Accept"}
    if format.needs_plan and result.job.holds != "plan":
        raise Problem("no-plan", "the search ended without a plan; ?f=json says why", jobID=result.job.id)
    if fresh_enough(request, etag):
        return Response(status_code=304, headers=headers)
    path: Path = await service.exports.file(service.jobs, result, kind)
    headers["Content-Disposition"] = disposition(result.job.name, format.file, inline=kind in INLINE)
    if not await asyncio.to_thread(path.is_file):
        raise Problem("no-such-job", "it was removed after its retention")
    media_type = format.media_type + ("; charset=utf-8" if format.media_type.startswith("text/") else "")
    return FileResponse(path, media_type=media_type, headers=headers)


INLINE = {"json", "geojson", "simplestyle", "timeline", "html", "png", "run", "md", "board"}


def disposition(title: str, file: str, inline: bool) -> str:
    """RFC 6266: the file's own name; the plan's title goes in only as percent-encoded UTF-8."""
    stem, ending = file.rsplit(".", 1)
    words = re.sub(r"[^\w .-]+", " ", title).strip(" .")[:80]
    name = f"{words} {stem}.{ending}" if words else file
    encoded = quote(name, safe="", errors="replace")
    return f"{'inline' if inline else 'attachment'}; filename=\"{file}\"; filename*=UTF-8''{encoded}"


def tagged_json(request: Request, document: Any, media_type: str = "application/json") -> Response:
    """JSON with a strong ETag of its content."""
    body = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return tagged(request, body, media_type)


def tagged(request: Request, body: bytes, media_type: str) -> Response:
    """Bytes with a strong ETag."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if fresh_enough(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def no_store(document: Any, status: int = 200, **headers: str) -> JSONResponse:
    """JSON that is true only now."""
    return JSONResponse(document, status, headers={"Cache-Control": "no-store", **headers})
