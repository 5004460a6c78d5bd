"""The check shares nothing with the model, the ledger or the calendar: it imports the request, ground and plan only.

Nor do the books (:mod:`planner.ledger`) share arithmetic with the model or the check: three that agree were written three times.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import planner.ledger
import planner.verify

FOLDER = Path(planner.verify.__file__).parent
ALLOWED = ("planner.problem", "planner.plan", "planner.ground", "planner.verify", "numpy", "pydantic", "__future__")
STANDARD = {
    "collections",
    "collections.abc",
    "dataclasses",
    "decimal",
    "fractions",
    "functools",
    "math",
    "re",
    "typing",
}
FORBIDDEN_NAMES = {"value_at", "matches", "allowed", "month_number", "KIND_OF_LINE"}


def test_imports() -> None:
    """M8.3: its own dates, discounting and matching."""
    files = sorted(FOLDER.glob("*.py"))
    assert len(files) > 20
    for file in files:
        for modules, names in imports(file):
            for module in modules:
                fine = module in STANDARD or any(module == a or module.startswith(a + ".") for a in ALLOWED)
                assert fine, f"{file.name} imports {module}"
            assert not FORBIDDEN_NAMES & set(names), f"{file.name} borrows {FORBIDDEN_NAMES & set(names)}"


@pytest.mark.parametrize("other", ["planner.model", "planner.verify", "pyomo", "solvers"])
def test_the_books_are_apart_too(other: str) -> None:
    files = sorted(Path(planner.ledger.__file__).parent.rglob("*.py"))
    assert len(files) > 30
    for file in files:
        for modules, names in imports(file):
            found = [f"{module}.{name}." for module in modules for name in names]
            assert not [x for x in found if x.startswith(other + ".")], f"{file.name} imports {found}"


def imports(file: Path) -> Iterator[tuple[list[str], list[str]]]:
    """``(modules, names)`` of every import in a file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names]
            yield [node.module or ""] if isinstance(node, ast.ImportFrom) else names, names
