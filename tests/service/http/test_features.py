"""OGC API - Features: filters, paging, words for what cannot be used."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient


def items(api: TestClient, plan_id: str, query: str, layer: str = "timeline") -> dict[str, object]:
    answer = api.get(f"/ogc/collections/{plan_id}_{layer}/items?{query}")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/geo+json", answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 8),
        ("bbox=-100,32,-99,33", 4),
        ("bbox=-100,32,0,-99,33,9000", 4),
        ("bbox=0,0,1,1", 0),
        ("bbox=170,30,-90,40", 4),
        ("datetime=2027-01-01T00:00:00Z", 2),
        ("datetime=2027-03-31T23:59:59Z", 2),
        ("datetime=2027-04-01T00:00:00Z", 2),
        ("datetime=2027-02-01/2027-05-01", 4),
        ("datetime=../2027-01-31", 2),
        ("datetime=2027-10-01/..", 2),
        ("datetime=2030-01-01/..", 0),
        ("bbox=-100,32,-99,33&datetime=2027-05-01", 1),
    ],
)
def test_filters(api: TestClient, plan_id: str, query: str, count: int) -> None:
    """Four quarters of 2027 at two sites; a quarter's end belongs to the next one."""
    assert items(api, plan_id, query)["numberMatched"] == count


def test_paging_meets_every_feature_once(api: TestClient, plan_id: str) -> None:
    seen: list[str] = []
    at = f"/ogc/collections/{plan_id}_timeline/items?limit=3&datetime=2027-01-01/.."
    while at:
        page = api.get(at).json()
        assert page["numberReturned"] == len(page["features"]) <= 3
        seen += [f["id"] for f in page["features"]]
        at = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == 8


def test_one_feature_and_a_collection(api: TestClient, plan_id: str) -> None:
    feature = api.get(f"/ogc/collections/{plan_id}_timeline/items/abilene%2F2027-01").json()
    assert feature["properties"]["month"] == "2027-01" and feature["links"]
    about = api.get(f"/ogc/collections/{plan_id}_timeline").json()
    assert about["extent"]["temporal"]["interval"] == [["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]]
    west, south, east, north = about["extent"]["spatial"]["bbox"][0]
    assert (west, south, east, north) == (-99.79, 32.5, -83.8, 42.17)
    assert api.get(f"/ogc/collections/{plan_id}_sites/items/nobody").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=0,50,1,40", "bbox=-500,0,1,1", "limit=0", "limit=10001", "offset=-1",
     "datetime=tomorrow", "datetime=a/b/c", "colour=red", "f=xml"],
)  # fmt: skip
def test_queries_that_cannot_be_used(api: TestClient, plan_id: str, query: str) -> None:
    answer = api.get(f"/ogc/collections/{plan_id}_sites/items?{query}")
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("id", ["nothing", "_sites", "x_sites", "../jobs_sites", "%00_sites"])
def test_unknown_collections(api: TestClient, id: str) -> None:
    assert api.get(f"/ogc/collections/{id}/items").status_code == 404


def test_pages_have_validators(api: TestClient, plan_id: str) -> None:
    at = f"/ogc/collections/{plan_id}_sites/items"
    first = api.get(at)
    assert api.get(at, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert api.get(at + "?limit=1").headers["ETag"] != first.headers["ETag"]


def test_conformance_is_declared(api: TestClient) -> None:
    declared = api.get("/ogc/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson" in declared
    assert {link["rel"] for link in api.get("/ogc/").json()["links"]} >= {"self", "service-desc", "conformance", "data"}


@pytest.mark.parametrize("landing", ["/", "/ogc/"])
def test_the_description_is_what_its_link_promises(api: TestClient, landing: str) -> None:
    """No class says OpenAPI 3.0 of a document that is 3.1."""
    (link,) = [k for k in api.get(landing).json()["links"] if k["rel"] == "service-desc"]
    answer = api.get(link["href"])
    version = answer.json()["openapi"].rpartition(".")[0]
    assert answer.headers["content-type"] == link["type"] == f"application/vnd.oai.openapi+json;version={version}"
    declared = api.get(landing.rstrip("/") + "/conformance").json()["conformsTo"]
    assert any(c.endswith("/oas30") for c in declared) == (version == "3.0")
