"""Handing a plan or a request on, as one file for somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.arguments import OfRequest, PlanPath, RequestPath
from api.terminal.guard import guarded


@guarded
def report(
    plan: PlanPath,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Its name says the format: .html, .xlsx, .md, .png.")
    ],
    request: OfRequest = None,
) -> None:
    """Write PLAN as one file to mail around: report.html (a board's report with charts and map), plan.xlsx, report.md, map.png.

    The request is looked for beside the plan; --request names it. Only .html can do without.
    """
    from api.terminal import reporting

    reporting.run(plan, output, request)


@guarded
def export(
    plan: PlanPath,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Its name says the format: .kml, .kepler.json, .simplestyle.geojson, .geojson, .timeline.geojson, .gpkg, .zip (CSV).",
        ),
    ],
    request: OfRequest = None,
) -> None:
    """Write PLAN for a map: KML, kepler.gl, GeoJSON (also with simplestyle colours), GeoPackage, or its CSV tables in one file."""
    from api.terminal import reporting

    reporting.run(plan, output, request)


@guarded
def xlsx(
    request: RequestPath,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="The workbook to write.")],
) -> None:
    """Write REQUEST as a workbook, one sheet per table, to be edited and planned: gigasite plan FILE.xlsx -o DIR."""
    from api.terminal import reporting

    reporting.workbook(request, output)
