"""The JSON Schema of a request as users write it (draft 2020-12), for editors and for other programs."""

from __future__ import annotations

import copy
from typing import Any

from planner.problem.deals import PROMISED_ALSO_AS
from planner.problem.request import LATER, LATER_POLICIES, Request
from planner.problem.site import Site

DRAFT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/$defs/{model}"


def schema() -> dict[str, Any]:
    """The schema; every field carries its unit and meaning. What only a whole request can tell (ids that exist, lives
    that an objective needs) is left to ``gigasite check``."""
    root = Request.model_json_schema(by_alias=True, ref_template=REF)
    site = Site.model_json_schema(by_alias=True, ref_template=REF)
    defs: dict[str, Any] = {**root.pop("$defs", {}), **site.pop("$defs", {})}
    defs["Site"] = site
    defs["CatalogueUse"] = _use(defs["Block"])
    defs["SiteProperties"] = _properties(site, strict=False)
    defs["SiteDefaults"] = _properties(site, strict=True)
    defs["SiteCollection"] = _collection()
    keys = root["properties"]
    keys["blocks"]["items"] = {
        "anyOf": [
            {"type": "string", "minLength": 1, "description": "the id of a shipped catalogue block"},
            {"$ref": REF.format(model="CatalogueUse")},
            {"$ref": REF.format(model="Block")},
        ]
    }
    keys["sites"] = {
        "description": keys["sites"].get("description", ""),
        "anyOf": [
            {"type": "string", "minLength": 1, "maxLength": 1000, "description": "a path relative to the request"},
            {"$ref": REF.format(model="SiteCollection")},
        ],
    }
    stages = keys["objective"]
    one_stage = {"$ref": REF.format(model="Objective")}
    keys["objective"] = {"description": stages.pop("description"), "anyOf": [one_stage, stages]}
    defaults = {"$ref": REF.format(model="SiteDefaults")}
    keys["site_defaults"] = {**defaults, "description": keys["site_defaults"]["description"]}
    keys["property_names"] = _names(site, keys["property_names"]["description"])
    for key, words in LATER.items():
        keys[key] = {
            "description": f"{words}: not planned yet, must be empty",
            "anyOf": [{"type": "array", "maxItems": 0}, {"type": "object", "maxProperties": 0}, {"type": "null"}],
        }
    defs["PurchaseCommitment"] = _commitment(defs["PurchaseCommitment"])
    keys["policies"]["description"] += "".join(f"; {k} ({w}) is not planned yet" for k, w in LATER_POLICIES.items())
    required = set(root.get("required", ()))
    for key, value in keys.items():
        if key not in required and key not in LATER:
            keys[key] = _or_null(value)
    root["title"] = "Gigasite planning request"
    out = {"$schema": DRAFT, **root, "$defs": dict(sorted(defs.items()))}
    return {key: _without_branches(value) for key, value in out.items()}


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    """A key of the request may also stand there empty."""
    if any(branch.get("type") == "null" for branch in value.get("anyOf", ())):
        return value
    beside: dict[str, Any] = {k: value.pop(k) for k in ("description", "default", "title") if k in value}
    return {**beside, "anyOf": [value, {"type": "null"}]}


def _use(block: dict[str, Any]) -> dict[str, Any]:
    """``{use: id, ...overrides}``: any field of a block, none required but ``use``."""
    out = copy.deepcopy(block)
    out["title"] = "CatalogueUse"
    out["description"] = "A shipped catalogue block, with figures of it replaced (M2.6)."
    out["properties"] = {
        "use": {"type": "string", "minLength": 1, "description": "the id of a shipped catalogue block"},
        **{name: {k: v for k, v in field.items() if k != "default"} for name, field in out["properties"].items()},
    }
    out["required"] = ["use"]
    return out


def _commitment(model: dict[str, Any]) -> dict[str, Any]:
    """The list of promises under any of the names that are read."""
    out = copy.deepcopy(model)
    promises = out["properties"]["commitments"]
    for name in PROMISED_ALSO_AS:
        out["properties"][name] = {**promises, "title": "Commitments", "description": "another name of `commitments`"}
    out["required"] = [name for name in out["required"] if name != "commitments"]
    out["anyOf"] = [{"required": [name]} for name in ("commitments", *PROMISED_ALSO_AS)]
    return out


def _properties(site: dict[str, Any], strict: bool) -> dict[str, Any]:
    """A site's properties, none required: defaults, tables and columns may supply them. In a feature a value may also
    be text (a number, a list with commas, JSON), and properties of other names are ignored."""
    out = copy.deepcopy(site)
    out.pop("required", None)
    out["title"] = "SiteDefaults" if strict else "SiteProperties"
    for name, field in out["properties"].items():
        field.pop("default", None)
        description = field.pop("description", "")
        choices: list[Any] = [field, {"type": "null"}]
        if not strict:
            choices.append({"type": "string", "description": "the same as text"})
        out["properties"][name] = {"description": description, "anyOf": choices}
    out["additionalProperties"] = not strict
    if strict:
        out["patternProperties"] = {"^resources\\.": {"type": ["number", "string", "array"]}}
    return out


def _collection() -> dict[str, Any]:
    geometry = {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"enum": ["Polygon", "MultiPolygon", "Point"]}, "coordinates": {"type": "array"}},
        "description": "WGS 84 longitude and latitude; a point needs buildable_ha",
    }
    feature = {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": ["string", "number"], "description": "stands in for properties.id"},
            "geometry": geometry,
            "properties": {"$ref": REF.format(model="SiteProperties")},
        },
    }
    return {
        "type": "object",
        "title": "SiteCollection",
        "description": "Candidate sites as a GeoJSON FeatureCollection (RFC 7946).",
        "required": ["type", "features"],
        "properties": {"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": feature}},
    }


def _names(site: dict[str, Any], description: str) -> dict[str, Any]:
    """``property_names``: a column, a column with its unit, or one column for each step of a schedule."""
    column = {
        "anyOf": [
            {"type": "string", "description": "the user's column"},
            {
                "type": "object",
                "description": "a column and its unit",
                "required": ["from"],
                "properties": {"from": {"type": "string"}, "unit": {"type": "string"}},
            },
            {
                "type": "object",
                "description": "a schedule from several columns, by the month from which each holds",
                "patternProperties": {r"^\d{4}-(0[1-9]|1[0-2])$": {"type": ["string", "object"]}},
                "additionalProperties": False,
            },
        ]
    }
    known = ", ".join(site["properties"])
    return {"type": "object", "description": f"{description}. Fields: {known}", "additionalProperties": column}


def _without_branches(value: Any) -> Any:
    """``oneOf`` becomes ``anyOf`` where the branches are told apart by type alone: editors then report less noise."""
    if isinstance(value, dict):
        out = {k: _without_branches(v) for k, v in value.items()}
        if "oneOf" in out and "discriminator" not in out:
            out["anyOf"] = out.pop("oneOf")
        return out
    return [_without_branches(v) for v in value] if isinstance(value, list) else value
