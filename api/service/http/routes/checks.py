"""Have a request checked: validation and geometry, no search."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.service.http import docs
from api.service.http.admission import admit
from api.service.http.answers import no_store
from api.service.http.parameters import KNOWN_ONLY
from api.service.http.service import Caller, Here
from api.service.http.submit import read_document

router = APIRouter(tags=["requests"], dependencies=[KNOWN_ONLY])


@router.post(
    "/requests/check",
    summary="Check a request, without planning it",
    openapi_extra={"requestBody": docs.request_body()["requestBody"]},
    responses=docs.json(docs.OBJECT, 400, 413, 415, 422, words="It can be planned: warnings, land, size, assumptions"),
)
async def check(service: Here, key: Caller, request: Request) -> Response:
    """Every fault at once (422), or what the request comes to: hectares by site, figures assumed, size of the problem."""
    document = await read_document(service, request)
    admitted = await admit(service, key, document, request.state.digest, full=True)
    return no_store(admitted.report)
