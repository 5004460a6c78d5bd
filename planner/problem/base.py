"""The common ground of all request models: frozen, finite numbers only, unknown keys refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

HUGE = 1e12
"""No figure of a request may be larger than this in absolute value: beyond it is a slip of units."""


class Frozen(BaseModel):
    """Base of every request model."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


def _not_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number is wanted, not true or false")
    return value


def _clean_text(value: str) -> str:
    if any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 or ord(c) in BIDI for c in value):
        raise ValueError("control, surrogate and text-direction characters are not allowed")
    return value


BIDI = frozenset({0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)})

NotBool = BeforeValidator(_not_bool)
Number = Annotated[float, Field(ge=-HUGE, le=HUGE), NotBool]
NonNegative = Annotated[float, Field(ge=0, le=HUGE), NotBool]
Positive = Annotated[float, Field(gt=0, le=HUGE), NotBool]
Fraction = Annotated[float, Field(ge=0, le=1), NotBool]
Rate = Annotated[float, Field(ge=0, le=10), NotBool]
Count = Annotated[int, Field(ge=0, le=10**9), NotBool]
Life = Annotated[float, Field(gt=0, le=200), NotBool]
Months = Annotated[float, Field(ge=0, le=1200), NotBool]
Text = Annotated[str, Field(max_length=500), AfterValidator(_clean_text)]
Id = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean_text)]
Longitude = Annotated[float, Field(ge=-180, le=180), NotBool]
Latitude = Annotated[float, Field(ge=-90, le=90), NotBool]
