"""``map.png``: where and how large, with the vendors' shares, above the build-up and the bill."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Wedge
from matplotlib.patheffects import withStroke

from api.outputs.bundle import Bundle
from api.outputs.labels import place
from api.outputs.text import money, number
from api.outputs.views import headline, years
from planner.plan import SiteResult

KNOWN_VENDORS = {"nvidia": "#5a9a1e", "amd": "#d9532c"}
OTHER_VENDORS = ("#2f6fb3", "#8a5fb0", "#c9a227", "#2a9d9d", "#8c6d5a", "#777777")
LAND, NEAR, BORDER, INK, MUTED = "#f1efe9", "#faf9f6", "#cfcac0", "#222222", "#8d8d8d"
CONUS = "EPSG:5070"
"""The contiguous United States in its usual Albers projection, metres."""
ROOM = 0.055
"""Share of the map that all circles together may cover; half of it with a crowd of sites."""
NAME = 40
"""Longest name that is not cut."""
CROWD = 30
"""With more sites than this only labels with room beside their circle are written."""


def _projection(lon: np.ndarray[Any, Any], lat: np.ndarray[Any, Any]) -> str:
    """Equal-area: for the contiguous United States its usual Albers, for a region Lambert around its middle, else the
    world."""
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    if west > -126 and east < -65 and south > 24 and north < 50:
        return CONUS
    if east - west < 90 and north - south < 60:
        return f"+proj=laea +lon_0={(west + east) / 2:.3f} +lat_0={(south + north) / 2:.3f} +datum=WGS84 +units=m"
    return "+proj=eqearth +datum=WGS84 +units=m"


def _base(ax: Axes, crs: str) -> None:
    """Countries and, under a plan in the United States, their states: neighbours paler."""
    from sites import outlines

    shapes = outlines()
    countries, states = shapes.countries, shapes.us_states
    at_home = crs == CONUS
    countries.to_crs(crs).plot(
        ax=ax, facecolor=NEAR if at_home else LAND, edgecolor="none" if at_home else BORDER, linewidth=0.5, zorder=1
    )
    if at_home:
        states.to_crs(crs).plot(ax=ax, facecolor=LAND, edgecolor=BORDER, linewidth=0.55, zorder=1.5)


def _frame(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any], ratio: float) -> tuple[float, float, float, float]:
    """Limits around the sites with a margin, of the wanted width to height."""
    width, height = max(np.ptp(x), 2e5) * 1.24, max(np.ptp(y), 2e5) * 1.3
    width, height = max(width, height * ratio), max(height, width / ratio)
    cx, cy = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    return cx - width / 2, cx + width / 2, cy - height / 2, cy + height / 2


def _pie(ax: Axes, x: float, y: float, radius: float, shares: list[tuple[float, str]]) -> None:
    """A circle cut by vendor, its area proportional to IT MW."""
    total, angle = sum(s for s, _ in shares), 90.0
    for value, colour in shares:
        if value > 0:
            sweep = 360 * value / total
            ax.add_patch(
                Wedge(
                    (x, y),
                    radius,
                    angle - sweep,
                    angle,
                    facecolor=colour,
                    edgecolor="white",
                    lw=0.6,
                    zorder=4,
                    alpha=0.93,
                )
            )
            angle -= sweep


def _map(ax: Axes, bundle: Bundle, colour: dict[str, str]) -> None:
    sites = bundle.plan.sites
    lon, lat = np.array([s.lon for s in sites]), np.array([s.lat for s in sites])
    crs = _projection(lon, lat)
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(crs)
    x, y = points.x.to_numpy(), points.y.to_numpy()
    limits = _frame(x, y, 2.05)
    _base(ax, crs)
    ax.set_xlim(limits[0], limits[1])
    ax.set_ylim(limits[2], limits[3])
    ax.set_aspect("equal")
    ax.set_axis_off()

    largest = max((s.it_mw for s in sites), default=0.0)
    height, area = limits[3] - limits[2], (limits[3] - limits[2]) * (limits[1] - limits[0])
    unit, room = 0.0, ROOM if len(sites) <= CROWD else ROOM / 2
    if largest > 0:
        unit = min(
            0.055 * height / math.sqrt(largest),
            math.sqrt(room * area / math.pi / sum(s.it_mw for s in sites)),
        )
    empty = [i for i, s in enumerate(sites) if s.it_mw <= 0]
    excluded = [i for i in empty if sites[i].status == "excluded"]
    idle = [i for i in empty if sites[i].status != "excluded"]
    ax.scatter(x[idle], y[idle], s=26, facecolor="white", edgecolor=MUTED, linewidth=1.1, zorder=3, label="not opened")
    if excluded:
        ax.scatter(x[excluded], y[excluded], s=30, marker="x", color="#b35c4d", zorder=3, label="excluded")
    drawn = sorted((i for i, s in enumerate(sites) if s.it_mw > 0), key=lambda i: -sites[i].it_mw)
    floor = 0.008 * (limits[3] - limits[2])
    radii = {i: max(unit * math.sqrt(sites[i].it_mw), floor) for i in drawn}
    for i in drawn:
        _pie(ax, x[i], y[i], radii[i], [(mw, colour[v]) for v, mw in sites[i].it_mw_by_vendor.items()])
    _label(ax, sites, drawn[:CROWD], x, y, radii, limits)
    _legend(ax, colour, bool(idle), bool(excluded))


def _label(
    ax: Axes,
    sites: list[SiteResult],
    drawn: list[int],
    x: np.ndarray[Any, Any],
    y: np.ndarray[Any, Any],
    radii: dict[int, float],
    limits: tuple[float, float, float, float],
) -> None:
    """Name, MW and opening month beside every circle that has room for it, the largest first."""
    line = 0.0215 * (limits[3] - limits[2])
    words = []
    for i in drawn:
        site = sites[i]
        name = site.name or site.id
        name = name if len(name) <= NAME else name[: NAME - 1] + "…"
        when = f", from {site.opening_month}" if site.opening_month else ""
        words.append((name, f"{number(site.it_mw)} MW{when}"))
    labels = [
        (float(x[i]), float(y[i]), radii[i], 0.60 * line * max(len(a), 0.9 * len(b)), 2.2 * line)
        for i, (a, b) in zip(drawn, words, strict=True)
    ]
    dot = 0.4 * line
    size = {i: radii.get(i, dot) for i in range(len(sites))}
    circles = [(float(x[i]) - r, float(y[i]) - r, float(x[i]) + r, float(y[i]) + r) for i, r in size.items()]
    box = (limits[0], limits[1], limits[2], limits[3])
    places = place(circles, labels, box, (0.25, 1.2, 2.2, 3.4, 4.8) if len(radii) <= CROWD else (0.25, 0.8))
    halo = [withStroke(linewidth=2.2, foreground="white", alpha=0.75)]
    for spot, (name, detail), (cx, cy, radius, w, h) in zip(places, words, labels, strict=True):
        if spot is None:
            continue
        left, bottom, far = spot
        right = left + w / 2 < cx
        at, align = (left + w, "right") if right else (left, "left")
        style: dict[str, Any] = {"ha": align, "va": "bottom", "zorder": 6, "path_effects": halo}
        ax.text(at, bottom + 1.15 * line, name.replace("$", r"\$"), fontsize=7.6, fontweight="bold", color=INK, **style)
        ax.text(at, bottom + 0.1 * line, detail, fontsize=6.9, color="#555555", **style)
        if far:
            middle = bottom + h / 2
            away = radius / math.hypot(at - cx, middle - cy)
            start = (cx + away * (at - cx), cy + away * (middle - cy))
            ax.plot([start[0], at], [start[1], middle], color="#777777", lw=0.7, zorder=3.5)


def _legend(ax: Axes, colour: dict[str, str], idle: bool, excluded: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], marker="o", ls="", ms=8, color=c, label=v.replace("$", r"\$")) for v, c in colour.items()]
    if idle:
        handles.append(Line2D([], [], marker="o", ls="", ms=6, mfc="white", mec=MUTED, label="candidate, not opened"))
    if excluded:
        handles.append(Line2D([], [], marker="x", ls="", ms=6, color="#b35c4d", label="excluded"))
    ax.legend(handles=handles, loc="lower left", frameon=True, framealpha=0.92, edgecolor="none", fontsize=8)


def _build_up(ax: Axes, bundle: Bundle, colour: dict[str, str]) -> None:
    """IT MW online by vendor, period by period."""
    totals, length = bundle.plan.totals, bundle.timeline.L
    start = int(totals[0].month[:4]) + (int(totals[0].month[5:]) - 1) / 12
    edges = start + length * np.arange(len(totals) + 1)
    base = np.zeros(len(totals))
    for vendor, c in colour.items():
        mw = np.array([t.it_mw_by_vendor.get(vendor, 0.0) for t in totals])
        ax.stairs(base + mw, edges, baseline=base, fill=True, color=c, alpha=0.93)
        base = base + mw
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(0, max(base.max() * 1.12, 1e-9))
    ax.set_title("IT power online, MW", loc="left", fontsize=9, fontweight="bold", color=INK)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True, nbins=8))
    ax.yaxis.set_major_formatter(lambda v, _: number(v))


def _bill(ax: Axes, bundle: Bundle) -> None:
    """Capex and opex by year."""
    rows = years(bundle.plan)
    at = np.arange(len(rows))
    capex, opex = np.array([r.capex_musd for r in rows]) / 1000, np.array([r.opex_musd for r in rows]) / 1000
    ax.bar(at, capex, width=0.66, color="#39516b", label="capex")
    ax.bar(at, opex, width=0.66, bottom=capex, color="#9db2c7", label="opex")
    for i, r in enumerate(rows):
        ax.text(
            i,
            capex[i] + opex[i],
            money(r.spend_musd).replace("$", r"\$"),
            ha="center",
            va="bottom",
            fontsize=7.2,
            color=INK,
        )
    ax.set_xticks(at, [r.year for r in rows])
    ax.set_ylim(0, max((capex + opex).max() * 1.18, 1e-9))
    ax.set_title("Spending by year, billion USD", loc="left", fontsize=9, fontweight="bold", color=INK)
    ax.legend(frameon=False, fontsize=7.5, loc="upper right", ncols=2, borderaxespad=0, bbox_to_anchor=(1.0, 1.13))


def _colours(vendors: Iterable[str]) -> dict[str, str]:
    """The same vendor has the same colour in every plan; others take what is left, in order."""
    rest = itertools.cycle(OTHER_VENDORS)
    return {v: KNOWN_VENDORS.get(v.lower()) or next(rest) for v in vendors}


def write(bundle: Bundle, path: Path) -> None:
    """Write ``map.png``."""
    names = dict.fromkeys([*bundle.vendors, *(v for t in bundle.plan.totals for v in t.it_mw_by_vendor)])
    colour = _colours(names)
    figure = Figure(figsize=(11, 7.9), dpi=160, facecolor="white")
    grid = figure.add_gridspec(
        2, 2, height_ratios=(3.0, 1.0), left=0.058, right=0.985, top=0.905, bottom=0.05, hspace=0.13, wspace=0.12
    )
    figure.text(
        0.025, 0.965, bundle.problem.name.replace("$", r"\$"), fontsize=15, fontweight="bold", color=INK, va="center"
    )
    figure.text(0.025, 0.931, headline(bundle).replace("$", r"\$"), fontsize=8.8, color="#555555", va="center")
    _map(figure.add_subplot(grid[0, :]), bundle, colour)
    for ax, draw in (
        (figure.add_subplot(grid[1, 0]), lambda a: _build_up(a, bundle, colour)),
        (figure.add_subplot(grid[1, 1]), lambda a: _bill(a, bundle)),
    ):
        draw(ax)
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=7.5, colors="#555555")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name in a script the font lacks is drawn as boxes, and need not be told
        # no date and no library version in the file: the same plan draws the same picture
        figure.savefig(path, format="png", metadata={"Software": "gigasite"})
