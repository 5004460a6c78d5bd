"""Every format opens in a program that is not ours, is named by Accept or ?f=, and is not sent twice."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pyogrio
import pytest
from fastapi.testclient import TestClient

from api.service.http.formats import FORMATS, quality
from tests.service.http.conftest import client, finished, stub, tiny

EVIL = '=HYPERLINK("http://x","y") </script><script>alert(1)</script> & \'ß\' \U0001f525'


def fetch(api: TestClient, plan_id: str, kind: str) -> bytes:
    answer = api.get(f"/jobs/{plan_id}/results?f={kind}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(FORMATS[kind].media_type)
    return answer.content


@pytest.mark.parametrize("kind", ["geojson", "timeline", "gpkg", "kml"])
def test_gdal_reads_the_maps(api: TestClient, plan_id: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / FORMATS[kind].file
    file.write_bytes(fetch(api, plan_id, kind))
    found = [
        row
        for name, _ in pyogrio.list_layers(file)
        for row in pyogrio.read_dataframe(file, layer=name).to_dict("records")
    ]
    assert len(found) >= {"geojson": 2, "timeline": 8, "gpkg": 12, "kml": 2}[kind]


def test_the_tables(api: TestClient, plan_id: str) -> None:
    with zipfile.ZipFile(io.BytesIO(fetch(api, plan_id, "csv"))) as archive:
        assert {"cash.csv", "orders.csv", "openings.csv", "shells.csv"} <= set(archive.namelist())
        orders = archive.read("orders.csv").decode().splitlines()
    book = openpyxl.load_workbook(io.BytesIO(fetch(api, plan_id, "xlsx")))
    assert book["orders"].max_row == len(orders)
    plan = json.loads(fetch(api, plan_id, "json"))
    assert sum(row[0].value or 0 for row in book["orders"].iter_rows(2, min_col=8, max_col=8)) == sum(
        o["units"] for o in plan["orders"]
    )
    assert b"Tiny" in fetch(api, plan_id, "html") and fetch(api, plan_id, "png").startswith(b"\x89PNG")


def test_maps_for_other_programs(api: TestClient, plan_id: str) -> None:
    """GeoJSON with simplestyle's colours (GitHub draws it) and a map that kepler.gl opens, of the same sites."""
    plain = json.loads(fetch(api, plan_id, "geojson"))["features"]
    styled = json.loads(fetch(api, plan_id, "simplestyle"))["features"]
    assert [f["geometry"] for f in styled] == [f["geometry"] for f in plain]
    assert all({"marker-color", "fill", "title"} & set(f["properties"]) >= {"marker-color", "title"} for f in styled)
    kepler = json.loads(fetch(api, plan_id, "kepler"))
    assert kepler["info"]["app"] == "kepler.gl" and len(kepler["datasets"][0]["data"]["allData"]) == len(plain)


@pytest.mark.parametrize("at", ["", "?f=kml", "?f=png"])
def test_head_tells_of_a_result_what_get_would(api: TestClient, plan_id: str, at: str) -> None:
    got, told = api.get(f"/plans/{plan_id}{at}"), api.head(f"/plans/{plan_id}{at}")
    assert (told.status_code, told.content) == (200, b"")
    same = ("Content-Type", "Content-Length", "ETag", "Content-Disposition", "Content-Security-Policy")
    assert [told.headers.get(h) for h in same] == [got.headers.get(h) for h in same]
    assert int(told.headers["Content-Length"]) == len(got.content)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/healthz", 200), ("/jobs", 200), ("/ogc/", 200), ("/jobs/nothing", 404), ("/plans", 405)],
)
def test_head_is_answered_wherever_get_is(api: TestClient, path: str, status: int) -> None:
    answer = api.head(path)
    assert (answer.status_code, answer.content) == (status, b"")
    assert status != 405 or answer.headers["Allow"] == "POST"
    assert api.request("PATCH", "/jobs").headers["Allow"] == "GET, HEAD"


def test_head_of_a_stream_ends_at_once(tmp_path: Path) -> None:
    with client(tmp_path, stub) as api:
        job = api.post("/plans", json=tiny()).json()["jobID"]
        answer = api.head(f"/jobs/{job}/events")
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
        assert "gigasite_event_streams 0" in api.get("/metrics").text
        api.delete(f"/jobs/{job}")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "json"),
        ("application/json", "json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "html"),
        ("application/geo+json", "geojson"),
        ("application/vnd.google-earth.kml+xml;q=0.9, application/geo+json;q=0.1", "kml"),
        ("application/x-sqlite3", "gpkg"),
        ("image/*", "png"),
        ("application/json;q=0, application/zip", "csv"),
    ],
)
def test_accept_chooses(api: TestClient, plan_id: str, accept: str, kind: str) -> None:
    answer = api.get(f"/plans/{plan_id}", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(FORMATS[kind].media_type) and "Accept" in answer.headers["Vary"]


def test_nothing_acceptable_and_unknown_formats(api: TestClient, plan_id: str) -> None:
    answer = api.get(f"/plans/{plan_id}", headers={"Accept": "video/mp4"})
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")
    assert api.get(f"/plans/{plan_id}?f=../../etc/passwd").json()["type"] == "/problems/bad-parameter"


def test_the_more_specific_range_decides() -> None:
    assert quality("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/html") == 0.7
    assert quality("text/*;q=0.3, */*;q=0.5", "image/png") == 0.5
    assert quality("text/html;q=nan", "text/html") == 0


def test_what_a_caller_has_is_not_sent_again(api: TestClient, plan_id: str) -> None:
    for at in (f"/plans/{plan_id}?f=kml", f"/plans/{plan_id}", "/catalogue", "/schema", "/examples/stargate", "/"):
        first = api.get(at)
        again = api.get(at, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
        assert (again.status_code, again.content) == (304, b""), at
    assert api.get(f"/plans/{plan_id}").headers["ETag"] != api.get(f"/plans/{plan_id}?f=kml").headers["ETag"]


class Scripts(HTMLParser):
    """Counts what could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "link"} or any(n.startswith("on") for n, _ in attrs):
            self.found.append(tag)


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    """A user's words are never a formula, a script, markup or a header."""
    document = tiny(name=EVIL)
    document["sites"]["features"][0]["properties"]["name"] = EVIL
    document["blocks"][0]["name"] = EVIL
    with client(tmp_path) as api:
        answer = api.post("/plans", json=document)
        assert answer.status_code == 201, answer.text
        job = answer.json()["jobID"]
        finished(api, job)
        book = openpyxl.load_workbook(io.BytesIO(fetch(api, job, "xlsx")))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [c for c in cells if c.data_type == "f"] and [c for c in cells if c.value == EVIL]
        page = Scripts()
        page.feed(fetch(api, job, "html").decode())
        assert page.found == []
        kml = ElementTree.fromstring(fetch(api, job, "kml"))
        assert EVIL in [e.text for e in kml.iter("{http://www.opengis.net/kml/2.2}name")]
        assert not list(kml.iter("{http://www.opengis.net/kml/2.2}script"))
        with zipfile.ZipFile(io.BytesIO(fetch(api, job, "csv"))) as archive:
            assert "'=HYPERLINK" in archive.read("orders.csv").decode()
        header = api.get(f"/plans/{job}").headers["Content-Disposition"]
        assert header.isascii() and '"' not in header.split("filename*=")[1] and "<" not in header


def test_what_was_written_on_demand_goes_with_its_job(tmp_path: Path) -> None:
    with client(tmp_path) as api:
        job = api.post("/plans", json=tiny()).json()["jobID"]
        finished(api, job)
        fetch(api, job, "csv")
        assert [p.name for p in (tmp_path / "exports" / job).iterdir()] == [FORMATS["csv"].file]
        assert api.delete(f"/jobs/{job}?purge=true").status_code == 200
        assert not (tmp_path / "exports" / job).exists()
