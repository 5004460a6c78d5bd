"""The files a plan is handed over in: one module per format, one line in :data:`OUTPUTS`."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from api.outputs.bundle import Bundle
from api.outputs.whole import staged

Writer = Callable[[Bundle, Path], None]


class Output(NamedTuple):
    """A file, who writes it (``module:function`` in this package) and whether it needs a plan in hand."""

    name: str
    writer: str
    what: str
    needs_plan: bool = True


OUTPUTS: tuple[Output, ...] = (
    Output("plan.json", "plan_json:write", "the whole plan, or why there is none", needs_plan=False),
    Output("run.json", "run_json:write", "wall times, machine and versions of this run", needs_plan=False),
    Output("sites.geojson", "sites_geojson:write", "one feature per candidate, for any map"),
    Output("timeline.geojson", "timeline_geojson:write", "one feature per site and period, for a time slider"),
    Output("plan.gpkg", "gpkg:write", "layers, tables and styles for QGIS and ArcGIS"),
    Output("cash.csv", "csv_files:write_cash", "every dollar by period and line"),
    Output("orders.csv", "csv_files:write_orders", "what is bought, where and when"),
    Output("openings.csv", "csv_files:write_openings", "which sites open, and when"),
    Output("shells.csv", "csv_files:write_shells", "construction starts"),
    Output("plan.kml", "kml:write", "for Google Earth"),
    Output("plan.xlsx", "xlsx:write", "all tables as a workbook"),
    Output("map.png", "map_png:write", "the plan on a map"),
    Output("report.html", "report_html:write", "the plan for a board, with charts and map", needs_plan=False),
    Output("report.md", "report:write", "the same in words and tables", needs_plan=False),
)

DEAL_OUTPUTS: tuple[Output, ...] = (
    Output("deals.csv", "csv_files:write_deals", "each deal by period: progress, money, what is leased, sold, owed"),
    Output("tranches.csv", "csv_files:write_tranches", "when each tranche is reached and what it brings"),
    Output("signed.csv", "csv_files:write_signed", "which deals are signed"),
    Output("draws.csv", "csv_files:write_draws", "what is drawn of loans, and when"),
    Output("sales.csv", "csv_files:write_sales", "what is sold to customers: deal, site, block, period"),
    Output("years.csv", "csv_files:write_years", "revenue against obligations by year"),
)
"""Written, too, where the request has deals."""

MORE_OUTPUTS: tuple[Output, ...] = (
    Output("retirements.csv", "csv_files:write_retirements", "what leaves before its life ends"),
    Output("idle.csv", "csv_files:write_idle", "existing units that stand idle for want of power"),
    Output("served.csv", "csv_files:write_served", "which market is served from where"),
)
"""Written, too, where the plan decides any of it, so that a folder holds all that ``gigasite evaluate`` needs."""

ALL = (*OUTPUTS, *DEAL_OUTPUTS, *MORE_OUTPUTS)


def besides(bundle: Bundle) -> tuple[Output, ...]:
    """The outputs that this plan has beside :data:`OUTPUTS`."""
    more = tuple(o for o in MORE_OUTPUTS if getattr(bundle.plan, o.name.removesuffix(".csv")))
    return (*(DEAL_OUTPUTS if bundle.has_deals else ()), *more)


def writer(output: Output) -> Writer:
    """The function that writes an output; imported when needed, because GIS libraries are slow to load."""
    module, function = output.writer.split(":")
    found: Writer = getattr(import_module(f"api.outputs.{module}"), function)
    return found


EARLIER = "earlier-plan"
"""Where a plan goes on that was in the folder before a search that found none."""


def write(
    bundle: Bundle,
    target: Path,
    outputs: tuple[Output, ...] = OUTPUTS,
    tell: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Write all outputs into a folder, whole or not at all; returns the names of the files written.

    A newer plan replaces an older one. A search that found none does not: what was there moves into a folder of its own, and
    ``tell`` is told so.
    """
    written = []
    keep = "" if bundle.holds_plan or not _has_plan(target) else _free(target)
    with staged(target, (o.name for o in ALL), keep) as folder:
        for output in (*outputs, *besides(bundle)):
            if bundle.holds_plan or not output.needs_plan:
                writer(output)(bundle, folder / output.name)
                written.append(output.name)
    if keep:
        tell(f"no plan was found this time; the plan that was in {target} is kept in {target / keep}")
    return written


def _has_plan(target: Path) -> bool:
    """Whether a folder's ``plan.json`` holds one."""
    try:
        found = json.loads((target / "plan.json").read_bytes())
        return bool(found["status"]["holds"] == "plan")
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def _free(target: Path) -> str:
    """A name for the earlier plan that nothing has yet."""
    name, number = EARLIER, 1
    while (target / name).exists():
        number += 1
        name = f"{EARLIER}-{number}"
    return name
