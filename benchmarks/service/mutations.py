"""Hostile calls without end, made from good ones; the same for the same seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import yaml

Headers = list[tuple[bytes, bytes]]


class Call(NamedTuple):
    """One call as ASGI wants it."""

    kind: str
    method: str
    target: str
    headers: Headers
    body: bytes = b""


GOOD: dict[str, Any] = json.loads(Path(__file__).with_name("request.json").read_text(encoding="utf-8"))

VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 0.5, 1e308, -1e308, 5e-324, 10**30, -(10**400), 2**63, "", " ", "x",
    "a" * 5000, "\x00", "\u202egnp",
    "\ud83d\ude00", "NaN", "Infinity", "1e400", "2027-13", "0000-00", "9999-12", "2027-01", "../../etc/passwd",
    "/etc/passwd",
    "http://169.254.169.254/", "/vsicurl/http://127.0.0.1:1/", "dataset:" + "0" * 32, "=cmd|' /C calc'!A0",
    "</script><script>", "%s%n",
    "'; DROP TABLE jobs; --", "{{7*7}}", "$where",
    [], {}, [[]], [{}], {"": ""}, {"$ref": "#"}, [None], ["x"] * 300, {"from": "2027-01"},
    [{"from": "2027-01", "value": "x"}], {"type": "Feature"}, {"href": "file:///etc/passwd"}, "e\u0301",
    "\u00e9", "nvidia", -0.0,
]  # fmt: skip

BAD_BYTES = [
    b"", b"\x00", b"\xff\xfe{", b"[" * 50_000, b'{"a":' * 500, b"{}" * 3, b'{"name": NaN}', b'{"name": "\\ud800"}', b"\xef\xbb\xbf{}",
    b'{"a": 1, "a": 2}', b'{"a": 1e999}', b'{"a": ' + b"1" * 9000 + b"}", b"null", b"<xml/>", b"!!python/object:os.system x",
]  # fmt: skip

TEMPLATES = [
    "/", "/conformance", "/processes", "/processes/{id}", "/jobs", "/jobs/{id}", "/jobs/{id}/results",
    "/jobs/{id}/events",
    "/plans/{id}", "/catalogue", "/examples", "/examples/{id}", "/schema", "/healthz", "/readyz", "/metrics",
    "/docs", "/problems/{id}",
    "/openapi.json", "/datasets", "/datasets/{id}", "/datasets/{id}/content", "/ogc", "/ogc/",
    "/ogc/conformance", "/ogc/collections",
    "/ogc/collections/{id}", "/ogc/collections/{id}/items", "/ogc/collections/{id}/items/{id}", "/ogc/api",
    "/plans", "/requests/check",
    "/processes/plan/execution", "/{id}", "/ogc/{id}",
]  # fmt: skip
METHODS = ["GET"] * 12 + ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "XYZZY"]
QUERY = ["limit", "cursor", "status", "f", "bbox", "datetime", "offset", "after", "type", "processID", "minDuration", "maxDuration",
         "purge", "name", "time_limit_s", "x"]  # fmt: skip
HEADER = ["Accept", "Prefer", "Idempotency-Key", "Last-Event-ID", "If-None-Match", "Range", "Authorization", "X-API-Key", "Cookie",
          "Cache-Control", "Content-Encoding", "Transfer-Encoding", "Expect", "X-Forwarded-For", "Origin",
    "Accept-Encoding"]  # fmt: skip
JSON_TYPE, YAML_TYPE = b"application/json", b"application/yaml"


def calls(r: random.Random, count: int, uploads: int) -> Iterator[Call]:
    """``count`` calls, hostile uploads among them."""
    at = set(r.sample(range(count), min(uploads, count)))
    makers: Sequence[Callable[[random.Random], Call]] = (
        [address] * 5 + [values] * 4 + [geometry] * 2 + [raw, raw, text, execute, features]
    )
    for i in range(count):
        yield upload(r) if i in at else r.choice(makers)(r)


def _post(kind: str, target: str, body: bytes, media: bytes, r: random.Random) -> Call:
    headers = [(b"host", b"127.0.0.1"), (b"content-type", media), (b"content-length", str(len(body)).encode())]
    return Call(kind, "POST", target, headers + (_headers(r) if r.random() < 0.2 else []), body)


def _word(r: random.Random) -> str:
    choice = r.choice(VALUES)
    return choice if isinstance(choice, str) else json.dumps(choice)[:200]


def _headers(r: random.Random) -> Headers:
    out = []
    for _ in range(r.randint(1, 4)):
        name = r.choice(HEADER).lower().encode()
        value = r.choice(
            [_word(r), "*/*", "wait=9", "respond-async, wait=0", "text/html;q=x", "a" * 300, "-1", "1", "bytes=0-"]
        )
        out.append((name, value.encode("latin-1", "replace").replace(b"\n", b" ")[:2000]))
    return out


def address(r: random.Random) -> Call:
    """Odd methods, ids, parameters and headers."""
    target = r.choice(TEMPLATES)
    while "{id}" in target:
        target = target.replace(
            "{id}",
            r.choice([_word(r), "plan", "stargate", "f" * 32, "f" * 32 + "_sites"])
            .replace("?", "")
            .replace("{id}", ""),
            1,
        )
    if r.random() < 0.7:
        target += "?" + "&".join(
            f"{r.choice(QUERY)}={quote(_word(r), errors='replace')}" for _ in range(r.randint(1, 4))
        )
    headers = [(b"host", r.choice([b"127.0.0.1", b"localhost:8000", b"127.0.0.1", b"evil.example"]))]
    return Call("address", r.choice(METHODS), target, headers + (_headers(r) if r.random() < 0.5 else []))


def _places(document: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in entries:
        yield (*here, key)
        yield from _places(value, (*here, key))


def changed(r: random.Random, document: Any, times: int) -> Any:
    """A copy with values replaced, taken out, doubled or renamed."""
    document = copy.deepcopy(document)
    for _ in range(times):
        place = r.choice(list(_places(document)) or [()])
        if not place:
            return document
        holder = document
        for key in place[:-1]:
            holder = holder[key]
        last, act = place[-1], r.random()
        if act < 0.6:
            holder[last] = copy.deepcopy(r.choice(VALUES))
        elif act < 0.75:
            del holder[last]
        elif isinstance(holder, list):
            holder.extend([copy.deepcopy(holder[last])] * r.choice([1, 2, 30]))
        else:
            holder[str(r.choice(VALUES))[:50]] = copy.deepcopy(holder[last])
    return document


def _target(r: random.Random) -> str:
    return r.choice(["/plans", "/requests/check", "/requests/check"])


def values(r: random.Random) -> Call:
    """A good request with a few values changed."""
    document = changed(r, GOOD, r.randint(1, 4))
    return _post("values", _target(r), json.dumps(document).encode(), JSON_TYPE, r)


def _ring(r: random.Random) -> list[list[Any]]:
    n = r.choice([0, 1, 3, 5, 9, 60, 400])
    scale = r.choice([1e-9, 1e-3, 0.02, 3.0, 90.0, 400.0, 1e300])
    lon, lat = r.choice([(-99.8, 32.5), (179.99, 10.0), (-180.0, -89.9), (0.0, 0.0), (24.4, 54.4)])
    points = [[lon + r.uniform(-scale, scale), lat + r.uniform(-scale, scale)] for _ in range(n)]
    if r.random() < 0.3:
        points = [[*p, r.uniform(-9e9, 9e9)] for p in points]
    return points + points[:1] if r.random() < 0.8 else points


def geometry(r: random.Random) -> Call:
    """Scribbles, bow-ties, spikes, poles, wrong types."""
    document = copy.deepcopy(GOOD)
    kind = r.choice(["Polygon", "Polygon", "MultiPolygon", "Point", "LineString", "GeometryCollection", "Circle"])
    rings = [_ring(r) for _ in range(r.choice([1, 1, 2, 5]))]
    coordinates: Any = {"Polygon": rings, "MultiPolygon": [rings, [_ring(r)]], "Point": (_ring(r) or [[0, 0]])[0]}.get(
        kind, rings[0]
    )
    shape = {
        "type": kind,
        "coordinates": coordinates,
        **({"geometries": [{"type": "Point"}]} if kind[0] == "G" else {}),
    }
    if r.random() < 0.5:
        document["sites"]["features"][0]["geometry"] = shape
    else:
        document["land"]["exclusions"][0]["features"]["features"] = [
            {"type": "Feature", "properties": {}, "geometry": shape}
        ] * r.choice([1, 3])
        document["land"]["exclusions"][0]["buffer_m"] = r.choice([0, 5, 1e5, 1e12, -1])
    if r.random() < 0.2:
        document["land"]["setback_m"] = r.choice([0, 1e-9, 1e4, 1e12])
    return _post("geometry", _target(r), json.dumps(document).encode(), JSON_TYPE, r)


def raw(r: random.Random) -> Call:
    """Bytes changed, cut, doubled."""
    data = bytearray(json.dumps(GOOD).encode()) if r.random() < 0.7 else bytearray(r.choice(BAD_BYTES))
    for _ in range(r.randint(0, 6)):
        if not data:
            break
        i = r.randrange(len(data))
        act = r.random()
        if act < 0.5:
            data[i] = r.randrange(256)
        elif act < 0.8:
            del data[i : i + r.randint(1, 40)]
        else:
            data[i:i] = r.choice([b'"', b"\\u0000", b"[[[", b"}", b"NaN", b"\xed\xa0\x80", b"1e999", b",,"])
    media = r.choice([JSON_TYPE, JSON_TYPE, YAML_TYPE, b"text/plain", b"application/json; charset=utf-16", b""])
    return _post("bytes", r.choice(["/plans", "/requests/check", "/processes/plan/execution"]), bytes(data), media, r)


def text(r: random.Random) -> Call:
    """YAML, good and bad."""
    words = yaml.safe_dump(changed(r, {k: v for k, v in GOOD.items() if k != "sites"}, 2), allow_unicode=True)
    odd = r.choice(
        [
            "",
            "",
            "a: &a [x]\nb: *a\n",
            "x: *nothing\n",
            "? [a]\n: b\n",
            "---\nb: 1\n",
            "k: !!binary aGk=\n",
            "\t- x\n",
            "%YAML 9.9\n",
        ]
    )
    return _post("yaml", _target(r), (odd + words).encode("utf-8", "replace"), YAML_TYPE, r)


def execute(r: random.Random) -> Call:
    """Execute documents of OGC API - Processes."""
    document = changed(r, {"inputs": {"request": GOOD}, "outputs": {"plan": {}}, "response": "raw"}, r.randint(1, 3))
    return _post("execute", "/processes/plan/execution", json.dumps(document).encode(), JSON_TYPE, r)


def features(r: random.Random) -> Call:
    """Queries of a layer that may be there."""
    query = r.choice(["bbox=", "datetime=", "limit=", "offset="]) + quote(
        r.choice([_word(r), "-180,-90,180,90", "1,2,3", "nan,nan,nan,nan", "../.."]), errors="replace"
    )
    return Call("features", "GET", f"/ogc/collections/{'a' * 32}_sites/items?{query}", [(b"host", b"localhost")])


def upload(r: random.Random) -> Call:
    """A file that is not what it says."""
    media = r.choice(
        [
            b"application/geo+json",
            b"application/geopackage+sqlite3",
            b"application/zip",
            b"text/csv",
            b"application/flatgeobuf",
        ]
    )
    head = {
        b"application/geopackage+sqlite3": b"SQLite format 3\x00",
        b"application/zip": b"PK\x03\x04",
        b"application/flatgeobuf": b"fgb\x03fgb",
    }
    data = head.get(media, b"") + r.choice(
        [r.randbytes(2000), json.dumps(changed(r, GOOD["sites"], 2)).encode(), b"<OGRVRTDataSource/>"]
    )
    return Call("upload", "POST", "/datasets", [(b"host", b"localhost"), (b"content-type", media)], data)
