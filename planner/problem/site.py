"""Sites: what the owner states about a candidate parcel (section 3). Geometry itself stays outside this package."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.problem.base import Count, Frozen, Id, Latitude, Longitude, Months, NonNegative, Positive, Text
from planner.problem.schedule import Month, PositiveSchedule


class Unpaid(Frozen):
    """Money still due for existing units."""

    month: Month = Field(description="month in which it falls due")
    musd: NonNegative = Field(description="million USD")


class Existing(Frozen):
    """Units in place, or on order already, at a committed site (M3.3)."""

    block: Id = Field(description="block id")
    units: Count = Field(description="whole units")
    online_from: Month = Field(description="month in which they came or come online; their life counts from here")
    unpaid: tuple[Unpaid, ...] = Field(default=(), description="what is still to be paid for them")


class Site(Frozen):
    """The properties of one site after names, units and defaults are settled (M3.1). Power is facility power."""

    id: Id = Field(description="name of this site in the request and the plan")
    name: Text = Field(default="", description="name for a reader")
    region: Text = Field(default="", description="grid region or market, e.g. ERCOT; used by filters")
    country: Text = Field(default="", description="country, e.g. US; used by filters")
    state: Text = Field(default="", description="state or province, e.g. TX")
    tags: tuple[Id, ...] = Field(default=(), description="free words for filters")
    location: tuple[Longitude, Latitude] | None = Field(
        default=None, description="where distances start, [longitude, latitude]; default the point or the centroid"
    )
    available_from: Month | None = Field(default=None, description="first month in which the site can open")
    grid_mw: PositiveSchedule = Field(description="facility power from the grid, MW")
    pue: PositiveSchedule = Field(default=1.0, description="annual mean of facility / IT power, 1 or more")
    pue_peak: PositiveSchedule | None = Field(default=None, description="facility / IT power at peak; default pue")
    electricity_usd_per_mwh: PositiveSchedule = Field(default=0.0, description="price of energy, USD/MWh")
    carbon_kg_per_mwh: PositiveSchedule = Field(default=0.0, description="emissions of energy bought, kg CO2/MWh")
    land_usd_per_ha: PositiveSchedule = Field(default=0.0, description="price of the whole parcel, USD/hectare")
    parcel_ha: NonNegative | None = Field(default=None, description="parcel, hectares; overrides the geometry")
    opening_musd: PositiveSchedule = Field(default=0.0, description="paid when the site opens, million USD")
    fixed_opex_musd_per_year: PositiveSchedule = Field(default=0.0, description="while open, million USD/year")
    construction_musd_per_mw: PositiveSchedule = Field(default=0.0, description="shell, million USD per IT MW")
    build_months: Months = Field(default=0, description="months from the start of a shell to its use")
    existing_shell_mw: NonNegative = Field(default=0.0, description="shell that stands already and is free, IT MW")
    shell_step_mw: Positive | None = Field(default=None, description="shells come in whole steps of this, IT MW")
    pace_mw_per_year: NonNegative | None = Field(default=None, description="shell starts in any 12 months, IT MW")
    resources: dict[Id, PositiveSchedule] = Field(default_factory=dict, description="amount of each resource available")
    buildable_ha: NonNegative | None = Field(default=None, description="buildable hectares; overrides the geometry")
    tariff: PositiveSchedule = Field(default=0.0, description="import duty, fraction added to block capex")
    sales_tax: PositiveSchedule = Field(default=0.0, description="fraction added to block capex")
    property_tax_per_year: PositiveSchedule = Field(default=0.0, description="fraction of standing units' capex a year")
    status: Literal["candidate", "committed", "excluded"] = Field(
        default="candidate", description="committed: open from the first period; excluded: never"
    )
    existing: tuple[Existing, ...] = Field(default=(), description="units in place or on order, at committed sites")

    @property
    def peak_pue(self) -> PositiveSchedule:
        """``pue_peak``, which defaults to ``pue``."""
        return self.pue if self.pue_peak is None else self.pue_peak
