"""``site_defaults``: what a site does not state, and a record of every figure filled that way (M3.10, M8.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from planner.plan import Assumption
from planner.problem.faults import faults_of, shown, suggestion
from planner.problem.site import Site
from sites.faults import Faults
from sites.fields import ALIASES, DEFAULTABLE, FIELDS, UNIT, is_field
from sites.values import typed

ORIGIN = "site_defaults"


def checked(site_defaults: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """The defaults that can be used; whatever is wrong with the others is said once, not once per site."""
    good: dict[str, Any] = {}
    for key, value in site_defaults.items():
        path = ("site_defaults", str(key))
        if value is None:
            continue
        if not is_field(str(key)):
            ours = ALIASES.get(str(key), ("", ""))[0]
            hint = f"write {ours}, in {UNIT[ours]}" if ours else suggestion(str(key), DEFAULTABLE, 40)
            faults.error(path, f"{shown(key)} is no property of a site", hint)
            continue
        if key in FIELDS and key not in DEFAULTABLE:
            faults.error(path, f"{key} cannot be a default: it is what makes a site that one site")
            continue
        try:
            value = typed(str(key), value)
            probe = (
                {"resources": {str(key).removeprefix("resources."): value}} if "." in str(key) else {str(key): value}
            )
            Site.model_validate({"id": "defaults", "grid_mw": 0, **probe})
        except ValidationError as error:
            faults.add(faults_of(error, Site, ("site_defaults",)))
        except ValueError as error:
            faults.error(path, str(error))
        else:
            good[str(key)] = value
    return good


def fill(stated: dict[str, Any], defaults: Mapping[str, Any], subject: str) -> list[Assumption]:
    """Put the defaults into what a site leaves open; says what was filled. Resources are filled one by one."""
    filled: list[Assumption] = []
    for field, value in defaults.items():
        if field == "resources" and isinstance(value, dict):
            filled += fill(stated, {f"resources.{r}": v for r, v in value.items()}, subject)
        elif field.startswith("resources."):
            resources = stated.setdefault("resources", {})
            name = field.removeprefix("resources.")
            if isinstance(resources, dict) and name not in resources:
                resources[name] = value
                filled.append(_said(subject, field, value))
        elif field not in stated:
            stated[field] = value
            filled.append(_said(subject, field, value))
    return filled


def _said(subject: str, field: str, value: Any) -> Assumption:
    return Assumption(
        subject=subject, field=field, value=value, unit=UNIT.get(field, ""), origin="site_default", source=ORIGIN
    )
