"""A plan's hectares and places against the other method's (M3.8, M3.9, M8.3)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from planner.ground import SiteGround
from planner.plan import Plan, SiteResult, Violation
from planner.problem.request import Request
from sites.verify.distances import kilometres
from sites.verify.ground import measured, site_ground
from sites.verify.land import Left

RELATIVE = 1e-4
"""M3.9: areas and distances are true to within 0.01 %."""

PLACE_M = 5.0


def recheck(request: Request, base_dir: Path, plan: Plan) -> list[Violation]:
    """What of ``plan.sites`` does not follow from the request's geometry; empty when all of it does."""
    settled, found = measured(request, base_dir)
    stated = {result.id: result for result in plan.sites}
    wrong: list[Violation] = []
    for i, site in enumerate(settled.sites):
        result = stated.pop(site.id, None)
        if result is None:
            if plan.sites:
                wrong.append(_violation("M8.6", site.id, "the plan does not report this site", None))
            continue
        shape = settled.parcels.wgs84[i]
        point = shape if settled.parcels.is_point[i] else shape.centroid
        expected = site_ground(site, found.get(site.id), (float(point.x), float(point.y)))
        wrong += _compare(result, expected, found.get(site.id))
    wrong += [_violation("M8.6", id, "the plan reports a site that the request does not have", None) for id in stated]
    return wrong


def _compare(result: SiteResult, expected: SiteGround, cut: Left | None) -> list[Violation]:
    wrong: list[Violation] = []
    measured = expected.parcel_ha if cut is None else max(cut.parcel_ha, expected.parcel_ha)

    def differs(rule: str, what: str, got: float, low: float, high: float) -> None:
        slack = RELATIVE * max(abs(low), abs(high)) + 1e-5 * measured + 1e-4
        if not low - slack <= got <= high + slack:
            by = got - high if got > high else got - low
            wrong.append(
                _violation(rule, result.id, f"{what} is {got:,.4f} ha in the plan, {low:,.4f} ha by another method", by)
            )

    differs("M3.9", "parcel", result.parcel_ha, expected.parcel_ha, expected.parcel_ha)
    low, high = (cut.low_ha, cut.high_ha) if cut and not expected.overridden else (expected.buildable_ha,) * 2
    differs("M3.8", "buildable land", result.buildable_ha, low, high)
    steps = [(str(s.get("layer")), float(s.get("ha", float("nan")))) for s in result.land]
    if [name for name, _ in steps] != [s.layer for s in expected.steps]:
        wanted = ", ".join(s.layer for s in expected.steps) or "none"
        wrong.append(
            _violation(
                "M3.8",
                result.id,
                f"its land is cut by {', '.join(n for n, _ in steps) or 'none'}; wanted {wanted}",
                None,
            )
        )
    else:
        for (name, ha), step in zip(steps, expected.steps, strict=True):
            wobble = high - low if name == "min_patch" else 0.0
            differs("M3.8", f"land taken by {name}", ha, step.ha - wobble, step.ha + wobble)
    total = sum(ha for _, ha in steps) + result.buildable_ha
    if steps and abs(total - result.parcel_ha) > 1e-6 * max(1.0, result.parcel_ha):
        message = f"its parts add up to {total:,.6f} ha, its parcel has {result.parcel_ha:,.6f}"
        wrong.append(_violation("M3.8", result.id, message, total - result.parcel_ha))
    ends = [np.array([v]) for v in (result.lon, result.lat, expected.lon, expected.lat)]
    off_m = float(kilometres(*ends)[0]) * 1000
    if not off_m <= PLACE_M + RELATIVE * (measured * 1e4) ** 0.5:
        wrong.append(
            _violation(
                "M3.9",
                result.id,
                f"it stands at lon {result.lon}, lat {result.lat}, {off_m:,.1f} m from its place",
                off_m,
            )
        )
    return wrong


def _violation(rule: str, site: str, message: str, amount: float | None) -> Violation:
    return Violation(rule=rule, family="land", subject=site, message=f"{site}: {message}", amount=amount)
