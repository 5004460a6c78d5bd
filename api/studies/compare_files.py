"""``compare.csv``, ``compare.md`` and ``compare.geojson``: whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from api.outputs.canonical import dumps
from api.outputs.shapes import bbox
from api.outputs.sites_geojson import collection
from api.outputs.text import cell, markdown
from api.outputs.whole import staged
from api.studies import layer
from api.studies.compare import Comparison
from api.studies.lines import Line, change_text, text

SAID = {"", "MUSD", "share", "month", "units", "sites", "MW", "PFLOPS"}
"""Units that need no word in a line's name."""
FILES = ("compare.csv", "compare.md", "compare.geojson")


def write(found: Comparison, shapes: Sequence[layer.Shapes], target: Path) -> list[str]:
    """Write all three into a folder; returns their names."""
    with staged(target, FILES) as folder:
        write_csv(found, folder / FILES[0])
        write_md(found, folder / FILES[1])
        write_geojson(found, shapes, folder / FILES[2])
    return list(FILES)


def write_csv(found: Comparison, path: Path) -> None:
    """One row a figure: section, item, unit, its value in every plan, the change from the first in every other."""
    names = [e.label for e in found.entries]
    with path.open("w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["section", "item", "unit", *map(cell, names), *(cell(f"change: {n}") for n in names[1:])])
        for section in found.sections:
            for x in section.lines:
                changes = [x.change(i) for i in range(1, len(names))]
                row = [section.title, x.item, x.unit, *x.values, *changes]
                out.writerow(["" if v is None else cell(v + 0.0 if isinstance(v, float) else v) for v in row])


def columns(line: Line) -> list[str]:
    """The cells after the item: the first plan's value, then value and change of every other."""
    cells = [text(line.values[0], line.unit)]
    for i in range(1, len(line.values)):
        cells += [text(line.values[i], line.unit), change_text(line.change(i), line.unit)]
    return cells


def heads(labels: Sequence[str]) -> list[str]:
    """The heads of :func:`columns`."""
    found = [labels[0]]
    for name in labels[1:]:
        found += [name, "change" if len(labels) == 2 else f"{name}: change"]
    return found


def item(line: Line) -> str:
    """A line's name with its unit, where neither the figures nor the section's title say it."""
    return f"{line.item} ({line.unit})" if line.unit not in SAID else line.item


def write_md(found: Comparison, path: Path) -> None:
    """For a board: sentences first, then the tables."""
    labels = [markdown(e.label) for e in found.entries]
    out = [f"# {labels[0]} against {', '.join(labels[1:])}", ""]
    out += [f"- {markdown(s)}" for s in found.sentences]
    for section in found.sections:
        head = ["", *heads(labels)]
        out += ["", f"## {section.title}", "", "| " + " | ".join(head) + " |"]
        out.append("|---|" + "---:|" * (len(head) - 1))
        for line in section.lines:
            out.append("| " + " | ".join([markdown(item(line)), *map(markdown, columns(line))]) + " |")
    out += [
        "",
        "Money is nominal million US dollars unless discounted by an objective; MW are IT power, energised.",
        "",
    ]
    path.write_text("\n".join(out), encoding="utf-8", newline="\n")


def write_geojson(found: Comparison, shapes: Sequence[layer.Shapes], path: Path) -> None:
    """The difference layer."""
    geometry = layer.geometries(found.entries, shapes)
    features = ((p, dumps(geometry[p["site_id"]])) for p in layer.properties(found.entries))
    collection(path, features, bbox(geometry.values()))
