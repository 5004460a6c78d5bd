"""Over a real socket: GDAL reads a plan by URL, the client follows a job, slow and silent callers harm nobody."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.client import Client, ServiceError
from api.service.http import body, protocol
from tests.service.http.conftest import solve, stub, tiny
from tests.service.http.live import served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("live"), solve) as address:
        yield address


@pytest.fixture(scope="module")
def done(address: str) -> str:
    """A finished plan."""
    return Client(address).submit(tiny()).follow(quiet=True).id


GDAL = """
import json, sys, pyogrio
source, done = "OAPIF:" + sys.argv[1] + "/ogc", sys.argv[2]
sites = pyogrio.read_dataframe(source, layer=done + "_sites")
print(json.dumps({
    "layers": [str(n) for n, _ in pyogrio.list_layers(source)],
    "sites": sorted(sites["site_id"]),
    "epsg": sites.crs.to_epsg(),
    "it_mw": sites["it_mw"].sum(),
    "rows": len(pyogrio.read_dataframe(source, layer=done + "_timeline")),
    "west": list(pyogrio.read_dataframe(source, layer=done + "_sites", bbox=(-101, 31, -99, 33))["site_id"]),
    "paged": len(pyogrio.read_dataframe(source, layer=done + "_timeline", PAGE_SIZE=3)),
}))
"""


def test_gdal_reads_a_plan_by_url(address: str, done: str) -> None:
    """Two sites; two sites over four quarters. Paging by `next`, and a box that GDAL hands on. In a process of its own,
    because GDAL holds Python's lock while it waits for the service."""
    run = subprocess.run([sys.executable, "-c", GDAL, address, done], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert {f"{done}_sites", f"{done}_timeline"} <= set(found.pop("layers"))
    wanted = {"sites": ["abilene", "saline"], "epsg": 4326, "it_mw": 50, "rows": 8, "west": ["abilene"], "paged": 8}
    assert found == wanted


def test_the_client_submits_follows_and_fetches(address: str, tmp_path: Path) -> None:
    client = Client(address)
    job = client.submit(tiny(name="by the client")).follow(quiet=True)
    assert job.status()["status"] == "successful" and job.plan().check.ok
    frame = job.sites()
    assert frame.crs.to_epsg() == 4326 and set(frame["status"]) == {"opened"}
    assert len(job.timeline()) == 8
    assert job.save(tmp_path / "plan.gpkg").read_bytes().startswith(b"SQLite format 3")
    assert [k for k, _ in job.events()][-1] == "status"
    assert client.submit(tiny(name="by the client")).id == job.id, "the same content is the same plan"


def test_the_client_uploads_the_files_that_a_request_names(address: str, tmp_path: Path) -> None:
    import yaml

    (tmp_path / "sites.geojson").write_text(json.dumps(tiny()["sites"]))
    (tmp_path / "request.yaml").write_text(yaml.safe_dump(tiny(sites="sites.geojson", name="from files")))
    report = Client(address).check(tmp_path / "request.yaml")
    assert report["ok"] and report["size"]["sites"] == 2


def test_the_client_tells_every_fault(address: str) -> None:
    with pytest.raises(ServiceError) as caught:
        Client(address).submit(tiny(blocks=[{"id": "x"}]))
    assert caught.value.status == 422 and len(caught.value.faults) >= 2 and "blocks[0].it_mw" in str(caught.value)


def test_cancelling_keeps_what_there_is(tmp_path: Path) -> None:
    with served(tmp_path, stub) as address:
        job = Client(address).submit(tiny())
        kinds: list[str] = []
        status = ""
        for kind, news in job.events():
            kinds.append(kind)
            status = str(news.get("status", status))
            if kind == "incumbent":
                began = time.monotonic()
                job.cancel()
        assert status == "dismissed" and time.monotonic() - began < 3 and "incumbent" in kinds


def test_a_body_that_never_comes_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "BODY_SECONDS", 0.5)
    with served(tmp_path, stub) as address:
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname, parts.port)) as line:
            line.sendall(
                b"POST /plans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
            line.settimeout(5)
            answer = line.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_a_head_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parser: str) -> None:
    """Neither time nor memory without end, with either parser; a call before and a body beside are served."""
    if parser == "h11":
        monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)
    else:
        pytest.importorskip("httptools")
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.7)
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    with served(tmp_path, stub) as address:
        parts = urlsplit(address)

        def opened() -> socket.socket:
            line = socket.create_connection((parts.hostname, parts.port))
            line.settimeout(10)
            return line

        def rest(line: socket.socket) -> bytes:
            said = b""
            with contextlib.suppress(ConnectionError):
                while some := line.recv(4096):
                    said += some
            return said

        with opened() as silent, opened() as slow, opened() as second:
            slow.sendall(ask)
            second.sendall(ask + b"\r\n")
            said = b""
            while b'"status"' not in said:
                said += second.recv(4096)
            second.sendall(ask)
            began = time.monotonic()
            for line in (silent, slow, second):
                said = rest(line)
                assert said == b"" if line is second else said.startswith(b"HTTP/1.1 408"), said
            assert time.monotonic() - began < 5
        with opened() as large:
            with contextlib.suppress(ConnectionError):
                large.sendall(ask + b"X-A: ")
                for _ in range(100):
                    large.sendall(b"a" * 10_000)
            said = rest(large)
            assert said == b"" or said[9:12] in (b"431", b"400")
        posted = Client(address).check(tiny(name="n" * 190))
        assert posted["ok"]


def test_many_slow_callers_leave_the_others_alone(tmp_path: Path) -> None:
    """300 callers hold a half-sent body or an open stream; the service still answers a status in good time."""
    with served(tmp_path, stub) as address:
        parts = urlsplit(address)
        job = Client(address).submit(tiny())
        lines = []
        for i in range(300):
            line = socket.create_connection((parts.hostname, parts.port))
            if i % 2:
                line.sendall(
                    b"POST /plans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
                )
            else:
                line.sendall(f"GET /jobs/{job.id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            lines.append(line)
        time.sleep(0.5)
        took = []
        for _ in range(20):
            began = time.monotonic()
            assert job.status()["status"] == "running"
            took.append(time.monotonic() - began)
        for line in lines:
            line.close()
        job.cancel()
        assert sorted(took)[-2] < 0.5, took


def test_many_submissions_at_once_are_all_accepted_once(tmp_path: Path) -> None:
    with served(tmp_path, stub) as address:
        ids: list[str] = []

        def some(worker: int) -> None:
            client = Client(address)
            ids.extend(client.submit(tiny(name=f"{worker}-{i}")).id for i in range(10))

        threads = [threading.Thread(target=some, args=(w,)) for w in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ids) == len(set(ids)) == 100
        assert len(Client(address).jobs(1000)) == 100
        for id in ids:
            Client(address).job(id).cancel()


def test_a_request_line_that_is_no_http(address: str) -> None:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port)) as line:
        line.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
        line.settimeout(5)
        assert b" 400 " in line.recv(4096)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
