"""The way in: what is here, and what it conforms to."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api import __version__
from api.service.http import docs
from api.service.http.answers import OPENAPI, tagged_json
from api.service.http.routes import front
from api.service.http.status import PROCESSES, link

router = APIRouter(tags=["about"])

CONFORMS_TO = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/ogc-process-description",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/job-list",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/dismiss",
]


@router.get("/", summary="What is here", responses=docs.tagged(docs.OBJECT))
async def landing(request: Request) -> Response:
    """Links to everything; to a browser, which asks for HTML, the map and the forms."""
    if front.wanted(request):
        return front.page(request)
    json = "application/json"
    answer = tagged_json(
        request,
        {
            "title": "Gigasite",
            "description": "Plans physical AI data-center capacity: post a request, watch it solve, fetch the plan.",
            "version": __version__,
            "links": [
                link("/", "self", json, "this page"),
                link("/openapi.json", "service-desc", OPENAPI, "OpenAPI 3.1"),
                link("/docs", "service-doc", "text/html", "the same for people"),
                link("/conformance", "conformance", json, "standards kept"),
                link("/conformance", PROCESSES + "conformance", json, "standards kept"),
                link("/processes", PROCESSES + "processes", json, "what can be run"),
                link("/jobs", PROCESSES + "job-list", json, "your jobs"),
                link("/plans", "create-form", json, "POST a planning request here"),
                link("/ogc", "data", json, "finished plans as OGC API - Features, for QGIS and ArcGIS"),
                link("/requests/check", "related", json, "POST a request to have it checked only"),
                link("/datasets", "related", json, "your uploads"),
                link("/catalogue", "related", json, "shipped blocks"),
                link("/examples", "related", json, "shipped requests"),
                link("/schema", "describedby", "application/schema+json", "JSON Schema of a request"),
                link("/healthz", "status", json, "this process"),
                link("/readyz", "status", json, "jobs and their store"),
            ],
        },
    )
    answer.headers["Vary"] = "Accept"
    return answer


@router.get("/conformance", summary="Standards kept", responses=docs.tagged(docs.OBJECT))
async def conformance(request: Request) -> Response:
    """Conformance classes; those of Features are at /ogc/conformance."""
    return tagged_json(request, {"conformsTo": CONFORMS_TO})


@router.get("/ogc", include_in_schema=False)
async def features() -> Response:
    """The landing page of the features has a slash at its end."""
    return RedirectResponse("/ogc/", 308)
