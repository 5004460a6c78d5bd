"""Uploads of site and exclusion files, referred to in requests as ``dataset:ID``."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response

from api.service.http import docs
from api.service.http.admission import files_named
from api.service.http.answers import no_store
from api.service.http.identity import Key
from api.service.http.parameters import KNOWN_ONLY
from api.service.http.problems import Problem
from api.service.http.service import Caller, Here, Service
from api.service.http.text import is_clean
from api.service.http.uploads.convert import CONTENT_TYPES, convert
from api.service.http.uploads.datasets import Dataset
from api.service.jobs.interface import JobFilter

router = APIRouter(tags=["datasets"], dependencies=[KNOWN_ONLY])

MOST_DATASETS = 500
JOBS_AT_ONCE = 200
DatasetId = Annotated[str, Path(alias="datasetID", max_length=64)]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in CONTENT_TYPES},
    }
}


@router.post(
    "/datasets",
    status_code=201,
    summary="Upload a site or exclusion file",
    openapi_extra=BODY,
    responses={
        200: {
            "description": "You have uploaded this file before",
            "content": {"application/json": {"schema": docs.OBJECT}},
        },
        201: {"description": "Taken", "content": {"application/json": {"schema": docs.OBJECT}}},
        **docs.problems(401, 413, 415, 422, 429),
    },
)
async def upload(
    service: Here,
    key: Caller,
    request: Request,
    name: Annotated[str, Query(max_length=200, description="a title for the list")] = "",
) -> Response:
    """The body is the file: GeoJSON, GeoPackage, FlatGeobuf, GeoParquet, a zipped Shapefile or CSV; its kind is the
    Content-Type. It is opened in a sandboxed process and kept as plain GeoJSON (CSV as it is)."""
    if not is_clean(name):
        raise Problem("bad-parameter", "the name holds control or text-direction characters")
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media not in CONTENT_TYPES:
        raise Problem("unsupported-media-type", f"set Content-Type to one of: {', '.join(CONTENT_TYPES)}")
    before = await service.datasets.all(key.owner)
    if len(before) >= MOST_DATASETS:
        raise Problem("limit", f"you have {len(before)} datasets, the most there may be; delete some")
    service.metrics.uploads += 1
    with tempfile.TemporaryDirectory(prefix="upload-", dir=service.settings.data / "datasets") as room:
        raw = File(room) / "upload"
        with raw.open("wb") as out:
            async for chunk in request.stream():
                out.write(chunk)
        if raw.stat().st_size == 0:
            raise Problem("upload-refused", "the body is empty")
        prepared, told = await convert(raw, CONTENT_TYPES[media], File(room))
        dataset = await service.datasets.keep(key.owner, prepared, name or "upload", told)
    is_new = dataset.id not in {d.id for d in before}
    return no_store(dataset.told(), 201 if is_new else 200, Location=f"/datasets/{dataset.id}")


@router.get("/datasets", summary="Your uploads, newest first", responses=docs.json(docs.OBJECT))
async def listed(service: Here, key: Caller) -> Response:
    """All of them; there are at most 500."""
    return no_store({"datasets": [d.told() for d in await service.datasets.all(key.owner)]})


@router.get("/datasets/{datasetID}", summary="What an upload holds", responses=docs.json(docs.OBJECT, 404))
async def dataset(service: Here, key: Caller, dataset_id: DatasetId) -> Response:
    """Features, columns, box, coordinate system and what was noted while reading."""
    return no_store((await _found(service, key, dataset_id)).told())


@router.get("/datasets/{datasetID}/content", summary="An upload as it is kept", responses=docs.upload())
async def content(service: Here, key: Caller, dataset_id: DatasetId) -> Response:
    """GeoJSON in WGS 84, or the CSV."""
    found = await _found(service, key, dataset_id)
    media = "application/geo+json" if found.file.endswith(".geojson") else "text/csv; charset=utf-8"
    headers = {"ETag": f'"{found.id}"', "Cache-Control": "private, no-cache"}
    return FileResponse(service.datasets.folder(key.owner) / found.file, media_type=media, headers=headers)


@router.delete(
    "/datasets/{datasetID}",
    status_code=204,
    summary="Delete an upload",
    responses={204: {"description": "Deleted"}, **docs.problems(404, 409)},
)
async def delete(service: Here, key: Caller, dataset_id: DatasetId) -> Response:
    """Refused while an unfinished job uses it. Results that are there already stay."""
    found = await _found(service, key, dataset_id)
    async for job_id in _unfinished(service, key):
        stored = await service.jobs.request(key.owner, job_id)
        if found.file in {name for _, name in files_named(stored.document)}:
            raise Problem("dataset-in-use", f"job {job_id} uses it and has not finished", jobID=job_id)
    await service.datasets.remove(key.owner, found.id)
    return Response(status_code=204)


async def _unfinished(service: Service, key: Key) -> AsyncIterator[str]:
    """Ids of the caller's jobs that wait or run, whatever their number."""
    where = JobFilter(statuses=frozenset({"accepted", "running"}))
    cursor = None
    while True:
        page = await service.jobs.list(key.owner, limit=JOBS_AT_ONCE, cursor=cursor, where=where)
        for job in page.jobs:
            yield job.id
        cursor = page.cursor
        if cursor is None:
            return


async def _found(service: Service, key: Key, dataset_id: str) -> Dataset:
    found = await service.datasets.find(key.owner, dataset_id)
    if found is None:
        raise Problem("no-such-dataset", "there is no such dataset")
    return found
