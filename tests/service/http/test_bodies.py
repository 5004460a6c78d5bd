"""Bodies, headers and limits: what is refused, in which words, and that nothing of this machine gets out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.service.http.body import depth, parse_json
from api.service.http.problems import Problem
from tests.service.http.conftest import client, tiny, warmed

JSON = {"Content-Type": "application/json"}
BAD_JSON = {
    "NaN": b'{"discount_rate": NaN}',
    "Infinity": b'{"discount_rate": -Infinity}',
    "1e400": b'{"discount_rate": 1e400}',
    "surrogate": b'{"name": "\\ud800"}',
    "twice": b'{"name": "a", "name": "b"}',
    "utf-16": '{"name": "a"}'.encode("utf-16"),
    "latin-1": '{"name": "ü"}'.encode("latin-1"),
    "half": b'{"name": ',
    "empty": b"  ",
    "deep": b'{"a":' * 200 + b"1" + b"}" * 200,
    "very deep": b"[" * 1_000_000,
    "digits": b'{"a": ' + b"9" * 5000 + b"}",
    "trailing": b"{} {}",
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_bodies_that_are_no_json(api: TestClient, name: str) -> None:
    answer = api.post("/plans", content=BAD_JSON[name], headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-json"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_depth_counts_brackets_outside_of_texts() -> None:
    assert depth('{"a": ["[[[[", "\\"[", [1]]}') == 3
    assert depth("7") in (0, 1)
    with pytest.raises(Problem):
        parse_json(b'{"a": {"b": {}}}', 2)
    assert parse_json(b'\xef\xbb\xbf{"a": {"b": 1}}', 2) == {"a": {"b": 1}}


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""]
)
def test_other_content_types(api: TestClient, media: str) -> None:
    """What a form on a web page can send without asking is among them."""
    answer = api.post("/plans", content=b"{}", headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


@pytest.mark.parametrize("value", [None, 1, "x", [], [[]], True])
def test_documents_that_are_no_object(api: TestClient, value: Any) -> None:
    answer = api.post("/plans", content=json.dumps(value).encode(), headers=JSON)
    assert answer.json()["type"] == "/problems/request-refused"


def test_yaml_as_people_write_it(api: TestClient) -> None:
    from pathlib import Path as File

    readme = File(__file__).parents[3].joinpath("README.md").read_text(encoding="utf-8")
    text = readme.split("```yaml")[1].split("```")[0]
    answer = api.post("/requests/check", content=text.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["size"]["sites"] == 2


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- 1",
        "a: &a [*a]",
        "!!python/object/apply:os.system ['id']",
        "a: &a {}\nb: [" + "*a, " * 9 + "*c]",
        "\x00",
    ],
)
def test_yaml_that_is_none(api: TestClient, text: str) -> None:
    answer = api.post("/plans", content=text.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status_code in (400, 422) and "Traceback" not in answer.text


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with tight limits."""
    limits = {
        "max_body_bytes": 20_000,
        "max_sites": 2,
        "max_blocks": 1,
        "max_periods": 4,
        "max_variables": 40,
        "solve_limit_s": 30,
    }
    with client(tmp_path_factory.mktemp("small"), **limits) as api:
        yield warmed(api)


def test_a_body_that_is_too_large_is_refused_by_its_header(small: TestClient) -> None:
    answer = small.post("/plans", content=b" " * 20_001, headers=JSON)
    assert (answer.status_code, answer.json()["most"]) == (413, 20_000)


def test_a_body_that_is_too_large_is_refused_while_it_streams(small: TestClient) -> None:
    sent = []

    def chunks() -> Iterator[bytes]:
        for _ in range(1000):
            sent.append(1)
            yield b" " * 1000

    answer = small.post("/plans", content=chunks(), headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


def test_limits_are_told_together_each_at_its_place(small: TestClient) -> None:
    document = tiny(horizon={"start": "2027-01", "periods": 5}, solver={"time_limit_s": 31, "memory_limit_mb": 10**6})
    document["land"] = {"setback_m": 1e5, "exclusions": [{"id": "x", "features": {}, "buffer_m": 1e12}]}
    document["blocks"] *= 2
    document["sites"]["features"] *= 2
    answer = small.post("/plans", json=document)
    told = {f["pointer"]: f.get("limit") for f in answer.json()["faults"]}
    assert answer.status_code == 422
    wanted = {
        "/blocks": "blocks", "/sites/features": "sites", "/horizon/periods": "periods",
        "/solver/time_limit_s": "seconds", "/land/setback_m": "m of setback",
        "/land/exclusions/0/buffer_m": "m of buffer", "/solver/memory_limit_mb": "MB",
    }  # fmt: skip
    assert wanted.items() <= told.items()


def test_too_many_variables_are_told_before_anything_is_solved(small: TestClient, api: TestClient) -> None:
    """One block at two sites over four quarters: 2 x 4 orders and 2 x 3 x 4 openings, shells and steps; whoever may leave
    early needs two more per period."""
    early = tiny(blocks=[{**tiny()["blocks"][0], "early_retirement": True, "life_years": 3, "resale_musd": 1}])
    sizes = [api.post("/requests/check", json=d).json()["size"]["variables_at_most"] for d in (tiny(), early)]
    assert sizes == [2 * 4 + 2 * 3 * 4, 2 * 4 + 2 * 3 * 4 + 2 * 2 * 4]
    assert small.post("/plans", json=tiny()).status_code == 201
    refused = small.post("/plans", json=early)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/limit")
    assert refused.json()["faults"][0]["limit"] == "variables" and refused.json()["faults"][0]["most"] == 40


def test_all_faults_at_once_with_pointers(api: TestClient) -> None:
    document = tiny(horizon={"start": "2027-13", "periods": 0}, sites="../../etc/passwd", naem="x")
    answer = api.post("/requests/check", json=document)
    pointers = {f["pointer"] for f in answer.json()["faults"]}
    assert {"/horizon/start", "/horizon/periods", "/sites", "/naem"} <= pointers


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd", "../secret.geojson", "sites.geojson", "http://127.0.0.1:1/x.geojson", "/vsicurl/http://10.0.0.1/",
        "file:///etc/hostname", "dataset:../../x", "dataset:" + "0" * 32, "dataset:", "PG:host=db", "nothing/../../jobs",
    ],
)  # fmt: skip
def test_no_path_and_no_address_is_ever_named(api: TestClient, name: str) -> None:
    for document in (tiny(sites=name), tiny(land={"exclusions": [{"id": "x", "path": name}]})):
        for at in ("/plans", "/requests/check"):
            answer = api.post(at, json=document)
            assert answer.status_code == 422, answer.text
            assert "root:" not in answer.text and "No such file" not in answer.text


def test_headers_beyond_use(api: TestClient) -> None:
    assert api.get("/jobs", headers={f"x-{i}": "y" for i in range(150)}).status_code == 431
    assert api.get("/jobs", headers={"x": "y" * 40_000}).status_code == 431
    assert api.get("/jobs?cursor=" + "y" * 9000).status_code == 431


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1e9", "limit=x", "datetime=x", "datetime=2030/2020", "status=done", "minDuration=nan", "maxDuration=-1",
     "cursor=" + "9" * 300, "created=%00", "datetime=%F0%9F%94%A5/..", "limit=" + "9" * 400, "datetime=0001-01-01T00:00:00%2B14:00"],
)  # fmt: skip
def test_parameters_that_cannot_be_used(api: TestClient, query: str) -> None:
    answer = api.get(f"/jobs?{query}")
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        assert answer.headers["content-type"] == "application/problem+json" and "\x00" not in answer.text


@pytest.mark.parametrize(
    ("query", "name"), [("status=nope", "status"), ("status=failed&status=nope", "status"), ("limit=many", "limit")]
)
def test_a_fault_names_its_parameter(api: TestClient, query: str, name: str) -> None:
    (fault,) = api.get(f"/jobs?{query}").json()["faults"]
    assert fault["parameter"] == name and fault["message"].startswith(f"query parameter {name}: must be ")


@pytest.mark.parametrize(
    ("method", "address", "known"),
    [
        ("GET", "/jobs?foo=1&limit=2", "limit, cursor, status"),
        ("GET", "/jobs?f=html", "limit, cursor, status"),
        ("GET", "/datasets?foo", "this address has none"),
        ("GET", "/examples/stargate?foo=1", "time_limit_s"),
        ("GET", "/processes/plan?foo=1", "this address has none"),
        ("POST", "/plans?foo=1", "this address has none"),
        ("POST", "/requests/check?foo=1", "this address has none"),
    ],
)
def test_a_parameter_that_nobody_knows_is_refused(api: TestClient, method: str, address: str, known: str) -> None:
    answer = api.request(method, address, **({"json": tiny()} if method == "POST" else {}))
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter"), answer.text
    (fault,) = answer.json()["faults"]
    assert fault["parameter"] == ("f" if "f=html" in address else "foo") and known in fault["hint"]


@pytest.mark.parametrize("address", ["/jobs", "/processes", "/datasets", "/conformance", "/examples"])
def test_clients_may_ask_for_json_everywhere(api: TestClient, address: str) -> None:
    assert api.get(f"{address}?f=json").status_code == 200


@pytest.mark.parametrize("address", ["/plans", "/requests/check", "/datasets"])
def test_a_compressed_body_is_refused_with_what_would_do(api: TestClient, address: str) -> None:
    """RFC 9110, 15.5.16: an Accept-Encoding in the answer tells that it was the coding."""
    body = gzip.compress(json.dumps(tiny()).encode())
    answer = api.post(address, content=body, headers={**JSON, "Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert answer.headers["accept-encoding"] == "identity" and "Content-Encoding" in answer.json()["detail"]
    plain = api.post("/requests/check", json=tiny(), headers={"Content-Encoding": "identity"})
    assert plain.status_code == 200


def test_an_unexpected_error_tells_nothing_and_is_logged_once(tmp_path: Path) -> None:
    import logging

    from api.service.http.logs import LOG

    logged: list[logging.LogRecord] = []
    ear = logging.Handler()
    ear.emit = logged.append  # type: ignore[method-assign]
    LOG.addHandler(ear)
    with client(tmp_path) as api:

        async def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError(f"secret at {tmp_path}")

        api.app.state.service.jobs.list = broken  # type: ignore[attr-defined]
        for number, path in enumerate(("/jobs", "/ogc/collections"), 1):
            answer = api.get(path)
            assert answer.status_code == 500 and answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "secret" not in answer.text and str(tmp_path) not in answer.text
            assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
            assert sum(r.exc_info is not None for r in logged) == number
    LOG.removeHandler(ear)


def test_a_log_line_is_one_line_of_json(api: TestClient) -> None:
    import logging

    from api.service.logs import JsonLines

    record = logging.LogRecord("x", logging.INFO, "", 0, "said\n\x1b[31m", (), None)
    record.fields = {"job_id": "a\nb\u202e"}
    line = JsonLines().format(record)
    assert "\n" not in line and line.isascii() and json.loads(line)["job_id"] == "a\nb\u202e"
