"""Collections: two layers per finished plan, named ``<job>_sites`` and ``<job>_timeline``."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.service.http.clerk import ClerkDied, ClerksBusy, ClerkTooSlow
from api.service.http.identity import Key
from api.service.http.problems import Problem
from api.service.http.service import Service
from api.service.http.status import link, stamp
from api.service.http.text import ID
from api.service.jobs.interface import Job, JobFilter, JobsError

LAYERS = {
    "sites": ("geojson", "one feature per candidate"),
    "timeline": ("timeline", "one feature per site and period"),
}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
INDEX_SECONDS = 30.0
MOST_KEPT = 16

Row = list[Any]
_indices: OrderedDict[tuple[str, str], list[Row]] = OrderedDict()


@dataclass(frozen=True)
class Layer:
    """A layer's file and where its features stand in it (see :mod:`api.service.http.clerk.index`)."""

    job: Job
    name: str
    path: Path
    rows: list[Row]

    @property
    def id(self) -> str:
        """The collection's id."""
        return f"{self.job.id}_{self.name}"

    @property
    def etag(self) -> str:
        """It never changes."""
        return f"{self.job.result_sha256 or self.job.id}-{self.name}"


async def plans(service: Service, key: Key, limit: int) -> list[Job]:
    """The caller's newest jobs that hold a plan."""
    where = JobFilter(statuses=frozenset({"successful", "dismissed"}))
    page = await service.jobs.list(key.owner, limit=limit, where=where)
    return [job for job in page.jobs if job.holds == "plan"]


async def layer_of(service: Service, key: Key, collection_id: str) -> Layer:
    """The layer behind a collection's id. Raises Problem (not-found)."""
    job_id, _, name = collection_id.rpartition("_")
    missing = Problem("not-found", "there is no such collection; see /ogc/collections")
    if name not in LAYERS or not ID.match(job_id):
        raise missing
    try:
        result = await service.jobs.result(key.owner, job_id)
    except JobsError:
        raise missing from None
    if result.job.holds != "plan":
        raise missing
    path = await service.exports.file(service.jobs, result, LAYERS[name][0])
    return Layer(result.job, name, path, await _index(service, result.job, name, path))


async def _index(service: Service, job: Job, name: str, path: Path) -> list[Row]:
    place = (job.result_sha256 or job.id, name)
    if place in _indices:
        _indices.move_to_end(place)
        return _indices[place]
    try:
        rows: list[Row] = await service.clerks.do("index", INDEX_SECONDS, path=str(path))
    except (ClerkTooSlow, ClerksBusy, ClerkDied):
        raise Problem("unavailable", "the layer cannot be read just now", headers={"Retry-After": "10"}) from None
    _indices[place] = rows
    while len(_indices) > MOST_KEPT:
        _indices.popitem(last=False)
    return rows


def collection(at: str, job: Job, name: str, layer: Layer | None = None) -> dict[str, Any]:
    """A collection as part 1 writes it; with its extent where the layer has been read."""
    id, title = f"{job.id}_{name}", f"{job.name or 'plan'}: {name}"
    here = f"{at}/collections/{id}"
    out: dict[str, Any] = {
        "id": id,
        "title": title,
        "description": f"{LAYERS[name][1]}; planned {stamp(job.finished)}",
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            link(here, "self", "application/json", title),
            link(f"{here}/items", "items", "application/geo+json", title),
        ],
    }
    if layer is not None and layer.rows:
        box = [min(r[2] for r in layer.rows), min(r[3] for r in layer.rows)]
        box += [max(r[4] for r in layer.rows), max(r[5] for r in layer.rows)]
        out["extent"] = {"spatial": {"bbox": [box], "crs": CRS84}}
        starts = [r[6] for r in layer.rows if r[6]]
        if starts:
            ends = [r[7] for r in layer.rows if r[7]]
            out["extent"]["temporal"] = {"interval": [[min(starts), max(ends)]]}
    return out
