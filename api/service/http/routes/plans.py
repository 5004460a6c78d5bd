"""The plain addresses that a person types with curl; the same jobs stand behind them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.service.http import docs
from api.service.http.answers import no_store, result_file
from api.service.http.formats import chosen
from api.service.http.parameters import KNOWN_ONLY
from api.service.http.routes.jobs import FormatName, known
from api.service.http.service import Caller, Here
from api.service.http.status import status_info
from api.service.http.submit import preferences, read_document, submit, wait_for

router = APIRouter(tags=["plans"], dependencies=[KNOWN_ONLY])


@router.post(
    "/plans",
    status_code=201,
    summary="Ask for a plan",
    openapi_extra=docs.request_body(),
    responses=docs.submitted(),
)
async def post_plan(service: Here, key: Caller, request: Request) -> Response:
    """The body is a request as `gigasite plan` takes it, JSON or YAML. Answered at once with the job; `Prefer: wait=5` waits
    for short solves. The same content is answered from the plan that is there (`Cache-Control: no-cache` solves again)."""
    document = await read_document(service, request)
    job, is_new = await submit(service, key, request, document)
    _, wait = preferences(request)
    job = await wait_for(service, key, job, min(wait or 0.0, service.settings.wait_s))
    at = f"/plans/{job.id}"
    return no_store(status_info(job), 201 if is_new else 200, Location=at)


@router.get("/plans/{planID}", summary="The plan, once it is there", responses=docs.plan())
async def get_plan(
    service: Here,
    key: Caller,
    request: Request,
    plan_id: Annotated[str, Path(alias="planID", max_length=64)],
    f: FormatName = None,
) -> Response:
    """200 and the plan in the format you like; 202 and the job's status while it is not there yet."""
    kind = chosen(f, request.headers.get("accept"))
    job = await service.jobs.get(key.owner, known(plan_id))
    request.state.job_id = job.id
    if not job.is_finished:
        return no_store(status_info(job), 202, **{"Retry-After": "1"})
    return await result_file(service, request, await service.jobs.result(key.owner, job.id), kind)
