"""Keys: when they are needed, how they are kept, and that nothing of one caller is visible to another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.service.http import keys
from api.service.http.app import create_app
from api.service.http.identity import Identity
from api.service.jobs.memory import MemoryJobs
from api.service.settings import Settings, SettingsError
from tests.service.http.conftest import client, finished, solve, stub, tiny

ID = "0123456789abcdef0123456789abcdef"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def keys_file(folder: Path, **owners: dict[str, object]) -> tuple[Path, dict[str, str]]:
    """A keys file, and the key of each owner."""
    made = {owner: keys.new(owner, **limits) for owner, limits in owners.items()}
    file = folder / "keys.json"
    keys.write(file, [entry for _, entry in made.values()])
    return file, {owner: key for owner, (key, _) in made.items()}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org"])
def test_no_service_for_strangers_without_keys(host: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="API keys"):
        create_app(Settings(host=host, data=tmp_path), MemoryJobs(stub, tmp_path))


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', '{"keys": [{"id": "x"}]}', '{"keys": [1]}'])
def test_a_keys_file_that_holds_none_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(SettingsError, match="GIGASITE_KEYS_FILE"):
        create_app(Settings(host="0.0.0.0", keys_file=file, data=tmp_path), MemoryJobs(stub, tmp_path))


def test_only_digests_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "keys.json"
    assert keys.main(["add", str(file), "team-a", "--max-jobs", "2"]) == 0
    key = capsys.readouterr().out.strip()
    assert key not in file.read_text() and key.rsplit("_", 1)[-1] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    identity = Identity(Settings(keys_file=file))
    assert identity.key_of({"authorization": f"Bearer {key}"}).max_jobs == 2
    assert identity.key_of({"x-api-key": key}).owner == "team-a"


def test_a_day_that_is_none_is_not_written(tmp_path: Path) -> None:
    """One entry that cannot be read would lock everybody out."""
    file = tmp_path / "keys.json"
    assert keys.main(["add", str(file), "a", "--expires", "2099-12-31"]) == 0
    before = file.read_bytes()
    for day in ("2027-13-01", "tomorrow"):
        with pytest.raises(SystemExit):
            keys.main(["add", str(file), "b", "--expires", day])
    assert file.read_bytes() == before and Identity(Settings(keys_file=file)).needs_keys


def test_a_first_key_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert keys.main(["ensure", str(tmp_path / "keys.json"), "admin"]) == 0
    assert capsys.readouterr().out.count("gs_") == 1
    assert keys.main(["list", str(tmp_path / "keys.json")]) == 0
    assert "sha256" not in capsys.readouterr().out


def test_a_revoked_key_stops_working(tmp_path: Path) -> None:
    file, made = keys_file(tmp_path, a={}, b={})
    with client(tmp_path, stub, keys_file=file) as api:
        assert api.get("/jobs", headers=bearer(made["a"])).status_code == 200
        id = json.loads(file.read_text())["keys"][0]["id"]
        keys.main(["revoke", str(file), id])
        api.app.state.service.identity._looked = 0.0  # type: ignore[attr-defined]
        assert api.get("/jobs", headers=bearer(made["a"])).status_code == 401
        assert api.get("/jobs", headers=bearer(made["b"])).status_code == 200


def test_wrong_expired_and_unscoped_keys(tmp_path: Path) -> None:
    file, made = keys_file(tmp_path, a={}, old={"expires": "2020-01-01"}, watch={"scopes": ["metrics"]})
    with client(tmp_path, stub, keys_file=file) as api:
        wrong = made["a"][:-1] + ("A" if made["a"][-1] != "A" else "B")
        bodies = []
        for brought in ({}, bearer(wrong), bearer(made["old"]), bearer(""), bearer("gs_x"), bearer("ü" * 50)):
            answer = api.get("/jobs", headers={k: v.encode() for k, v in brought.items()})
            assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
            bodies.append({k: v for k, v in answer.json().items() if k != "request_id"})
        assert all(body == bodies[0] for body in bodies), "why a key is refused is nobody's business"
        assert api.get("/jobs", headers=bearer(made["watch"])).status_code == 403
        assert api.get("/metrics", headers=bearer(made["a"])).status_code == 403
        assert api.get("/metrics", headers=bearer(made["watch"])).status_code == 200
        assert api.get("/healthz").status_code == 200


def test_every_operation_wants_a_key_but_the_listed_ones(tmp_path: Path) -> None:
    """Deny by default: a new route without a caller is found here."""
    file, _ = keys_file(tmp_path, a={})
    free = {"/", "/conformance", "/docs", "/healthz", "/readyz", "/problems", "/problems/{kind}"}
    with client(tmp_path, stub, keys_file=file) as api:
        documents = {"": api.get("/openapi.json").json(), "/ogc": api.get("/ogc/api").json()}
        wanted = set()
        for mount, document in documents.items():
            for path, operations in document["paths"].items():
                for verb in operations:
                    answer = api.request(verb, mount + path.replace("{", "").replace("}", ""))
                    if answer.status_code != 401:
                        wanted.add(mount + path)
        assert wanted == free


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, dict[str, str], str, str]]:
    """A service of two callers; the first has a plan and a dataset."""
    folder = tmp_path_factory.mktemp("two")
    file, made = keys_file(folder, a={}, b={"max_jobs": 1, "max_sites": 1})
    with client(folder, solve, keys_file=file) as api:
        job = api.post("/plans", json=tiny(), headers=bearer(made["a"])).json()["jobID"]
        finished(api, job, headers=bearer(made["a"]))
        content = json.dumps(tiny()["sites"]).encode()
        upload = api.post(
            "/datasets", content=content, headers={**bearer(made["a"]), "Content-Type": "application/geo+json"}
        )
        yield api, made, job, upload.json()["id"]


def test_anothers_things_do_not_exist(two: tuple[TestClient, dict[str, str], str, str]) -> None:
    """Every operation with an id in it, from the OpenAPI documents: foreign and random ids answer the same 404."""
    api, made, job, dataset = two
    seen = 0
    for mount, document in {"": api.get("/openapi.json").json(), "/ogc": api.get("/ogc/api").json()}.items():
        for path, operations in document["paths"].items():
            for verb in operations:
                answers = []
                for j, d in ((job, dataset), (ID, ID)):
                    at = path.replace("{jobID}", j).replace("{planID}", j).replace("{datasetID}", d)
                    at = at.replace("{collectionId}", f"{j}_sites").replace("{featureId}", "abilene")
                    if at != path and "{" not in at:
                        answer = api.request(verb, mount + at, headers=bearer(made["b"]))
                        answers.append((answer.status_code, {**answer.json(), "request_id": ""}))
                if answers:
                    seen += 1
                    assert answers[0] == answers[1] and answers[0][0] == 404, (verb, path, answers)
    assert seen >= 9
    assert api.get(f"/jobs/{job}", headers=bearer(made["a"])).json()["status"] == "successful"
    assert api.get("/jobs", headers=bearer(made["b"])).json()["jobs"] == []
    assert api.get("/datasets", headers=bearer(made["b"])).json()["datasets"] == []
    assert api.get("/ogc/collections", headers=bearer(made["b"])).json()["collections"] == []
    foreign = api.post("/plans", json=tiny(sites=f"dataset:{dataset}"), headers=bearer(made["b"]))
    assert foreign.status_code == 422 and "there is no dataset" in foreign.text


def test_a_keys_own_limits(two: tuple[TestClient, dict[str, str], str, str]) -> None:
    api, made, _, _ = two
    answer = api.post("/plans", json=tiny(), headers=bearer(made["b"]))
    assert answer.status_code == 422 and answer.json()["faults"][0]["most"] == 1


def test_a_keys_own_number_of_jobs(tmp_path: Path) -> None:
    file, made = keys_file(tmp_path, a={"max_jobs": 1}, b={})
    with client(tmp_path, stub, keys_file=file) as api:
        first = api.post("/plans", json=tiny(), headers=bearer(made["a"]))
        assert first.status_code == 201
        second = api.post("/plans", json=tiny(name="x"), headers=bearer(made["a"]))
        assert second.status_code == 429 and int(second.headers["Retry-After"]) > 0 and second.json()["most"] == 1
        assert api.post("/plans", json=tiny(name="y"), headers=bearer(made["b"])).status_code == 201
        for owner in "ab":
            for job in api.get("/jobs", headers=bearer(made[owner])).json()["jobs"]:
                api.delete(f"/jobs/{job['jobID']}", headers=bearer(made[owner]))


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:127.0.0.1", "", "localhost@evil"]
)
def test_without_keys_only_local_names_are_answered(api: TestClient, host: str) -> None:
    """A web page whose name points to this machine (DNS rebinding) gets nothing."""
    answer = api.get("/jobs", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/host-not-allowed")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:9", "LOCALHOST:80"])
def test_local_names(api: TestClient, host: str) -> None:
    assert api.get("/jobs", headers={"Host": host}).status_code == 200
