"""How buildable land is derived from parcels, and how users' own files map to our names (M3.8, M3.10)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from planner.problem.base import Frozen, Id, NonNegative


class Exclusion(Frozen):
    """One exclusion layer: a vector file beside the request or an inline FeatureCollection, grown by ``buffer_m``."""

    id: Id = Field(description="name of this layer in the report")
    path: str | None = Field(default=None, max_length=1000, description="vector file, relative to the request")
    features: dict[str, Any] | None = Field(default=None, description="an inline GeoJSON FeatureCollection")
    layer: str | None = Field(default=None, max_length=200, description="layer inside the file")
    buffer_m: NonNegative = Field(default=0.0, description="the layer is grown by this, m")


class Land(Frozen):
    """Setback, exclusions and the smallest patch worth building on."""

    setback_m: NonNegative = Field(default=0.0, description="strip along the parcel's edge that stays free, m")
    min_patch_ha: NonNegative = Field(default=0.0, description="smaller patches are not built on, hectares")
    exclusions: tuple[Exclusion, ...] = Field(default=(), description="layers taken out of every parcel, in order")
