"""What people do on the page, done in a real browser with real solves."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest

from api.outputs.text import money
from tests.service.http.conftest import solve, tiny
from tests.service.http.live import served
from tests.service.http.test_identity import keys_file
from tests.web.big_plan import big_plan

ROOT = Path(__file__).parents[2]


def load(page: Any, folder: Path, document: Any, name: str = "request.json") -> None:
    """Hand the page a file, as the file dialog does."""
    file = folder / name
    file.write_text(json.dumps(document), encoding="utf-8")
    page.set_input_files("header input[type=file]", str(file))


def planned(page: Any, folder: Path, **changes: Any) -> None:
    """A finished plan of the tiny request is on the page."""
    load(page, folder, tiny(**changes))
    page.click("text=Plan it")
    page.wait_for_selector(".headline")


def test_load_solve_slide_open_download_and_share(page: Any, tmp_path: Path, address: str) -> None:
    planned(page, tmp_path)
    assert "2 of 2" in page.inner_text(".headline") and "Independent check passed" in page.inner_text(".headline")
    page.wait_for_selector(".headline:has-text('Bound proven without rounding: at most')")
    assert page.locator(".chart").count() >= 4
    for question in ("To sign in the first year", "Peak funding need", "Committed by then", "Price of an IT MW"):
        card = page.locator(f".headline dt:text-is('{question}')")
        assert card.bounding_box()["y"] < 800, f"{question}: to be seen without scrolling"

    slider = page.locator("#clock input")
    slider.focus()
    page.keyboard.press("Home")
    assert page.inner_text("#clock .when") == "Q1 2027"
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#clock .when") == "Q2 2027" and "Q2 2027" in slider.get_attribute("aria-valuetext")

    page.click("#tab-sites")
    page.click("#body button:has-text('abilene')")
    page.wait_for_selector("article.site")
    assert "Why not more" in page.inner_text("article.site") and "order" in page.inner_text("article.site")

    page.click("#tab-board")
    assert "Peak funding need" in page.inner_text(".board") and "What must be signed now" in page.inner_text(".board")
    assert "due in any case" in page.inner_text(".board"), "committed against reversible"

    page.click("#tab-files")
    kinds = set(page.locator(".files b").all_inner_texts())
    assert {"json", "geojson", "timeline", "gpkg", "kml", "csv", "xlsx", "html", "md", "png"} <= kinds
    with page.expect_download() as coming:
        page.click(".files a:has(b:text-is('geojson'))")
    sites = json.loads(Path(coming.value.path()).read_text(encoding="utf-8"))
    assert {f["properties"]["id"] for f in sites["features"]} == {"abilene", "saline"}

    link = page.input_value("input[aria-label='Link to this plan']")
    page.goto("about:blank")
    page.goto(link + "&t=1&by=limit&site=saline&tab=site")
    page.wait_for_selector("article.site h2:text-is('saline')")
    assert page.inner_text("#clock .when") == "Q2 2027"
    page.click("#tab-request")
    page.wait_for_selector(".editor legend, .editor .field")
    assert "Tiny" in page.inner_text(".editor"), "the request came with the link"
    page.goto("about:blank")
    page.goto(link + "&t=soon")
    page.wait_for_selector(".headline")
    assert page.inner_text("#clock .when") == "Q4 2027", "a link that names no period shows the last one"


def test_every_fault_is_told_beside_its_field(page: Any, tmp_path: Path) -> None:
    load(page, tmp_path, tiny(horizon={"start": "2027-01", "periods": 0}, budget={"per_year_musd": -3}))
    page.click("text=Check only")
    page.wait_for_selector(".faults")
    assert page.locator(".faults li").count() == 2
    assert page.locator("[aria-invalid=true]").count() == 2
    page.fill("[data-pointer='/budget/per_year_musd'] input[type=number]", "400")
    page.fill("[data-pointer='/horizon/periods']", "4")
    page.click("text=Check only")
    page.wait_for_selector(".good")


def test_a_fault_in_a_closed_part_of_the_form_is_told_too(page: Any, tmp_path: Path) -> None:
    """The browser's own check would stop the form without a word where the field at fault cannot be seen."""
    load(page, tmp_path, tiny(horizon={"start": "2027-01", "periods": 0}))
    page.click("text=Plan it")
    page.wait_for_selector(".failed:has-text('must be 1 or more, got 0')")


def test_text_that_was_typed_is_taken_or_refused(page: Any, tmp_path: Path) -> None:
    """Whatever is done with the request is done with what stands in its text."""
    load(page, tmp_path, tiny())
    page.click("summary:text-is('The whole request as text')")
    for button in ("Check only", "Plan it"):
        page.fill("textarea", "{bad")
        page.click(f"text={button}")
        page.wait_for_selector(".failed:has-text('The text of the request is not JSON')")
        assert page.locator(".good, .headline").count() == 0
        assert page.input_value("textarea") == "{bad" and page.locator("textarea + .fault").count() == 1
    page.fill("textarea", "[]")
    page.click("text=Check only")
    page.wait_for_selector(".failed:has-text('A request is one object')")
    page.fill("textarea", json.dumps(tiny(name="Typed", horizon={"start": "2027-01", "periods": 0})))
    page.click("text=Check only")
    page.wait_for_selector(".failed:has-text('must be 1 or more, got 0')")
    page.fill("textarea", json.dumps(tiny(name="Typed")))
    page.click("text=Check only")
    page.wait_for_selector(".good")
    assert page.inner_text(".lead").startswith("Typed")
    page.fill("textarea", "{bad")
    page.click("text=Undo typing")
    assert json.loads(page.input_value("textarea"))["name"] == "Typed"
    page.fill("textarea", json.dumps(tiny(name="Planned")))
    page.click("text=Plan it")
    page.wait_for_selector(".headline:has-text('Planned')")


def test_a_form_changes_what_was_typed(page: Any, tmp_path: Path) -> None:
    load(page, tmp_path, tiny())
    page.click("summary:text-is('The whole request as text')")
    page.fill("textarea", json.dumps(tiny(name="Typed")))
    page.fill("[data-pointer='/budget/per_year_musd'] input[type=number]", "333")
    page.press("[data-pointer='/budget/per_year_musd'] input[type=number]", "Tab")
    page.wait_for_selector(".lead:has-text('Typed')")
    page.wait_for_function("JSON.parse(document.querySelector('textarea').value || '{}').budget?.per_year_musd === 333")


STEPS = [{"from": "2027-01", "value": 300}, {"from": "2027-07", "value": 400}]


def test_nothing_sticks_out_on_a_phone(page: Any, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sites = json.loads(json.dumps(tiny()["sites"]))
    del sites["features"][0]["properties"]["opening_musd"]
    load(page, tmp_path, tiny(budget={"per_year_musd": STEPS}, sites=sites))
    page.wait_for_selector(".step button")
    page.click("text=Plan it")
    page.wait_for_selector(".headline")
    for tab in ("overview", "board", "sites", "request", "files"):
        page.click(f"#tab-{tab}")
        page.evaluate("document.querySelectorAll('#body details').forEach(d => d.open = true)")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab
    page.click("#tab-request")
    right = "e => e.getBoundingClientRect().right"
    steps, box = page.locator(".step button"), page.locator(".schedule").first
    assert steps.count() >= 2
    for i in range(2):
        assert steps.nth(i).evaluate(right) <= box.evaluate(right) + 1


def test_money_and_patterns_are_those_of_the_report(page: Any, tmp_path: Path) -> None:
    """Vendors in the order of the request, the first one plain; a sum as its other files write it."""
    first = {**tiny()["blocks"][0], "id": "other", "vendor": "zeta"}
    planned(page, tmp_path, blocks=[first, *tiny()["blocks"]])
    assert page.locator(".keys").first.locator("li").all_inner_texts() == ["zeta", "acme"]
    page.wait_for_selector("#legend li")
    assert page.locator("#legend li").all_inner_texts()[:2] == ["zeta", "acme"]
    spent = page.inner_text(".facts > div:has(dt:text-is('Spending')) dd").split("\n")[0]
    address = page.evaluate("location.origin + '/jobs/' + location.hash.slice(6).split('&')[0] + '/results?f=json'")
    totals = page.request.get(address).json()["totals"]
    assert spent == money(sum(t["capex_musd"] + t["opex_musd"] for t in totals))


def test_figures_that_were_assumed_are_rounded(page: Any, tmp_path: Path) -> None:
    planned(page, tmp_path)
    page.evaluate("document.querySelectorAll('.caveats details').forEach(d => d.open = true)")
    assert not [t for t in page.locator(".caveats li").all_inner_texts() if re.search(r"\.\d{5}", t)]


def test_limits_that_clash_are_told_and_lead_back_to_the_request(page: Any, tmp_path: Path) -> None:
    promise = {"id": "promise", "metric": "it_mw", "by": "2027-04", "amount": 50}
    load(page, tmp_path, tiny(name="Too much", budget={"per_year_musd": 100}, demand=[promise]))
    page.click("text=Plan it")
    page.wait_for_selector(".failed:has-text('the limits contradict each other')")
    said = page.inner_text(".failed")
    assert "budget:" in said and "MUSD short in 2027-04" in said
    page.click("text=Change the request")
    page.wait_for_selector(".editor")


def test_a_table_of_sites_is_shown_before_it_is_planned(page: Any, tmp_path: Path) -> None:
    """The service keeps an upload; the page shows what it holds."""
    table = tmp_path / "campuses.csv"
    table.write_text("id;name;LON;lat;grid_mw\na;'Älmhult';14.1;56.5;300\nb;;-99.7;32.5;200\n", encoding="utf-8")
    page.set_input_files("header input[type=file]", str(table))
    page.wait_for_selector(".editor:has-text('2 sites')")
    page.click("summary:text-is('Power of sites')")
    assert page.locator("text=Copy them into the request").count() == 0, "a table's columns are the planner's to read"
    file = tmp_path / "campuses.geojson"
    file.write_text(json.dumps(tiny()["sites"]), encoding="utf-8")
    packed = tmp_path / "campuses.gpkg"
    geopandas.read_file(file).to_file(packed, driver="GPKG")
    page.set_input_files("header input[type=file]", str(packed))
    page.wait_for_selector("text=Copy them into the request")
    page.click("text=Copy them into the request")
    page.wait_for_selector(".editor select[aria-label=Site]", state="attached")
    page.click("text=Check only")
    page.wait_for_selector(".good, .failed")
    assert page.locator(".failed").count() == 0, page.inner_text(".failed")


def test_a_changed_request_is_compared_with_the_plan_before(page: Any, tmp_path: Path) -> None:
    planned(page, tmp_path, name="First", budget={"per_year_musd": 250})
    page.click("#tab-request")
    page.fill("[data-pointer='/budget/per_year_musd'] input[type=number]", "120")
    page.keyboard.press("Tab")
    assert "not planned yet" in page.inner_text("#top")
    page.click("text=Plan it")
    page.wait_for_selector(".solving", state="attached")
    page.wait_for_selector(".headline")
    page.click("#tab-compare")
    page.click("#body .plans button")
    page.wait_for_selector("text=This plan against")
    row = page.locator("#body tr:has(th:text-is('IT MW at the end'))").inner_text().split()
    assert float(row[-3]) < float(row[-2]), "less money, less capacity"
    page.click("text=Show the difference on the map")
    assert page.locator("#by").input_value() == "difference"


def test_sites_by_drag_and_drop_and_a_plan_from_a_file(page: Any, tmp_path: Path) -> None:
    drop = """([text, name]) => {
        const bag = new DataTransfer();
        bag.items.add(new File([text], name));
        window.dispatchEvent(new DragEvent("drop", {dataTransfer: bag, bubbles: true, cancelable: true}));
    }"""
    page.evaluate(drop, [json.dumps(tiny()["sites"]), "campuses.geojson"])
    page.wait_for_selector(".editor:has-text('2 sites')")
    bare = {**tiny()["sites"], "features": [{**f, "properties": None} for f in tiny()["sites"]["features"]]}
    page.evaluate(drop, [json.dumps(bare), "bare.geojson"])  # as RFC 7946 allows
    page.wait_for_selector(".editor:has-text('bare')")
    page.evaluate(drop, ["{not json", "broken.json"])
    page.wait_for_selector(".failed:has-text('broken.json cannot be used')")
    page.evaluate(drop, [json.dumps(big_plan(3, 4)), "plan.json"])
    page.wait_for_selector(".headline:has-text('3 of 3')")


def test_the_bound_without_rounding_has_its_own_gap(page: Any, tmp_path: Path) -> None:
    plan = big_plan(3, 4)
    load(page, tmp_path, {**plan, "rigorous_bound": 1030.0, "rigorous_gap": 0.03}, "plan.json")
    page.wait_for_selector(
        ".headline:has-text('Bound proven without rounding: at most 1,030 PFLOPS-years, gap 3.00 %.')"
    )
    page.wait_for_selector(".verdict:has-text('Gap 1.00 %.')")  # the solver's own stays as it is
    load(page, tmp_path, {**plan, "rigorous_source": "none: a column has no bound"}, "plan.json")
    page.wait_for_selector(".headline:has-text('No bound proven without rounding (a column has no bound).')")
    older = {key: value for key, value in plan.items() if not key.startswith("rigorous")}
    load(page, tmp_path, {**older, "name": "Older"}, "plan.json")
    page.wait_for_selector(".headline:has-text('Older')")
    assert "rounding" not in page.inner_text(".headline")
    load(
        page,
        tmp_path,
        {**plan, "status": {"stopped": "time_limit", "holds": "no_plan"}, "rigorous_bound": 1030.0},
        "plan.json",
    )
    page.wait_for_selector(".failed:has-text('Bound proven without rounding: at most 1,030 PFLOPS-years.')")


def test_a_yaml_request_keeps_its_months(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "request.yaml"
    file.write_text("name: From YAML\nhorizon: {start: 2027-01, periods: 4}\nblocks: []\n", encoding="utf-8")
    page.set_input_files("header input[type=file]", str(file))
    page.wait_for_selector(".editor:has-text('From YAML')")
    page.click("summary:text-is('Dates')")
    assert page.input_value("[data-pointer='/horizon/start']") == "2027-01"


def test_a_search_is_watched_and_stopped_with_its_best_plan(page: Any, tmp_path: Path) -> None:
    """Incumbents, bound and gap arrive while it runs; stopping brings the best plan."""

    def slow(document: Any, folder: Path, news: Any, stop: Callable[[], bool]) -> dict[str, Any]:
        for step in range(600):
            if stop():
                break
            news("bound", {"elapsed_s": step / 10, "bound": 1100.0 - step})
            news("incumbent", {"elapsed_s": step / 10, "objective": 800.0 + step})
            time.sleep(0.1)
        return {**solve(document, folder, lambda *_: None, lambda: False), "stopped": "cancelled"}

    with served(tmp_path / "slow", slow) as address:
        page.goto(address)
        page.wait_for_selector("html[data-map]")
        load(page, tmp_path, tiny())
        page.click("text=Plan it")
        page.wait_for_selector(".solving .chart")
        page.wait_for_selector(".solving dt:text-is('Gap') + dd:has-text('%')")
        page.click("text=Stop and keep the best plan")
        page.wait_for_selector(".headline:has-text('2 of 2')")
        assert page.locator(".solving").count() == 0


def test_a_site_is_drawn_on_the_map(page: Any, tmp_path: Path) -> None:
    load(page, tmp_path, tiny())
    page.click("summary:text-is('Power of sites')")
    page.wait_for_selector("html[data-map=idle]")
    page.click("text=Draw a new site")
    for x, y in ((300, 300), (360, 300), (360, 360)):
        page.mouse.click(x, y, delay=20)
        page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    page.wait_for_selector(".editor option:text-is('drawn-3')", state="attached")
    page.click("summary:text-is('The whole request as text')")
    for _ in range(50):  # it is written when the browser has told that the part is open
        if page.input_value("textarea"):
            break
        page.wait_for_timeout(100)
    made = json.loads(page.input_value("textarea"))["sites"]["features"][2]
    ring = made["geometry"]["coordinates"][0]
    assert len(ring) == 4 and ring[0] == ring[-1]
    assert sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) > 0, (
        "counter-clockwise, as RFC 7946 asks"
    )


def test_a_service_with_keys_asks_for_one(browser: Any, tmp_path: Path) -> None:
    file, made = keys_file(tmp_path, a={})
    with served(tmp_path / "keys", solve, keys_file=file) as address:
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(address)
        page.fill("dialog input", made["a"])
        page.click("dialog button:text-is('Use it')")
        page.wait_for_selector("#welcome button:has-text('Stargate')")
        planned(page, tmp_path)
        page.click("#tab-files")
        with page.expect_download() as coming:
            page.click(".files a:has(b:text-is('json'))")
        assert json.loads(Path(coming.value.path()).read_text(encoding="utf-8"))["name"] == "Tiny"
        page.close()


def test_five_thousand_sites_stay_fast(page: Any, tmp_path: Path) -> None:
    load(page, tmp_path, big_plan(5_000, 16), "plan.json")
    page.wait_for_selector(".headline:has-text('of 5,000')")
    page.wait_for_selector("html[data-map=idle]")
    began = time.monotonic()
    for step in range(8):
        page.locator("#clock input").focus()
        page.keyboard.press("ArrowLeft")
        assert page.inner_text("#clock .when") == f"Q{(15 - step - 1) % 4 + 1} {2027 + (15 - step - 1) // 4}"
    each = (time.monotonic() - began) / 8
    assert each < 2.5, f"a step of the slider took {each:.2f} s"
    page.click("#tab-sites")
    page.fill("[type=search]", "site 4321")
    page.wait_for_selector("#body li:has-text('Site 4321')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_in_both_schemes(browser: Any, address: str, tmp_path: Path, scheme: str) -> None:
    """axe-core finds nothing against WCAG 2.1 AA on any tab; all of it works from the keyboard."""
    axe = ROOT / "web/node_modules/axe-core/axe.min.js"
    if not axe.is_file():
        pytest.skip("no axe-core (npm ci in web/): accessibility is not checked")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-map]")
    planned(page, tmp_path)
    page.add_script_tag(path=str(axe))
    page.locator("#tab-overview").focus()
    for tab in ("overview", "board", "sites", "site", "request", "compare", "files"):
        assert page.locator(f"#tab-{tab}").get_attribute("aria-selected") == "true"
        page.wait_for_timeout(300)
        found = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})")
        told = [
            (v["id"], [n["html"][:120] + n["failureSummary"][:200] for n in v["nodes"][:3]])
            for v in found["violations"]
        ]
        assert told == [], f"{tab}, {scheme}"
        page.keyboard.press("ArrowRight")
    context.close()
