"""What the examples assume, in one place: which sites, which figures stand in where no source states one, and why.

Read by make_examples.py only. Every number here is either from the collected facts (the comment says which row) or an
assumption of this project (marked so in the site's `note`).
"""

# ruff: noqa: E501 - long lines here are rows of data and their notes

from __future__ import annotations

from dataclasses import dataclass

HORIZON_START = "2027-01"
PUE_MEAN = 1.2  # pue_liquid_best, upper end (1.10 to 1.20)
PUE_PEAK = 1.3  # facility_to_it_ratio_peak, median (1.2 to 1.4), where the site has none of its own
CONSTRUCTION_MUSD_PER_MW = 11.77  # dc_construction_epoch, per MW IT
GRID_CONNECTION_MUSD_PER_MW = 0.7  # grid_connection_capex (0.36 to 1.3), per facility MW
LAND_USD_PER_ACRE = 73_000.0  # land_price_rural_campus: Port Washington; farm land is a floor, metro parcels 235,000
ACRES_PER_HA = 2.47105
RAMP_STEP_MW = 250.0  # facility MW per quarter where only an end date is known: about 60 MW-IT a month, P90 is 80
PACE_MEDIAN, PACE_P90 = 269.0, 955.0  # ramp_rate_after_first: 22.4 and 79.6 MW-IT per month x 12
BUILD_RUNNING, BUILD_NEW = 12, 21  # months; lead_dc_shell 18-21-24, less what stands already at a running site
ACRES_PER_MW = ((1000, 0.505), (300, 0.52), (100, 0.552), (0, 0.667))  # medians of acres_per_mw_* by facility MW


@dataclass(frozen=True)
class Pick:
    """One site of the Stargate portfolio and what is set by hand for it."""

    id: str
    tag: str  # stargate or comparable
    ramp: tuple[tuple[str, float], ...] = ()  # total facility MW by month; empty: Epoch's timeline after 2026
    ramp_basis: str = ""
    build_months: int = BUILD_RUNNING
    opening_musd: float | None = None  # else planned MW x GRID_CONNECTION
    opening_note: str = ""
    electricity: float | None = None
    carbon: float | None = None
    region: str = ""
    tags: tuple[str, ...] = ()
    available_from: str = ""
    committed: bool = False  # its developer builds already: land and grid connection are sunk
    note: str = ""
    existing: tuple[tuple[str, int, str], ...] = ()


def even(end: str, total: float, step: float = RAMP_STEP_MW) -> tuple[tuple[str, float], ...]:
    """Equal quarterly steps of at most ``step`` MW that reach ``total`` in the month ``end``."""
    n = -(-int(total) // int(step))
    year, month = int(end[:4]), int(end[5:])
    out = []
    for i in range(1, n + 1):
        back = 3 * (n - i)
        at = year * 12 + month - 1 - back
        out.append((f"{at // 12:04d}-{at % 12 + 1:02d}", round(total * i / n, 1)))
    return tuple(out)


ONLY_END = (
    "Only the final date is known (Epoch, 2028-12-31); equal quarterly steps of at most 250 MW before it are assumed."
)

STARGATE: tuple[Pick, ...] = (
    Pick(
        "openai-stargate-abilene", "stargate", (("2027-01", 1180),), "1,180 MW facility (Epoch), full site by Q1 2027.", committed=True,
        existing=(("gb200-hall", 16, "2026-05"), ("gb300-hall", 16, "2026-11")),
        note="Four of eight buildings (421 MW IT) were live in May 2026 and are stood in by 16 GB200 halls; the other four, "
        "projected for November 2026, by 16 GB300 halls: 806 of 843 MW IT. Which chips the second half holds is assumed.",
    ),
    Pick("openai-stargate-shackelford", "stargate", committed=True, build_months=9,
         note="Ten buildings of 140 MW IT; the first was due in August 2027, so 9 months of building remain (assumed). The power includes a "
         "700 MW gas plant of its own (not modelled apart)."),
    Pick("openai-stargate-milam", "stargate", even("2029-01", 1200), ONLY_END, committed=True),
    Pick("openai-stargate-michigan", "stargate", even("2029-01", 1383), ONLY_END + " The utility contract is 1,383 MW.", committed=True,
         opening_musd=500.0, opening_note="reported: about 200 MUSD transmission and 300 MUSD substations"),
    Pick("openai-stargate-wisconsin", "stargate", even("2029-01", 1300), ONLY_END, committed=True,
         opening_musd=1500.0, opening_note="reported 1,300 to 1,700 MUSD of lines (the docket closed in August 2026)"),
    Pick("openai-stargate-new-mexico", "stargate", even("2030-04", 2450, 350.0),
         "Islanded: stands on 2,450 MW of fuel cells of its own, first phase now dated Q3 2028; equal quarterly steps of 350 MW from "
         "then are assumed and stand in for the plant until on-site power is planned itself.",
         electricity=75.0, carbon=398.0, tags=("islanded",), build_months=BUILD_NEW,
         note="Electricity 75 USD/MWh is derived, not a tariff: fuel 28.9 (7,500 Btu/kWh x 3.85 USD/MMBtu) + about 42 for 3,680 USD/kW over "
         "20 years at 7 % and 95 % use + about 4 for service. Carbon 7,500 Btu/kWh x 53.06 kg/MMBtu = 398 kg/MWh. The gas right-of-way was "
         "refused twice in 2026 and a force-majeure notice is reported."),
    Pick("openai-stargate-lordstown", "stargate", (("2027-04", 300),),
         "300 MW at most; 214 MW IT by March 2027 second-hand; one step assumed.", committed=True,
         note="Now mainly server manufacturing; low confidence."),
    Pick("ports-pike-piketon", "stargate", (("2028-10", 1040), ("2029-10", 2080), ("2030-10", 3120)),
         "Announced: first 800 MW IT in 2028 (x 1.3 = 1,040 MW facility); the same again each year is assumed. 8 GW IT in the end.",
         build_months=BUILD_NEW, opening_musd=1310.4, available_from="2027-07",
         opening_note="at least 4,200 MUSD of grid works for 10 GW, read as 0.42 MUSD/MW for the 3,120 MW inside the horizon",
         note="New generation of 10 GW is built beside it; acres are of the first site only."),
    Pick("project-camellia-effingham-county", "stargate",
         (("2028-07", 640), ("2029-07", 1280), ("2030-07", 1920), ("2031-07", 2560), ("2032-07", 3200)),
         "3,200 MW in steps from 2028 to 2032 (announced); five equal yearly steps are assumed.",
         build_months=BUILD_NEW, available_from="2027-07", note="The point is the county's middle (assumed)."),
    Pick("anthropic-amazon-new-carlisle", "comparable"),
    Pick("microsoft-fairwater-wisconsin", "comparable", note="315 acres are the first complex only, so land may bind before power does."),
    Pick("meta-hyperion", "comparable", build_months=BUILD_RUNNING),
    Pick("qts-cedar-rapids", "comparable"),
    Pick("goodnight", "comparable"),
    Pick("coreweave-helios", "comparable"),
    Pick("google-fort-wayne", "comparable"),
    Pick("amazon-ridgeland", "comparable"),
    Pick("meta-el-paso", "comparable", even("2029-01", 1000), "1,000 MW by the end of 2028; equal quarterly steps of 250 MW assumed."),
    Pick("meta-lebanon-boone-county", "comparable", even("2029-01", 1000),
         "1,000 MW; the first-power year (late 2027 or 2028) is a guess; equal quarterly steps of 250 MW in 2028 assumed."),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------------------------ deals

STARGATE_DEALS = (
    "nvidia-openai-loi",
    "nvidia-openai-2026",
    "amd-openai",
    "oracle-openai",
    "broadcom-openai",
    "ports-pike",
    "stargate-jv",
    "stargate-five-sites",
    "microsoft-openai",
    "aws-openai",
    "aws-openai-2026",
    "coreweave-openai",
    "cerebras-openai",
    "openai-aggregate",
)
"""Deals of the collected facts that the Stargate example reads, or names as left out."""

_8K = (
    "https://www.stocktitan.net/sec-filings/AMD/8-k-advanced-micro-devices-inc-reports-material-event-08f8c00c25e2.html"
)
_MARKET = "https://sectally.pages.dev/reports/amd"

OWN_FACTS: tuple[tuple[str, str, str, str, str, str, str, str], ...] = (
    # subject, item, date, value, unit, basis, source_url, note
    (
        "amd-openai",
        "first gigawatt",
        "2025-10-06",
        "1",
        "GW",
        "reported",
        _8K,
        "binding commitment; purchases through affiliates and authorised third parties count",
    ),
    ("amd-openai", "exercise price", "2025-10-06", "0.01", "USD per share", "reported", _8K, ""),
    (
        "amd-openai",
        "share price hurdles",
        "2025-10-06",
        "600",
        "USD per share",
        "reported",
        _8K,
        "escalate to 600 for the last tranche; the steps of 100 between are assumed",
    ),
    ("amd", "market value", "2026-05-12", "742", "BUSD", "reported", _MARKET, "about; one source"),
    (
        "amd",
        "shares outstanding",
        "2026-05-12",
        "1.63",
        "billion shares",
        "assumed",
        "",
        "160 million are about 10 percent",
    ),
    ("amd", "share price", "2026-05-12", "455", "USD", "derived", _MARKET, "742 / 1.63"),
    (
        "amd",
        "growth of the share price",
        "",
        "0.08",
        "per year",
        "assumed",
        "",
        "the request's discount rate: no gain in present value",
    ),
    ("amd-openai", "sold at vesting", "", "0.5", "fraction", "assumed", "", ""),
    ("amd-openai", "haircut", "", "0.15", "fraction", "assumed", "", "large blocks of shares, sold or held"),
    (
        "oracle-openai",
        "rent",
        "2025-09",
        "13.33",
        "MUSD per MW of IT and year",
        "derived",
        "https://www.livemint.com/global/debt-is-fueling-the-next-wave-of-the-ai-boom/amp-11759154628960.html",
        "60,000 MUSD a year / 4,500 MW read as IT; 17.3 if facility MW at PUE 1.3. A like contract, Nebius to Microsoft: 17.4 BUSD for 300 MW over five years (term recalled) = 11.6",
    ),
    (
        "oracle-openai",
        "take or pay",
        "2028 to 2030",
        "250; 750; 1500",
        "MW of IT",
        "assumed",
        "",
        "a third of the contract by 2030; the sites' own power comes no sooner",
    ),
    (
        "broadcom-openai",
        "part of this portfolio",
        "2029-12",
        "2667",
        "MW of IT",
        "assumed",
        "",
        "10 GW x 8 GW of this portfolio / about 30 GW of all commitments",
    ),
    (
        "broadcom-openai",
        "shortfall",
        "2029-12",
        "1.75",
        "MUSD per MW",
        "assumed",
        "",
        "a tenth of 17.5 MUSD per MW; no penalty is published",
    ),
    (
        "broadcom-openai",
        "stand-in performance",
        "2025-08",
        "4.614",
        "PFLOPS dense FP8 per chip",
        "reported",
        "https://mattfife.com/?p=15269",
        "Google Ironwood, Broadcom's best known accelerator; 64 chips a rack",
    ),
    (
        "broadcom-openai",
        "stand-in rack power",
        "2025-08",
        "120",
        "kW all-in",
        "assumed",
        "https://www.donanimhaber.com/google-en-guclu-yapay-zeka-islemcisi-ironwood-u-detaylandirdi--195401",
        "over 100 kW a rack reported; a fifth for hosts and network assumed",
    ),
    (
        "openai",
        "revenue per MW",
        "2025-12",
        "10.5",
        "MUSD per MW and year",
        "derived",
        "https://aipressa.com/top-stories/openai-achieves-20b-revenue-as-computing-capacity-triples-to-1-9-gigawatts",
        "20 BUSD a year of run-rate / 1.9 GW; 2030 forecast of 280 BUSD / about 30 GW = 9.3",
    ),
)
"""What the deals of the example need beside the collected facts: read on the page named, derived or assumed."""
