"""``fill: tables``: shipped prices, carbon intensities and grid regions for what nobody stated (M3.10, M8.5)."""

from __future__ import annotations

from typing import Any

from planner.catalogue import tables
from planner.plan import Assumption
from sites.fields import UNIT
from sites.places import Place

FILLED = ("region", "electricity_usd_per_mwh", "carbon_kg_per_mwh")
"""What the contract lets tables fill: grid zone, price and carbon. Land stays the request's to say."""


def fill(stated: dict[str, Any], place: Place, subject: str) -> list[Assumption]:
    """Fill one site from the tables by its stated place, else by where it lies; says what was filled and from where."""
    said: list[Assumption] = []
    country, state = stated.get("country"), stated.get("state")
    if not country and place.country and not (state and place.country != "US"):
        country = stated["country"] = place.country
        said.append(_derived(subject, "country", place.country))
    if not state and place.state and tables.country_code(str(country or "")) in ("", "US"):
        state = stated["state"] = place.state
        said.append(_derived(subject, "state", place.state))
    found = tables.lookup(_text(country), _text(state), _text(stated.get("region")))
    for field in FILLED:
        filled = found.get(field)
        if filled is None or field in stated:
            continue
        stated[field] = filled.value
        source = (
            f"{filled.source} ({filled.basis}; {filled.note})" if filled.note else f"{filled.source} ({filled.basis})"
        )
        said.append(
            Assumption(
                subject=subject,
                field=field,
                value=filled.value,
                unit=UNIT.get(field, ""),
                origin="table",
                source=source,
            )
        )
    return said


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _derived(subject: str, field: str, value: str) -> Assumption:
    return Assumption(
        subject=subject,
        field=field,
        value=value,
        origin="derived",
        source="location within the shipped outlines (sites/outlines)",
    )
