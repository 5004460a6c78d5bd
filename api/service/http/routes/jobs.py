"""Jobs: what runs, how it goes, what came out (OGC API - Processes, 7.11 to 7.13)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.service.http import docs
from api.service.http.answers import no_store, result_file
from api.service.http.events import stream
from api.service.http.formats import FORMATS, chosen
from api.service.http.parameters import KNOWN_ONLY
from api.service.http.problems import Problem
from api.service.http.service import Caller, Here
from api.service.http.status import link, status_info
from api.service.http.text import ID
from api.service.jobs.interface import JobFilter, Status

router = APIRouter(tags=["jobs"], dependencies=[KNOWN_ONLY])

JobId = Annotated[str, Path(alias="jobID", max_length=64, description="the id that submitting gave")]
FormatName = Annotated[
    str | None, Query(alias="f", max_length=20, description=docs.F, json_schema_extra={"enum": [*FORMATS]})
]


def known(job_id: str) -> str:
    """An id that could be one. Raises Problem (no-such-job)."""
    if not ID.match(job_id):
        raise Problem("no-such-job", "there is no such job, or it was removed after its retention")
    return job_id


@router.get("/jobs", summary="Your jobs, newest first", responses=docs.json(docs.JOB_LIST, 400))
async def jobs(
    service: Here,
    key: Caller,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="from a `next` link")] = None,
    status: Annotated[list[Status] | None, Query(description="only jobs of these")] = None,
    type: Annotated[list[Literal["process"]] | None, Query()] = None,
    processID: Annotated[list[str] | None, Query(max_length=20)] = None,
    created: Annotated[str | None, Query(alias="datetime", max_length=80, description="from/to, RFC 3339")] = None,
    minDuration: Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)] = None,
    maxDuration: Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)] = None,
) -> Response:
    """A page of jobs; the `next` link leads on."""
    first, last = interval(created)
    where = JobFilter(
        frozenset(status or ()), frozenset(p[:100] for p in processID or ()), first, last, minDuration, maxDuration
    )
    page = await service.jobs.list(key.owner, limit=limit, cursor=cursor, where=where)
    links = [link("/jobs", "self", "application/json", "this list")]
    if page.cursor is not None:
        links.append(link(_next(limit, page.cursor, status, processID, created, minDuration, maxDuration), "next",
                          "application/json", "the next page"))  # fmt: skip
    return no_store({"jobs": [status_info(job) for job in page.jobs], "links": links})


def _next(limit: int, cursor: str, *rest: Any) -> str:
    names = ("status", "processID", "datetime", "minDuration", "maxDuration")
    pairs: list[tuple[str, Any]] = [("limit", limit), ("cursor", cursor)]
    for name, value in zip(names, rest, strict=True):
        pairs += [(name, v) for v in (value if isinstance(value, list) else [value]) if v is not None]
    return "/jobs?" + urlencode(pairs)


def interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    """``a/b``, ``a/..``, ``../b`` or an instant (RFC 3339). Raises Problem (bad-parameter)."""
    if text is None:
        return None, None
    ends = text.split("/")
    try:
        found = [None if end in ("", "..") else instant(end) for end in ends]
    except (ValueError, OverflowError):
        raise Problem("bad-parameter", "datetime is an instant or an interval from/to, RFC 3339") from None
    if len(found) == 1 and found[0] is not None:
        return found[0], found[0]
    if len(found) != 2 or (found[0] and found[1] and found[0] > found[1]):
        raise Problem("bad-parameter", "datetime is an instant or an interval from/to, RFC 3339")
    return found[0], found[1]


def instant(text: str) -> datetime:
    """An RFC 3339 instant or date, UTC where it says nothing. Raises ValueError."""
    at = datetime.fromisoformat(text.strip())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@router.get("/jobs/{jobID}", summary="How a job is doing", responses=docs.json(docs.STATUS, 404))
async def job(service: Here, key: Caller, request: Request, job_id: JobId) -> Response:
    """Status, progress, incumbent, bound, gap, place in the queue."""
    found = await service.jobs.get(key.owner, known(job_id))
    request.state.job_id = found.id
    return no_store(status_info(found), 200, **({} if found.is_finished else {"Retry-After": "1"}))


@router.delete("/jobs/{jobID}", summary="Stop a job and keep its best plan", responses=docs.json(docs.STATUS, 404))
async def dismiss(
    service: Here,
    key: Caller,
    request: Request,
    job_id: JobId,
    purge: Annotated[bool, Query(description="forget a finished job and its files")] = False,
) -> Response:
    """A waiting job ends at once; a running one hands back its best plan within seconds. A finished one stays, unless
    `purge=true` removes it and its files."""
    act = service.jobs.remove if purge else service.jobs.dismiss
    found = await act(key.owner, known(job_id))
    if purge and found.is_finished:
        await asyncio.to_thread(service.exports.forget, found.id)
    request.state.job_id = found.id
    return no_store(status_info(found))


@router.get("/jobs/{jobID}/events", summary="News of a job as it comes", responses=docs.events())
async def events(
    service: Here,
    key: Caller,
    request: Request,
    job_id: JobId,
    after: Annotated[int, Query(ge=0, le=2**53, description="as Last-Event-ID, which wins")] = 0,
) -> Response:
    """Server-sent events: `status`, `phase`, `incumbent`, `bound`, `log`, each with an id. `Last-Event-ID` resumes."""
    last = request.headers.get("last-event-id", "")
    if last and not (last.isascii() and last.isdigit() and len(last) < 16):
        raise Problem("bad-parameter", "Last-Event-ID is the id of an event, a whole number")
    await service.jobs.get(key.owner, known(job_id))
    request.state.job_id = job_id
    return stream(service, key, job_id, int(last) if last else after)


@router.get("/jobs/{jobID}/results", summary="What came out, in the format you like", responses=docs.results())
async def results(
    service: Here,
    key: Caller,
    request: Request,
    job_id: JobId,
    f: FormatName = None,
) -> Response:
    """The plan by `?f=` or `Accept`: JSON, GeoJSON, GeoPackage, KML, CSV, XLSX, HTML and more."""
    kind = chosen(f, request.headers.get("accept"))
    request.state.job_id = known(job_id)
    return await result_file(service, request, await service.jobs.result(key.owner, job_id), kind)
