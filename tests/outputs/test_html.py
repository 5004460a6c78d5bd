"""``report.html``: self-contained, escaped, well-formed; its own figures by hand.

The small world of conftest (L = 1/4): abilene takes 2 n1 (25 MW, 700 MUSD) ordered 2026-04, online 2026-10, and 1 a1 (20 MW, 560)
ordered 2026-07, online 2026-10; lordstown 1 a1 ordered 2027-01, online 2027-04. Duty 10 %, shell 11 MUSD per MW, opening 40.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from api.outputs.bundle import Bundle
from api.outputs.html import money_figures, site_figures
from api.outputs.html.chart import Chart, Series
from api.outputs.html.look import fills
from api.outputs.html.subject import Subject
from api.outputs.labels import inside_or_beside
from api.outputs.report_html import html, html_of_plan
from tests.outputs.deal_world import dealt

EVIL = "<script>alert(1)</script>\"'&=1+1"
VOID = {"meta"}


class Page(HTMLParser):
    """Tags in order, whatever leaves the file, ids and what points at them; complains about a tag closed out of turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.out: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data

    def _seen(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} has a handler {name}"
            if name == "id":
                self.ids.append(str(value))
            if name in ("href", "src", "xlink:href", "action", "data", "srcset"):
                (self.targets if str(value).startswith("#") else self.out).append(str(value))
            self.targets += [f"#{m}" for m in re.findall(r"url\(#([^)]*)\)", value or "")]


@pytest.fixture(params=["plain", "deals", "alone", "no plan"])
def text(request: pytest.FixtureRequest, bundle: Bundle, no_plan: Bundle) -> str:
    """A page of each kind."""
    kind = request.param
    if kind == "alone":
        return html_of_plan(dealt().plan)
    return html({"plain": bundle, "no plan": no_plan}.get(kind) or dealt())


def test_it_is_one_file_and_well_formed(text: str) -> None:
    """No script, nothing that is fetched, every link and pattern leads somewhere, no id twice."""
    page = Page(text)
    assert page.out == [] and "script" not in page.tags and "iframe" not in page.tags and "img" not in page.tags
    assert len(page.ids) == len(set(page.ids))
    assert {t[1:] for t in page.targets} <= set(page.ids)
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org)", text)
    assert "nan" not in page.text.lower().replace("financ", "").split() and "None" not in page.text


def test_it_follows_light_dark_and_paper(bundle: Bundle) -> None:
    """Colours are variables with a dark set; paper and phones have rules; vendors differ by pattern, too."""
    text = html(bundle)
    assert "prefers-color-scheme:dark" in text and "@media print" in text and "@media (max-width" in text
    drawn = fills(("nvidia", "amd", "a", "b", "c"))
    assert len({drawn[f"v{i}"][1] for i in range(5)}) == 5 and len({drawn[f"v{i}"][0] for i in range(5)}) == 5
    svg = "".join(re.findall(r"<svg.*?</svg>", text, re.S))
    assert not re.search(r'(fill|stroke)="#', svg)


def test_a_users_words_stay_words(world: Callable[..., Bundle]) -> None:
    """Names are text wherever they stand; signs that turn text round are gone."""
    evil = world(names={"plan": EVIL, "abilene": EVIL}, vendors=(EVIL, "amd"))
    text = html(evil)
    page = Page(text)
    assert "script" not in page.tags and "<script>alert(1)</script>" in page.text
    turned = html_of_plan(evil.plan.model_copy(update={"name": f"{EVIL}\u202e\x07"}))
    assert "\u202e" not in turned and "\x07" not in turned and "script" not in Page(turned).tags


def test_the_same_plan_gives_the_same_bytes(bundle: Bundle, world: Callable[..., Bundle]) -> None:
    """Two writings do not differ."""
    assert html(bundle) == html(world())


def test_a_board_finds_what_it_asks_for(bundle: Bundle) -> None:
    """Every section is there, with the plan's own figures."""
    page = Page(html(bundle))
    wanted = {"summary", "map", "sites", "others", "sign", "money", "power", "deals", "limits", "assumptions", "ground"}
    assert wanted <= set(page.ids)
    for words in ("90 MW", "Peak funding need", "To sign in the first year", "Power without chips", "Milam", "passed"):
        assert words in page.text, words


def test_without_a_request_prices_are_left_out(bundle: Bundle) -> None:
    """The plan alone says what, where and when, and that committed cash needs the request."""
    page = Page(html_of_plan(bundle.plan))
    assert (
        "90 MW" in page.text
        and "where the request is at hand" in page.text
        and "How sure is the choice" not in page.text
    )


def test_no_plan_says_why(no_plan: Bundle) -> None:
    """An infeasible request: its clashes, no map, no tiles."""
    page = Page(html(no_plan))
    assert "abilene asks 190 MW" in page.text and "ground" not in page.ids and "summary" not in page.ids


def test_the_bound_without_rounding_is_told_with_and_without_a_plan(bundle: Bundle, no_plan: Bundle) -> None:
    """A bound and its own gap, or why there is none."""
    proven = bundle.plan.model_copy(update={"rigorous_bound": 3e6, "rigorous_gap": 0.07})
    assert "whatever rounding did inside the solver: at most" in (said := html_of_plan(proven)) and "gap 7.00 %" in said
    none = bundle.plan.model_copy(update={"rigorous_source": "none: a column has no bound"})
    assert "No rigorous bound (a column has no bound)." in html_of_plan(none)
    assert "Rigorous bound" in html_of_plan(no_plan.plan.model_copy(update={"rigorous_bound": 3e6}))


def test_committed_and_reversible_cash_add_up(bundle: Bundle) -> None:
    """Nothing stands before the first order. Decisions of 2026 are the first year's; lordstown's hall of 2027-01 is later:
    560 x 1.1 = 616 at once, then from 2027-04 its opex 6 / 4 and energy 8760/4 x 0.85 x 1.2 x 20 MW x 55 USD = 2.457: 3.957."""
    subject = Subject(bundle.plan, bundle)
    split = money_figures.committed(subject)
    assert split is not None
    assert split.standing == pytest.approx([0.0] * 8)
    assert split.later == pytest.approx([0, 0, 0, 0, 616, 3.95718, 3.95718, 3.95718])
    whole = money_figures.spending(subject)
    assert [a + b + c for a, b, c in zip(split.standing, split.first_year, split.later)] == pytest.approx(whole)
    assert split.reversible_musd == pytest.approx(616 + 3 * 3.95718)


def test_committed_cash_of_deals_adds_up() -> None:
    """Also with rent, a loan and a promise; the promise of 75 MW costs 150 if nothing is ordered, which is due in any case."""
    made = dealt()
    subject = Subject(made.plan, made)
    split = money_figures.committed(subject)
    assert split is not None
    assert split.standing == pytest.approx([0, 0, 0, 0, 0, 0, 0, 150])
    together = [a + b + c for a, b, c in zip(split.standing, split.first_year, split.later)]
    assert together == pytest.approx(money_figures.spending(subject))
    due = sum(a.musd for a in made.plan.after_horizon if a.line != "date")
    assert split.after_standing + split.after_later == pytest.approx(due)


def test_peak_funding_is_the_deepest_point() -> None:
    """Without income it is all spending, at the end; the deals' money counts as it comes in."""
    made = dealt()
    subject = Subject(made.plan, made)
    spent = money_figures.spending(subject)
    nothing = money_figures.peak(subject, [0.0] * 8)
    assert nothing is not None and nothing.musd == pytest.approx(sum(spent)) and nothing.month == "2027-10"
    early = money_figures.peak(subject, [0.0] * 7 + [1e6])
    assert early is not None and early.musd == pytest.approx(sum(spent[:7])) and early.month == "2027-07"
    assert money_figures.peak(subject, [1e6] * 8) is None


def test_what_a_mw_costs_by_site(bundle: Bundle) -> None:
    """Lordstown: 616 / 20 MW + (20 MW x 11 + 40 + 480 ha x 0.02) / 20 = 30.8 + 13.48. PFLOPS-years: 52,000 for three quarters."""
    found = {c.site.id: c for c in site_figures.unit_costs(Subject(bundle.plan, bundle))}
    lordstown = found["lordstown"]
    assert lordstown.build_musd_per_mw == pytest.approx(30.8 + 13.48)
    assert lordstown.pflops_years == pytest.approx(39_000)
    assert lordstown.musd_per_kpflops_year == pytest.approx(lordstown.spend_musd / 39)


def test_a_leased_sites_cost_is_its_rent() -> None:
    """Lordstown on lease: 50 MUSD a quarter from 2027-04, three times; nothing of it is built by us."""
    made = dealt()
    found = {c.site.id: c for c in site_figures.unit_costs(Subject(made.plan, made))}
    assert found["lordstown"].rent_musd == pytest.approx(150) and found["lordstown"].build_musd_per_mw is None
    assert (found["lordstown"].own_mw, found["lordstown"].leased_mw, found["abilene"].rent_musd) == (0, 20, 0)


def test_idle_mw_is_power_without_chips(bundle: Bundle) -> None:
    """Abilene: 100 MW of grid, 70 x 1.2 = 84 drawn from 2026-10: 16 idle at the end; (3 x 100 + 5 x 16) / 4 MW-years."""
    found = {i.site.id: i for i in site_figures.idle(Subject(bundle.plan, bundle))}
    assert found["abilene"].idle_mw == pytest.approx(16) and found["abilene"].idle_mw_years == pytest.approx(95)
    assert found["lordstown"].idle_mw == pytest.approx(80 - 24)
    drawn, mine, every = site_figures.power_by_period(Subject(bundle.plan, bundle))
    assert drawn[-1] == pytest.approx(108) and mine == [100, 100] + [180] * 6 and every == [230] * 8


def test_pflops_by_vendor_add_up_to_the_plans(bundle: Bundle) -> None:
    """Two n1 of 60,000 and, from 2027-04, two a1 of 52,000."""
    found = site_figures.pflops_by_vendor(Subject(bundle.plan, bundle))
    assert found is not None and found["nvidia"][-1] == 120_000 and found["amd"][-1] == 104_000
    assert [sum(v) for v in zip(*found.values())] == pytest.approx([t.pflops for t in bundle.plan.totals])


@pytest.mark.parametrize("values", [[0.0], [1e-9, 5e9], [0.0] * 600, [-3.0, 4.0], [2.5e6] * 40])
def test_charts_of_any_size_are_drawn(values: list[float]) -> None:
    """Nothing, one period, six hundred, signs and sizes that do not fit each other."""
    months = [f"{2027 + i // 12}-{i % 12 + 1:02d}" for i in range(len(values))]
    drawn = Chart(
        "t", "u", months, [Series("a", "v0", values)], [Series("b", "capex", values)], [Series("c", "line0", values)]
    ).html()
    assert "nan" not in drawn and "inf" not in drawn
    heights = [float(h) for h in re.findall(r'height="([\d.]+)"', drawn)]
    assert heights and min(heights) >= 0


def test_numbers_of_a_phones_map_stand_apart() -> None:
    """Three discs on one spot: the first keeps its middle, the others go beside it, none on another; a fourth, far off, stays."""
    labels = [(100.0, 100.0, 30.0, 20.0, 26.0)] * 3 + [(300.0, 100.0, 30.0, 20.0, 26.0)]
    spots = inside_or_beside(labels, (0.0, 400.0, 0.0, 200.0))
    assert all(spot is not None for spot in spots)
    assert spots[0] == (90.0, 87.0, False) and spots[3] == (290.0, 87.0, False)
    boxes = [(s[0], s[1]) for s in spots if s is not None]
    assert all(abs(a[0] - b[0]) >= 20 or abs(a[1] - b[1]) >= 26 for i, a in enumerate(boxes) for b in boxes[:i])
    assert [s[2] for s in spots if s is not None] == [False, True, True, False]


def test_sites_that_open_first_are_told_together(bundle: Bundle) -> None:
    """Abilene opens in 2026-01, Lordstown in 2026-07; were it the same month, both would be named."""
    assert "The first site to open is Abilene in 2026-01." in html(bundle)
    sites = [s.model_copy(update={"opening_month": s.opening_month and "2026-01"}) for s in bundle.plan.sites]
    together = Bundle(bundle.problem, bundle.plan.model_copy(update={"sites": sites}), bundle.geometries, bundle.run)
    assert "The first 2 sites open in 2026-01: Abilene, Lordstown." in html(together)


def test_the_legend_has_what_the_map_has(bundle: Bundle) -> None:
    cross = "</svg>excluded</li>"
    assert cross in html(bundle)
    sites = [s for s in bundle.plan.sites if s.status != "excluded"]
    assert cross not in html_of_plan(bundle.plan.model_copy(update={"sites": sites}))
