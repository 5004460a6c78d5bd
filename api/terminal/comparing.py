"""``gigasite compare``: reading the plans, the tables on a terminal, the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from api.outputs.text import printable
from api.studies import compare_files, layer
from api.studies.compare import Comparison, compare
from api.studies.entry import Entry, labels
from api.studies.lines import Section
from api.studies.shapes import shapes
from api.terminal import reading, summary
from api.terminal.guard import say
from planner.errors import Fault, RequestError
from planner.plan import Plan


def run(paths: Sequence[Path], output: Path | None) -> None:
    """Compare plan files or plan folders; the first is the base. Raises RequestError with everything unreadable."""
    if not 2 <= len(paths) <= layer.MOST_PLANS:
        told = f"{len(paths)} given; a comparison takes 2 to {layer.MOST_PLANS} plans"
        raise RequestError([Fault(("PLAN",), told, "name plan.json files or folders that hold one")])
    files = [reading.file_of(p) for p in paths]
    found = compare([Entry(label, plan) for label, plan in zip(labels(files), _read(files))])
    names = [] if output is None else _write(found, files, output)
    out = summary.console()
    show(out, found)
    if output is not None:
        summary.say_files(out, output, names)


def _write(found: Comparison, files: Sequence[Path], output: Path) -> list[str]:
    known = [shapes(f.parent / "sites.geojson") for f in files]
    for warning in dict.fromkeys(w for _, w in known if w):
        say(f"warning: {warning}")
    return compare_files.write(found, [s for s, _ in known], output)


def _read(files: Sequence[Path]) -> list[Plan]:
    plans: list[Plan] = []
    faults: list[Fault] = []
    for file in files:
        try:
            plans.append(reading.plan(file))
        except RequestError as error:
            faults += error.faults
    if faults:
        raise RequestError(faults)
    return plans


def show(out: Console, found: Comparison) -> None:
    """Sentences, then a table a section."""
    out.print()
    names = [e.label for e in found.entries]
    out.print(Text(printable(f"{', '.join(names[1:])} against {names[0]}"), style="bold"))
    for sentence in found.sentences:
        out.print(Padding(Text(printable(f"- {sentence}")), (0, 0, 0, 1), expand=False))
    out.print()
    for section in found.sections:
        _section(out, section, [e.label for e in found.entries])


def _section(out: Console, section: Section, names: Sequence[str]) -> None:
    lines = [x for x in section.lines if x.differs or not section.short]
    equal = len(section.lines) - len(lines)
    rows = [(compare_files.item(x), *compare_files.columns(x)) for x in lines]
    if equal:
        word = "line is" if equal == 1 else "lines are"
        rows.append((f"{equal} {word} equal in all plans", *[""] * (2 * len(names) - 1)))
    summary.grid(out, section.title, ("", *compare_files.heads(names)), rows)
