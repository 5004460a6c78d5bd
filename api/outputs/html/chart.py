"""Charts as inline SVG: stacked columns up and down, lines over them, the figures of each period in a tip.

Each chart is drawn twice, for a wide and for a narrow screen, and the style sheet shows one of them: letters keep their
size. There is no script: the file can be mailed, printed and opened where scripts are not allowed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.outputs.html.look import key
from api.outputs.html.words import Html, esc, folded, table
from api.outputs.text import number, short

WIDE, NARROW = (560, 280), (340, 230)
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 24


@dataclass(frozen=True)
class Series:
    """Values by period. ``look``: a fill's id for columns; ``line`` and a number for a line."""

    name: str
    look: str
    values: Sequence[float]


@dataclass(frozen=True)
class Chart:
    """Columns stacked upwards and downwards, and lines. ``unit`` stands in the title and in every tip."""

    title: str
    unit: str
    periods: Sequence[str]
    up: Sequence[Series]
    down: Sequence[Series] = ()
    lines: Sequence[Series] = ()
    summary: str = ""

    def html(self) -> Html:
        """The figure: title, legend, both drawings, and the numbers as a table."""
        series = [*self.up, *self.down, *self.lines]
        rows = [(p, *(short(s.values[i]) for s in series)) for i, p in enumerate(self.periods)]
        legend = key([(s.look, s.name) for s in series]) if len(series) > 1 else ""
        drawn = "".join(self._svg(size, kind) for size, kind in ((WIDE, "big"), (NARROW, "small")))
        numbers = folded("Numbers", table(("period", *(s.name for s in series)), rows))
        return Html(
            f"<figure><figcaption><b>{esc(self.title)}</b>, {esc(self.unit)}</figcaption>{legend}{drawn}{numbers}</figure>"
        )

    def _svg(self, size: tuple[int, int], kind: str) -> str:
        width, height = size
        low, high, ticks = self._scale(4 if kind == "big" else 3)
        x0, x1, y0, y1 = LEFT, width - RIGHT, height - BOTTOM, TOP
        step = (x1 - x0) / max(len(self.periods), 1)

        def y(value: float) -> float:
            return y0 + (y1 - y0) * (value - low) / (high - low)

        parts = [
            f'<svg class="chart {kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{esc(self.summary or self.title)}">'
        ]
        for tick in ticks:
            parts.append(f'<path class="{"axis" if tick == 0 else "grid"}" d="M{x0},{y(tick):.1f}H{x1}"/>')
            parts.append(f'<text x="{x0 - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{_tick(tick, ticks)}</text>')
        parts += self._years(x0, y0, step, kind)
        gap = 1.0 if step > 6 else 0.0
        for stack, sign in ((self.up, 1.0), (self.down, -1.0)):
            base = [0.0] * len(self.periods)
            for series in stack:
                parts.append(f'<g fill="url(#{series.look})" class="columns">')
                for i, value in enumerate(series.values):
                    a, b = y(sign * base[i]), y(sign * (base[i] + value))
                    base[i] += value
                    if abs(a - b) > 0.05:
                        at = f'x="{x0 + i * step + gap / 2:.1f}" y="{min(a, b):.1f}"'
                        parts.append(f'<rect {at} width="{step - gap:.1f}" height="{abs(a - b):.1f}"/>')
                parts.append("</g>")
        for series in self.lines:
            points = " ".join(f"{x0 + (i + 0.5) * step:.1f},{y(v):.1f}" for i, v in enumerate(series.values))
            parts.append(f'<polyline class="{series.look}" points="{points}"/>')
        for i, period in enumerate(self.periods):
            tip = f"{period}: " + ", ".join(
                f"{s.name} {short(s.values[i])}" for s in (*self.up, *self.down, *self.lines)
            )
            at = f'x="{x0 + i * step:.1f}" y="{y1}" width="{step:.1f}" height="{y0 - y1}"'
            parts.append(f'<rect class="tip" {at}><title>{esc(f"{tip} {self.unit}")}</title></rect>')
        return "".join(parts) + "</svg>"

    def _years(self, x0: float, y0: float, step: float, kind: str) -> list[str]:
        """The year under its first period; every second, fifth, ... where they would touch."""
        firsts = [i for i, p in enumerate(self.periods) if i == 0 or p[:4] != self.periods[i - 1][:4]]
        room = step * len(self.periods) / max(len(firsts), 1)
        every = next((n for n in (1, 2, 5, 10, 20, 50) if n * room >= 38), 100)
        parts = []
        for n, i in enumerate(firsts):
            x = x0 + i * step
            parts.append(f'<path class="axis" d="M{x:.1f},{y0}v5"/>')
            if n % every == 0:
                parts.append(f'<text x="{x + 3:.1f}" y="{y0 + 16}">{esc(self.periods[i][:4])}</text>')
        return parts

    def _scale(self, wanted: int) -> tuple[float, float, list[float]]:
        """Lowest, highest and ticks: round numbers that hold all columns and lines."""

        def ends(stack: Sequence[Series]) -> list[float]:
            return [math.fsum(max(s.values[i], 0.0) for s in stack) for i in range(len(self.periods))]

        lines = [v for s in self.lines for v in s.values]
        high = max([*ends(self.up), *lines, 0.0])
        low = min([*(-v for v in ends(self.down)), *lines, 0.0])
        span = high - low or 1.0
        raw = span / wanted
        size = 10 ** math.floor(math.log10(raw))
        tick = next(m * size for m in (1, 2, 2.5, 5, 10) if m * size >= raw * 0.999)
        first, last = math.floor(low / tick + 1e-9), math.ceil(high / tick - 1e-9)
        last = last if last > first else first + 1
        return first * tick, last * tick, [i * tick for i in range(first, last + 1)]


def _tick(value: float, ticks: Sequence[float]) -> str:
    """A tick's figure with as many digits as the step between ticks needs, the same for all of them."""
    step = ticks[1] - ticks[0]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if step * 10**digits % 1 > 1e-6:
        digits += 1
    return number(value, digits)
