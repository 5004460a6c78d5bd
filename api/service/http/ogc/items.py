"""Features of a layer: filtered by box and time, paged, copied from the plan's own file byte by byte."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import Response

from api.service.http.answers import fresh_enough
from api.service.http.ogc.layers import Layer, Row
from api.service.http.problems import Problem
from api.service.http.routes.jobs import interval
from api.service.http.status import link, stamp

GEOJSON = "application/geo+json"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Wanted:
    """What a caller asks of a layer."""

    limit: int
    offset: int
    box: Box | None
    first: datetime | None
    last: datetime | None
    query: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, limit: int, offset: int, bbox: str | None, when: str | None) -> Wanted:
        """From the parameters. Raises Problem (bad-parameter)."""
        first, last = interval(when)
        given = [("bbox", bbox), ("datetime", when)]
        return cls(limit, offset, box_of(bbox), first, last, tuple((n, v) for n, v in given if v is not None))

    def has(self, row: Row) -> bool:
        """The feature lies in the box and its time meets the interval; a feature without time meets every one."""
        if self.box is not None and not _meets(self.box, row):
            return False
        if row[6] is None or (self.first is None and self.last is None):
            return True
        start, end = _at(row[6]), _at(row[7])
        return (self.last is None or start <= self.last) and (self.first is None or end > self.first)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _meets(box: Box, row: Row) -> bool:
    west, south, east, north = box
    if row[3] > north or row[5] < south:
        return False
    if west <= east:
        return bool(row[2] <= east and row[4] >= west)
    return bool(row[4] >= west or row[2] <= east)  # the box crosses the antimeridian


def box_of(text: str | None) -> Box | None:
    """``west,south,east,north``, or six numbers with heights. Raises Problem (bad-parameter)."""
    if text is None:
        return None
    wrong = Problem("bad-parameter", "bbox is west,south,east,north in degrees, or six numbers with heights")
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise wrong from None
    if len(numbers) not in (4, 6) or not all(math.isfinite(n) for n in numbers):
        raise wrong
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[0:2], *numbers[3:5])
    if south > north or south < -90 or north > 90 or max(abs(west), abs(east)) > 180:
        raise wrong
    return west, south, east, north


async def page(request: Request, at: str, layer: Layer, wanted: Wanted) -> Response:
    """A FeatureCollection with numbers and a `next` link."""
    etag = f'"{layer.etag}-{hashlib.sha256(repr((at, wanted)).encode()).hexdigest()[:16]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Content-Crs": "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>",
    }
    if fresh_enough(request, etag):
        return Response(status_code=304, headers=headers)
    matched = [row for row in layer.rows if wanted.has(row)]
    chosen = matched[wanted.offset : wanted.offset + wanted.limit]
    here = f"{at}/collections/{layer.id}"

    def items(offset: int) -> str:
        return f"{here}/items?" + urlencode([*wanted.query, ("limit", wanted.limit), ("offset", offset)])

    links = [
        link(items(wanted.offset), "self", GEOJSON, "this page"),
        link(here, "collection", "application/json", "the layer"),
    ]
    if wanted.offset + wanted.limit < len(matched):
        links.append(link(items(wanted.offset + wanted.limit), "next", GEOJSON, "the next page"))
    head: dict[str, Any] = {
        "type": "FeatureCollection",
        "numberMatched": len(matched),
        "numberReturned": len(chosen),
        "timeStamp": stamp(layer.job.finished),
        "links": links,
    }
    texts = await asyncio.to_thread(_texts, layer, chosen)
    body = json.dumps(head).encode()[:-1] + b', "features": [' + b",\n".join(texts) + b"]}"
    return Response(body, media_type=GEOJSON, headers=headers)


async def item(request: Request, at: str, layer: Layer, feature_id: str) -> Response:
    """One feature, with links. Raises Problem (not-found)."""
    found = next((row for row in layer.rows if str(row[8]) == feature_id), None)
    if found is None:
        raise Problem("not-found", "the layer has no such feature")
    here = f"{at}/collections/{layer.id}"
    links = [
        link(f"{here}/items/{quote(feature_id, safe='')}", "self", GEOJSON, "this feature"),
        link(here, "collection", "application/json", "the layer"),
    ]
    (text,) = await asyncio.to_thread(_texts, layer, [found])
    feature = {**json.loads(text), "links": links}
    return Response(json.dumps(feature, ensure_ascii=False).encode(), media_type=GEOJSON)


def _texts(layer: Layer, rows: list[Row]) -> list[bytes]:
    out = []
    try:
        with layer.path.open("rb") as file:
            for row in rows:
                file.seek(row[0])
                out.append(file.read(row[1]))
    except OSError:  # removed after its retention, between the look-up and now
        raise Problem("not-found", "the layer is no longer there") from None
    return out
