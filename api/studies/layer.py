"""The difference layer: one GeoJSON feature per site that any of the plans knows, flat scalar properties (RFC 7946).

Plans are lettered ``a`` (the base), ``b``, ... in the order given, so that column names stay short; ``plan_a`` says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from api.outputs.text import slugs
from api.studies.entry import Entry
from api.studies.lines import months_later
from api.studies.moved import TINY_MW, Moved
from planner.plan import SiteResult

MOST_PLANS = len(ascii_lowercase)
Shapes = Mapping[str, dict[str, Any]]


def letters(entries: Sequence[Entry]) -> list[str]:
    """``a``, ``b``, ... for as many plans as there are."""
    return list(ascii_lowercase[: len(entries)])


def properties(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """One flat record a site, in the order in which the plans first name them."""
    by_plan = [{s.id: s for s in e.plan.sites} for e in entries]
    vendors = tuple(sorted({v for found in by_plan for s in found.values() for v in s.it_mw_by_vendor}))
    columns = slugs(vendors)
    records = []
    for id in dict.fromkeys(s for found in by_plan for s in found):
        of = [found.get(id) for found in by_plan]
        known = next(s for s in of if s is not None)
        record: dict[str, Any] = {
            "id": id, "site_id": id, "name": known.name or id, "region": known.region, "country": known.country,
            "state": known.state,
        }  # fmt: skip
        named = list(zip(letters(entries), of))
        record |= {f"plan_{x}": e.label for x, e in zip(letters(entries), entries)}
        record |= {f"opened_{x}": None if s is None else s.opened for x, s in named}
        record |= {f"opening_month_{x}": None if s is None else s.opening_month for x, s in named}
        record |= {f"it_mw_{x}": _mw(s) for x, s in named}
        for x, s in named[1:]:
            record |= _difference(x, of[0], s)
        for v in vendors:
            record |= {f"it_mw_{x}_{columns[v]}": _vendor(s, v) for x, s in named}
            record |= {f"it_mw_change_{x}_{columns[v]}": _vendor(s, v) - _vendor(of[0], v) for x, s in named[1:]}
        record |= {f"spend_musd_{x}": None if s is None else s.spend_musd for x, s in named}
        record |= {"lon": known.lon, "lat": known.lat}
        records.append(record)
    return records


def _mw(site: SiteResult | None) -> float:
    return 0.0 if site is None else site.it_mw


def _vendor(site: SiteResult | None, vendor: str) -> float:
    return 0.0 if site is None else site.it_mw_by_vendor.get(vendor, 0.0)


def _difference(x: str, a: SiteResult | None, b: SiteResult | None) -> dict[str, Any]:
    """MW more or fewer in the last period, months the opening moved (positive: later), and the vendor that moved most."""
    change = _mw(b) - _mw(a)
    vendor, vendor_mw = _most_moved(a, b)
    later = months_later(a.opening_month, b.opening_month) if _dated(a) and _dated(b) else None  # type: ignore[arg-type,union-attr]
    return {
        f"it_mw_change_{x}": change,
        f"opening_later_months_{x}": later,
        f"vendor_moved_{x}": vendor,
        f"vendor_moved_mw_{x}": vendor_mw,
        f"what_{x}": _what(a, b, change, later),
    }


def _dated(site: SiteResult | None) -> bool:
    return site is not None and site.opening_month is not None


def _most_moved(a: SiteResult | None, b: SiteResult | None) -> tuple[str | None, float]:
    names = sorted({v for s in (a, b) if s is not None for v in s.it_mw_by_vendor})
    moves = [(v, _vendor(b, v) - _vendor(a, v)) for v in names]
    vendor, mw = max(moves, key=lambda m: abs(m[1]), default=(None, 0.0))
    return (vendor, mw) if abs(mw) > TINY_MW else (None, 0.0)


def _what(a: SiteResult | None, b: SiteResult | None, change: float, later: int | None) -> str:
    """One word for a categorised style: ``new, gone, more, less, other_vendors, other_month, same, unused, not_in_one``."""
    if a is None or b is None:
        return "not_in_one"
    if not a.opened and not b.opened:
        return "unused"
    if a.opened != b.opened:
        return "new" if b.opened else "gone"
    if _swapped(a, b) > abs(change):
        return "other_vendors"
    if abs(change) > TINY_MW:
        return "more" if change > 0 else "less"
    return "other_month" if later else "same"


def _swapped(a: SiteResult, b: SiteResult) -> float:
    """IT MW at a site that stand with another vendor than before."""
    names = sorted(a.it_mw_by_vendor.keys() | b.it_mw_by_vendor.keys())
    return Moved("", {v: _vendor(b, v) - _vendor(a, v) for v in names}).moved_mw


def geometries(entries: Sequence[Entry], shapes: Sequence[Shapes]) -> dict[str, dict[str, Any]]:
    """The first known shape of every site; a point at its longitude and latitude where no plan brought one.

    If any shape is a multipolygon all polygons become one, so that the layer has one type (points apart).
    """
    found: dict[str, dict[str, Any]] = {}
    for e, known in zip(entries, shapes):
        for s in e.plan.sites:
            if s.id in known:
                found.setdefault(s.id, known[s.id])
    points = {s.id: {"type": "Point", "coordinates": [s.lon, s.lat]} for e in reversed(entries) for s in e.plan.sites}
    multi = any(g["type"] == "MultiPolygon" for g in found.values())
    return {id: _promoted(found[id], multi) if id in found else points[id] for id in points}


def _promoted(geometry: dict[str, Any], multi: bool) -> dict[str, Any]:
    if multi and geometry["type"] == "Polygon":
        return {"type": "MultiPolygon", "coordinates": [geometry["coordinates"]]}
    return geometry
