"""Default QGIS styles (QML) of the map layers, in a form that QGIS 3.16 and later read.

Parcels are a few hundred metres wide: on a map of a continent they vanish. So every site also gets a circle at its
middle whose area grows with its IT MW, coloured by status.
"""

from __future__ import annotations

from collections.abc import Callable

from api.outputs.status_colours import STATUS_COLOURS, as_numbers

COLOURS = {
    status: (as_numbers(colour), "opens" if status == "opened" else status.replace("_", " "))
    for status, colour in STATUS_COLOURS.items()
}
PERIOD_COLOURS = {
    "open": (COLOURS["opened"][0], "open"),
    "not_open": ("190,190,190", "not open yet"),
    "excluded": COLOURS["excluded"],
}
MILLIMETRES = 'coalesce(max(1.8, 0.45 * sqrt("it_mw")), 1.8)'
"""Circle diameter: 4.5 mm at 100 MW, 14 mm at 1,000 MW, never below 1.8 mm."""


def _option(properties: dict[str, str]) -> str:
    return "".join(f'<prop k="{k}" v="{v}"/>' for k, v in properties.items())


def _size_from_it_mw() -> str:
    expression = MILLIMETRES.replace('"', "&quot;")
    return (
        '<data_defined_properties><Option type="Map"><Option type="QString" name="name" value=""/>'
        '<Option type="Map" name="properties"><Option type="Map" name="size"><Option type="bool" name="active" '
        f'value="true"/><Option type="QString" name="expression" value="{expression}"/>'
        '<Option type="int" name="type" value="3"/></Option></Option>'
        '<Option type="QString" name="type" value="collection"/></Option></data_defined_properties>'
    )


def _circle(colour: str) -> str:
    look = _option(
        {
            "name": "circle", "color": f"{colour},190", "outline_color": "255,255,255,255", "outline_width": "0.3",
            "outline_width_unit": "MM", "size": "3", "size_unit": "MM", "scale_method": "diameter",
        }
    )  # fmt: skip
    return f'<layer class="SimpleMarker" enabled="1" locked="0" pass="0">{look}{_size_from_it_mw()}</layer>'


def _symbol(name: str, colour: str, points: bool) -> str:
    if points:
        return f'<symbol name="{name}" type="marker" alpha="1" clip_to_extent="1">{_circle(colour)}</symbol>'
    fill = _option(
        {
            "color": f"{colour},90", "style": "solid", "outline_color": f"{colour},255", "outline_style": "solid",
            "outline_width": "0.4", "outline_width_unit": "MM",
        }
    )  # fmt: skip
    centre = _option({"point_on_surface": "0", "point_on_all_parts": "0", "clip_points": "0"})
    inner = f'<symbol name="@{name}@1" type="marker" alpha="1" clip_to_extent="1">{_circle(colour)}</symbol>'
    return (
        f'<symbol name="{name}" type="fill" alpha="1" clip_to_extent="1">'
        f'<layer class="SimpleFill" enabled="1" locked="0" pass="0">{fill}</layer>'
        f'<layer class="CentroidFill" enabled="1" locked="0" pass="0">{centre}{inner}</layer>'
        "</symbol>"
    )


def _labels(expression: str, points: bool) -> str:
    # Parcels carry names only where they can be seen as such: further out the points do.
    near = "" if points else ' scaleVisibility="1" scaleMin="0" scaleMax="1000000"'
    text = expression.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName="{text}" isExpression="1" fontSize="8" fontSizeUnit="Point" textColor="40,40,40,255">'
        '<text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" bufferColor="255,255,255,255"/></text-style>'
        f'<placement placement="{6 if points else 0}" dist="{1 if points else 4}" distUnits="MM" offsetType="1"/>'
        f'<rendering obstacle="1" limitNumLabels="0"{near}/>'
        "</settings></labeling>"
    )


def _qml(field: str, colours: dict[str, tuple[str, str]], points: bool, temporal: str, label: str) -> str:
    categories = "".join(
        f'<category value="{value}" symbol="{i}" label="{text}" render="true"/>'
        for i, (value, (_, text)) in enumerate(colours.items())
    )
    symbols = "".join(_symbol(str(i), colour, points) for i, (colour, _) in enumerate(colours.values()))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22.0" styleCategories="Symbology|Labeling|Temporal" labelsEnabled="1">'
        f"{temporal}"
        f'<renderer-v2 type="categorizedSymbol" attr="{field}" symbollevels="0" enableorderby="0" forceraster="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
        f"{_labels(label, points)}</qgis>"
    )


def sites(points: bool) -> str:
    """Coloured by status, circles by IT MW, names of the sites that hold anything."""
    label = 'case when "it_mw" > 0 then "name" || \'\\n\' || format_number("it_mw", 0) || \' MW\' end'
    return _qml("status", COLOURS, points, "", label)


def timeline(points: bool) -> str:
    """The same, switched on for the time slider: a feature shows from ``start`` up to, not including, ``end``."""
    temporal = (
        '<temporal enabled="1" mode="2" startField="start" endField="end" limitMode="0" accumulate="0" '
        'fixedDuration="0" durationField="" durationUnit="min" startExpression="" endExpression=""/>'
    )
    label = 'case when "it_mw" > 0 then format_number("it_mw", 0) || \' MW\' end'
    return _qml("status", PERIOD_COLOURS, points, temporal, label)


STYLES: dict[str, Callable[[bool], str]] = {"sites": sites, "site_points": sites, "timeline": timeline}
"""Layer -> its style, given whether the layer holds points."""
