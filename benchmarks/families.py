"""Which requests are measured: the portfolio families, a folder of requests, or the shipped examples.

The families are drawn by a generator that lies beside the project where it is developed; the project does not need it.
``F30`` is 30 sites x 4 blocks x 12 quarters, ``F100`` 100 x 6 x 16; ``F300``, ``F1000`` and ``F5000`` are 8 x 24.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GENERATOR = ROOT / ".." / "shared" / "bench" / "portfolio.py"
EXAMPLES = ROOT / "api" / "examples"
SIZES = {"F30": (30, 4, 12), "F100": (100, 6, 16), "F300": (300, 8, 24), "F1000": (1000, 8, 24), "F5000": (5000, 8, 24)}
"""Sites, blocks, quarters."""
LIMITS_S = {"F30": 60.0, "F100": 60.0, "F300": 60.0, "F1000": 180.0, "F5000": 600.0}
"""Time limits when none is asked for, seconds."""
OURS_ALONE = ("F1000", "F5000")
"""Families that the textbook model is not built for: on F300 it has five million coefficients and holds no plan."""
OBJECTIVES = ("compute", "cost", "compute-deals", "cost-deals")


@dataclass(frozen=True)
class Instance:
    """One request to measure, and how long the search may take (None: as the request says)."""

    name: str
    path: Path
    limit_s: float | None

    @property
    def ours_alone(self) -> bool:
        """It is too large for the textbook model."""
        return family_of(self.name) in OURS_ALONE


class Missing(Exception):
    """The families cannot be drawn here; the message says what to do."""


def family_of(name: str) -> str:
    """F100 of F100-cost-1."""
    return name.split("-")[0]


def draw(families: Sequence[str], objectives: Sequence[str], seeds: Sequence[int], folder: Path) -> list[Instance]:
    """Requests of the families, written to ``folder``; ``objectives`` are of :data:`OBJECTIVES`."""
    if not GENERATOR.is_file():
        raise Missing(
            "The generator of the portfolio families is not on this machine (looked for shared/bench/portfolio.py beside the "
            "project). Give a folder of requests with --instances DIR; until then only the shipped examples are measured."
        )
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for family in families:
        sites, blocks, periods = SIZES[family]
        for objective in objectives:
            for seed in seeds:
                path = folder / f"{family}-{objective}-{seed}.json"
                goal, _, deals = objective.partition("-")
                wanted = {"sites": sites, "blocks": blocks, "periods": periods, "seed": seed, "objective": goal}
                options = [word for key, value in wanted.items() for word in (f"--{key}", str(value))]
                options += ["--deals"] * bool(deals)
                made = subprocess.run([sys.executable, str(GENERATOR), *options], capture_output=True, check=True)
                path.write_bytes(made.stdout)
                found.append(Instance(path.stem, path, LIMITS_S[family]))
    return found


def in_folder(folder: Path) -> list[Instance]:
    """Every request of a folder."""
    if not folder.is_dir():
        raise Missing(f"{folder} is not a folder; give one with requests (.json, .yaml).")
    paths = sorted(p for p in folder.iterdir() if p.suffix in (".json", ".yaml", ".yml"))
    if not paths:
        raise Missing(f"{folder} holds no request (.json, .yaml); write some there or leave --instances out.")
    return [Instance(p.stem, p, LIMITS_S.get(family_of(p.stem))) for p in paths]


def shipped() -> list[Instance]:
    """The examples that come with the project."""
    return [Instance(p.parent.name, p, None) for p in sorted(EXAMPLES.glob("*/request.yaml"))]
