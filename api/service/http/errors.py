"""From whatever was raised to a problem document: the one table at the edge."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.service.http.problems import Problem, fault, response
from api.service.http.text import shown
from api.service.jobs import interface as jobs

Handler = Callable[[Request, Any], Awaitable[Response]]


def of_jobs(error: jobs.JobsError) -> Problem:
    """What the jobs refused."""
    match error:
        case jobs.JobNotFound():
            return Problem("no-such-job", "there is no such job, or it was removed after its retention")
        case jobs.NoResult():
            return no_result(error.job)
        case jobs.IdempotencyConflict():
            return Problem("idempotency-conflict", "this Idempotency-Key came with another body before; use a new key")
        case jobs.QueueFull():
            kind = "too-many-jobs" if error.of_owner else "unavailable"
            words = (
                f"there may be {error.most} unfinished jobs of yours at once"
                if error.of_owner
                else "too many jobs wait"
            )
            headers = {"Retry-After": str(error.retry_after_s)}
            return Problem(kind, words, headers=headers, limit="jobs", most=error.most)
        case jobs.UnknownProcess():
            return Problem("no-such-process", "there is no such process; see GET /processes")
        case jobs.BadCursor():
            return Problem("bad-cursor", "this cursor did not come from here")
        case jobs.JobsUnavailable():
            return Problem("unavailable", "the job store cannot be reached", headers={"Retry-After": "5"})
    return Problem("internal")


def no_result(job: jobs.Job) -> Problem:
    """Why a job has no result (yet)."""
    if not job.is_finished:
        words = f"the job is {job.status}; its result comes when it has finished"
        return Problem("result-not-ready", words, headers={"Retry-After": "2"}, jobID=job.id)
    if job.status == "dismissed":
        return Problem("no-plan", "the job was dismissed before it had a plan", jobID=job.id)
    found = job.error
    detail = found.message if found else "the job failed"
    return Problem("job-failed", detail, faults=found.faults if found else (), jobID=job.id)


def _unusable(count: int) -> str:
    return "one parameter cannot be used" if count == 1 else f"{count} parameters cannot be used"


def of_validation(error: RequestValidationError) -> Problem:
    """Parameters that FastAPI refused, without what they were: that could be anything."""
    faults = []
    for detail in error.errors()[:50]:
        where = [str(part) for part in detail["loc"]]
        name = shown(where[min(1, len(where) - 1)]).strip("'") if where else "?"  # further parts: place in a list
        place = where[0] if where else "call"
        faults.append(fault("", f"{place} parameter {name}: {_words(detail)}", parameter=name))
    return Problem("bad-parameter", _unusable(len(faults)), faults=faults)


def _words(detail: Any) -> str:
    context = detail.get("ctx") or {}
    match detail["type"]:
        case "missing":
            return "is required"
        case "greater_than":
            return f"must be more than {context.get('gt')}"
        case "greater_than_equal":
            return f"must be {context.get('ge')} or more"
        case "less_than_equal":
            return f"must be {context.get('le')} or less"
        case "string_too_long":
            return f"must have at most {context.get('max_length')} characters"
        case "literal_error" | "enum":
            return f"must be {context.get('expected', 'one of the documented values')}"
        case "string_pattern_mismatch":
            return "has not the documented form"
        case kind if "int" in str(kind):
            return "must be a whole number"
        case kind if "date" in str(kind):
            return "must be a date and time, as in 2027-01-31T00:00:00Z"
        case kind if "float" in str(kind) or "finite" in str(kind):
            return "must be a number"
    return "cannot be used"


def _http(error: HTTPException) -> Problem:
    headers = {k: v for k, v in (error.headers or {}).items() if k.lower() in {"allow", "retry-after"}}
    match error.status_code:
        case 404:
            return Problem("not-found", headers=headers)
        case 405:
            return Problem("method-not-allowed", headers=headers)
        case 413:
            return Problem("body-too-large", headers=headers)
        case 406:
            return Problem("not-acceptable", headers=headers)
        case status if status < 500:
            return Problem("bad-request", headers=headers)
    return Problem("internal")


def answer(request: Request, problem: Problem) -> Response:
    """The problem on the wire, counted."""
    request.app.state.service.metrics.problems[problem.kind] += 1
    return response(problem, request.scope["state"].get("request_id", ""))


def allowed(app: FastAPI, request: Request) -> list[str]:
    """Every method of an address (a router knows those of its own route only)."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    found: set[str] = set()
    for template, operations in app.openapi()["paths"].items():
        pattern = re.sub(r"\\{[^}]*:path\\}", ".+", re.escape(template))
        if re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", pattern), path):
            found |= {verb.upper() for verb in operations if verb != "parameters"}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def install(app: FastAPI) -> None:
    """Register a handler for everything that can be raised."""

    async def problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    async def refused(request: Request, error: jobs.JobsError) -> Response:
        return answer(request, of_jobs(error))

    async def validation(request: Request, error: RequestValidationError) -> Response:
        return answer(request, of_validation(error))

    async def http(request: Request, error: HTTPException) -> Response:
        problem = _http(error)
        if error.status_code == 405:
            problem.headers = {"Allow": ", ".join(allowed(app, request))}
        return answer(request, problem)

    async def anything(request: Request, error: Exception) -> Response:
        return answer(request, Problem("internal"))  # raised on by Starlette: the frame around all logs it

    handlers: dict[type[Exception], Handler] = {
        Problem: problem,
        jobs.JobsError: refused,
        RequestValidationError: validation,
        HTTPException: http,
        Exception: anything,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
