"""The Features sub-app: landing, conformance, collections, items. Mounted at ``/ogc``; its own OpenAPI is at ``/ogc/api``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from api import __version__
from api.service.http import docs, errors
from api.service.http.answers import OPENAPI, tagged_json
from api.service.http.ogc.items import Wanted, item, page
from api.service.http.ogc.layers import LAYERS, collection, layer_of, plans
from api.service.http.problems import Problem
from api.service.http.service import Caller, Here
from api.service.http.status import link

if TYPE_CHECKING:
    from api.service.http.service import Service

GEOJSON = "application/geo+json"
MOUNT = "/ogc"
CONFORMS_TO = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
]
"""Not oas30: the document at ``/ogc/api`` is OpenAPI 3.1, for which part 1 has no class."""
Format = Annotated[str | None, Query(alias="f", pattern="^(json|geojson)$", max_length=10)]


def ogc_app(service: Service) -> FastAPI:
    """The sub-app of one service."""
    app = FastAPI(
        title="Gigasite plans",
        version=__version__,
        description="Every layer of every finished plan as a collection (OGC API - Features, part 1).",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    errors.install(app)
    _add_routes(app)
    return app


def base(request: Request) -> str:
    """The address that the sub-app is mounted at, as the caller wrote it."""
    return str(request.base_url).rstrip("/") + MOUNT


def _only(request: Request, *known: str) -> None:
    """Requirement 8 of part 1: a parameter that is not known is a fault of the call."""
    unknown = [name for name in request.query_params if name not in {*known, "f"}]
    if unknown:
        words = f"unknown parameter {ascii(unknown[0])[:60]}; known: {', '.join((*known, 'f'))}"
        raise Problem("bad-parameter", words)


def _add_routes(app: FastAPI) -> None:
    @app.get("/", summary="Landing page", responses=docs.tagged(docs.OBJECT, 400))
    async def landing(request: Request, key: Caller, f: Format = None) -> Response:
        _only(request)
        at = base(request)
        links = [
            link(f"{at}/", "self", "application/json", "this page"),
            link(f"{at}/api", "service-desc", OPENAPI, "OpenAPI 3.1"),
            link(f"{at}/conformance", "conformance", "application/json", "standards kept"),
            link(f"{at}/collections", "data", "application/json", "layers of finished plans"),
        ]
        return tagged_json(request, {"title": app.title, "description": app.description, "links": links})

    @app.get("/api", include_in_schema=False)
    async def api(request: Request) -> Response:
        return tagged_json(request, {**app.openapi(), "servers": [{"url": MOUNT}]}, OPENAPI)

    @app.get("/conformance", summary="Standards kept", responses=docs.tagged(docs.OBJECT, 400))
    async def conformance(request: Request, key: Caller, f: Format = None) -> Response:
        _only(request)
        return tagged_json(request, {"conformsTo": CONFORMS_TO})

    @app.get("/collections", summary="Layers of your newest plans", responses=docs.tagged(docs.OBJECT, 400))
    async def collections(
        service: Here, request: Request, key: Caller, limit: Annotated[int, Query(ge=1, le=500)] = 100, f: Format = None
    ) -> Response:
        _only(request, "limit")
        at = base(request)
        found = [collection(at, job, name) for job in await plans(service, key, limit) for name in LAYERS]
        links = [link(f"{at}/collections", "self", "application/json", "this list")]
        return tagged_json(request, {"collections": found, "links": links})

    @app.get("/collections/{collectionId}", summary="A layer", responses=docs.tagged(docs.OBJECT, 400, 404))
    async def one(service: Here, request: Request, key: Caller, collectionId: str, f: Format = None) -> Response:
        _only(request)
        layer = await layer_of(service, key, collectionId)
        return tagged_json(request, collection(base(request), layer.job, layer.name, layer))

    @app.get("/collections/{collectionId}/items", summary="Its features", responses=_items())
    async def items(
        service: Here,
        request: Request,
        key: Caller,
        collectionId: str,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
        offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
        bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north in degrees")] = None,
        datetime: Annotated[str | None, Query(max_length=80, description="an instant or from/to, RFC 3339")] = None,
        f: Format = None,
    ) -> Response:
        _only(request, "limit", "offset", "bbox", "datetime")
        layer = await layer_of(service, key, collectionId)
        wanted = Wanted.read(limit, offset, bbox, datetime)
        return await page(request, base(request), layer, wanted)

    @app.get("/collections/{collectionId}/items/{featureId:path}", summary="One feature", responses=_items())
    async def feature(
        service: Here, request: Request, key: Caller, collectionId: str, featureId: str, f: Format = None
    ) -> Response:
        _only(request)
        return await item(request, base(request), await layer_of(service, key, collectionId), featureId)

    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        document.setdefault("components", {}).setdefault("schemas", {}).update(docs.COMPONENTS)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _items() -> docs.Responses:
    content = {GEOJSON: {"schema": docs.OBJECT}}
    return {
        200: {"description": "GeoJSON", "content": content},
        304: {"description": "You have it"},
        **docs.problems(400, 404),
    }


__all__ = ["ogc_app"]
