"""What can be run (OGC API - Processes, 7.8 to 7.10). One process so far: ``plan``."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api import __version__
from api.service.http import docs
from api.service.http.answers import no_store, result_file, tagged_json
from api.service.http.formats import FORMATS, chosen
from api.service.http.parameters import KNOWN_ONLY
from api.service.http.problems import Problem, fault
from api.service.http.service import Caller, Here
from api.service.http.status import PROCESSES, link, status_info
from api.service.http.submit import preferences, read_document, submit, wait_for

router = APIRouter(tags=["processes"], dependencies=[KNOWN_ONLY])

ProcessId = Annotated[str, Path(alias="processID", max_length=64, examples=["plan"])]

PLAN: dict[str, Any] = {
    "id": "plan",
    "title": "Plan capacity",
    "description": "Which sites open, what is built and bought there and when, with a proven bound, re-checked.",
    "version": __version__,
    "jobControlOptions": ["async-execute", "sync-execute", "dismiss"],
    "outputTransmission": ["value"],
}
INPUTS: dict[str, Any] = {
    "request": {
        "title": "Planning request",
        "description": "as `gigasite plan` takes it; files are named as dataset:ID only",
        "minOccurs": 1,
        "maxOccurs": 1,
        "schema": {
            "type": "object",
            "required": ["horizon", "blocks", "sites", "objective"],
            "description": "its whole JSON Schema is at /schema",
        },
    }
}
OUTPUTS: dict[str, Any] = {
    "plan": {
        "title": "The plan",
        "schema": {
            "oneOf": [
                {"type": "object", "contentMediaType": format.media_type}
                if "json" in format.media_type
                else {"type": "string", "contentEncoding": "binary", "contentMediaType": format.media_type}
                for format in FORMATS.values()
            ]
        },
    }
}
EXECUTE: dict[str, Any] = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "inputs": {"type": "object", "required": ["request"], "properties": {"request": {"type": "object"}}},
        "outputs": {"type": "object"},
        "response": {"enum": ["raw", "document"]},
    },
}
KNOWN = {"inputs", "outputs", "response", "mode", "subscriber"}


def _named(process_id: str) -> None:
    if process_id != PLAN["id"]:
        raise Problem("no-such-process", "there is one process so far: plan")


@router.get("/processes", summary="What can be run", responses=docs.tagged(docs.OBJECT))
async def processes(
    request: Request,
    key: Caller,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """All processes."""
    about = {**PLAN, "links": [link("/processes/plan", "self", "application/json", "its inputs and outputs")]}
    links = [link("/processes", "self", "application/json", "this list")]
    return tagged_json(request, {"processes": [about], "links": links})


@router.get("/processes/{processID}", summary="Inputs and outputs", responses=docs.tagged(docs.OBJECT, 404))
async def process(request: Request, key: Caller, process_id: ProcessId) -> Response:
    """A process and what it takes."""
    _named(process_id)
    links = [
        link("/processes/plan", "self", "application/json", "this process"),
        link("/processes/plan/execution", PROCESSES + "execute", "application/json", "run it"),
        link("/schema", "describedby", "application/schema+json", "JSON Schema of the input"),
    ]
    return tagged_json(request, {**PLAN, "inputs": INPUTS, "outputs": OUTPUTS, "links": links})


@router.post(
    "/processes/{processID}/execution",
    status_code=201,
    summary="Run a process",
    openapi_extra=docs.request_body(EXECUTE),
    responses=docs.submitted(),
)
async def execute(service: Here, key: Caller, request: Request, process_id: ProcessId) -> Response:
    """`Prefer: respond-async` is answered at once with 201 and the job's Location. Otherwise the call waits a few seconds
    for a short solve and answers its result; what takes longer is answered 201, too."""
    _named(process_id)
    document, raw = _input(await read_document(service, request))
    job, is_new = await submit(service, key, request, document, process_id)
    asynchronous, wait = preferences(request)
    longest = service.settings.wait_s
    seconds = min(wait, longest) if wait is not None else 0.0 if asynchronous else longest
    job = await wait_for(service, key, job, seconds)
    if job.is_finished and job.holds is not None and not asynchronous:
        result = await service.jobs.result(key.owner, job.id)
        answer: Response
        if raw:
            answer = await result_file(service, request, result, chosen(None, request.headers.get("accept")))
        else:
            text = await asyncio.to_thread((result.folder / "plan.json").read_bytes)
            answer = Response(b'{"plan": ' + text + b"}", media_type="application/json")
        answer.headers["Link"] = f'</jobs/{job.id}>; rel="monitor"'
        return answer
    headers = {"Location": f"/jobs/{job.id}"}
    if asynchronous:
        headers["Preference-Applied"] = "respond-async"
    return no_store(status_info(job), 201 if is_new or asynchronous else 200, **headers)


def _input(body: Any) -> tuple[Any, bool]:
    """The planning request in an execute document, and whether it is wanted raw. Raises Problem."""
    if not isinstance(body, dict):
        raise Problem("request-refused", faults=[fault("", "an execute request is one object with `inputs`")])
    faults = [fault(f"/{k}", f"unknown key {ascii(k)[:60]}") for k in list(body)[:50] if k not in KNOWN]
    if body.get("subscriber"):
        faults.append(fault("/subscriber", "callbacks are not called; follow /jobs/ID/events instead"))
    if body.get("response", "raw") not in ("raw", "document"):
        faults.append(fault("/response", "must be raw or document"))
    inputs = body.get("inputs")
    if not isinstance(inputs, dict) or "request" not in inputs:
        faults.append(fault("/inputs", "`inputs` must hold `request`, a planning request"))
    elif len(inputs) > 1:
        faults.append(fault("/inputs", "the only input is `request`"))
    if faults:
        raise Problem("request-refused", "the execute request cannot be used", faults=faults)
    found = inputs["request"]  # type: ignore[index]
    if isinstance(found, dict) and "href" in found and "horizon" not in found:
        words = fault("/inputs/request/href", "addresses are not fetched; send the request itself")
        raise Problem("request-refused", faults=[words])
    if isinstance(found, dict) and "value" in found and "horizon" not in found:
        found = found["value"]
    return found, body.get("response", "raw") == "raw"
