"""What is shipped: the catalogue, the examples, the schema."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api import examples
from api.service.http import docs
from api.service.http.answers import tagged, tagged_json
from api.service.http.parameters import KNOWN_ONLY
from api.service.http.problems import Problem
from api.service.http.service import Caller
from api.service.http.status import link

router = APIRouter(tags=["shipped"], dependencies=[KNOWN_ONLY])


@router.get("/catalogue", summary="Shipped blocks", responses=docs.also("text/csv"))
async def catalogue(
    request: Request, key: Caller, f: Annotated[Literal["json", "csv"], Query(description="format")] = "json"
) -> Response:
    """Every figure with its value, unit, low, high, basis, date and source."""
    if f == "csv":
        return tagged(request, _csv(), "text/csv; charset=utf-8")
    return tagged_json(request, _blocks())


@cache
def _blocks() -> dict[str, Any]:
    from planner.catalogue import blocks

    return {"blocks": [block.as_request() for block in blocks().values()]}


@cache
def _csv() -> bytes:
    from api.outputs.text import cell
    from planner.catalogue import blocks

    columns = ("block", "figure", "value", "unit", "low", "high", "basis", "scope", "date", "source", "note")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for block in blocks().values():
        for name, figure in block.basis.items():
            row: dict[str, Any] = {"block": block.id, "figure": name, **figure.as_dict()}
            writer.writerow(["" if row.get(c) is None else cell(row[c]) for c in columns])
    return out.getvalue().encode()


@router.get("/examples", summary="Shipped requests", responses=docs.tagged(docs.OBJECT))
async def listed(request: Request, key: Caller) -> Response:
    """Names and titles."""
    found = [{"name": n, "title": _example(n)["name"], "links": [link(f"/examples/{n}", "item", "application/json", n)]}
             for n in examples.names()]  # fmt: skip
    return tagged_json(request, {"examples": found})


@router.get("/examples/{name}", summary="A shipped request, ready to post", responses=docs.tagged(docs.OBJECT, 404))
async def example(
    request: Request,
    key: Caller,
    name: Annotated[str, Path(max_length=64, examples=["stargate"])],
    time_limit_s: Annotated[
        float | None, Query(gt=0, le=86_400, allow_inf_nan=False, description="its search limit")
    ] = None,
) -> Response:
    """The request with its sites inside, so that it can be posted as it is."""
    if name not in examples.names():
        raise Problem("not-found", f"there are these examples: {', '.join(examples.names())}")
    document = _example(name)
    if time_limit_s is not None:
        document = {**document, "solver": {**document.get("solver", {}), "time_limit_s": time_limit_s}}
    return tagged_json(request, document)


@cache
def _example(name: str) -> dict[str, Any]:
    from planner.problem.document import load_document

    document = load_document(examples.path(name))
    if isinstance(document["sites"], str):
        text = (examples.folder(name) / document["sites"]).read_text(encoding="utf-8")
        document["sites"] = json.loads(text)
    return document


@router.get("/schema", summary="JSON Schema of a planning request", responses=docs.only("application/schema+json"))
async def schema(request: Request, key: Caller) -> Response:
    """Draft 2020-12; every field with its unit and meaning."""
    return tagged(request, _schema(), "application/schema+json")


@cache
def _schema() -> bytes:
    from planner.problem.schema import schema as of_request

    return json.dumps(of_request(), ensure_ascii=False).encode()
