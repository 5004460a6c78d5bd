"""The shipped page is built from the sources that stand beside it, needs nothing from elsewhere, and is handed out safely."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.service.http.conftest import client, finished, tiny

ROOT = Path(__file__).parents[2]
WEB, STATIC = ROOT / "web", ROOT / "api/service/http/static"


def sources() -> list[Path]:
    """What ``web/vite.config.ts`` names in SOURCES, folders with all that is in them."""
    text = (WEB / "vite.config.ts").read_text(encoding="utf-8")
    named = re.search(r"const SOURCES = \[(.*?)\]", text, re.DOTALL)
    assert named is not None
    found: list[Path] = []
    for name in re.findall(r'"([^"]+)"', named[1]):
        path = WEB / name
        found += [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    return sorted(found, key=lambda p: p.relative_to(WEB).as_posix())


def sources_hash() -> str:
    """The hash that a build records: path, zero byte, content, zero byte of every source in the order of their paths."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.relative_to(WEB).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def test_the_build_is_of_these_sources() -> None:
    recorded = json.loads((STATIC / "build.json").read_text(encoding="utf-8"))["sources_sha256"]
    assert recorded == sources_hash(), "web/ has changed since the build: npm ci && npm run build in web/"


def test_all_that_the_page_names_is_there_and_nothing_is_elsewhere() -> None:
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:src|href)="([^"]+)"', html)
    files = [n for n in named if not n.startswith("#")]
    assert len(files) >= 3
    for name in files:
        assert name.startswith("./assets/") and (STATIC / name).is_file(), name
    scripts = [p for p in (STATIC / "assets").iterdir() if p.suffix in {".js", ".mjs"}]
    text = "".join(p.read_text(encoding="utf-8") for p in scripts)
    for name in re.findall(r"assets/([\w.-]+\.(?:json|mjs|js))", text):
        assert (STATIC / "assets" / name).is_file(), name
    style = "".join(p.read_text(encoding="utf-8") for p in (STATIC / "assets").glob("*.css"))
    assert not re.search(r"url\(['\"]?https?:", style) and "@import" not in style


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (WEB / "package-lock.json").read_text(encoding="utf-8")


def test_the_types_hold() -> None:
    compiler = WEB / "node_modules/.bin/tsc"
    if shutil.which("node") is None or not compiler.is_file():
        pytest.skip("no Node or no web/node_modules (npm ci in web/): TypeScript is not checked")
    done = subprocess.run([str(compiler), "-p", str(WEB)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_gets_the_page_and_a_program_the_links(api: TestClient) -> None:
    page = api.get("/", headers={"Accept": BROWSER})
    assert page.headers["content-type"].startswith("text/html") and "<title>Gigasite</title>" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe-eval" not in policy and "http" not in policy
    assert "Accept" in page.headers["vary"]
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5"):
        answer = api.get("/", headers={"Accept": accept})
        assert answer.json()["title"] == "Gigasite" and "Accept" in answer.headers["vary"], accept


def test_assets_keep_for_good_and_nothing_else_is_handed_out(api: TestClient) -> None:
    for path in (STATIC / "assets").iterdir():
        answer = api.get(f"/assets/{path.name}")
        assert answer.content == path.read_bytes() and "immutable" in answer.headers["cache-control"]
        if path.suffix in {".js", ".mjs"}:
            assert answer.headers["content-type"].startswith("text/javascript")
    for name in ("..%2Findex.html", "%2e%2e", ".", "no-such.js", "..%2F..%2Fapp.py", "assets"):
        assert api.get(f"/assets/{name}").status_code in (404, 307), name
        assert b"create_app" not in api.get(f"/assets/{name}").content


def test_the_request_behind_a_plan_can_be_changed_and_posted(api: TestClient, plan_id: str) -> None:
    document = api.get(f"/jobs/{plan_id}/request").json()
    assert document == tiny()
    answer = api.post("/plans", json=document)
    assert (answer.status_code, answer.json()["jobID"]) == (200, plan_id), "the same content is the same plan"
    assert api.get("/jobs/0123456789abcdef0123456789abcdef/request").status_code == 404


def test_an_upload_stands_as_its_reference(tmp_path: Path) -> None:
    with client(tmp_path) as api:
        sites = json.dumps(tiny()["sites"])
        kept = api.post("/datasets", content=sites, headers={"Content-Type": "application/geo+json"}).json()
        job = api.post("/plans", json=tiny(sites=kept["reference"])).json()["jobID"]
        finished(api, job)
        assert api.get(f"/jobs/{job}/request").json()["sites"] == kept["reference"]


def test_the_figures_for_a_board_add_up(api: TestClient, plan_id: str) -> None:
    """Three parts of spending by when it is decided are the plan's spending; all is decided at the start here."""
    board = api.get(f"/jobs/{plan_id}/results?f=board").json()
    plan = api.get(f"/jobs/{plan_id}/results?f=json").json()
    parts = board["committed"]
    for i, total in enumerate(plan["totals"]):
        split = sum(parts[name][i] for name in ("standing_musd", "first_year_musd", "later_musd"))
        assert split == pytest.approx(total["capex_musd"] + total["opex_musd"], abs=1e-6)
    assert sum(parts["later_musd"]) == pytest.approx(0, abs=1e-6), "four quarters are one year"
    assert sum(s["musd"] for s in board["sign_now"]) == pytest.approx(sum(t["capex_musd"] for t in plan["totals"]))
    assert {s["site"] for s in board["sites"]} == {s["id"] for s in plan["sites"] if s["opened"]}
    assert set(board["pflops_by_vendor"]) == {"acme"}
    assert board["pflops_by_vendor"]["acme"] == pytest.approx([t["pflops"] for t in plan["totals"]])
