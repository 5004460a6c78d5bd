"""Uploads: what is taken, what is refused, and what a hostile file can not do."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from fastapi.testclient import TestClient

from api.service.http.problems import Problem
from api.service.http.routes import datasets as datasets_route
from api.service.http.uploads import convert as converting
from api.service.http.uploads.cage import cage
from tests.service.http.conftest import client, finished, stub, tiny

MEDIA = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "fgb": "application/flatgeobuf",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
    "csv": "text/csv",
}
SECRET = "password: hunter2"


def send(api: TestClient, data: bytes, kind: str, name: str = "") -> Any:
    return api.post(f"/datasets?name={name}", content=data, headers={"Content-Type": MEDIA[kind]})


def campus() -> gpd.GeoDataFrame:
    """One parcel near Abilene in UTM 14N, 2 km by 2 km."""
    box = shapely.box(425_000, 3_596_000, 427_000, 3_598_000)
    return gpd.GeoDataFrame({"id": ["abilene"], "grid_mw": [35.0]}, geometry=[box], crs=32614)


def as_file(frame: gpd.GeoDataFrame, kind: str, folder: Path) -> bytes:
    """The frame in a format, as bytes."""
    file = folder / {"zip": "sites.shp"}.get(kind, f"sites.{kind}")
    if kind == "parquet":
        frame.to_parquet(file)
    else:
        frame.to_file(file)
    if kind != "zip":
        return file.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in folder.glob("sites.*"):
            archive.write(part, part.name)
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "parquet", "zip", "geojson"])
def test_every_format_becomes_sites(api: TestClient, kind: str, tmp_path: Path) -> None:
    """400 ha in UTM; buildable land is the same within a part in a thousand, whatever the format."""
    frame = campus() if kind != "geojson" else campus().to_crs(4326)
    answer = send(api, as_file(frame, kind, tmp_path), kind, name="my campus")
    assert answer.status_code in (200, 201), answer.text
    told = answer.json()
    assert told["features"] == 1 and {"id", "grid_mw"} <= set(told["columns"]) and told["crs"] == "OGC:CRS84"
    again = send(api, as_file(frame, kind, tmp_path), kind)
    assert again.status_code == 200 or kind == "gpkg", "a GeoPackage holds its time of writing"
    report = api.post("/requests/check", json=tiny(sites=told["reference"])).json()
    assert report["ok"] and abs(report["sites"][0]["parcel_ha"] - 400) < 0.5
    assert api.get(f"/datasets/{told['id']}/content").json()["features"][0]["properties"]["id"] == "abilene"


def test_a_csv_of_points_with_the_users_own_columns(api: TestClient) -> None:
    text = "PARCEL,X,Y,MW,HA\nabilene,-99.8,32.4,35,50\n"
    reference = send(api, text.encode(), "csv").json()["reference"]
    names = {"id": "PARCEL", "lon": "X", "lat": "Y", "grid_mw": "MW", "buildable_ha": "HA"}
    answer = api.post("/requests/check", json=tiny(sites=reference, property_names=names))
    assert answer.status_code == 200, answer.text
    assert answer.json()["sites"][0]["buildable_ha"] == 50


CSV_TOLD: dict[str, tuple[str, list[str], list[str], int, list[float] | None, str]] = {
    "points": ("id,lon,lat\na,-99.5,32.5\nb,-98,33\n", ["id", "lon", "lat"], ["Point"], 2, [-99.5, 32.5, -98, 33], ""),
    "semicolons": ("id;lon;lat\na;-99.5;32.5\n", ["id", "lon", "lat"], ["Point"], 1, [-99.5, 32.5, -99.5, 32.5], ""),
    "tabs": ("id\tlon\tlat\na\t-99.5\t32.5\n", ["id", "lon", "lat"], ["Point"], 1, [-99.5, 32.5, -99.5, 32.5], ""),
    "shapes": ('id,wkt\na,"LINESTRING (0 0, 1 1, 2 0)"\n', ["id", "wkt"], ["LineString"], 3, [0, 0, 2, 1], ""),
    "no places": ("foo,bar\n1,2\n", ["foo", "bar"], [], 0, None, "no columns lon and lat and no wkt"),
    "a blank": ("id,lon,lat\na,1,2\nb,,\n", ["id", "lon", "lat"], ["Point"], 1, [1, 2, 1, 2], "1 of 2 rows"),
}


@pytest.mark.parametrize("name", CSV_TOLD)
def test_of_a_csv_only_what_it_says_is_told(api: TestClient, name: str) -> None:
    text, columns, types, vertices, box, note = CSV_TOLD[name]
    told = send(api, text.encode(), "csv").json()
    assert (told["columns"], told["geometry_types"], told["vertices"], told["bbox"]) == (columns, types, vertices, box)
    assert told["features"] == text.count("\n") - 1
    assert (note in told["notes"][0]) if note else told["notes"] == []


def test_a_csv_with_semicolons_is_planned_as_it_was_told(api: TestClient) -> None:
    text = "id;lon;lat;grid_mw;buildable_ha\nabilene;-99.8;32.4;35;50\n"
    told = send(api, text.encode(), "csv").json()
    report = api.post("/requests/check", json=tiny(sites=told["reference"])).json()
    assert report["ok"] and len(report["sites"]) == told["features"] == 1


def test_a_plan_from_uploads_and_what_deleting_does(api: TestClient, tmp_path: Path) -> None:
    sites = send(api, as_file(campus(), "gpkg", tmp_path), "gpkg").json()
    water = {
        "type": "Feature",
        "properties": {},
        "geometry": shapely.geometry.mapping(shapely.box(-99.9, 32.4, -99.79, 32.6)),
    }
    flood = {"type": "FeatureCollection", "features": [water]}
    layer = send(api, json.dumps(flood).encode(), "geojson").json()
    document = tiny(sites=sites["reference"], land={"exclusions": [{"id": "flood", "path": layer["reference"]}]})
    answer = api.post("/plans", json=document)
    assert answer.status_code == 201, answer.text
    job = answer.json()["jobID"]
    finished(api, job)
    assert api.get(f"/datasets/{sites['id']}").json()["bytes"] > 0
    assert api.delete(f"/datasets/{sites['id']}").status_code == 204
    assert api.get(f"/datasets/{sites['id']}").status_code == 404
    gone = api.post("/plans", json=document)
    assert gone.status_code == 422 and "there is no dataset" in gone.text


def test_faults_name_the_reference_not_the_file(api: TestClient) -> None:
    reference = send(api, b"id,lon,lat\na,1,2\n", "csv").json()["reference"]
    answer = api.post("/requests/check", json=tiny(sites=reference))
    assert answer.status_code == 422
    assert f"{reference.split(':')[1]}.csv" not in answer.text and "datasets/" not in answer.text


VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
HOSTILE = {
    "vrt": (VRT, "geojson"),
    "vrt as csv": (VRT, "csv"),
    "wfs": ("<OGRWFSDataSource><URL>http://127.0.0.1:{port}/</URL></OGRWFSDataSource>", "geojson"),
    "crs link": (
        '{{"type": "FeatureCollection", "crs": {{"type": "link", "properties": {{"href": "http://127.0.0.1:{port}/"}}}},'
        ' "features": [{{"type": "Feature", "properties": {{}}, "geometry": null}}]}}',
        "geojson",
    ),
    "vrt as gpkg": (VRT, "gpkg"),
    "vrt behind a magic": ("fgb\x03fgb" + VRT, "fgb"),
    "sqlite that is none": ("SQLite format 3\x00" + VRT, "gpkg"),
    "zip that is none": ("PK\x03\x04" + VRT, "zip"),
    "parquet that is none": ("PAR1" + VRT + "PAR1", "parquet"),
}


@pytest.fixture(scope="module")
def trap() -> Iterator[tuple[int, list[str]]]:
    """A listening socket that nobody may call."""
    calls: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            calls.append("called")
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield server.getsockname()[1], calls
    server.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_upload_reads_another_file_or_calls_an_address(
    api: TestClient, trap: tuple[int, list[str]], name: str, tmp_path: Path
) -> None:
    port, calls = trap
    secret = tmp_path / "secret.csv"
    secret.write_text(f"note\n{SECRET}\n")
    text, kind = HOSTILE[name]
    for target in (str(secret), f"/vsicurl/http://127.0.0.1:{port}/x.csv"):
        body = text.format(target, port=port) if "{" in text else text
        answer = send(api, body.encode(), kind)
        if answer.status_code < 300:  # a CSV of odd words is a CSV
            content = api.get(f"/datasets/{answer.json()['id']}/content").text
            assert kind == "csv" and SECRET not in content
        else:
            assert answer.status_code == 422 and SECRET not in answer.text and str(tmp_path) not in answer.text
    time.sleep(0.05)
    assert calls == []


def test_zip_bombs_and_folders_in_zips(api: TestClient) -> None:
    def packed(members: dict[str, bytes]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return out.getvalue()

    bombs = [
        {"sites.shp": b"\x00" * 20_000_000},
        {f"{i}.shp": b"x" for i in range(60)},
        {"../../evil.shp": b"x"},
        {"/etc/evil.shp": b"x"},
        {"sites.vrt": VRT.encode()},
    ]
    for members in bombs:
        answer = send(api, packed(members), "zip")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/upload-refused"), answer.text


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "geojson"),
        (b"{", "geojson"),
        (b"[" * 100_000, "geojson"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "geojson"),
        (b'{"type": "FeatureCollection", "features": []}', "geojson"),
        (b"\xff\xfe", "csv"),
        (b"a,b\n", "csv"),
        (b"a\x00,b\n1,2\n", "csv"),
        (b"SQLite format 3\x00" + os.urandom(3000), "gpkg"),
    ],
)
def test_files_that_are_none(api: TestClient, data: bytes, kind: str) -> None:
    answer = send(api, data, kind)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/upload-refused"), answer.text


def test_kinds_that_are_not_on_the_list(api: TestClient) -> None:
    for media in (
        "application/vnd.google-earth.kml+xml",
        "application/octet-stream",
        "text/xml",
        "multipart/form-data",
    ):
        assert api.post("/datasets", content=b"x", headers={"Content-Type": media}).status_code == 415


def test_too_many_vertices(api: TestClient) -> None:
    line = [[-100 + i * 1e-5, 30 + (i % 2) * 1e-5] for i in range(19_000)]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": line}}
    text = json.dumps(feature)
    body = '{"type": "FeatureCollection", "features": [' + ",".join([text] * 60) + "]}"
    answer = send(api, body.encode(), "geojson")
    assert answer.status_code == 422 and "vertices" in answer.json()["detail"]


def test_an_upload_that_takes_too_long_is_stopped(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "SECONDS", 0.05)
    began = time.monotonic()
    answer = send(api, json.dumps(tiny()["sites"]).encode(), "geojson")
    assert answer.status_code == 422 and "longer than" in answer.json()["detail"] and time.monotonic() - began < 5


def test_the_cage_holds(tmp_path: Path) -> None:
    """In the sandbox's process: no socket, no program, nobody ended, no file outside, no endless file, and its own folder works."""
    room, secret = tmp_path / "room", tmp_path / "secret"
    room.mkdir()
    secret.write_text(SECRET)
    code = f"""
import json, os, pathlib, socket, subprocess
from api.service.http.uploads.sandbox import libraries
from api.service.http.uploads.cage import cage
room = pathlib.Path({str(room)!r})
missing = cage(room, libraries())
found = dict(missing=missing)
def tried(name, act):
    try:
        act()
        found[name] = "done"
    except OSError as error:
        found[name] = error.errno
tried("socket", lambda: socket.create_connection(("127.0.0.1", 9)))
tried("unix", lambda: socket.socket(socket.AF_UNIX))
tried("program", lambda: subprocess.run(["/bin/true"]))
tried("end", lambda: os.kill(os.getppid(), 0))
tried("read", lambda: open({str(secret)!r}).read())
tried("write", lambda: open({str(tmp_path / "new")!r}, "w"))
tried("own", lambda: (room / "x").write_text("x"))
print(json.dumps(found))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    found = json.loads(run.stdout)
    if found["missing"]:
        pytest.skip(f"this kernel has no {found['missing']}")
    refused = {"socket": 1, "unix": 1, "program": 1, "end": 1, "read": 13, "write": 13}
    assert found == {"missing": [], **refused, "own": "done"}
    assert callable(cage)


def test_a_long_answer_of_the_process_is_read_whole(api: TestClient) -> None:
    """300 kB of column names: more than a pipe and its reader hold."""
    feature = {"type": "Feature", "geometry": None, "properties": {f"{i:03d}" + "c" * 1000: i for i in range(290)}}
    answer = send(api, json.dumps({"type": "FeatureCollection", "features": [feature]}).encode(), "geojson")
    assert answer.status_code == 201 and len(answer.json()["columns"]) == 290, answer.text[:500]


@pytest.mark.parametrize("name", ["../keys.json", "/etc/passwd", "keys.json", "prepared.csv"])
def test_the_process_names_no_file_but_its_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    room = tmp_path / "room"
    room.mkdir()
    (room / "prepared.csv").symlink_to("/etc/passwd")

    async def lies(*_: Any) -> bytes:
        return json.dumps({"file": name, "told": {}}).encode()

    monkeypatch.setattr(converting, "_ran", lies)
    monkeypatch.setattr(converting, "_other_drivers", str)
    with pytest.raises(Problem, match="not its own"):
        asyncio.run(converting.convert(room / "upload", "csv", room))


def test_an_upload_that_a_waiting_job_uses_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job that uses it is the oldest of three, and they are looked through one by one."""
    monkeypatch.setattr(datasets_route, "JOBS_AT_ONCE", 1)
    with client(tmp_path, stub) as api:
        text = "id,lon,lat,grid_mw,buildable_ha\nabilene,-99.8,32.4,35,50\n"
        sites = send(api, text.encode(), "csv").json()
        ids = [api.post("/plans", json=tiny(sites=sites["reference"])).json()["jobID"]]
        ids += [api.post("/plans", json=tiny(name=name)).json()["jobID"] for name in "ab"]
        answer = api.delete(f"/datasets/{sites['id']}")
        assert (answer.status_code, answer.json()["jobID"]) == (409, ids[0])
        for job in ids:
            api.delete(f"/jobs/{job}")
        finished(api, ids[0])
        assert api.delete(f"/datasets/{sites['id']}").status_code == 204


def test_gdal_is_told_to_skip_every_other_driver() -> None:
    skipped = set(converting._other_drivers().split(","))
    assert {"OGR_VRT", "WFS", "OAPIF", "GeoJSON"} & skipped and not converting.KEPT_DRIVERS & skipped
    assert len(skipped) > 20


def test_what_nobody_uses_is_removed(tmp_path: Path) -> None:
    """An upload goes once no request has used it for the retention, and so does the room of a killed upload."""
    from api.service.http.uploads import Datasets

    datasets = Datasets(tmp_path)
    datasets.ready()
    prepared = tmp_path / "prepared.geojson"
    prepared.write_text("{}")
    told = {"format": "x", "features": 0, "vertices": 0, "bbox": None, "geometry_types": [], "columns": [], "crs": ""}
    kept = datasets._keep("a", prepared, "x", told)
    meta = datasets.folder("a") / f"{kept.id}.meta.json"
    left = tmp_path / "datasets" / "upload-x"
    left.mkdir()
    assert datasets.sweep(2) == 0 and left.is_dir()
    old = time.time() - 3 * 86_400
    os.utime(meta, (old, old))
    prepared.write_text("{}")
    assert datasets._keep("a", prepared, "x", told) == kept and datasets.sweep(2) == 0, "sent again, it is in use"
    os.utime(meta, (old, old))
    os.utime(left, (old, old))
    assert datasets.sweep(0) == 0 and not left.is_dir()
    assert datasets.sweep(2) == 1 and datasets._all("a") == [] and not (datasets.folder("a") / kept.file).exists()


BOOK = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def workbook(folder: Path, **changes: Any) -> bytes:
    """The tiny request as a workbook."""
    from api.records.request_xlsx import write_request

    write_request(tiny(**changes), folder, folder / "book.xlsx")
    return (folder / "book.xlsx").read_bytes()


def test_a_workbook_is_a_request(api: TestClient, plan_id: str, tmp_path: Path) -> None:
    """The same sites, blocks and figures: what was found in the workbook is checked as JSON is."""
    book = api.post("/requests/check", content=workbook(tmp_path), headers=BOOK)
    assert book.status_code == 200, book.text
    plain = api.post("/requests/check", json=tiny()).json()
    assert book.json()["size"] == plain["size"] and book.json()["sites"] == plain["sites"]
    job = api.post("/plans", content=workbook(tmp_path), headers=BOOK)
    assert job.status_code in (200, 201), job.text
    objective = finished(api, job.json()["jobID"])["incumbent"]
    assert objective == finished(api, plan_id)["incumbent"]


def test_a_workbook_that_is_none_names_its_faults_and_no_file(api: TestClient, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    bomb = api.post("/plans", content=packed.getvalue(), headers=BOOK)
    assert (bomb.status_code, bomb.json()["type"]) == (422, "/problems/upload-refused")
    for data in (b"PK\x03\x04nonsense", b"nonsense", workbook(tmp_path)[:-900]):
        answer = api.post("/plans", content=data, headers=BOOK)
        assert answer.status_code in (400, 422) and "upload" not in answer.json()["detail"], answer.text
    named = workbook(tmp_path, sites=tiny()["sites"], name="x", horizon={"start": "never", "periods": 4})
    answer = api.post("/plans", content=named, headers=BOOK)
    assert answer.status_code in (400, 422) and answer.json()["faults"], answer.text


def test_an_upload_waits_for_its_turn_but_not_for_ever(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(converting, "PLACE_SECONDS", 0.2)
    monkeypatch.setattr(converting, "_places", asyncio.Semaphore(0))
    answer = send(api, json.dumps(tiny()["sites"]).encode(), "geojson")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
