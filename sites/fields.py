"""What a site may state (M3.1): the field names, what kind of value each takes, and its unit."""

from __future__ import annotations

from planner.problem.site import Site

FIELDS: tuple[str, ...] = tuple(Site.model_fields)
"""Every property of a site, in the order of the contract."""

TEXT = frozenset({"id", "name", "region", "country", "state", "status"})
SCHEDULES = frozenset(
    {
        "grid_mw",
        "pue",
        "pue_peak",
        "electricity_usd_per_mwh",
        "carbon_kg_per_mwh",
        "land_usd_per_ha",
        "opening_musd",
        "fixed_opex_musd_per_year",
        "construction_musd_per_mw",
        "tariff",
        "sales_tax",
        "property_tax_per_year",
    }
)
NUMBERS = frozenset(
    {"parcel_ha", "build_months", "existing_shell_mw", "shell_step_mw", "pace_mw_per_year", "buildable_ha"}
)
JSON_FIELDS = frozenset({"existing", "location", "resources"})

UNIT: dict[str, str] = {
    "grid_mw": "MW",
    "pue": "1",
    "pue_peak": "1",
    "electricity_usd_per_mwh": "USD/MWh",
    "carbon_kg_per_mwh": "kg/MWh",
    "land_usd_per_ha": "USD/ha",
    "parcel_ha": "ha",
    "buildable_ha": "ha",
    "opening_musd": "MUSD",
    "fixed_opex_musd_per_year": "MUSD/year",
    "construction_musd_per_mw": "MUSD/MW",
    "build_months": "month",
    "existing_shell_mw": "MW",
    "shell_step_mw": "MW",
    "pace_mw_per_year": "MW/year",
    "tariff": "fraction",
    "sales_tax": "fraction",
    "property_tax_per_year": "fraction/year",
}
"""The unit of every field that has one; ``resources`` are in the user's own units."""

ALIASES: dict[str, tuple[str, str]] = {
    "acres": ("parcel_ha", "acre"),
    "parcel_acres": ("parcel_ha", "acre"),
    "hectares": ("parcel_ha", "ha"),
    "buildable_acres": ("buildable_ha", "acre"),
    "grid_kw": ("grid_mw", "kW"),
    "grid_gw": ("grid_mw", "GW"),
    "electricity_usd_per_kwh": ("electricity_usd_per_mwh", "USD/kWh"),
    "electricity_cents_per_kwh": ("electricity_usd_per_mwh", "cents/kWh"),
    "carbon_g_per_kwh": ("carbon_kg_per_mwh", "g/kWh"),
    "land_usd_per_acre": ("land_usd_per_ha", "USD/acre"),
    "build_years": ("build_months", "year"),
    "construction_usd_per_kw": ("construction_musd_per_mw", "USD/kW"),
}
"""Names that ``property_names`` takes beside our own: the field they mean, and the unit their values are in."""

DEFAULTABLE: tuple[str, ...] = tuple(f for f in FIELDS if f not in {"id", "name", "location", "existing"})
"""What ``site_defaults`` may fill: not what makes a site this one site."""

INNOCENT = frozenset(
    {
        "county",
        "counties",
        "county_fips",
        "names",
        "stated",
        "states",
        "statefp",
        "regions",
        "ids",
        "gid",
        "fid",
        "oid",
        "tag",
    }
)
"""Column names near to ours that people use for something else."""


def is_field(name: str) -> bool:
    """A field, or one resource of it (``resources.water``)."""
    return name in FIELDS or (name.startswith("resources.") and len(name) > len("resources."))
