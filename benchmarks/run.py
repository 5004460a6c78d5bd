"""``./run bench``: measures building, hand-over and search, beside the plain textbook model, and writes a report.

Every measurement is a process of its own. Nothing else should run meanwhile: seconds are those of this machine, and the
load is written beside them.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import families, table  # noqa: E402


def arguments() -> argparse.Namespace:
    """The command line."""
    p = argparse.ArgumentParser(prog="./run bench", description="Measure building, hand-over and search.")
    p.add_argument("--families", default="F30,F100,F300", help=f"of {', '.join(families.SIZES)}; default F30,F100,F300")
    p.add_argument(
        "--objectives", default=",".join(families.OBJECTIVES), help=f"of {', '.join(families.OBJECTIVES)}; default all"
    )
    p.add_argument("--seeds", default="1", help="comma-separated; default 1")
    p.add_argument(
        "--limit",
        type=float,
        help="seconds for each search; default 60, on F1000 180, on F5000 600, or as the request says",
    )
    p.add_argument("--instances", type=Path, metavar="DIR", help="measure the requests of a folder instead")
    p.add_argument("--examples", action="store_true", help="measure the shipped examples instead")
    p.add_argument("--no-textbook", action="store_true", help="do not search with the textbook model")
    p.add_argument("--build-only", action="store_true", help="no searches")
    p.add_argument(
        "--calm", type=float, metavar="LOAD", help="before each request, wait up to five minutes for this load"
    )
    p.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="default benchmarks/results")
    a = p.parse_args()
    a.families, a.objectives = a.families.split(","), a.objectives.split(",")
    for names, known in ((a.families, list(families.SIZES)), (a.objectives, list(families.OBJECTIVES))):
        if unknown := [n for n in names if n not in known]:
            p.error(f"unknown: {', '.join(unknown)}; known are {', '.join(known)}")
    try:
        a.seeds = [int(s) for s in a.seeds.split(",")]
    except ValueError:
        p.error(f"--seeds takes whole numbers, not {a.seeds!r}")
    return a


def say(text: str) -> None:
    """A progress line."""
    print(text, file=sys.stderr, flush=True)


def wait_for_calm(load: float | None) -> None:
    """Up to five minutes, until the load of the last minute is no more."""
    until = time.monotonic() + 300
    while load is not None and os.getloadavg()[0] > load and time.monotonic() < until:
        time.sleep(5)


def instances(a: argparse.Namespace, folder: Path) -> list[families.Instance]:
    """What is measured; where the families cannot be drawn, that is said and the examples are taken."""
    if a.instances is not None:
        return families.in_folder(a.instances)
    if a.examples:
        return families.shipped()
    try:
        return families.draw(a.families, a.objectives, a.seeds, folder)
    except families.Missing as missing:
        say(str(missing))
        return families.shipped()


def measure(kind: str, path: Path, limit_s: float, quiet: bool) -> dict[str, Any] | None:
    """One measurement in a fresh process; None where it failed, its last words shown."""
    command = [sys.executable, "-m", "benchmarks.measure", kind, str(path), str(limit_s)]
    last, shown = "", 0.0
    with tempfile.TemporaryFile("w+") as answer:  # a pipe would fill up while we listen to the progress
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        child = subprocess.Popen(command, cwd=ROOT, stdout=answer, stderr=subprocess.PIPE, text=True, env=environment)
        assert child.stderr
        for line in child.stderr:
            last = line.rstrip() or last
            if not quiet and time.monotonic() > shown + 5 and line.startswith("  "):
                say(f"    {line.strip()}")
                shown = time.monotonic()
        if child.wait() != 0:
            say(f"    failed ({child.returncode}): {last}")
            return None
        answer.seek(0)
        found: dict[str, Any] = json.loads(answer.read().strip().splitlines()[-1])
    return found


def limit_of(instance: families.Instance, asked: float | None) -> float:
    """The search's limit: asked for, the family's, or the request's own."""
    if asked or instance.limit_s:
        return float(asked or instance.limit_s or 0.0)
    from planner.problem.read import load_document

    return float(load_document(instance.path).get("solver", {}).get("time_limit_s", 60.0))


def one(instance: families.Instance, a: argparse.Namespace) -> dict[str, Any] | None:
    """All measurements of one request."""
    limit = limit_of(instance, a.limit)
    say(f"{instance.name}: building by every route")
    build = measure("build_ours" if instance.ours_alone else "build", instance.path, limit, quiet=True)
    if build is None:
        return None
    result: dict[str, Any] = {"name": instance.name, "limit_s": limit, "build": build}
    if a.build_only:
        return result
    say(f"{instance.name}: searching for {limit:g} s")
    plan = measure("plan", instance.path, limit, quiet=False)
    if plan is None:
        return result
    result["plan"] = plan
    say(f"    gap {'none' if plan['gap'] is None else format(plan['gap'], '.2%')}, check {plan['check_ok']}")
    if not a.no_textbook and not instance.ours_alone and not build["unknown_to_textbook"]:
        say(f"{instance.name}: the textbook model for {limit:g} s")
        textbook = measure("textbook", instance.path, limit, quiet=False)
        if textbook is not None:
            result["textbook"] = textbook
            say(f"    {table.held(textbook)}")
    return result


def machine() -> str:
    """What it ran on, without names."""
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("pyomo", "highspy", "numpy", "scipy"))
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}, Python {platform.python_version()}, "
        f"{versions}; two threads for each search (the default)."
    )


def write(results: list[dict[str, Any]], out: Path) -> str:
    """Report, figures and picture; returns the report."""
    out.mkdir(parents=True, exist_ok=True)
    stem = f"{datetime.date.today():%Y-%m-%d}-{platform.system().lower()}-{os.cpu_count()}-processors"
    text = table.markdown(results, machine())
    table.picture(results, out / f"{stem}.png")
    if (out / f"{stem}.png").is_file():
        text += f"\n![Gap over time]({stem}.png)\n"
    (out / f"{stem}.md").write_text(text)
    (out / f"{stem}.json").write_text(json.dumps({"machine": machine(), "results": results}, indent=1) + "\n")
    return text


def main() -> int:
    """Everything above, in order; what is measured so far is written after every request."""
    a = arguments()
    results: list[dict[str, Any]] = []
    text = ""
    with tempfile.TemporaryDirectory() as folder:
        try:
            chosen = instances(a, Path(folder))
        except families.Missing as missing:
            say(str(missing))
            return 2
        for i, instance in enumerate(chosen, 1):
            wait_for_calm(a.calm)
            say(f"[{i} of {len(chosen)}] {instance.name}, load {os.getloadavg()[0]:.1f}")
            result = one(instance, a)
            if result is not None:
                results.append(result)
                text = write(results, a.out)
    print(text)
    return 0 if len(results) == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
