"""The plan on a map, and its build-out year by year: circles as large as their IT MW, cut by vendor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from api.outputs.html.ground import HEIGHT, WIDTH, Ground, ground
from api.outputs.html.look import key
from api.outputs.html.subject import Subject
from api.outputs.html.words import Html, esc, vendor
from api.outputs.labels import inside_or_beside, place
from api.outputs.text import number
from planner.plan import SiteResult

LARGEST, ROOM, SMALLEST = 30.0, 0.05, 4.0
"""Radius of the largest circle; the share of the map that all circles may cover; radius of the smallest."""
PHONE = 1.6
"""How much larger circles are on the map for phones."""
TAG = 26.0
"""Height of a number on it."""
MOST_LABELS = 30
NAME = 40
MOST_CLOSED = 400
"""With more sites than this staying closed they are dots without a tip: the file has to stay light enough to mail."""


class SiteMap:
    """All maps of one report: the same ground, the same scale of MW."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.sites = [*subject.open_sites, *subject.left_out]
        self.ground: Ground = ground(self.sites)
        most = max((p.it_mw for s in self.sites for p in s.periods), default=0.0)
        total = sum(s.it_mw for s in self.sites)
        room = math.sqrt(ROOM * WIDTH * HEIGHT / math.pi / total) if total > 0 else LARGEST
        self.unit = min(LARGEST / math.sqrt(most), room) if most > 0 else 0.0

    def html(self) -> Html:
        """The large map with names, the same for phones with numbers, and the legend."""
        wide = f'<svg class="map big" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{self._said()}">'
        wide += self._under(1.0) + self._circles(self.sites, 1.0) + self._labels() + "</svg>"
        small = f'<svg class="map small" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{self._said()}">'
        small += self._under(PHONE) + self._circles(self.sites, PHONE) + self._numbers() + "</svg>"
        entries = [(f"v{i}", vendor(v)) for i, v in enumerate(self.subject.vendors)]
        marks = (
            '<ul class="key"><li><svg width="14" height="14" aria-hidden="true"><circle class="shut" cx="7" cy="7" r="5"/></svg>'
            "candidate, not used</li>"
        )
        if any(s.status == "excluded" for s in self.sites):
            cross = '<path class="cross" d="M3,3l8,8M11,3l-8,8"/>'
            marks += f'<li><svg width="14" height="14" aria-hidden="true">{cross}</svg>excluded</li>'
        marks += "</ul>"
        words = "Circles grow with IT MW at the end; their slices are the vendors."
        return Html(
            f'<figure class="whole">{wide}{small}<div class="keys">{key(entries)}{marks}</div>'
            f'<p class="note">{words} Numbers are those of the table.</p></figure>'
        )

    def years(self) -> Html:
        """One small map for the end of each year; nothing for plans of one year or of more than eight."""
        months = self.subject.months
        ends = [i for i, m in enumerate(months) if i + 1 == len(months) or months[i + 1][:4] != m[:4]]
        if not 2 <= len(ends) <= 8:
            return Html("")
        parts = []
        for i in ends:
            mw = self.subject.plan.totals[i].it_mw
            words = f"end of {months[i][:4]}: {number(mw)} MW of IT"
            parts.append(
                f'<figure><svg class="map" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{esc(words)}">'
                f'<use href="#ground"/>{self._circles(self.sites, 1.7, i)}</svg><figcaption>{esc(words)}</figcaption></figure>'
            )
        return Html(f'<div class="years">{"".join(parts)}</div>')

    def _said(self) -> str:
        names = ", ".join(f"{s.name or s.id} {number(s.it_mw)} MW" for s in self.subject.open_sites[:12])
        return esc(f"Map of {len(self.sites)} candidate sites. The largest in use: {names}")

    def _under(self, grow: float) -> str:
        """The ground and the sites that stay closed."""
        parts = ['<use href="#ground"/>']
        closed = [i for i, s in enumerate(self.sites) if s.it_mw <= 0 and s.status != "excluded"]
        if len(closed) > MOST_CLOSED:
            dots = "".join(f"M{self.ground.x[i]:.0f},{self.ground.y[i]:.0f}h.01" for i in closed)
            parts.append(f'<path class="dots" d="{dots}"/>')
        for i, site in enumerate(self.sites):
            if site.it_mw <= 0 and (site.status == "excluded" or len(closed) <= MOST_CLOSED):
                x, y = self.ground.x[i], self.ground.y[i]
                tip = f"<title>{esc(f'{site.name or site.id}: not used. {site.why}')}</title>"
                if site.status == "excluded":
                    d = 5 * grow
                    cross = f"M{x - d:.1f},{y - d:.1f}l{2 * d:.1f},{2 * d:.1f}m0,{-2 * d:.1f}l{-2 * d:.1f},{2 * d:.1f}"
                    parts.append(f'<path class="cross" d="{cross}">{tip}</path>')
                else:
                    parts.append(f'<circle class="shut" cx="{x:.1f}" cy="{y:.1f}" r="{4.5 * grow:.1f}">{tip}</circle>')
        return "".join(parts)

    def _circles(self, sites: Sequence[SiteResult], grow: float, period: int | None = None) -> str:
        """A circle for each site with IT MW, the largest first, so that none hides a smaller one."""
        drawn = []
        for i, site in enumerate(sites):
            if period is not None and period >= len(site.periods):
                continue
            mw = site.it_mw if period is None else site.periods[period].it_mw
            shares = site.it_mw_by_vendor if period is None else site.periods[period].it_mw_by_vendor
            if mw > 0:
                drawn.append((mw, self._pie(i, site, mw, shares, self._radius(mw) * grow)))
        return "".join(text for _, text in sorted(drawn, key=lambda d: -d[0]))

    def _radius(self, mw: float) -> float:
        return max(self.unit * math.sqrt(mw), SMALLEST)

    def _pie(self, i: int, site: SiteResult, mw: float, shares: dict[str, float], r: float) -> str:
        x, y = self.ground.x[i], self.ground.y[i]
        held = [(n, shares[v]) for n, v in enumerate(self.subject.vendors) if shares.get(v, 0.0) > 1e-9 * mw]
        words = ", ".join(f"{vendor(self.subject.vendors[n])} {number(v)} MW" for n, v in held)
        tip = f"<title>{esc(f'{site.name or site.id}: {words}')}</title>"
        if len(held) == 1:
            return (
                f'<circle class="pie" fill="url(#v{held[0][0]})" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}">{tip}</circle>'
            )
        parts, turned = [], 0.0
        for n, value in held:
            a, b = turned, turned + value / mw
            turned = b
            x0, y0 = x + r * math.sin(2 * math.pi * a), y - r * math.cos(2 * math.pi * a)
            x1, y1 = x + r * math.sin(2 * math.pi * b), y - r * math.cos(2 * math.pi * b)
            arc = f"M{x:.1f},{y:.1f}L{x0:.1f},{y0:.1f}A{r:.1f},{r:.1f} 0 {int(b - a > 0.5)} 1 {x1:.1f},{y1:.1f}Z"
            parts.append(f'<path fill="url(#v{n})" d="{arc}"/>')
        return f'<g class="pie">{tip}{"".join(parts)}</g>'

    def _numbers(self) -> str:
        """The table's numbers, for the small map: inside the circles, and at the end of a line where another number stands there."""
        drawn = [i for i, s in enumerate(self.sites[:MOST_LABELS]) if s.it_mw > 0]
        wide = [15.0 * len(str(i + 1)) + 4 for i in drawn]
        at = [(self.ground.x[i], self.ground.y[i]) for i in drawn]
        radii = [PHONE * self._radius(self.sites[i].it_mw) for i in drawn]
        labels = [(x, y, r, w, TAG) for (x, y), r, w in zip(at, radii, wide, strict=True)]
        parts = []
        for i, spot, (x, y, _, w, _) in zip(
            drawn, inside_or_beside(labels, (2.0, WIDTH - 2, 2.0, HEIGHT - 2)), labels, strict=True
        ):
            left, top = (x - w / 2, y - TAG / 2) if spot is None else spot[:2]
            if spot is not None and spot[2]:
                parts.append(f'<path class="lead" d="M{x:.1f},{y:.1f}L{left + w / 2:.1f},{top + TAG / 2:.1f}"/>')
            parts.append(
                f'<text class="tag" x="{left + w / 2:.1f}" y="{top + TAG / 2 + 9:.1f}" text-anchor="middle">{i + 1}</text>'
            )
        return "".join(parts)

    def _labels(self) -> str:
        """Number, name, MW and opening month beside every circle that has room for it, the largest first."""
        drawn = [i for i, s in enumerate(self.sites) if s.it_mw > 0][:MOST_LABELS]
        words = []
        for i in drawn:
            site = self.sites[i]
            name = f"{i + 1} {site.name or site.id}"
            when = f", from {site.opening_month}" if site.opening_month else ""
            words.append((name if len(name) <= NAME else name[: NAME - 1] + "…", f"{number(site.it_mw)} MW{when}"))
        at = list(zip(self.ground.x, self.ground.y, strict=True))
        radii = [self._radius(s.it_mw) if s.it_mw > 0 else 5.0 for s in self.sites]
        labels = [
            (*at[i], radii[i], max(8.0 * len(a), 7.0 * len(b)), 28.0) for i, (a, b) in zip(drawn, words, strict=True)
        ]
        circles = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(at, radii, strict=True)]
        reaches = (0.2, 0.8, 1.6, 2.6, 3.6) if len(drawn) < MOST_LABELS else (0.2, 0.8)
        parts = []
        for i, spot, label, (name, detail) in zip(
            drawn, place(circles, labels, (2.0, WIDTH - 2, 2.0, HEIGHT - 2), reaches), labels, words, strict=True
        ):
            if spot is None:
                continue
            left, top, far = spot
            x, w = self.ground.x[i], label[3]
            right = left + w / 2 < x
            end = f'x="{left + w:.1f}" text-anchor="end"' if right else f'x="{left:.1f}"'
            if far:
                near_x, near_y = left + w if right else left, top + 14
                away = radii[i] / max(math.hypot(near_x - x, near_y - self.ground.y[i]), 1e-9)
                x0, y0 = x + away * (near_x - x), self.ground.y[i] + away * (near_y - self.ground.y[i])
                parts.append(f'<path class="lead" d="M{x0:.1f},{y0:.1f}L{near_x:.1f},{near_y:.1f}"/>')
            parts.append(f'<text class="name" {end} y="{top + 12:.1f}">{esc(name)}</text>')
            parts.append(f'<text class="what" {end} y="{top + 25:.1f}">{esc(detail)}</text>')
        return "".join(parts)
