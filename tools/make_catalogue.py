#!/usr/bin/env python3
"""Write the shipped hall blocks (planner/catalogue/halls/*.yaml) from the collected rack facts.

    python tools/make_catalogue.py REFERENCE_DIR

REFERENCE_DIR holds blocks.csv and costs.csv. A development tool: the program itself reads only the written files, and a
planner who wants another figure edits the YAML or overrides the field in the request.

A hall is N identical racks with the network, storage and hosts that serve them:
    it_mw              = racks x GPUs per rack x all-in kW per GPU / 1000
    pflops             = racks x dense FP8 PFLOPS per rack
    capex_musd         = racks x rack price x (1 + network and storage share)
    opex_musd_per_year = it_mw x non-energy MUSD per MW and year
    footprint_ha       = it_mw x hectares per MW
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

OUT = Path(__file__).parents[1] / "planner" / "catalogue" / "halls"
AS_OF = "2026-11"
HA_PER_ACRE = 0.40468564224
OWN = "project assumption"
EPOCH = "https://epoch.ai/data/ai-data-centers"
BERNSTEIN = (
    "https://ng.investing.com/news/stock-market-news/how-much-does-a-gw-of-data-center-capacity-actually-cost-2169144"
)
LICENCE_LINE = (
    "# One catalogue block a file. Units are in the names; `figures` carries value, range, source and basis of each.\n"
)


@dataclass(frozen=True)
class Rng:
    """A low / central / high reading."""

    low: float
    value: float
    high: float


@dataclass(frozen=True)
class Hall:
    """What makes one hall; the figures follow from it by the arithmetic above."""

    id: str
    vendor: str
    name: str
    racks: int
    gpus_per_rack: int
    kw_per_rack: Rng
    power_basis: str
    power_note: str
    power_source: str
    pflops_per_rack: Rng
    pflops_basis: str
    pflops_note: str
    price: Rng | None  # MUSD per rack, without scale-out network
    content: Rng | None  # else MUSD of vendor content per IT MW
    network_share: Rng
    price_basis: str
    price_note: str
    price_source: str
    available: tuple[str, str, str]
    available_basis: str
    available_note: str
    life_years: float
    source: str


def rows(path: Path, key: str) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return {r[key]: r for r in csv.DictReader(f)}


def rng(row: dict[str, str], stem: str) -> Rng:
    return Rng(*(float(row[f"{stem}_{k}"]) for k in ("low", "central", "high")))


def all_in(rack: Rng, per_gpu: Rng, gpus: int) -> Rng:
    """All-in kW per rack: the widest of (kW per GPU range) and (rack power range x this block's own overhead)."""
    overhead = per_gpu.value * gpus / rack.value
    return Rng(
        round(min(per_gpu.low * gpus, rack.low * overhead), 1),
        round(per_gpu.value * gpus, 2),
        round(max(per_gpu.high * gpus, rack.high * overhead), 1),
    )


def figure(
    value: float | str, unit: str, basis: str, source: str, note: str, *, low: Any = None, high: Any = None, scope: str = "",
    date: str = AS_OF,
) -> dict[str, Any]:  # fmt: skip
    out: dict[str, Any] = {"value": value, "unit": unit}
    if low is not None:
        out |= {"low": low, "high": high}
    out |= {"basis": basis, "source": source, "date": date}
    if scope:
        out["scope"] = scope
    return out | {"note": note}


def write(hall: Hall, costs: dict[str, dict[str, str]]) -> None:
    n = hall.racks
    it = Rng(*(round(n * k / 1000, 3) for k in (hall.kw_per_rack.low, hall.kw_per_rack.value, hall.kw_per_rack.high)))
    gpus = n * hall.gpus_per_rack
    pf = Rng(*(round(n * k) for k in (hall.pflops_per_rack.low, hall.pflops_per_rack.value, hall.pflops_per_rack.high)))
    share = hall.network_share
    if hall.price is not None:
        unit_price, base = hall.price, float(n)
        words = f"{n} racks x {hall.price.value:g} MUSD x (1 + {share.value:g} network and storage)"
    else:
        assert hall.content is not None
        unit_price, base = hall.content, it.value
        words = f"{it.value:g} MW x {hall.content.value:g} MUSD vendor content per MW x (1 + {share.value:g} network and storage)"
    capex = Rng(*(round(base * p * (1 + s), 1) for p, s in zip(
        (unit_price.low, unit_price.value, unit_price.high), (share.low, share.value, share.high), strict=True)))  # fmt: skip

    acres = {"low": 0.138, "value": 250 / 988, "high": 0.75}
    ha = {k: round(it.value * v * HA_PER_ACRE, 3) for k, v in acres.items()}
    epoch = float(costs["opex_annual_epoch"]["central"])  # MUSD per MW-IT and year, power included
    energy = {"low": (0.85, 1.2, 90.3), "value": (0.85, 1.2, 67.2), "high": (0.7, 1.15, 67.2)}
    per_mw = {k: round(epoch - 8760 * lf * pue * usd / 1e6, 3) for k, (lf, pue, usd) in energy.items()}
    opex = {k: round(it.value * v, 2) for k, v in per_mw.items()}
    first, central, last = hall.available
    life = costs["useful_life_gpu_servers"]

    figures = {
        "gpus": figure(gpus, "GPUs", "derived", hall.source, f"{n} racks x {hall.gpus_per_rack} GPUs per rack"),
        "it_mw": figure(
            it.value, "MW IT", hall.power_basis, hall.power_source, hall.power_note.format(n=n, kw=hall.kw_per_rack.value),
            low=it.low, high=it.high, scope="all_in"),
        "pflops": figure(
            pf.value, "PFLOPS dense FP8", hall.pflops_basis, hall.source,
            f"{n} racks x {hall.pflops_per_rack.value:g} PFLOPS. {hall.pflops_note}".strip(),
            low=pf.low if pf.low < pf.high else None, high=pf.high),
        "capex_musd": figure(
            capex.value, "MUSD", hall.price_basis, hall.price_source, f"{words}. {hall.price_note}",
            low=capex.low, high=capex.high, scope="all_in"),
        "opex_musd_per_year": figure(
            opex["value"], "MUSD per year", "derived", EPOCH,
            f"{it.value:g} MW x {per_mw['value']:g} MUSD per MW and year: Epoch's 0.902 BUSD per GW-IT and year includes power; less "
            "8,760 h x load 0.85 x PUE 1.2 x 67.2 USD/MWh. Low: at 90.3 USD/MWh; high: load 0.7, PUE 1.15.",
            low=opex["low"], high=opex["high"], date="2026-08"),
        "footprint_ha": figure(
            ha["value"], "ha", "derived", "https://www.fractracker.org/data-centers-tracker",
            f"{it.value:g} MW x 250 acres developed per 988 MW IT (Saline) x 0.404686 ha per acre. Low: 0.138 acres per MW (tenth "
            "percentile of 1 GW projects); high: 0.75 (Port Washington). Whole holdings are larger.",
            low=ha["low"], high=ha["high"], date="2026"),
        "available_from": figure(
            central, "month", hall.available_basis, hall.source,
            hall.available_note + (f" Range {first} to {last}." if first != last else "")),
        "lead_months": figure(
            6, "months", "assumed", OWN, "From order to online: delivery, installation, burn-in. Nothing published was read.",
            low=3, high=12),
        "life_years": figure(
            hall.life_years, "years", "reported", life["source_url"],
            "Accounting lives: Amazon 5, Meta 5.5, Alphabet, Oracle and CoreWeave 6; Nebius 4; Microsoft 2 to 6.",
            low=2, high=6, date=life["date"]),
        "load_factor": figure(
            0.85, "mean draw / it_mw", "assumed", OWN,
            "Training fleets run near their limit; it_mw is all-in and near nameplate. Nothing published was read.",
            low=0.7, high=0.95),
    }  # fmt: skip
    doc = {
        "id": hall.id,
        "vendor": hall.vendor,
        "name": hall.name,
        "hall": {
            "racks": n,
            "gpus_per_rack": hall.gpus_per_rack,
            "all_in_kw_per_rack": {"low": hall.kw_per_rack.low, "value": hall.kw_per_rack.value, "high": hall.kw_per_rack.high},
            "fp8_pflops_per_rack": hall.pflops_per_rack.value,
            ("rack_price_musd" if hall.price is not None else "content_musd_per_mw"):
                {"low": unit_price.low, "value": unit_price.value, "high": unit_price.high},
            "network_and_storage_share": {"low": share.low, "value": share.value, "high": share.high},
        },
        "figures": figures,
    }  # fmt: skip
    text = yaml.safe_dump(doc, sort_keys=False, allow_unicode=True, width=118)
    (OUT / f"{hall.id}.yaml").write_text(LICENCE_LINE + text, encoding="utf-8")


def halls(blocks: dict[str, dict[str, str]], costs: dict[str, dict[str, str]]) -> list[Hall]:
    """The seven halls. Rack counts are ours: about 25 MW each, a quarter of a 105 MW building (four halls per building)."""

    def per_gpu(parameter: str) -> Rng:
        row = costs[parameter]
        return Rng(float(row["low"]), float(row["central"]), float(row["high"]))

    def known(
        hall_id: str, vendor: str, name: str, racks: int, row_id: str, gpu_kw: Rng, available: tuple[str, str, str], *,
        power_basis: str, power_note: str, price_basis: str, price_note: str, available_note: str,
    ) -> Hall:  # fmt: skip
        row = blocks[row_id]
        gpus = int(row["gpus"])
        pflops = float(row["fp8_dense_pflops"])
        # The published table says that network and storage come on top of rack money, 15 to 20 % (assumed there too).
        return Hall(
            hall_id, vendor, name, racks, gpus,
            all_in(rng(row, "rack_kw"), gpu_kw, gpus), power_basis, power_note, row["source_url"],
            Rng(pflops, pflops, pflops), "derived", "Vendor figure per rack, dense.",
            rng(row, "price_musd"), None, Rng(0.15, 0.175, 0.20), price_basis, price_note, row["source_url_2"] or row["source_url"],
            available, "reported", available_note, float(row["useful_life_years"]), row["source_url"])  # fmt: skip

    share_note = "Scale-out network and storage 15 to 20 % of rack money is assumed. Buildings and grid are the site's."
    rack = "{n} racks x {kw:g} kW all-in (network, storage and hosts included). "
    ultra, mi500 = blocks["rubin-ultra-nvl144-kyber"], blocks["mi500"]
    return [
        known("gb200-hall", "nvidia", "GB200 NVL72 hall (168 racks)", 168, "gb200-nvl72", per_gpu("it_kw_per_gpu_gb200"),
              ("2025-01", "2025-01", "2025-01"), power_basis="derived",
              power_note=rack + "2.08 kW per GPU from the SuperPOD unit (1.2 MW for 576 GPUs); the rack alone draws 120 to 132 kW.",
              price_basis="derived", price_note=share_note + " Rack price: press and analysts.", available_note="First quarter of 2025."),
        known("gb300-hall", "nvidia", "GB300 NVL72 hall (160 racks)", 160, "gb300-nvl72", per_gpu("it_kw_per_gpu_gb300"),
              ("2025-07", "2025-07", "2025-07"), power_basis="derived",
              power_note=rack + "2.19 kW per GPU (2.09 to 2.28) from Epoch site models; the rack alone draws 132 to 142 kW.",
              price_basis="derived", price_note=share_note + " Rack price: press and analysts.", available_note="Third quarter of 2025."),
        known("vera-rubin-hall", "nvidia", "Vera Rubin NVL72 hall (100 racks)", 100, "vr-nvl72", per_gpu("it_kw_per_gpu_rubin"),
              ("2026-07", "2026-07", "2026-10"), power_basis="derived",
              power_note=rack + "3.48 kW per GPU from Epoch site models; the rack alone draws 190 (Max-Q) to 230 kW (Max-P).",
              price_basis="derived", price_note=share_note + " Rack price: one analyst note of 7.8 MUSD; readings run from 3.5 to 9.1.",
              available_note="Third quarter of 2026; the ramp came in the fourth."),
        Hall("rubin-ultra-hall", "nvidia", "Rubin Ultra NVL144 Kyber hall (38 racks)", 38, int(ultra["gpus"]),
             Rng(545.0, 662.4, 750.0), "derived",
             rack + "600 kW rack (shown in 2025) x about 1.1 = 4.6 kW per GPU. Low: 500 kW x 1.09; high: 600 kW x 1.25; both assumed.",
             ultra["source_url"], Rng(5000, 5000, 5000), "derived", "Vendor preview of the rack, dense.",
             None, Rng(35.0, 42.5, 50.0), Rng(0.0, 0.0, 0.0), "assumed",
             "No price is public: NVIDIA content per GW is said to be 35 to 50 BUSD, network included; the middle is our assumption. "
             "Buildings and grid are the site's.", BERNSTEIN,
             ("2027-07", "2027-07", "2028-01"), "reported", "Third quarter of 2027 as announced; the late date is assumed.", 6.0,
             ultra["source_url"]),
        known("mi355x-hall", "amd", "MI355X liquid-cooled hall (100 racks of 128)", 100, "mi355x-dlc-128", Rng(1.95, 1.95, 1.95),
              ("2025-07", "2025-07", "2025-07"), power_basis="derived",
              power_note=rack + "1.95 kW per GPU derived from 1.4 kW board power; the rack alone draws 200 to 230 kW.",
              price_basis="derived", price_note=share_note + " Rack price derived from about 25 kUSD per GPU plus host.",
              available_note="Third quarter of 2025."),
        known("helios-hall", "amd", "Helios MI455X hall (90 double-wide racks)", 90, "helios-mi455x", per_gpu("it_kw_per_gpu_mi455x"),
              ("2026-10", "2026-10", "2027-04"), power_basis="assumed",
              power_note=rack + "No official rack power: ServeTheHome says at least 245 kW, weak sources 130; 3.9 kW per GPU is assumed. "
              "Low and high scale 130 and 260 kW.",
              price_basis="assumed", price_note=share_note + " No official rack price: 3.0 is October 2025 press, 4.2 to 5.6 follows from "
              "15 to 20 BUSD per GW; 4.5 is our central reading.",
              available_note="AMD says second half of 2026; SemiAnalysis puts volume in the second quarter of 2027."),
        Hall("mi500-hall", "amd", "MI500-generation hall (68 racks, assumed)", 68, 72,
             Rng(280.8, 374.4, 468.0), "assumed",
             rack + "No specification is public: 72 GPUs x 5.2 kW, the step from MI455X that Rubin Ultra makes from Rubin (x 1.33). "
             "Range +-25 %.", mi500["source_url"], Rng(2100, 2800, 3500), "assumed",
             "Twice an MI455X rack, so 1.5 times the PFLOPS per MW, as Rubin Ultra over Rubin. Range +-25 %.",
             None, Rng(15.0, 20.0, 25.0), Rng(0.15, 0.175, 0.20), "assumed",
             "No price is public: the upper end of AMD's 15 to 20 BUSD per GW, high end 25 assumed. " + share_note, BERNSTEIN,
             ("2027-07", "2027-10", "2028-04"), "assumed", "AMD has only said 2027; range assumed.", 5.0, mi500["source_url"]),
    ]  # fmt: skip


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    reference = Path(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    costs = rows(reference / "costs.csv", "parameter")
    for hall in halls(rows(reference / "blocks.csv", "id"), costs):
        write(hall, costs)
        print(f"wrote {hall.id}")


if __name__ == "__main__":
    main()
