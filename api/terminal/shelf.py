"""What is shipped with the program: the catalogue and the examples."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from api import exits
from api.outputs.canonical import pretty
from api.outputs.text import cell, number, short
from api.terminal import summary
from api.terminal.guard import say
from api.terminal.streams import speaking, tell

COLUMNS = ("block", "figure", "value", "unit", "low", "high", "basis", "scope", "date", "source", "note")
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def figures() -> Iterator[dict[str, Any]]:
    """One row per figure of every shipped block."""
    from planner.catalogue import blocks

    for block in blocks().values():
        for name, figure in block.basis.items():
            row = {"block": block.id, "figure": name, **figure.as_dict()}
            yield {column: row.get(column) for column in COLUMNS}


def show(format: str) -> None:
    """Print the catalogue as a table, CSV or JSON."""
    if format == "json":
        from planner.catalogue import blocks

        tell(pretty({id: block.as_request() for id, block in blocks().items()}).rstrip())
        return
    if format == "csv":
        with speaking(sys.stdout):
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(["" if v is None else cell(v) for v in row.values()] for row in figures())
        return
    _table()


def _table() -> None:
    from planner.catalogue import blocks

    out = summary.console()
    for block in blocks().values():
        rows = [
            (
                r["figure"],
                _figure(r["value"]),
                r["unit"] or "",
                f"{_figure(r['low'])} – {_figure(r['high'])}" if r["low"] is not None or r["high"] is not None else "",
                (r["basis"] or "") + (f", {r['scope']}" if r["scope"] else ""),
                _site(r["source"]),
            )
            for r in figures()
            if r["block"] == block.id
        ]
        title = f"{block.id}: {block.fields['name']} ({block.fields['vendor']})"
        summary.grid(out, title, ("figure", "value", "unit", "low – high", "basis", "source"), rows, (0, 2, 4, 5))
    out.print("Whole addresses and the arithmetic behind each figure: --csv or --json.")


def _figure(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    return number(value) if isinstance(value, int) else short(value)


def _site(source: Any) -> str:
    """The part of an address that names its publisher."""
    text = str(source or "")
    return text.split("/")[2].removeprefix("www.") if "://" in text else text


def examples() -> dict[str, Path]:
    """The shipped examples by name: every folder that holds a request."""
    if not EXAMPLES.is_dir():
        return {}
    return {p.name: p for p in sorted(EXAMPLES.iterdir()) if (p / "request.yaml").is_file()}


def list_examples() -> None:
    """Names, one a line, with the request's own name."""
    import yaml

    for name, folder in examples().items():
        title = yaml.safe_load((folder / "request.yaml").read_text(encoding="utf-8")).get("name", "")
        tell(f"{name:<12} {title}")


def copy_example(name: str, target: Path | None, force: bool) -> None:
    """Write an example's files; refuses to overwrite without ``force``."""
    from api.outputs.whole import staged

    found = examples()
    if name not in found:
        say(f"error: there is no example {name!r}; there are: {', '.join(found)}")
        raise typer.Exit(exits.BAD_REQUEST)
    folder = Path(name) if target is None else target
    files = [p for p in sorted(found[name].iterdir()) if p.is_file()]
    there = [p.name for p in files if (folder / p.name).exists()]
    if there and not force:
        say(f"error: {folder} already holds {', '.join(there)}; --force overwrites")
        raise typer.Exit(exits.BAD_REQUEST)
    with staged(folder, ()) as stage:
        for p in files:
            (stage / p.name).write_bytes(p.read_bytes())
    tell(f"{folder}: {', '.join(p.name for p in files)}")
    tell(f"next: gigasite plan {folder / 'request.yaml'} -o {folder / 'plan'}")
