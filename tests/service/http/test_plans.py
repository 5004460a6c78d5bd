"""The plain addresses: post a request, fetch the plan."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.service.http.conftest import finished, tiny


def test_a_stranger_posts_and_has_a_plan(api: TestClient, plan_id: str) -> None:
    """35 MW at PUE 1 hold three halls of 10 MW, 25 MW hold two; 400 MUSD a year pay for all five at 50 each."""
    plan = api.get(f"/plans/{plan_id}").json()
    assert plan["status"]["holds"] == "plan" and plan["check"]["ok"]
    assert sum(order["units"] for order in plan["orders"]) == 5


def test_the_same_content_is_answered_from_the_plan_that_is_there(api: TestClient, plan_id: str) -> None:
    again = api.post("/plans", json=dict(reversed(tiny().items())))
    assert again.status_code == 200 and again.json()["jobID"] == plan_id
    fresh = api.post("/plans", json=tiny(), headers={"Cache-Control": "no-cache"})
    assert fresh.status_code == 201 and fresh.json()["jobID"] != plan_id
    finished(api, fresh.json()["jobID"])
