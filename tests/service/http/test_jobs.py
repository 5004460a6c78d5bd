"""Jobs: their life, their list, their news, stopping and forgetting them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.service.http.conftest import client, finished, stub, tiny


def news(api: TestClient, job_id: str, after: str = "") -> list[tuple[int, str, dict[str, object]]]:
    """The events of a finished job."""
    text = api.get(f"/jobs/{job_id}/events", headers={"Last-Event-ID": after} if after else {}).text
    out = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields:
            out.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return out


def test_the_status_is_a_status_info(api: TestClient, plan_id: str) -> None:
    answer = api.get(f"/jobs/{plan_id}")
    status = answer.json()
    assert (status["processID"], status["type"], status["status"], status["progress"]) == (
        "plan",
        "process",
        "successful",
        100,
    )
    assert status["holds"] == "plan" and status["incumbent"] <= status["bound"] * (1 + 1e-9)
    rels = {link["rel"] for link in status["links"]}
    assert {"self", "monitor", "http://www.opengis.net/def/rel/ogc/1.0/results", "data"} <= rels
    assert answer.headers["Cache-Control"] == "no-store"


def test_events_have_rising_ids_and_resume(api: TestClient, plan_id: str) -> None:
    everything = news(api, plan_id)
    ids = [id for id, _, _ in everything]
    assert ids == sorted(set(ids)) and everything[-1][1:][0] == "status" and everything[-1][2]["status"] == "successful"
    assert [id for id, _, _ in news(api, plan_id, str(ids[0]))] == ids[1:]


def test_a_wrong_last_event_id_is_a_problem(api: TestClient, plan_id: str) -> None:
    answer = api.get(f"/jobs/{plan_id}/events", headers={"Last-Event-ID": "-1; DROP"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter")


def test_the_list_is_paged_by_cursor(tmp_path: Path) -> None:
    with client(tmp_path, stub) as api:
        made = [
            api.post("/plans", json=tiny(name=f"n{i}"), headers={"Prefer": "respond-async"}).json()["jobID"]
            for i in range(5)
        ]
        seen, at = [], "/jobs?limit=2"
        while at:
            page = api.get(at).json()
            seen += [job["jobID"] for job in page["jobs"]]
            at = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert seen == made[::-1]
        assert api.get("/jobs?cursor=nonsense").json()["type"] == "/problems/bad-cursor"
        waiting = api.get("/jobs?status=accepted").json()["jobs"]
        assert len(waiting) == 4 and [j["queue_position"] for j in waiting] == [4, 3, 2, 1]
        for id in made:
            api.delete(f"/jobs/{id}")


def test_dismissing_a_running_and_a_waiting_job(tmp_path: Path) -> None:
    with client(tmp_path, stub) as api:
        first = api.post("/plans", json=tiny(name="a")).json()["jobID"]
        second = api.post("/plans", json=tiny(name="b")).json()["jobID"]
        waiting = api.delete(f"/jobs/{second}").json()
        assert waiting["status"] == "dismissed"
        assert api.get(f"/jobs/{second}/results").json()["type"] == "/problems/no-plan"
        early = api.get(f"/jobs/{first}/results")
        assert (
            early.status_code == 404
            and early.json()["type"].endswith("/result-not-ready")
            and early.headers["Retry-After"]
        )
        assert api.get(f"/plans/{first}").status_code == 202
        api.delete(f"/jobs/{first}")
        assert finished(api, first, 5)["status"] == "dismissed"
        assert api.get(f"/plans/{first}").status_code == 200
        assert api.delete(f"/jobs/{first}?purge=true").status_code == 200
        assert api.get(f"/jobs/{first}").json()["type"].endswith("/no-such-job")


def test_the_same_key_is_one_job_and_another_body_is_refused(tmp_path: Path) -> None:
    with client(tmp_path, stub) as api:
        headers = {"Idempotency-Key": "once"}
        one, two = (api.post("/plans", json=tiny(), headers=headers) for _ in range(2))
        assert (one.status_code, two.status_code) == (201, 200) and one.json()["jobID"] == two.json()["jobID"]
        other = api.post("/plans", json=tiny(name="other"), headers=headers)
        assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-conflict")
        api.delete(f"/jobs/{one.json()['jobID']}")


def test_a_key_stays_with_the_plan_that_it_was_answered_from(tmp_path: Path) -> None:
    """Also when the answer was a plan that was there already: another body under the key is refused, a retry gets that plan."""
    with client(tmp_path) as api:
        first = api.post("/plans", json=tiny()).json()["jobID"]
        finished(api, first)
        keyed = api.post("/plans", json=tiny(), headers={"Idempotency-Key": "k"})
        assert (keyed.status_code, keyed.json()["jobID"]) == (200, first)
        other = api.post("/plans", json=tiny(name="other"), headers={"Idempotency-Key": "k"})
        assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-conflict")
        newer = api.post("/plans", json=tiny(), headers={"Cache-Control": "no-cache"}).json()["jobID"]
        assert newer != first and finished(api, newer)["status"] == "successful"
        again = api.post("/plans", json=tiny(), headers={"Idempotency-Key": "k", "Cache-Control": "no-cache"})
        assert again.json()["jobID"] == first


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "\x7f"])
def test_keys_that_are_no_keys(api: TestClient, key: str) -> None:
    answer = api.post("/plans", json=tiny(), headers={"Idempotency-Key": key})
    assert answer.json()["type"] == "/problems/bad-parameter"


def test_unknown_jobs_and_processes(api: TestClient) -> None:
    for at in ("/jobs/nothing", "/jobs/..%2f..%2fetc", "/jobs/" + "x" * 64, "/plans/%00", "/jobs/nothing/results"):
        answer = api.get(at)
        assert answer.status_code == 404, at
        assert answer.headers["content-type"] == "application/problem+json"
    answer = api.post("/processes/compare/execution", json={"inputs": {}})
    assert answer.json()["type"].endswith("/no-such-process")


def test_execution_waits_for_short_solves_and_answers_201_otherwise(api: TestClient, plan_id: str) -> None:
    body = {"inputs": {"request": tiny()}}
    raw = api.post("/processes/plan/execution", json=body)
    assert raw.status_code == 200 and raw.json()["status"]["holds"] == "plan" and plan_id in raw.headers["Link"]
    wrapped = api.post("/processes/plan/execution", json={**body, "response": "document"})
    assert wrapped.json() == {"plan": raw.json()}
    later = api.post("/processes/plan/execution", json=body, headers={"Prefer": "respond-async"})
    assert later.status_code == 201 and later.headers["Location"] == f"/jobs/{plan_id}"
    assert later.headers["Preference-Applied"] == "respond-async"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({}, "/inputs"),
        ({"inputs": {}}, "/inputs"),
        ({"inputs": {"request": {}, "more": 1}}, "/inputs"),
        ({"inputs": {"request": {"href": "http://169.254.169.254/"}}}, "/inputs/request/href"),
        ({"inputs": {"request": {}}, "subscriber": {"successUri": "http://10.0.0.1/"}}, "/subscriber"),
        ({"inputs": {"request": {}}, "response": "loud"}, "/response"),
        ({"inputs": {"request": {}}, "outputz": 1}, "/outputz"),
    ],
)
def test_execute_documents_that_are_none(api: TestClient, body: object, pointer: str) -> None:
    answer = api.post("/processes/plan/execution", json=body)
    assert answer.status_code == 422 and pointer in [f["pointer"] for f in answer.json()["faults"]]
